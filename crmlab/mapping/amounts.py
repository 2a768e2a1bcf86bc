"""Which column is the money: paid over due, net over gross, and price that is an amount."""

from crmlab.mapping.grid import Grid
from crmlab.mapping.match import Match
from crmlab.mapping.proposal import Told
from crmlab.mapping.words import folded, letters

FEW = 5  # a typical number of pieces
GROSS = ("价税合计", "含税", "gross", "incltax", "inclvat", "withtax")
NET = ("不含税", "未税", "无税", "net", "excltax", "净额")


def price_is_amount(found: Match) -> None:
    """Take a lone price, without a quantity, for what was paid for a line."""
    sure = "amount" in found.pairs and found.named["amount"] >= 0.5
    if sure or "unit_price" not in found.pairs or "quantity" in found.pairs:
        return
    found.pairs["amount"] = found.pairs.pop("unit_price")
    found.named["amount"] = 0.75 * found.named.pop("unit_price")
    found.value += 0.4 * found.named["amount"]


def amount_is_pieces(found: Match, grid: Grid) -> None:
    """Take AMOUNT for a number of pieces where another column holds the money."""
    own = found.pairs.get("amount", "")
    rivals = found.rivals.get("amount", [])
    if folded(own) not in ("amount", "amt") or not rivals or "quantity" in found.pairs:
        return
    pieces, money = grid.profiles[own], grid.profiles[rivals[0]]
    small = pieces.share("fraction") == 0 and (pieces.middle or 0) <= FEW
    if small and (money.middle or 0) > 3 * (pieces.middle or 0):
        found.pairs |= {"quantity": own, "amount": rivals[0]}
        found.named |= {"quantity": 0.4, "amount": 0.8}
        found.rivals["amount"] = rivals[1:]


def is_gross(heading: str) -> bool:
    """Return whether a heading says that tax is in the amount.

    >>> is_gross("价税合计"), is_gross("金额（含税）"), is_gross("不含税金额"), is_gross("金额")
    (True, True, False, False)
    """
    return _holds(heading, GROSS) and not is_net(heading)


def is_net(heading: str) -> bool:
    """Return whether a heading says that tax is not in the amount."""
    return _holds(heading, NET)


def _holds(heading: str, words: tuple[str, ...]) -> bool:
    plain = letters(heading)
    return any(word in plain for word in words)


def about(found: Match, grid: Grid) -> list[Told]:
    """Return what was assumed about the money."""
    pairs, told = found.pairs, []
    if "amount" not in pairs:
        return []
    own = pairs["amount"]
    if folded(pairs.get("quantity", "")) in ("amount", "amt"):
        told.append(Told(
            en=f"{pairs['quantity']} holds small whole numbers: it is taken for a number of "
            f"pieces, {own} for the money of a line",
            zh=f"{pairs['quantity']} 是较小的整数，视为件数；{own} 视为该行金额",
        ))  # fmt: skip
    if folded(own).endswith("price") or folded(own) in ("价格", "单价"):
        told.append(Told(
            en=f"{own} is taken for what was paid for a line, not for one piece",
            zh=f"{own} 视为该行实付金额，而非单价",
        ))  # fmt: skip
    told += _multiplied(pairs, grid)
    return told


def _multiplied(pairs: dict[str, str], grid: Grid) -> list[Told]:
    """Say whether the amount is that of a piece, where quantity times price is another."""
    if not {"amount", "quantity"} <= set(pairs) or "unit_price" not in pairs:
        return []
    from crmlab.load.source import Form

    a, q, p = (grid.typed(pairs[c], "number", Form()) for c in ("amount", "quantity", "unit_price"))
    several = f"{q} > 1 AND {p} > 0"
    n, product, single = grid.one(
        f"count(*) FILTER ({several}), count(*) FILTER ({several} AND abs({a} - {q} * {p}) < .02 "
        f"+ .005 * abs({a})), count(*) FILTER ({several} AND abs({a} - {p}) < .005)"
    )
    if not n or single < 0.9 * n or product > 0.5 * n:
        return []
    return [Told(
        en=f"{pairs['amount']} equals {pairs['unit_price']} in {single:,} of {n:,} lines of "
        "several pieces: is it the money of one piece?",
        zh=f"在数量大于 1 的 {n:,} 行中，有 {single:,} 行的 {pairs['amount']} 等于 "
        f"{pairs['unit_price']}：它是单件金额吗？",
    )]  # fmt: skip
