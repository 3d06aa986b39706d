"""Whether there is a screen."""

from __future__ import annotations

import sys

import pytest

from cashier.desk.shell.screen import has_screen


@pytest.mark.parametrize(
    ("environment", "there"), [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True)]
)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_a_screen_is_there_when_the_desktop_says_so(environment, there):
    assert has_screen(environment) is there
