"""Findings on tables that are no orders: keys that repeat, columns without values."""

from collections.abc import Iterator

from crmlab.check.base import BETWEEN, Seen, caution, note, percent_of
from crmlab.check.left_out import repeats
from crmlab.errors import Finding
from crmlab.lang import Lang, term
from crmlab.tables import TABLES

SHOWN = 5


def found(seen: Seen) -> Iterator[Finding]:
    """Say whether rows can be told apart, and which columns are empty and how far."""
    yield from _keys(seen)
    yield from _empty(seen)


def _keys(seen: Seen) -> Iterator[Finding]:
    key = TABLES[seen.lines.name].key
    if not key or not set(key) <= set(seen.table.columns):
        yield from repeats(seen)
        return
    again = seen.rows - int(seen.table.select(*key).distinct().count().execute())
    if not again:
        return
    names = ", ".join(key)
    yield caution(
        "key_repeats",
        en=f"{again:,} of {seen.rows:,} rows ({percent_of(again / seen.rows, 'en')}) repeat the "
        f"{names} of another row; each must occur once, or the table is refused.",
        zh=f"{seen.rows:,} 行中有 {again:,} 行（{percent_of(again / seen.rows, 'zh')}）的 {names} "
        "与其他行重复；该键必须唯一，否则此表不能使用。",
    )


def _empty(seen: Seen) -> Iterator[Finding]:
    table = seen.table
    told = table.aggregate(**{c: table[c].isnull().mean() for c in table.columns}).to_pandas()
    shares = told.iloc[0].astype("float64").sort_values(ascending=False, kind="stable")
    if nothing := [str(c) for c in shares.index[shares == 1]]:
        yield caution(
            "empty_columns",
            en=f"No cell is filled in {', '.join(nothing)}: is that the right column?",
            zh=f"以下各列没有任何值：{'、'.join(nothing)}。对应的列是否选对？",
        )
    part = shares[(shares > 0) & (shares < 1)].head(SHOWN)
    if not part.empty:
        english, chinese = (
            _listed({str(c): float(s) for c, s in part.items()}, lang) for lang in BETWEEN
        )
        yield note("empty_cells", en=f"Empty cells: {english}.", zh=f"空值比例：{chinese}。")


def _listed(shares: dict[str, float], lang: Lang) -> str:
    return BETWEEN[lang].join(f"{term(c, lang)} {percent_of(s, lang)}" for c, s in shares.items())
