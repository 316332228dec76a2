"""A statement on paper: whatever it is called, of as many pages as it needs, and the same bytes each time."""

from __future__ import annotations

from app.settlement.evidence.names import LINES
from app.settlement.evidence.paper import FIGURES, PaperStatement, as_pdf, yuan
from app.settlement.rules import LINES as KINDS


def paper(lines: int, name: str = "张记𠮷面馆 <b>&") -> PaperStatement:
    line = {"kind": "issue", "points": -110, "price": "1.2", "items": 3, "amount": -132}
    shown = {"id": "stm_1", **dict.fromkeys(FIGURES, 111_100), "lines": [{"line": n, **line} for n in range(lines)]}
    return PaperStatement(shown, "湖滨商圈", name, "2026-03-01", "2026-03-31", "ab" * 32)


def test_it_has_as_many_pages_as_its_lines_need() -> None:
    assert [as_pdf(paper(lines)).count(b"/Type /Page\n") for lines in (0, 5, 100)] == [1, 1, 4]


def test_the_same_statement_gives_the_same_bytes() -> None:
    assert as_pdf(paper(50)) == as_pdf(paper(50)) != as_pdf(paper(51))


def test_sums_are_written_in_yuan() -> None:
    assert [yuan(one) for one in (0, -5, 123_456_789)] == ["0.00", "-0.05", "1,234,567.89"]


def test_each_kind_of_line_has_a_name() -> None:
    assert set(LINES) >= set(KINDS)
