"""Files → a proposal: what each of them is, alone or joined with others."""

from collections.abc import Sequence
from pathlib import Path

from crmlab.errors import DataError, RequestError
from crmlab.load import Look, look
from crmlab.load.sql import drop
from crmlab.mapping import forms, joins, sections
from crmlab.mapping.choose import Choice, choices
from crmlab.mapping.grid import Grid, grids
from crmlab.mapping.proposal import Proposal, Section, Told
from crmlab.mapping.settle import orders
from crmlab.tables import TABLES

SHOWN = 30  # headings that a sentence lists


def propose(paths: Sequence[Path], *, name: str = "", currency: str = "") -> Proposal:
    """Return how files may be mapped to our tables.

    Parameters
    ----------
    paths : sequence of Path
        The files; several of the same columns become one table.
    name, currency : str
        What the user says of them; else taken from the first file, and found out.

    Returns
    -------
    Proposal
        See `crmlab.mapping.toml_text`, which writes it.

    Raises
    ------
    RequestError
        If no file is named, or the currency is no code of three letters.
    DataError
        If a file cannot be read, has no rows, or none holds anything of ours.
    """
    if not paths:
        raise RequestError(en="name at least one file.", zh="请至少指定一个文件。")
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise RequestError(
            en=f"the currency is {currency!r}; it must be a code such as CNY or USD.",
            zh=f"币种为 {currency!r}；应为三位代码，例如 CNY 或 USD。",
        )
    with grids(_looks(paths)) as found:
        return _proposed(found, name or paths[0].stem, currency)


def _looks(paths: Sequence[Path]) -> list[Look]:
    """Return a look at every file and sheet that has rows; each file once."""
    looks, bare = [], []
    for path in dict.fromkeys(path.resolve() for path in paths):
        seen = look(path)
        filled = [each for each in seen if len(each.cells) and each.names]
        looks += filled
        bare += [] if filled else [path.name]
    if bare:
        raise DataError(
            en=f"{', '.join(bare)} has no row below its header.",
            zh=f"{'、'.join(bare)} 的表头下没有数据行。",
        )
    return looks


def _proposed(found: list[Grid], name: str, currency: str) -> Proposal:
    chosen, rest = _chosen(found)
    made = [sections.of_choice(choice) for choice in chosen]
    sold = any(c.match.table == "orders" and not c.made for c in chosen)
    together = None if sold else joins.joined(found)
    if together and _answers(chosen, together[0].first):
        drop(together[1].table)
        together = None
    if together:
        plan, whole, match = together
        used = [grid.table for grid in plan.grids]
        made = [
            section
            for choice, section in zip(chosen, made, strict=True)
            if choice.grid.table not in used and section.table != "orders"
        ]
        made.insert(0, sections.of_join(plan, whole, match))
        rest = [grid for grid in rest if grid.table not in used]
        drop(whole.table)
    if not any(section.table == "orders" for section in made):
        made += [_as_orders(choice) for choice in chosen if choice.match.table == "invoices"]
    if not made:
        raise _nothing(found)
    code, told, doubt = forms.currency(found, _money(chosen))
    if currency:
        code, told, doubt = currency, Told("as told by --currency", "由 --currency 指定"), False
    return Proposal(name, code, told, made, [_unused(grid) for grid in rest], doubt)


def _answers(chosen: list[Choice], grid: Grid) -> bool:
    """Return whether a grid is a survey, whose ratings are no money."""
    return any(c.grid is grid and c.match.table == "survey" for c in chosen)


def _as_orders(choice: Choice) -> Section:
    """Return invoices as purchases, so that what asks for orders can be answered too."""
    match = orders(choice.grid)
    section = sections.of_choice(Choice(choice.grid, match))
    section.doubts.append(
        Told(
            en="each invoice is taken as a purchase on the day it was issued",
            zh="每张发票按开票当日的一次购买计",
        )
    )
    return section


def _chosen(found: list[Grid]) -> tuple[list[Choice], list[Grid]]:
    """Return the table that each grid is, a table once only, and the grids left over.

    Orders of which something had to be made up give way to a join.
    """
    ranked = [(grid, choices(grid)) for grid in found]
    ranked.sort(key=lambda each: -(each[1][0].value if each[1] else -9))
    chosen: list[Choice] = []
    rest = []
    for grid, some in ranked:
        taken = {choice.match.table for choice in chosen}
        first = next((c for c in some[:1] if c.match.table not in taken), None)
        if first is None:
            rest.append(grid)
        else:
            chosen.append(first)
    order = list(TABLES)
    chosen.sort(key=lambda choice: order.index(choice.match.table))
    return chosen, rest


def _money(chosen: list[Choice]) -> list[tuple[Grid, str]]:
    """Return the columns of money, that of the amounts first."""
    return [
        (choice.grid, choice.match.pairs[column])
        for choice in chosen
        for column in ("amount", "unit_price")
        if column in choice.match.pairs
    ]


def _unused(grid: Grid) -> Told:
    """Say of a file that it is not used, and whether it could be the money instead."""
    if (found := orders(grid)).has_money:
        money = found.pairs.get("amount") or found.pairs["unit_price"]
        return Told(
            en=f"{grid.label} is not used; it has money too ({money}): if that is what you mean, "
            "map it without the file that was preferred",
            zh=f"未使用 {grid.label}；其中也有金额（{money}）："
            "若应以它为准，请去掉已选用的文件再映射",
        )
    return Told(
        en=f"{grid.label} is not used: no table of ours was found in it, or another file fits that "
        f"table better; it has: {_listed(grid, ', ')}",
        zh=f"未使用 {grid.label}：没有识别出可用的表，或另一文件更合适；"
        f"其列为：{_listed(grid, '、')}",
    )


def _listed(grid: Grid, between: str) -> str:
    more = "…" if len(grid.names) > SHOWN else ""
    return between.join(name[:60] for name in grid.names[:SHOWN]) + more


def _nothing(found: list[Grid]) -> DataError:
    """Return the sentence that says what is lacking for orders, and what there is."""
    english, chinese = [], []
    for grid in found:
        lacking = orders(grid).lacking
        english.append(
            f"{grid.label} cannot be mapped: for orders it lacks {_roles(lacking)[0]}, and for no "
            f"other table has it all; it has: {_listed(grid, ', ')}."
        )
        chinese.append(
            f"无法映射 {grid.label}：作为订单表缺少{_roles(lacking)[1]}，也不足以构成其他表；"
            f"其列为：{_listed(grid, '、')}。"
        )
    return DataError(en=" ".join(english), zh="".join(chinese))


def _roles(lacking: list[str]) -> Told:
    words = {
        "customer_id": Told("a customer (customer_id)", "客户（customer_id）"),
        "order_date": Told("a date (order_date)", "日期（order_date）"),
        "amount": Told("money (amount, or quantity and unit_price)",
                       "金额（amount，或 quantity 与 unit_price）"),
    }  # fmt: skip
    told = [words[c] for c in lacking if c in words]
    if not told:
        return Told("rows that can be orders", "可作订单的行")
    return Told(", ".join(t.en for t in told), "、".join(t.zh for t in told))
