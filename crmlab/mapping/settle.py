"""What only an order's columns together can tell: its money, its customer, its date."""

from crmlab.mapping import amounts
from crmlab.mapping.grid import Grid
from crmlab.mapping.match import Match, match

FEW = 30  # rows under which nobody need have come back
EMPTY = 0.5


def orders(grid: Grid) -> Match:
    """Return what of an order line a grid has, be it complete or not."""
    return settled(match("orders", grid), grid)


def settled(found: Match, grid: Grid) -> Match:
    """Return a match of orders with what its columns tell together; others as they are."""
    if found.table == "orders":
        amounts.price_is_amount(found)
        amounts.amount_is_pieces(found, grid)
        _customer_comes_back(found, grid)
        _date_is_filled(found, grid)
    return found


def comes_back(grid: Grid, customer: str, order: str | None) -> bool:
    """Return whether customers have several orders, or several rows where orders have no id."""
    profile = grid.profiles[customer]
    if profile.filled < FEW:
        return True
    orders = grid.profiles[order].distinct if order else profile.filled
    return profile.distinct < 0.98 * min(orders, profile.filled)


def _customer_comes_back(found: Match, grid: Grid) -> None:
    """Prefer another id where the customer is new for every order."""
    own = found.pairs.get("customer_id")
    if not own or comes_back(grid, own, found.pairs.get("order_id")):
        return
    for other in found.rivals["customer_id"]:
        if 1 < grid.profiles[other].distinct < 0.98 * grid.profiles[own].distinct:
            _exchange(found, "customer_id", other)
            return


def _date_is_filled(found: Match, grid: Grid) -> None:
    """Prefer another date where that of most rows with money is empty."""
    own, money = found.pairs.get("order_date"), found.pairs.get("amount")
    if not own or not money:
        return
    paid = f"{grid.cell(money)} IS NOT NULL"
    for other in found.rivals["order_date"]:
        rows, fewer, more = grid.one(
            f"count(*), count({grid.cell(own)}), count({grid.cell(other)})", f"WHERE {paid}"
        )
        if fewer < EMPTY * rows and more > 2 * fewer:
            _exchange(found, "order_date", other)
            return


def _exchange(found: Match, column: str, other: str) -> None:
    own = found.pairs[column]
    found.pairs[column] = other
    found.rivals[column] = [own, *(name for name in found.rivals[column] if name != other)]
