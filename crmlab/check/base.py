"""What the files of this folder share: a table's figures, asked once, and how they are said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from ibis.expr.types import Table as IbisTable

from crmlab.customers import last_day
from crmlab.errors import Finding
from crmlab.lang import Lang, money, percent, term
from crmlab.load import Lines

BETWEEN: dict[Lang, str] = {"en": "; ", "zh": "；"}


@dataclass(frozen=True)
class Seen:
    """A table up to a day, and what several findings ask of it."""

    lines: Lines
    as_of: str | date | None = None

    @cached_property
    def until(self) -> date:
        """The last day that is looked at: asked for, else the source's, else the data's."""
        return last_day(self.lines, self.as_of)

    @cached_property
    def table(self) -> IbisTable:
        table = self.lines.table
        if self.as_of and "order_date" in table.columns:
            return table.filter(table.order_date.date() <= self.until)
        return table

    @property
    def rows(self) -> int:
        return int(self.totals["rows"])

    @cached_property
    def totals(self) -> dict[str, float]:
        """Rows, and of orders: money; lines and money below zero; lines of zero."""
        table = self.table
        asked = {"rows": table.count()}
        if self.lines.name == "orders":
            asked |= {
                "amount": table.amount.sum().cast("float64"),
                "below": table.amount.sum(where=table.amount < 0).cast("float64"),
                "refunds": (table.amount < 0).sum(),
                "zeros": (table.amount == 0).sum(),
            }
        told = table.aggregate(**asked).to_pandas().fillna(0).iloc[0]
        return {str(name): float(value) for name, value in told.items()}

    @cached_property
    def ledger(self) -> pd.DataFrame:
        return self.lines.ledger.set_index("reason")

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of rows that were left out."""
        return self.lines.reasons

    def count(self, reason: str) -> int:
        """Return the rows of a line of the ledger; 0 if it has none."""
        return int(self.ledger["rows"].get(reason, 0))

    def amount(self, reason: str) -> float | None:
        """Return the money of a line of the ledger; nothing if it has none."""
        if "amount" not in self.ledger or reason not in self.ledger.index:
            return None
        told = self.ledger["amount"].astype("float64")[reason]
        return None if np.isnan(told) else float(told)

    @cached_property
    def daily(self) -> pd.Series:
        """Rows by day, every day that has any, in order."""
        day = self.table.order_date.date().name("day")
        found = self.table.group_by(day).aggregate(rows=self.table.count()).order_by("day")
        told = found.to_pandas()
        return pd.Series(told["rows"].to_numpy(), index=pd.DatetimeIndex(told["day"]), name="rows")

    def both(self, amount: float, *, exact: bool = False) -> tuple[str, str]:
        """Return an amount in the words of both languages."""
        english, chinese = (
            money(amount, self.lines.currency, lang, exact=exact) for lang in ("en", "zh")
        )
        return english, chinese

    def listed(self, reasons: Sequence[str], lang: Lang) -> str:
        """Return the reasons with their rows and money, most money first."""
        size = {r: (-abs(self.amount(r) or 0), -self.count(r), r) for r in reasons}
        return BETWEEN[lang].join(
            self._line(r, lang) for r in sorted(reasons, key=size.__getitem__)
        )

    def _line(self, reason: str, lang: Lang) -> str:
        paid = self.amount(reason)
        told = f"{reason_word(reason, lang)} {self.count(reason):,}"
        if not paid:
            return told
        form = {"en": "{} ({})", "zh": "{}（{}）"}[lang]
        return form.format(told, money(paid, self.lines.currency, lang))


def reason_word(code: str, lang: Lang) -> str:
    """Return a reason's word, without the "Left out:" that the ledger has before it."""
    return term(code, lang).replace("：", ": ").split(": ")[-1]


def percent_of(share: float, lang: Lang) -> str:
    """Return a share as a percentage; what is there is never shown as nothing, nor as all.

    >>> percent_of(0.00001, "en"), percent_of(0.99999, "en"), percent_of(0.5, "zh")
    ('<0.1%', '>99.9%', '50.0%')
    """
    if 0 < share < 0.0005:
        return "<0.1%"
    return ">99.9%" if 0.9995 <= share < 1 else percent(share, lang)


def finding(code: str, *, is_caution: bool, en: str, zh: str) -> Finding:
    """Return a finding: a caution, or what is only good to know."""
    return Finding("caution" if is_caution else "ready", en, zh, code)


def caution(code: str, *, en: str, zh: str) -> Finding:
    """Return a finding that may call for a change."""
    return finding(code, is_caution=True, en=en, zh=zh)


def note(code: str, *, en: str, zh: str) -> Finding:
    """Return a finding that is good to know."""
    return finding(code, is_caution=False, en=en, zh=zh)
