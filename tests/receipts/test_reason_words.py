"""The reason on a refund's receipt: by its code, and by its words where a release before wrote them."""

from __future__ import annotations

import pytest

from cashier.receipts.reason_words import frozen_reason


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        ("paid_twice", "Paid twice", "Pagado dos veces"),
        ("", "Insurer pays after all", "Al final paga la aseguradora"),
        ("of_a_newer_program", "Wrong amount taken", "Importe cobrado incorrecto"),
        ("", "requested_by_customer", "a petición del cliente"),
        ("of_a_newer_program", "Lost in the post", "Lost in the post"),
        ("", "", ""),
    ],
)
def test_a_reason_is_read_in_the_language_of_the_paper(code, reason, words):
    assert frozen_reason(code, reason).in_("es") == words
