"""What the names of columns say: which field, in which unit or time zone. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache

from merchant_sdk._tables.cells import FOREIGN, UNITS
from merchant_sdk._tables.layouts import Layout
from merchant_sdk._tables.profiles import Profile, marks_lacking, profile_of, same
from merchant_sdk._tables.words import TableError

MONEY = ("amount", "eligible_amount")
TIME = ("occurred_at",)
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""It has had one offset since 1991."""
_BRACKETS = re.compile(r"\((.*?)\)|\[(.*?)\]|【(.*?)】")
_SUFFIX = re.compile(r"(.+?)[/_\-:]?(万元|千元|元|分|角|yuan|fen|cny|rmb)")
_PLAIN_WORDS = frozenset(
    ["含税", "含税价", "价税合计", "必填", "必选", "选填", "单位", "数字", "数值", "两位小数", "保留两位小数"]
)
_ZONES = {"北京时间": CHINA, "北京": CHINA, "中国时间": CHINA, "东八区": CHINA, "世界时": UTC, "协调世界时": UTC}
_CLOCK_WORDS = re.compile(r"[yYmMdDhHsS年月日时分秒:/\-. ]+|24小时制?|必填|选填|本地时间|精确到秒")


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column's name without case, spaces, underscores, and what is in brackets."""
    text = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[\s_\-*:]", "", _BRACKETS.sub("", text))


def known_names(layout: Layout) -> dict[str, str]:
    """The field, or the part of one, that each plain name says."""
    known = {plain(name): field for field, names in layout.aliases.items() for name in (field, *names)}
    parts = {plain(name): part for part, names in layout.parts.items() for name in names}
    return {**parts, **known}


def fields_of(
    header: Sequence[str], layout: Layout, given: Mapping[str, str], ignore: Sequence[str], profile: Profile | None
) -> list[str | None]:
    """The field that each column says, by what was `given`, the profile, or else its own name."""
    left_out = set(map(plain, ignore))
    chosen = {plain(column): field for column, field in given.items()}
    if profile is not None:
        wanted = profile.fields[layout.title].items()
        there = set(map(same, header))
        by_name = {plain(next((one for one in names if same(one) in there), "")): field for field, names in wanted}
        chosen = {**{name: field for name, field in by_name.items() if field not in chosen.values()}, **chosen}
        return [None if plain(column) in left_out else chosen.get(plain(column)) for column in header]
    known, taken = known_names(layout), set(chosen.values())
    found: list[str | None] = []
    for column in header:
        field = chosen.get(plain(column))
        if field is None and plain(column) not in left_out:
            named = known.get(plain(column)) or known.get(plain(_without_unit(column)))
            field = None if named in taken else named
        found.append(None if plain(column) in left_out else field)
    ranks = {plain(name): rank for rank, name in enumerate(layout.fallbacks, start=1) if plain(name) not in chosen}
    return _best_named(found, [ranks.get(plain(column), 0) for column in header])


def _best_named(fields: list[str | None], ranks: list[int]) -> list[str | None]:
    """The fields without those columns that count only where no better one says the same."""
    best: dict[str | None, int] = {}
    for field, rank in zip(fields, ranks, strict=True):
        best[field] = min(rank, best.get(field, rank))
    return [field if rank == best[field] else None for field, rank in zip(fields, ranks, strict=True)]


def groups_met(
    header: Sequence[str],
    layout: Layout,
    given: Mapping[str, str],
    constants: Mapping[str, str],
    *,
    is_now: bool,
    profile: str | None,
) -> int:
    """How many of the groups of fields that are needed these names hold: all of them where it is the row of names, and
    one more where it is that of a bill. Below 0 where a bill was asked for that this is not."""
    if lacking := marks_lacking(header, profile):
        return -len(lacking)
    bill = profile_of(header, profile)
    fields = {*fields_of(header, layout, given, (), bill), *constants}
    met = len(layout.needed) - len(missing_groups(fields, layout, is_now=is_now))
    return met + 1 if bill is not None and met == len(layout.needed) else met


def missing_groups(fields: set[str | None], layout: Layout, *, is_now: bool) -> list[tuple[str, ...]]:
    """The groups of which there is no field; a day and no time counts as a time that may turn out to be none."""
    has_time = is_now or "day" in fields
    return [
        group
        for group in layout.needed
        if not any(name in fields for name in group) and not (group == TIME and has_time)
    ]


def scale_of(column: str, field: str, *, is_mapped: bool) -> int:
    """How many fen the unit in a column's name has, a yuan's where it names none.

    Raises TableError for words in brackets that may change the figures, unless the column was mapped on purpose.
    """
    scale = 100
    suffix = _SUFFIX.fullmatch(unicodedata.normalize("NFKC", column).lower().strip())
    words = _bracketed(column) + ([suffix[2]] if suffix and _without_unit(column) != column else [])
    for word in words:
        if word in UNITS:
            scale = UNITS[word]
        elif word in FOREIGN:
            raise TableError("other-currency", column=column, word=word)
        elif word not in _PLAIN_WORDS and not is_mapped:
            raise TableError("unknown-brackets", column=column, words=word, field=field)
    return scale


def zone_of(column: str, usual: tzinfo, *, is_mapped: bool) -> tzinfo:
    """The time zone that a column's name says, or the usual one. Raises TableError as `scale_of`."""
    zone = usual
    for word in _bracketed(column):
        if offset := re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d\d))?", word):
            minutes = int(offset[2]) * 60 + int(offset[3] or 0)
            zone = timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
        elif word in ("utc", "gmt", "z"):
            zone = UTC
        elif word in _ZONES:
            zone = _ZONES[word]
        elif not _CLOCK_WORDS.fullmatch(word) and not is_mapped:
            raise TableError("unknown-brackets", column=column, words=word, field="occurred_at")
    return zone


def _without_unit(column: str) -> str:
    """金额/元 is 金额, in yuan."""
    found = _SUFFIX.fullmatch(unicodedata.normalize("NFKC", column).lower().strip())
    return found[1] if found else column


def _bracketed(column: str) -> list[str]:
    """The words in brackets, in small letters."""
    groups = _BRACKETS.findall(unicodedata.normalize("NFKC", column).lower())
    text = ",".join("".join(group) for group in groups)
    return [word for word in re.split(r"[,、;\s]+", re.sub(r"单位\s*:", "", text)) if word]
