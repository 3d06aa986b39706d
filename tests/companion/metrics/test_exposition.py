"""What is written is what Prometheus reads, whatever stands in a label."""

from __future__ import annotations

import pytest

from cashier.companion.metrics.exposition import Family, gauge, written
from tests.companion.metrics.reading import read


def test_hostile_labels_are_read_as_one_label():
    family = Family(
        name="cashier_x", help="Line\nand \\.", kind="gauge", series=[({"reason": 'a"} 1\nb\\', "z": ""}, 2)]
    )

    assert read(written([family, gauge("cashier_y", "Y.", -0.5), gauge("cashier_none", "None.", None)])) == {
        ("cashier_x", frozenset({("reason", 'a\\"} 1\\nb\\\\'), ("z", "")})): 2,
        ("cashier_y", frozenset()): -0.5,
    }


@pytest.mark.parametrize(
    ("name", "kind", "label"),
    [("cashier x", "gauge", "a"), ("cashier_x", "counter", "a"), ("cashier_x_total", "gauge", "a"),
     ("cashier_x", "gauge", "a-b"), ("cashier_x", "gauge", "__a")],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(name, kind, label):
    with pytest.raises(ValueError, match=name):
        Family(name=name, help="X.", kind=kind, series=[({label: "1"}, 1)])
