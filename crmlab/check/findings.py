"""What an analyst should know of a table before a model is fitted to it, most important first."""

from collections.abc import Callable, Iterator
from datetime import date

from crmlab.check import amounts, ids, left_out, orders, others, times
from crmlab.check.base import Seen
from crmlab.check.levels import sentence
from crmlab.errors import Finding
from crmlab.load import Lines

About = Callable[[Seen], Iterator[Finding]]


def findings(lines: Lines, as_of: str | date | None = None) -> list[Finding]:
    """Return what was found in a table's rows, cautions first.

    Parameters
    ----------
    lines : Lines
        From `crmlab.load.table`.
    as_of : date or ISO text, optional
        Last day seen, for orders; by default that of the source. What was left out when the
        files were read is told for all of their days.

    Returns
    -------
    list of Finding
        Each with a stable ``code``; level ``caution`` where something may be wrong and can
        be changed, ``ready`` for what is only good to know. They are looked for once: the
        next who asks of the same rows is told the same.
    """
    return list(lines.once(f"findings {as_of or ''}", lambda: _looked_for(lines, as_of)))


def _looked_for(lines: Lines, as_of: str | date | None) -> list[Finding]:
    about: tuple[About, ...] = (left_out.found, _as_read, others.found, ids.personal)
    if lines.name == "orders":
        about = (
            left_out.found, _as_read, ids.found, times.found, orders.found, left_out.repeats,
            amounts.found, ids.personal,
        )  # fmt: skip
    seen = Seen(lines, as_of)
    found = [each for some in about for each in some(seen)]
    return sorted(found, key=lambda each: each.level != "caution")


def brief(lines: Lines, as_of: str | date | None = None) -> list[Finding]:
    """Return what a report says of a table: its cautions; of orders, their levels in a sentence.

    See `findings` for the parameters.
    """
    found = [each for each in findings(lines, as_of) if each.level != "ready"]
    return [*found, sentence(lines, as_of)] if lines.name == "orders" else found


def _as_read(seen: Seen) -> Iterator[Finding]:
    yield from seen.lines.notes
