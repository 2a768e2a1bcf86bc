"""A choice → a section: columns with evidence, options found from the cells, doubts."""

from crmlab.load.options import UNITS
from crmlab.load.source import Form
from crmlab.mapping import amounts, evidence, forms, joins, made, orders, statuses, words
from crmlab.mapping.choose import Choice, out_of_range
from crmlab.mapping.grid import Grid
from crmlab.mapping.match import Match
from crmlab.mapping.parts import part, parts
from crmlab.mapping.proposal import Chosen, Option, Section, Told
from crmlab.tables import TABLES

KINDS = ("date", "money", "number", "integer")
UNREADABLE = 0.05  # the share that `load` allows unless told


def of_choice(choice: Choice) -> Section:
    """Return the section of a grid that is one table by itself."""
    grid, table = choice.grid, choice.match.table
    section = Section(table, [part(grid)])
    _fill(section, grid, choice.match)
    for column, way in choice.made.items():
        made.add(section, choice, column, way)
    for ours, theirs in out_of_range(choice):
        if ours not in choice.made:
            section.doubts.append(_not_allowed(table, ours, theirs, grid))
    if choice.match.table == "survey":
        section.doubts += _scales(choice)
    section.columns.sort(key=lambda each: list(TABLES[table].columns).index(each.ours))
    return section


def of_join(plan: joins.Plan, grid: Grid, found: Match) -> Section:
    """Return the section of orders that a join of several files makes."""
    section = Section("orders", parts(plan.grids))
    _fill(section, grid, found)
    names = [each.name for each in section.parts]
    wanted = list(section.mapped.values())
    section.query = joins.query(plan, names, wanted)
    section.found += [
        Told(
            en=f"{name} adds at most one row to each by {step.right}, which is there once only: "
            f"{step.found:,} of {step.of:,} rows find theirs; {plan.first.rows:,} rows before, "
            f"{grid.rows:,} after",
            zh=f"按 {step.right} 关联 {name}（该键不重复，每行至多对应一行）：{step.of:,} 行中有 "
            f"{step.found:,} 行找到对应；关联前 {plan.first.rows:,} 行，关联后 {grid.rows:,} 行",
        )
        for name, step in zip(names[1:], plan.steps, strict=True)
    ]
    return section


def _fill(section: Section, grid: Grid, found: Match) -> None:
    """Put columns, options, doubts and what is left over into a section."""
    table = found.table
    of_kind = {k: [h for c, h in found.pairs.items() if TABLES[table].columns[c].kind == k]
               for k in KINDS}  # fmt: skip
    written, doubts = forms.date_order(grid, of_kind["date"])
    signs, more = forms.decimal(grid, of_kind["money"] + of_kind["number"])
    units = forms.money_unit(of_kind["money"])
    form = _form([*written, *signs, *units])
    section.options += [*written, *signs, *units]
    section.options += forms.time_zone(grid, of_kind["date"])
    section.doubts += [*_by_cells(found), *_instead(found), *doubts, *more]
    if table == "orders":
        _of_orders(section, grid, found, form)
    section.options += _unreadable(grid, found)
    section.columns = [
        Chosen(ours, theirs, evidence.of(grid, found, ours, form))
        for ours, theirs in found.pairs.items()
    ]
    section.unmapped = [name for name in grid.names if name not in found.pairs.values()]
    section.found.append(_seen(grid))


def _form(options: list[Option]) -> Form:
    told = {option.key: option.value for option in options}
    return Form(
        date_order=told.get("date_order", "YMD"),  # type: ignore[arg-type]
        decimal=str(told.get("decimal", ".")),
        unit=UNITS.get(str(told.get("money_unit", "元")), 1),
    )


def _seen(grid: Grid) -> Told:
    if grid.whole:
        return Told(en=f"all {grid.rows:,} rows were looked at", zh=f"查看了全部 {grid.rows:,} 行")
    return Told(
        en=f"only the first {grid.rows:,} rows were looked at; counts below are theirs",
        zh=f"只查看了开头 {grid.rows:,} 行；以下统计仅限这些行",
    )


def _of_orders(section: Section, grid: Grid, found: Match, form: Form) -> None:
    """Add the rules of orders: states, cancellations, grain, duplicates, tax."""
    pairs = found.pairs
    if "status" in pairs:
        rules, doubts = statuses.option(grid, pairs["status"], pairs.get("refund_amount"), form)
        section.options += rules
        section.doubts += doubts
    rules, doubts = orders.options(grid, pairs, form)
    gross = pairs.get("amount") or pairs.get("unit_price", "")
    section.options += [*rules, *forms.tax(gross)]
    section.doubts += [*doubts, *amounts.about(found, grid)]


def _by_cells(found: Match) -> list[Told]:
    """Return which columns were found by a word or by their cells rather than by name."""
    return [
        Told(
            en=f"{theirs} is taken for {ours}, though its name is none that is known for it: check",
            zh=f"{theirs} 被当作 {ours}，但列名并非常见叫法：请核对",
        )
        for ours, theirs in found.pairs.items()
        if found.named.get(ours, 1.0) < 0.75 and not _same(ours, theirs)
    ]


def _same(ours: str, theirs: str) -> bool:
    return words.folded(ours) == words.folded(theirs)


def _instead(found: Match) -> list[Told]:
    """Return the alternatives that there were for customer, date and money."""
    return [
        Told(
            en=f"{ours}: {found.pairs[ours]} was preferred; {', '.join(rivals[:4])} could be meant "
            "instead",
            zh=f"{ours}：优先取 {found.pairs[ours]}；也可能是 {'、'.join(rivals[:4])}",
        )
        for ours, rivals in found.rivals.items()
        if rivals
    ]


def _unreadable(grid: Grid, found: Match) -> list[Option]:
    """Return the question whether a column with many cells of another kind will do."""
    shares = {
        theirs: 1 - (p.dates if kind == "date" else p.numbers)
        for ours, theirs in found.pairs.items()
        for p in [grid.profiles[theirs]]
        for kind in [TABLES[found.table].columns[ours].kind]
        if kind in KINDS
    }
    wrong = {name: share for name, share in shares.items() if share > UNREADABLE}
    if not wrong:
        return []
    en = ", ".join(f"{name} {share:.0%}" for name, share in wrong.items())
    told = Told(
        en=f"many cells cannot be read ({en}), so the file will be refused; if they may be left "
        "out, allow it",
        zh=f"无法读取的单元格较多（{en}），文件将被拒绝；若可剔除这些行，请放宽",
    )
    most = min(1.0, round(max(wrong.values()) + 0.01, 2))
    return [Option("unreadable_at_most", most, told, asked=True)]


def _not_allowed(table: str, ours: str, theirs: str, grid: Grid) -> Told:
    """Say why a column of a known name is not mapped."""
    profile, allowed = grid.profiles[theirs], TABLES[table].columns[ours].allowed
    return Told(
        en=f"{theirs} is not taken for {ours}: it runs from {profile.low:g} to {profile.high:g}, "
        f"and {ours} must be {allowed}",
        zh=f"{theirs} 未作为 {ours}：其取值为 {profile.low:g} 至 {profile.high:g}，而 {ours} 须为 "
        f"{allowed}",
    )


def _scales(choice: Choice) -> list[Told]:
    """Return which answers use less than the scale that ours has."""
    told = []
    for ours in ("satisfaction_overall", "recommend"):
        theirs = choice.match.pairs.get(ours, "")
        profile, column = choice.grid.profiles.get(theirs), TABLES["survey"].columns[ours]
        high = profile.high if profile else None
        if high is not None and column.high and high <= 0.7 * column.high:
            told.append(Told(
                en=f"{theirs} runs to {high:g}, ours to {column.high:g}: if its scale ends at "
                f"{high:g}, thresholds such as 8 of 10 mean something else",
                zh=f"{theirs} 最高为 {high:g}，本工作簿为 {column.high:g} 分制：若其量表满分为 "
                f"{high:g}，则“10 分中的 8 分”等界限含义不同",
            ))  # fmt: skip
    return told
