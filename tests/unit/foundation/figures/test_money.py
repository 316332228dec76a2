"""The bound of amounts."""

from app.foundation.figures.money import MAX_AMOUNT


def test_the_largest_amount_is_the_contract_s() -> None:
    assert MAX_AMOUNT == 10_000_000_000


def test_points_of_the_largest_sale_fit_a_bigint() -> None:
    most_points_per_fen = 1_000_000  # the largest `points` of a rule, per 1 fen
    assert MAX_AMOUNT * most_points_per_fen < 2**63
