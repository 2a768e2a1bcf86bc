"""What a row of orders is: cancellations, lines that repeat their order, exact duplicates."""

from crmlab.load.source import Form
from crmlab.mapping.grid import Grid, Profile
from crmlab.mapping.proposal import Option, Told
from crmlab.mapping.settle import comes_back
from crmlab.mapping.words import folded

ENOUGH = 3  # orders of several lines that must repeat their amount, and amounts among them
LINE = ("line", "item", "小计", "单价", "price", "payment", "行金额")


def options(grid: Grid, pairs: dict[str, str], form: Form) -> tuple[list[Option], list[Told]]:
    """Return the rules that the rows of orders call for, and what is doubtful."""
    found = [*_cancelled(grid, pairs, form), *_duplicates(grid)]
    grain, doubts = _grain(grid, pairs, form)
    return [*found, *grain], [*doubts, *_customers(grid, pairs), *_undated(grid, pairs)]


def _cancelled(grid: Grid, pairs: dict[str, str], form: Form) -> list[Option]:
    """Return the letters that begin the numbers of orders that were taken back."""
    money = pairs.get("amount") or pairs.get("quantity")
    if "order_id" not in pairs or not money:
        return []
    order, amount = grid.cell(pairs["order_id"]), grid.typed(money, "number", form)
    start = f"regexp_extract({order}, '^([A-Za-z]+)[-_]?\\d', 1)"
    rows = grid.all(
        f"{start} AS start, count(*), count(*) FILTER ({amount} < 0)",
        f"WHERE {order} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1",
    )
    total = sum(n for _, n, _ in rows)
    for letters, n, below in rows:
        if letters and n < 0.4 * total and below >= 0.8 * n:
            return [Option("cancel_prefix", letters, _cancelling(pairs, letters, n, below))]
    return []


def _cancelling(pairs: dict[str, str], letters: str, n: int, below: int) -> Told:
    heading = pairs["order_id"]
    return Told(
        en=f"{n:,} rows have a number in {heading} that starts with {letters}, and {below:,} of "
        "them are below zero",
        zh=f"{heading} 以 {letters} 开头的有 {n:,} 行，其中 {below:,} 行为负数",
    )


def _duplicates(grid: Grid) -> list[Option]:
    every = ", ".join(f"c{n}" for n in range(len(grid.names)))
    again = grid.one(f"count(*) - count(DISTINCT hash({every}))")[0]
    if not again:
        return []
    told = Told(
        en=f"{again:,} rows equal an earlier row in every cell; they are kept, as one may buy the "
        "same thing twice. If they were exported twice, drop them",
        zh=f"有 {again:,} 行与前面某行完全相同，暂予保留（同一商品可能买了两次）；"
        "若是重复导出，请剔除",
    )
    return [Option("duplicates", "drop", told, asked=True)]


def _grain(
    grid: Grid, pairs: dict[str, str], form: Form
) -> tuple[list[Option], list[Told]]:  # fmt: skip
    """Return whether each line of an order repeats the order's amount."""
    if not {"order_id", "amount"} <= set(pairs):
        return [], []
    order, amount = grid.cell(pairs["order_id"]), grid.typed(pairs["amount"], "money", form)
    several, same, alone, amounts = grid.query(
        "SELECT count(*), "
        "count(*) FILTER (filled = n AND amounts = 1 AND low <> 0), count(*) FILTER (filled = 1), "
        "count(DISTINCT low) "
        f"FROM (SELECT count(*) AS n, count({amount}) AS filled, min({amount}) AS low, "
        f"count(DISTINCT {amount}) AS amounts FROM {grid.table} WHERE {order} IS NOT NULL "
        f"GROUP BY {order} HAVING count(*) > 1)"
    )[0]
    own = _is_lines(pairs["amount"]) or _is_product(grid, pairs, form)
    if same == several >= ENOUGH and amounts >= ENOUGH and not own:
        return [Option("grain", "order", _repeated(pairs, several))], []
    if alone > 0.5 * several:
        return [], [_on_one_line(pairs, alone, several)]
    if several >= ENOUGH and same > 0.9 * several and not own:
        return [Option("grain", "order", _mostly(pairs, same, several), asked=True)], []
    return [], []


def _is_lines(heading: str) -> bool:
    """Return whether a heading says that the money is a line's own, or a payment's."""
    return any(word in folded(heading) for word in LINE)


def _is_product(grid: Grid, pairs: dict[str, str], form: Form) -> bool:
    """Return whether most amounts are quantity times price, so that they are a line's own."""
    if not {"quantity", "unit_price"} <= set(pairs):
        return False
    a, q, p = (
        grid.typed(pairs[c], "number", form) for c in ("amount", "quantity", "unit_price")
    )  # fmt: skip
    n, equal = grid.one(f"count({a}), count(*) FILTER (abs({a} - {q} * {p}) < .02)")
    return bool(n) and equal > 0.8 * n


def _repeated(pairs: dict[str, str], orders: int) -> Told:
    return Told(
        en=f"all {orders:,} orders of several lines repeat one {pairs['amount']} on every line: it "
        "is the order's, and counts once",
        zh=f"{orders:,} 个多行订单的各行 {pairs['amount']} 都相同：它是整单金额，只计一次",
    )


def _mostly(pairs: dict[str, str], same: int, orders: int) -> Told:
    return Told(
        en=f"in {same:,} of {orders:,} orders of several lines all have one {pairs['amount']}; "
        "amounts are added up. If each line repeats its order's amount, say so",
        zh=f"{orders:,} 个多行订单中有 {same:,} 个各行 {pairs['amount']} 相同；暂按各行相加。"
        "若每行重复的是整单金额，请写明",
    )


def _on_one_line(pairs: dict[str, str], alone: int, orders: int) -> Told:
    return Told(
        en=f"{alone:,} of {orders:,} orders of several lines have {pairs['amount']} on one line "
        "only; their other lines are left out as having no amount, and each order counts once",
        zh=f"{orders:,} 个多行订单中有 {alone:,} 个只有一行填写 {pairs['amount']}；其余行因无金额而"
        "剔除，每单只计一次",
    )


def _customers(grid: Grid, pairs: dict[str, str]) -> list[Told]:
    """Return what is doubtful about who the customer is."""
    heading = pairs.get("customer_id", "")
    if heading not in grid.profiles:
        return []
    profile, told = grid.profiles[heading], []
    if profile.filled < 0.98 * profile.rows:
        told.append(_without_customer(heading, 1 - profile.filled / profile.rows))
    if not comes_back(grid, heading, pairs.get("order_id")):
        told.append(_always_new(profile))
    if profile.share("phone") > 0.5 or profile.share("email") > 0.5:
        told.append(_personal(heading))
    return told


def _without_customer(heading: str, share: float) -> Told:
    return Told(
        en=f"{heading} is empty in {share:.0%} of the rows; they are left out, and the ledger says "
        "so",
        zh=f"{heading} 有 {share:.0%} 的行为空；这些行将被剔除，并记入数据质量台账",
    )


def _always_new(profile: Profile) -> Told:
    return Told(
        en=f"{profile.name} is new with nearly every order ({profile.distinct:,} in "
        f"{profile.filled:,} rows): is it the customer, or the order? Nobody would come back",
        zh=f"{profile.name} 几乎每单都不同（{profile.filled:,} 行中有 {profile.distinct:,} 个）："
        "它是客户还是订单？若是订单，则看不到复购",
    )


def _personal(heading: str) -> Told:
    return Told(
        en=f"{heading} holds phone numbers or e-mail addresses, which stand for customers here",
        zh=f"{heading} 是手机号或邮箱，这里用作客户标识（属个人信息）",
    )


def _undated(grid: Grid, pairs: dict[str, str]) -> list[Told]:
    """Say that rows with money and a customer have no date, such as orders never paid."""
    if not {"order_date", "amount", "customer_id"} <= set(pairs):
        return []
    date, money, who = (grid.cell(pairs[c]) for c in ("order_date", "amount", "customer_id"))
    rows, undated = grid.one(
        f"count(*), count(*) FILTER ({date} IS NULL)",
        f"WHERE {money} IS NOT NULL AND {who} IS NOT NULL",
    )
    if not undated:
        return []
    heading = pairs["order_date"]
    return [Told(
        en=f"{heading} is empty in {undated:,} of {rows:,} rows with money; they are left out",
        zh=f"{rows:,} 行有金额的记录中有 {undated:,} 行 {heading} 为空，将被剔除",
    )]  # fmt: skip
