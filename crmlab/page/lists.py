"""Whom to contact, why, with what at stake: shown as a summary, handed over whole."""

from collections.abc import Iterable
from typing import Protocol

import pandas as pd

from crmlab.errors import DataError
from crmlab.lang import Lang, say
from crmlab.page import form, safe

COLUMNS = ("segment", "reason", "action", "value_at_stake")


class Contact(Protocol):
    """Who may be contacted (see `crmlab.customers.may_contact`)."""

    known: bool

    def of(self, ids: pd.Index) -> pd.Series: ...


def target(
    ids: pd.Index, *, segment: str, reason: pd.Series | str, action: str, value: pd.Series | float
) -> pd.DataFrame:
    """Return the customers of one action, ready for a campaign list.

    Parameters
    ----------
    ids : Index of customer_id
        Whom the action is for.
    segment : str
        Their group, a code of the glossary.
    reason : Series or str
        Why them: a sentence for each, indexed by ``customer_id``, or one for all.
    action : str
        What to do, in a sentence.
    value : Series or float
        What is at stake with each, in the source's currency.
    """
    frame = pd.DataFrame(index=pd.Index(ids, name="customer_id"))
    given = {"reason": reason, "value_at_stake": value}
    aligned = {k: v.reindex(ids) if isinstance(v, pd.Series) else v for k, v in given.items()}
    return frame.assign(segment=segment, action=action, **aligned)[list(COLUMNS)]


def listed(parts: Iterable[pd.DataFrame], contact: Contact) -> pd.DataFrame:
    """Return one list of all parts: each customer once, with the first action that is theirs.

    Raises
    ------
    DataError
        If a part lacks a column, or a customer's value.
    """
    rows = pd.concat(list(parts))
    if lacking := [c for c in COLUMNS if c not in rows]:
        raise DataError(
            en=f"a campaign list needs {', '.join(COLUMNS)}; it lacks {', '.join(lacking)}.",
            zh=f"营销名单需要 {'、'.join(COLUMNS)} 列；缺少 {'、'.join(lacking)}。",
        )
    once = rows[~rows.index.duplicated()]
    return once.assign(eligible=contact.of(once.index).to_numpy())


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, per action, how many customers, how many of them eligible, and their value."""
    by_action = rows.groupby("action", sort=False)
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


def html(rows: pd.DataFrame, known: bool, currency: str, lang: Lang) -> str:
    """Return the summary as the page shows it, and what the source says of consent."""
    told, small = safe.shown(summary(rows))
    units = {"value_at_stake": currency}
    notes = [safe.note(lang)] if small else []
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
    return f'<div class="crm-table">{body}<small>{" ".join(notes)}</small></div>'
