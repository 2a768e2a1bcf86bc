"""How cells are written: the order of dates, the decimal sign, units, zones, tax, currency."""

import re

from crmlab.load.source import Form
from crmlab.load.sql import literal
from crmlab.mapping import amounts, words
from crmlab.mapping.grid import ORDERS, Grid
from crmlab.mapping.proposal import Option, Told

PARTS = r"^\D{0,5}(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:\D|$)"
UNIT = re.compile(r"(百万元|亿元|万元|千元|万(?=[)）]))")
SIGNS = {"yuan": "CNY", "pound": "GBP", "euro": "EUR", "dollar": "USD"}
IN_HEADING = {
    "CNY": r"cny|rmb|人民币|[(（]元[)）]|￥|¥", "USD": r"usd|美元|\$", "EUR": r"\beur|欧元|€",
    "GBP": r"gbp|英镑|£", "JPY": r"jpy|日元", "HKD": r"hkd|港币",
}  # fmt: skip
SAMPLED = 5000  # rows that are read in each order, spread over all
WIDER = 3
ORDER_WORDS = {
    "YMD": Told("the year comes first", "年在前"),
    "DMY": Told("the day comes first", "日在前"),
    "MDY": Told("the month comes first", "月在前"),
}


def date_order(grid: Grid, headings: list[str]) -> tuple[list[Option], list[Told]]:
    """Return the order in which dates are written, with what speaks for it, and doubts."""
    told = {h: found for h in headings if (found := _order_of(grid, h))}
    if not told:
        return [], []
    sure = [found for found in told.values() if not found[2]]
    best, evidence, guessed = (sure or list(told.values()))[0]
    doubts = [_mixed(told)] if len({found[0] for found in sure}) > 1 else []
    if best == "YMD":
        return [], [*doubts, *([evidence] if guessed else [])]
    return [Option("date_order", best, evidence, guessed=guessed)], doubts


def _mixed(told: dict[str, tuple[str, Told, bool]]) -> Told:
    each = ", ".join(f"{name} {order}" for name, (order, _, _) in told.items())
    return Told(
        en=f"dates are written in different orders ({each}), but date_order holds for all",
        zh=f"各日期列的年月日顺序不同（{each}），而 date_order 对所有列生效",
    )


def _order_of(grid: Grid, heading: str) -> tuple[str, Told, bool] | None:
    """Return a column's order, why, and whether it is a guess; None if dates are ISO-like."""
    cell = grid.cell(heading)
    part = [f"try_cast(regexp_extract({cell}, {literal(PARTS)}, {n}) AS INTEGER)" for n in (1, 2)]
    first, second, cells = grid.one(
        f"count(*) FILTER ({part[0]} > 12), count(*) FILTER ({part[1]} > 12), count({part[0]})"
    )
    if not cells:
        return None
    read = {order: _reading(grid, heading, order) for order in ORDERS}
    most = max(n for n, _, _ in read.values())
    never = {"MDY"} if first > second else {"DMY"} if second > first else set()
    able = [order for order, (n, _, _) in read.items() if n >= 0.99 * most and order not in never]
    shortest = min(read[order][1] for order in able)  # a year read as a day spans decades
    best = min(able, key=lambda o: (read[o][1] > WIDER * shortest, read[o][2], read[o][1]))
    if len(able) == 1 and best != "YMD":
        return best, _by_parts(heading, best, first, second, cells), False
    return best, _by_shape(heading, best, able, read), len(able) > 1


def _reading(grid: Grid, heading: str, order: str) -> tuple[int, int, int]:
    """Return how many of some rows can be read in an order, the days they span, steps back."""
    form = Form(date_order=order)  # type: ignore[arg-type]
    some = grid.read(heading, "date", form, f"place % {max(1, grid.rows // SAMPLED)} = 0")
    n, span, back = grid.query(
        f"WITH dated AS MATERIALIZED (SELECT place, value AS day FROM {some}), "
        "steps AS (SELECT day, lag(day IGNORE NULLS) OVER (ORDER BY place) AS before FROM dated) "
        "SELECT count(day), coalesce(date_diff('day', min(day), max(day)), 0), "
        "count(*) FILTER (day < before) FROM steps"
    )[0]
    return int(n), int(span), int(back)


def _by_parts(heading: str, order: str, first: int, second: int, cells: int) -> Told:
    """Say that a number over 12 tells which part is the day."""
    n, en, zh = (first, "first", "第一") if order == "DMY" else (second, "second", "第二")
    return Told(
        en=f"{heading}: {n:,} of {cells:,} cells have a number over 12 in the {en} place",
        zh=f"{heading}：{cells:,} 个单元格中有 {n:,} 个的{zh}部分大于 12",
    )


def _by_shape(
    heading: str, order: str, able: list[str], read: dict[str, tuple[int, int, int]]
) -> Told:
    """Say which order was assumed where several can be read, and how they differ."""
    en = "; ".join(f"{o}: {read[o][1]:,} days, {read[o][2]:,} steps back" for o in able)
    zh = "；".join(f"{o}：跨度 {read[o][1]:,} 天，倒退 {read[o][2]:,} 次" for o in able)
    return Told(
        en=f"{heading} can be read as {' or '.join(able)} ({en}); {order} is assumed: "
        f"{ORDER_WORDS[order].en}",
        zh=f"{heading} 可按 {' 或 '.join(able)} 读取（{zh}）；"
        f"暂取 {order}：{ORDER_WORDS[order].zh}",
    )


def decimal(grid: Grid, headings: list[str]) -> tuple[list[Option], list[Told]]:
    """Return whether the comma is the decimal sign."""
    point = sum(grid.profiles[h].share("point") * grid.profiles[h].filled for h in headings)
    comma = sum(grid.profiles[h].share("comma") * grid.profiles[h].filled for h in headings)
    if comma <= point:
        return [], []
    told = Told(
        en="more amounts can be read with a decimal comma, such as 1.234,50, than with a point",
        zh="按小数逗号（如 1.234,50）可读的金额多于按小数点",
    )
    return [Option("decimal", ",", told)], []


def money_unit(headings: list[str]) -> list[Option]:
    """Return the unit that a heading such as 金额（万元） names."""
    for heading in headings:
        if found := UNIT.search(heading):
            unit = "万元" if found[1] == "万" else found[1]
            told = Told(en=f"{heading} names the unit", zh=f"{heading} 写明了单位")
            return [Option("money_unit", unit, told)]
    return []


def tax(heading: str) -> list[Option]:
    """Return the question of the rate where an amount includes tax."""
    if not amounts.is_gross(heading):
        return []
    told = Told(
        en=f"{heading} includes tax; to take it out, name the rate (13 % is usual in China)",
        zh=f"{heading} 含税；若要按不含税金额分析，请写明税率（一般货物为 13%）",
    )
    return [Option("tax_included", 0.13, told, asked=True)]


def time_zone(grid: Grid, headings: list[str]) -> list[Option]:
    """Return the question of the source's zone where times carry an offset."""
    zoned = [h for h in headings if grid.profiles[h].share("zoned") > 0.05]
    if not zoned:
        return []
    cell = grid.cell(zoned[0])
    offset = f"regexp_extract({cell}, '([+-]\\d\\d:?\\d\\d|Z|UTC|GMT)$')"
    found = grid.all(f"DISTINCT {offset}", f"WHERE {offset} <> '' ORDER BY 1")
    seen = ", ".join(row[0] for row in found[:8])
    told = Told(
        en=f"{zoned[0]}: times carry an offset ({seen}); the clock is kept as written. To put all "
        "into one zone, name it",
        zh=f"{zoned[0]}：时间带有时区偏移（{seen}），按原文所写的钟点读取。若要统一时区，请写明",
    )
    zone = "Asia/Shanghai" if "+08" in seen else "UTC"
    return [Option("time_zone", zone, told, asked=True)]


def currency(grids: list[Grid], money: list[tuple[Grid, str]]) -> tuple[str, Told, bool]:
    """Return the currency, what speaks for it, and whether it is only assumed."""
    for grid, heading in money:
        profile = grid.profiles[heading]
        for kind, code in SIGNS.items():
            if profile.share(kind) > 0.3:
                return code, Told(
                    en=f"{heading} is written with the sign of {code}",
                    zh=f"{heading} 带有 {code} 的符号",
                ), False  # fmt: skip
        for code, pattern in IN_HEADING.items():
            if re.search(pattern, heading, re.IGNORECASE):
                return code, Told(en=f"{heading} names it", zh=f"列名 {heading} 写明了币种"), False
    if found := _column_of_currencies(grids):
        return found
    chinese = any(words.is_chinese(list(grid.names)) for grid in grids)
    code = "CNY" if chinese else "USD"
    return code, Told(
        en=f"no currency is written anywhere; {code} is assumed from the headings' language",
        zh=f"文件中未写明币种；据列名的语言暂取 {code}",
    ), True  # fmt: skip


def _column_of_currencies(grids: list[Grid]) -> tuple[str, Told, bool] | None:
    """Return the currency that most rows of a column of codes name."""
    for grid in grids:
        for name in grid.names:
            if words.folded(name) not in ("currency", "currencycode", "币种", "币别", "货币"):
                continue
            cell = f"upper({grid.cell(name)})"
            code = f"CASE WHEN {cell} IN ('人民币', '元', 'RMB') THEN 'CNY' ELSE {cell} END"
            seen = grid.all(f"{code}, count(*)", f"WHERE {cell} IS NOT NULL "
                            "GROUP BY 1 ORDER BY 2 DESC, 1")  # fmt: skip
            if seen and re.fullmatch(r"[A-Z]{3}", seen[0][0]):
                return seen[0][0], _by_column(name, seen), len(seen) > 1
    return None


def _by_column(name: str, seen: list[tuple[str, int]]) -> Told:
    each = ", ".join(f"{code[:12]} {n:,}" for code, n in seen[:8])
    if len(seen) == 1:
        return Told(en=f"{name} holds only {seen[0][0]}", zh=f"{name} 列只有 {seen[0][0]}")
    return Told(
        en=f"{name} holds several currencies ({each}); amounts are not converted, so keep the rows "
        "of one",
        zh=f"{name} 列有多种币种（{each}）；金额不会换算，请只保留一种币种的行",
    )
