"""Icons: what `assets/icons.txt` has drawn is what pages use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from app.console.places import PLACES
from app.console.programme.starts import STARTS

TEMPLATES = Path("app/templates")
Places = dict[str, tuple[int, str]]
"""Macros that take the name of an icon: as which argument, called how."""


def templates() -> list[nodes.Template]:
    reader = Environment(extensions=["jinja2.ext.i18n"])
    return [reader.parse(path.read_text(encoding="utf-8")) for path in sorted(TEMPLATES.rglob("*.html"))]


def places_of(pages: Iterable[nodes.Template]) -> Places:
    """`icon()`, and whatever macro hands a name on to it or to one of these."""
    macros = [one for page in pages for one in page.find_all(nodes.Macro)]
    places, known = {"icon": (0, "name")}, 0
    while len(places) > known:
        known = len(places)
        for macro in macros:
            names = [one.name for one in macro.args]
            for one in named_in(macro, places):
                if isinstance(one, nodes.Name) and one.name in names:
                    places[macro.name] = (names.index(one.name), one.name)
    return places


def named_in(node: nodes.Node, places: Places) -> Iterator[nodes.Expr]:
    """What stands where a macro takes the name of an icon."""
    for call in node.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in places:
            at, name = places[call.node.name]
            yield from call.args[at : at + 1]
            yield from (one.value for one in call.kwargs if one.key == name)


def in_loops(node: nodes.Node) -> Iterator[nodes.Expr]:
    """What stands in written lists for the `icon_name` of each item."""
    for loop in node.find_all(nodes.For):
        names = [one.name for one in loop.target.find_all(nodes.Name)]
        if "icon_name" in names and isinstance(loop.iter, nodes.List):
            yield from (row.items[names.index("icon_name")] for row in loop.iter.items if isinstance(row, nodes.Tuple))


def texts_of(expression: nodes.Node) -> set[str]:
    """The names that an expression may give."""
    if isinstance(expression, nodes.CondExpr):
        return texts_of(expression.expr1).union(*([texts_of(expression.expr2)] if expression.expr2 else []))
    return {expression.value} - {""} if isinstance(expression, nodes.Const) else set()


def test_each_icon_is_used_and_each_used_one_is_drawn() -> None:
    pages = templates()
    places = places_of(pages)
    used = {text for page in pages for one in (*named_in(page, places), *in_loops(page)) for text in texts_of(one)}
    used |= {place.icon for place in PLACES} | {start.icon for start in STARTS}
    assert Path("assets/icons.txt").read_text(encoding="utf-8").split() == sorted(used)
