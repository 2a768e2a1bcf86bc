"""Three actions: whom they are for, and how much business these stand for."""

import pandas as pd

from crmlab.intervals import wilson
from crmlab.lang import Lang, number, percent, say, term
from crmlab.loyalty.phrases import shares_between


def actions(
    latest: pd.DataFrame,
    satisfaction: pd.Series,
    kind: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    item: str,
    zone: tuple[float, float] | None,
    today: pd.Timestamp,
    low_to: float = 5,
    lang: Lang = "en",
) -> pd.DataFrame:
    """Return three actions: whom they are for, how many, and what these could buy in a year.

    Parameters
    ----------
    latest : DataFrame
        Each customer's latest answers; `satisfaction` (0–100) and `kind`
        (`loyalty_kind`) are indexed like it.
    customers : DataFrame
        ``customer_id`` and, if known, ``potential`` (source currency a year),
        ``churned_on`` and ``reactivated_on``: who has left by `today` is not counted.
    item : str
        The attribute to improve: for those who rated it `low_to` or lower.
    zone : pair of float, optional
        The zone of indifference: below it, listen and repair. Without one, that is for
        the least satisfied tenth.

    Returns
    -------
    DataFrame
        ``action`` (code), ``whom`` (in words), ``customers``, ``yearly_potential``
        (source currency; missing if none is known) and, if there is a zone, ``in_zone``,
        the share of these customers whose satisfaction lies in it. The last row counts
        who is in any of the three once.
    """
    below = _below(satisfaction, zone)
    groups = targets(
        latest, satisfaction, kind, customers, item=item, zone=zone, today=today, low_to=low_to
    )
    known = customers.set_index("customer_id").reindex(latest["customer_id"])
    groups["any_action"] = pd.DataFrame(groups).any(axis=1)
    worth = known.get("potential", pd.Series(index=known.index, dtype="float64"))
    each = worth.set_axis(latest.index)
    table = pd.DataFrame(
        {
            "action": list(groups),
            "whom": _whom(item, low_to, below, lang),
            "customers": [int(rows.sum()) for rows in groups.values()],
            "yearly_potential": [each[rows].sum(min_count=1) for rows in groups.values()],
        }
    )
    if zone is None:
        return table
    inside = satisfaction.between(*zone)
    return table.assign(in_zone=[inside[rows].mean() for rows in groups.values()])


def targets(
    latest: pd.DataFrame,
    satisfaction: pd.Series,
    kind: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    item: str,
    zone: tuple[float, float] | None,
    today: pd.Timestamp,
    low_to: float = 5,
) -> dict[str, pd.Series]:
    """Return whom each of the three `actions` is for: action → true or false, like `latest`."""
    groups = {
        "listen_and_repair": satisfaction < _below(satisfaction, zone),
        "try_improvement": latest[item].le(low_to).fillna(False).astype(bool),
        "reason_to_stay": kind["quadrant"] == "spurious_loyalty",
    }
    known = customers.set_index("customer_id").reindex(latest["customer_id"])
    here = ~_left(known, today).set_axis(latest.index)
    return {action: rows & here for action, rows in groups.items()}


def _below(satisfaction: pd.Series, zone: tuple[float, float] | None) -> float:
    return zone[0] if zone else float(satisfaction.quantile(0.1))


def tell_actions(
    table: pd.DataFrame, latest: pd.DataFrame, lang: Lang, *, old_days: int = 365
) -> str:
    """Say what the curve means for the improvement, and how old the answers are."""
    days = (latest["surveyed_on"].max() - latest["surveyed_on"]).dt.days
    old = percent((days > old_days).mean(), lang)
    aged = say(
        lang,
        en=f"Of the latest answers, {old} are over a year older than the newest: ask again first.",
        zh=f"客户最近一次的回答中，{old} 比最新一期早一年以上：联系之前，请先再问一次。",
    )
    row = table.set_index("action").T["try_improvement"]
    if "in_zone" not in row or not row["customers"]:
        return aged
    low, high = wilson(round(row["customers"] * row["in_zone"]), row["customers"])
    n, share = number(row["customers"], lang), percent(row["in_zone"], lang)
    limits = shares_between(float(low), float(high), lang)
    told = say(
        lang,
        en=f"**Improving may not bring loyalty by itself.** Of the {n} customers in the second "
        f"row, {share} {limits} are in the flat stretch, where a little more satisfaction goes "
        "with little more loyalty. Hence the trial: improve for a random half, and compare what "
        "both halves buy. ",
        zh=f"**单靠改进，未必带来忠诚**。第二行的 {n} 位客户中，{share}{limits}处于平缓段，"
        "在那里满意度略高一些，忠诚度也高不了多少。所以要先试行：在随机一半客户中改进，"
        "再比较两半客户的购买。",
    )
    return told + aged


def _left(customers: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
    """Say which customers are known to have left by `today`, and not to have come back since."""
    never = pd.Series(pd.NaT, index=customers.index, dtype="datetime64[us]")
    gone, back = (customers.get(name, never) for name in ("churned_on", "reactivated_on"))
    back = back.where(back <= today)
    return (gone <= today) & ~(back >= gone)


def _whom(item: str, low_to: float, below: float, lang: Lang) -> list[str]:
    name, at_most = term(item, lang), number(low_to, lang)
    return [
        say(lang, en=f"Satisfaction below {below:.0f}", zh=f"满意度低于 {below:.0f} 分"),
        say(lang, en=f"{name} rated {at_most} or lower", zh=f"“{name}”评分不高于 {at_most} 分"),
        say(lang, en="Buy again without approving", zh="重复购买而不认同（虚假忠诚）"),
        say(lang, en="Each customer counted once", zh="每位客户只计一次"),
    ]
