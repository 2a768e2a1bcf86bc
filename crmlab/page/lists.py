"""Whom to contact, why, with what at stake: shown as a summary, handed over whole."""

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
import pandas as pd

from crmlab.errors import DataError
from crmlab.lang import Lang, say
from crmlab.page import form, safe
from crmlab.privacy import SMALL

COLUMNS = ("segment", "reason", "action", "value_at_stake")
ALIKE = ["segment", "action"]  # of many customers the same
Reason = Callable[[pd.Index], pd.Series] | pd.Series | str


class Contact(Protocol):
    """Who may be contacted (see `crmlab.customers.may_contact`)."""

    known: bool

    def ids(self, customers: pd.Index) -> pd.Index: ...

    def of(self, ids: pd.Index) -> pd.Series: ...


def target(
    ids: pd.Index, *, segment: str, reason: Reason, action: str, value: pd.Series | float
) -> pd.DataFrame:
    """Return the customers of one action, ready for a campaign list.

    Parameters
    ----------
    ids : Index of customer_id
        Whom the action is for.
    segment : str
        Their group, a code of the glossary.
    reason : Series, str or callable
        Why them: a sentence for each, indexed by ``customer_id``, one for all, or what
        returns those of an index.
    action : str
        What to do, in a sentence.
    value : Series or float
        What is at stake with each, in the source's currency.
    """
    frame = pd.DataFrame(index=pd.Index(ids, name="customer_id"))
    first = np.zeros(len(frame), dtype="int8")
    words = {"segment": segment, "reason": reason(ids) if callable(reason) else reason}
    for name, given in {**words, "action": action}.items():
        alike = isinstance(given, str)  # one for all: kept once, not ten million times
        frame[name] = pd.Categorical.from_codes(first, pd.Index([given])) if alike else given
    return frame.assign(value_at_stake=value)


def listed(parts: Iterable[pd.DataFrame], contact: Contact, *, named: bool = True) -> pd.DataFrame:
    """Return one list of all parts: each customer once, with the first action that is theirs.

    Unless they are to be `named`, customers keep the numbers that they go by in a page.

    Raises
    ------
    DataError
        If a part lacks a column, a customer has no id, or a value is no number. What is at
        stake may be unknown (missing): the page says with how many.
    """
    checked = [_checked(part) for part in parts]
    nobody = target(pd.Index([], dtype="str"), segment="", reason="", action="", value=0.0)
    rows = pd.concat(_alike(checked)) if checked else nobody
    once = rows[~rows.index.duplicated()]
    if named or contact.known:
        once = once.set_axis(contact.ids(once.index)).rename_axis("customer_id")
    return once.assign(eligible=contact.of(once.index).to_numpy() if contact.known else True)


def worded(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a list with its words as text."""
    return rows.astype(dict.fromkeys([*ALIKE, "reason"], "str"))


def _alike(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return the parts with `ALIKE` as categories that remain so when they are put together."""
    found = [part.astype(dict.fromkeys(ALIKE, "category")) for part in parts]
    for name in ALIKE:
        every = pd.api.types.union_categoricals([part[name] for part in found]).categories
        found = [part.assign(**{name: part[name].cat.set_categories(every)}) for part in found]
    return found


def _checked(part: pd.DataFrame) -> pd.DataFrame:
    """Return a part with its values as numbers, if it has all that a list needs."""
    if lacking := [c for c in COLUMNS if c not in part]:
        raise DataError(
            en=f"a campaign list needs {', '.join(COLUMNS)}; it lacks {', '.join(lacking)}.",
            zh=f"营销名单需要 {'、'.join(COLUMNS)} 列；缺少 {'、'.join(lacking)}。",
        )
    if nameless := int(np.sum(part.index.isna())):
        raise DataError(
            en="a campaign list needs a customer_id in every row; "
            f"{nameless:,} of {len(part):,} rows lack it.",
            zh=f"营销名单每行都需要 customer_id；{len(part):,} 行中有 {nameless:,} 行没有。",
        )
    given = part["value_at_stake"]
    value = pd.to_numeric(given, errors="coerce").astype("float64")
    if wrong := int(((value.isna() & given.notna()) | np.isinf(value)).sum()):
        raise DataError(
            en=f"value_at_stake must be a number; it is not in {wrong:,} of {len(part):,} rows.",
            zh=f"value_at_stake 应为数字；{len(part):,} 行中有 {wrong:,} 行不是。",
        )
    return part.assign(value_at_stake=value)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, per action, how many customers, how many of them eligible, and their value."""
    by_action = rows.groupby("action", sort=False, observed=True)
    told = by_action["value_at_stake"].agg(customers="size", value_at_stake="sum")
    told.insert(1, "eligible", by_action["eligible"].sum().astype("int64"))
    return told.reset_index()


def unknown_consent(lang: Lang) -> str:
    """Return the sentence that says that the source has no consent."""
    return say(
        lang,
        en="The source has no column of consent, so all count as eligible: ask for it before you "
        "contact anybody.",
        zh="数据源没有“同意接收营销”列，因此全部计为可联系：联系之前请先取得同意。",
    )


def _unknown_value(customers: int, lang: Lang) -> str:
    """Return the sentence that says with how many customers the stake is not known."""
    told = f"{customers:,}" if customers >= SMALL else safe.FEW
    return say(
        lang,
        en=f"Customers whose value at stake is unknown, so that it is in no sum: {told}.",
        zh=f"涉及金额未知、未计入合计的客户数：{told}。",
    )


def html(rows: pd.DataFrame, known: bool, currency: str, lang: Lang) -> str:
    """Return the summary as the page shows it, and what the source says of consent."""
    units = {"value_at_stake": currency}
    told, small = safe.shown(summary(rows), units=units)
    notes = [safe.note(lang)] if small else []
    if unknown := int(rows["value_at_stake"].isna().sum()):
        notes.append(_unknown_value(unknown, lang))
    if not known:
        notes.append(unknown_consent(lang))
    notes.append(
        say(
            lang,
            en="Each customer stands once, with the first action that applies. The list itself: "
            "crmlab export.",
            zh="每位客户只列一次，取首个适用的行动。完整名单用 crmlab export 导出。",
        )
    )
    body = form.table_html(told, lang, units=units, index=False, caption="")
    return f'<div class="crm-table" tabindex="0">{body}<small>{" ".join(notes)}</small></div>'
