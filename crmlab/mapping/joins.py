"""Orders whose date, money and customer stand in several files: which keys join them."""

from dataclasses import dataclass, field

import ibis

from crmlab.load import engine
from crmlab.load.sql import drop, quoted
from crmlab.mapping.grid import Grid
from crmlab.mapping.match import Match
from crmlab.mapping.settle import comes_back, orders
from crmlab.mapping.words import folded

SHARED = 0.5  # the least share of keys that the other file must have
SHARED_OF_PART = 0.05  # where only the beginnings of the files were seen


@dataclass(frozen=True)
class Step:
    """A file that is joined to those before it, one row of it at most to each of theirs."""

    grid: Grid
    left: tuple[int, str]
    right: str
    found: int
    of: int


@dataclass
class Plan:
    """Files to join: first that of the money, whose rows stay as they are."""

    first: Grid
    steps: list[Step] = field(default_factory=list)

    @property
    def grids(self) -> list[Grid]:
        return [self.first, *(step.grid for step in self.steps)]

    def columns(self) -> list[tuple[int, str, str]]:
        """Return all columns: the file they come from, their heading, their name in the whole."""
        keys = {(n, step.right) for n, step in enumerate(self.steps, start=1)}
        taken: set[str] = set()
        found = []
        for n, grid in enumerate(self.grids):
            for heading in (h for h in grid.names if (n, h) not in keys):
                name = heading if heading.casefold() not in taken else f"{heading} ({n + 1})"
                taken.add(name.casefold())
                found.append((n, heading, name))
        return found


def joined(grids: list[Grid]) -> tuple[Plan, Grid, Match] | None:
    """Return the join that makes complete orders out of several files, if there is one."""
    best = None
    for grid in grids:
        own = orders(grid)
        if not own.has_money:
            continue
        plan = _plan(grid, [other for other in grids if other is not grid])
        if not plan.steps:
            continue
        whole = _stored(plan)
        found = orders(whole)
        if found.lacking or (best and _rank(found) <= _rank(best[2])):
            drop(whole.table)
            continue
        if best:
            drop(best[1].table)
        best = (plan, whole, found)
    return best


def _rank(found: Match) -> tuple[bool, float]:
    """Return how much speaks for a join: money of a known name first."""
    return found.named.get("amount", 1.0) >= 0.75, found.value


def _plan(first: Grid, others: list[Grid]) -> Plan:
    """Return the joins that add a date and a customer who comes back, one after the other."""
    plan = Plan(first)
    for _ in others:
        lacking = _roles_lacking(plan)
        steps = [
            step
            for other in others
            if other not in plan.grids and lacking & _roles(other)
            for step in [_step(plan, other)]
            if step
        ]
        if not steps:
            break
        plan.steps.append(max(steps, key=lambda step: step.found / step.of))
    return plan


def _roles(grid: Grid) -> set[str]:
    """Return which of date and customer a file has; a customer only if it is an id of many."""
    pairs = orders(grid).pairs
    return {role for role in ("order_date", "customer_id") if role in pairs}


def _roles_lacking(plan: Plan) -> set[str]:
    """Return what no file of a plan has; a customer who never comes back is none."""
    has: set[str] = set()
    for grid in plan.grids:
        pairs = orders(grid).pairs
        has |= {"order_date"} & set(pairs)
        customer = pairs.get("customer_id")
        if customer and comes_back(grid, customer, pairs.get("order_id")):
            has.add("customer_id")
    return {"order_date", "customer_id"} - has


def _step(plan: Plan, other: Grid) -> Step | None:
    """Return how a file can be joined: by a key of one row each that the others' rows name."""
    best = None
    for n, grid in enumerate(plan.grids):
        for left in grid.names:
            for right in (r for r in other.names if folded(r) == folded(left)):
                step = _by_key(n, grid, left, other, right)
                if step and (best is None or step.found > best.found):
                    best = step
    return best


def _by_key(n: int, grid: Grid, left: str, other: Grid, right: str) -> Step | None:
    key = other.profiles[right]
    if not key.filled or key.distinct < key.filled or key.filled < key.rows:
        return None
    a, b = grid.raw(left), other.raw(right)
    of, found = grid.query(
        f"SELECT count(*), count(b.k) FROM (SELECT {a} AS k FROM {grid.table} WHERE {a} IS NOT "
        f"NULL) a LEFT JOIN (SELECT {b} AS k FROM {other.table}) b USING (k)"
    )[0]
    least = SHARED if grid.whole and other.whole else SHARED_OF_PART
    return Step(other, (n, left), right, found, of) if of and found >= least * of else None


def _stored(plan: Plan) -> Grid:
    """Return the joined cells as a grid of their own."""
    name = ibis.util.gen_name("grid")
    columns = plan.columns()
    cells = ", ".join(
        f"g{n}.{plan.grids[n].raw(heading)} AS c{place}"
        for place, (n, heading, _) in enumerate(columns)
    )
    tables = f"{plan.first.table} AS g0"
    for n, step in enumerate(plan.steps, start=1):
        before, left = step.left
        key = f"g{before}.{plan.grids[before].raw(left)} = g{n}.{step.grid.raw(step.right)}"
        tables += f" LEFT JOIN {step.grid.table} AS g{n} ON {key}"
    engine().raw_sql(f"CREATE TEMP TABLE {name} AS SELECT g0.place AS place, {cells} FROM {tables}")
    looks = tuple(look for grid in plan.grids for look in grid.looks)
    rows = Grid.query(f"SELECT count(*) FROM {name}")[0][0]
    return Grid(looks, name, rows, tuple(name for _, _, name in columns))


def query(plan: Plan, names: list[str], wanted: list[str]) -> str:
    """Return the SQL of the join over files of these names: the columns that are wanted."""
    parts = [quoted(name) for name in names]
    selected = [
        f"{parts[n]}.{quoted(heading)}" + (f" AS {quoted(name)}" if name != heading else "")
        for n, heading, name in plan.columns()
        if name in wanted
    ]
    lines = ["SELECT " + ",\n       ".join(selected), f"FROM {parts[0]}"]
    for n, step in enumerate(plan.steps, start=1):
        before, left = step.left
        alike = left == step.right and sum(left in g.names for g in plan.grids[:n]) == 1
        on = f"ON {parts[before]}.{quoted(left)} = {parts[n]}.{quoted(step.right)}"
        key = f"USING ({quoted(left)})" if alike else on
        lines.append(f"LEFT JOIN {parts[n]} {key}")
    return "\n".join(lines)
