"""What the files of this folder share: a table's figures, asked once, and how they are said."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd
from ibis.expr.types import Table as IbisTable

from crmlab.errors import Finding
from crmlab.lang import Lang, money, percent, term
from crmlab.load import Lines

NEEDS = 30  # days with sales below which nothing is said of rhythm


@dataclass(frozen=True)
class Seen:
    """A table, and what several findings ask of it."""

    lines: Lines
    as_of: str | date | None = None

    @property
    def table(self) -> IbisTable:
        return self.lines.table

    @property
    def rows(self) -> int:
        return self.lines.rows

    @cached_property
    def ledger(self) -> pd.DataFrame:
        return self.lines.ledger.set_index("reason")

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of rows that were left out."""
        return self.lines.staged.reasons if self.lines.staged else ()

    def count(self, reason: str) -> int:
        """Return the rows of a line of the ledger; 0 if it has none."""
        return int(dict(zip(self.ledger.index, self.ledger["rows"], strict=True)).get(reason, 0))

    def amount(self, reason: str) -> float | None:
        """Return the money of a line of the ledger; nothing if the table has no money."""
        if "amount" not in self.ledger:
            return None
        told = dict(zip(self.ledger.index, self.ledger["amount"], strict=True)).get(reason)
        return None if told is None or pd.isna(told) else float(told)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Rows and money by day, every day that has any, in order."""
        day = self.table.order_date.date().name("day")
        by_day = self.table.group_by(day).aggregate(
            rows=self.table.count(), amount=self.table.amount.sum().cast("float64")
        )
        found = by_day.order_by("day").to_pandas()
        return found.assign(day=pd.to_datetime(found["day"])).set_index("day")

    @cached_property
    def customers(self) -> pd.Series:
        """How many customers have how many rows: rows → customers."""
        each = self.table.group_by("customer_id").aggregate(n=self.table.count())
        sizes = each.group_by("n").aggregate(customers=each.count()).to_pandas()
        return sizes.set_index("n")["customers"].sort_index()

    def money(self, amount: object) -> tuple[str, str] | None:
        """Return an amount in words of both languages; nothing if there is none."""
        if amount is None or pd.isna(amount):  # type: ignore[call-overload]
            return None
        value = float(amount)  # type: ignore[arg-type]
        english, chinese = (money(value, self.lines.currency, lang) for lang in ("en", "zh"))
        return english, chinese

    def listed(self, reasons: list[str], lang: Lang) -> str:
        """Return the reasons and their rows, most rows first."""
        told = self.ledger.loc[reasons, "rows"].sort_values(ascending=False)
        between = {"en": ", ", "zh": "、"}[lang]
        return between.join(f"{reason_word(str(r), lang)} {n:,}" for r, n in told.items())


def reason_word(code: str, lang: Lang) -> str:
    """Return a reason's word, without the "Left out:" that the ledger has before it."""
    return term(code, lang).replace("：", ": ").split(": ")[-1]


def percent_of(share: float, lang: Lang) -> str:
    """Return a share as a percentage; what is there is never shown as nothing."""
    told = percent(share, lang)
    return told if share == 0 or float(told.rstrip("%").replace(",", "")) else "<0.1%"


def caution(code: str, *, en: str, zh: str) -> Finding:
    """Return a finding that may call for a change."""
    return Finding("caution", en, zh, code)


def note(code: str, *, en: str, zh: str) -> Finding:
    """Return a finding that is good to know."""
    return Finding("ready", en, zh, code)
