"""Who brought whom, and what customers are worth through those whom they brought."""

import numpy as np
import pandas as pd

from crmlab.equity.base import divided, need, within
from crmlab.errors import DataError, Finding
from crmlab.intervals import wilson

SHOWN = 5  # ids named in a finding


def referrals(
    leads: pd.DataFrame, known: pd.Index | None = None
) -> tuple[pd.Series, list[Finding]]:
    """Return who brought each referred customer, and what was wrong with the records.

    Parameters
    ----------
    leads : DataFrame, one row per lead
        ``customer_id`` (empty until the lead is a customer) and ``referred_by``.
    known : Index, optional
        All customers. A referrer who is none of them cannot be credited.

    Returns
    -------
    tuple of Series and list of Finding
        ``referred_by``, indexed by ``customer_id``: a forest. Left out and named are
        referrers unknown, second referrers of the same customer (the first row counts),
        and referrals that go round in a circle.

    Raises
    ------
    DataError
        If a column is lacking or there is no lead.
    """
    need(leads, ["customer_id", "referred_by"], "leads")
    pairs = leads.dropna(subset=["customer_id", "referred_by"])
    twice = pairs["customer_id"].duplicated()
    edges = pairs[~twice].set_index("customer_id")["referred_by"]
    strange = ~edges.isin(known) if known is not None else edges != edges
    round_ = _in_circles(edges)
    found = [
        _left_out("referrer_unknown", edges[strange], "have a referrer who is no customer",
                  "的介绍人不在客户档案中"),
        _left_out("referrer_twice", pairs[twice].set_index("customer_id")["referred_by"],
                  "have a second referrer; the first counts", "有第二位介绍人，以第一位为准"),
        _left_out("referral_circle", edges[round_],
                  "were referred in a circle", "的介绍关系成环"),
    ]  # fmt: skip
    return edges[~strange & ~round_], [each for each in found if each]


def _in_circles(edges: pd.Series) -> pd.Series:
    """Return whether following the referrers leads from a customer back to itself."""
    start = edges.index.to_series()
    back = pd.Series(False, edges.index)
    at = edges
    for _ in range(len(edges)):
        back |= at == start
        at = at.map(edges).where(~back)
        if at.isna().all():
            break
    return back


def _left_out(code: str, wrong: pd.Series, en: str, zh: str) -> Finding | None:
    if wrong.empty:
        return None
    ids = [str(each) for each in wrong.index[:SHOWN]]
    more = len(wrong) > SHOWN
    return Finding(
        "caution",
        en=f"{len(wrong):,} customers {en}: {', '.join(ids)}{' …' if more else ''}.",
        zh=f"{len(wrong):,} 位客户{zh}：{'、'.join(ids)}{'……' if more else ''}。",
        code=code,
    )


def generations(edges: pd.Series, customers: pd.Index) -> pd.Series:
    """Return each customer's generation: 0 if nobody brought it, else its referrer's plus 1.

    `edges` is as `referrals` returns it.

    >>> generations(pd.Series({"B": "A", "C": "B"}), pd.Index(["A", "B", "C"])).tolist()
    [0, 1, 2]
    """
    depth = pd.Series(0, customers, name="generation")
    for steps, at in _ancestors(edges):
        depth[at.index] = steps
    return depth


def _ancestors(edges: pd.Series) -> list[tuple[int, pd.Series]]:
    """Return (steps, customer → ancestor that many steps up) for every step there is."""
    found, at, steps = [], edges, 1
    while len(at):
        if steps > len(edges):
            raise DataError(
                en="referrals go round in a circle; take them from equity.referrals.",
                zh="介绍关系成环；请使用 equity.referrals 的结果。",
            )
        found.append((steps, at))
        at = at.map(edges).dropna()
        steps += 1
    return found


def network_value(
    own: pd.Series, edges: pd.Series, *, share: float = 0.5, rewards: pd.Series | None = None
) -> pd.DataFrame:
    r"""Return each customer's own value and that of the network below it.

    .. math:: network_i = \sum_g share^g \sum_{j \in generation\ g\ below\ i} own_j
              - rewards_i

    It is credit, not new money: what a descendant brings is in its own value already, so
    network values must not be added to customer equity.

    Parameters
    ----------
    own : Series
        Own value by customer, in money. Descendants who are not in it count as 0.
    edges : Series
        From `referrals`.
    share : float
        Credited per generation, 0 to 1: at 0.5 a grandchild counts a quarter.
    rewards : Series, optional
        Paid to a customer for names, in money.

    Returns
    -------
    DataFrame
        Indexed like `own`: ``own_value``, ``brought`` (customers, all generations),
        ``network_value`` (net of rewards), ``rewards`` and ``total_value``.

    References
    ----------
    Kumar, V., Petersen, J. A. and Leone, R. P. (2010). Driving profitability by
    encouraging customer referrals. Journal of Marketing 74(5), 1-17.
    """
    within("share", share, 0, 1)
    if own.index.has_duplicates:
        raise ValueError("own has a customer more than once")
    brought, credit = pd.Series(0, own.index), pd.Series(0.0, own.index)
    for steps, ancestor in _ancestors(edges):
        below = own.reindex(ancestor.index).astype("float64").fillna(0)
        each = below.groupby(ancestor).agg(["sum", "size"]).reindex(own.index, fill_value=0)
        credit += share**steps * each["sum"]
        brought += each["size"]
    paid = (pd.Series(0.0, own.index) if rewards is None else rewards).reindex(own.index)
    table = pd.DataFrame({"own_value": own, "brought": brought, "rewards": paid.fillna(0.0)})
    table["network_value"] = credit - table["rewards"]
    return table.assign(total_value=table["own_value"] + table["network_value"])


def by_generation(
    own: pd.Series, edges: pd.Series, *, draws: int = 1000, seed: int = 2026
) -> pd.DataFrame:
    """Return customers and value by generation, with the interval of the mean.

    Indexed by ``generation``: ``customers``, ``value`` (sum, money), ``mean_value`` with
    ``low`` and ``high`` (bootstrap over the generation's customers; missing for one).
    """
    depth = generations(edges, own.index)
    sums = own.groupby(depth).agg(["size", "sum", "mean"])
    table = sums.set_axis(["customers", "value", "mean_value"], axis=1).rename_axis("generation")
    ends = {
        g: _mean_limits(each.to_numpy("float64"), draws, seed + int(g))
        for g, each in own.groupby(depth)
    }
    return table.join(pd.DataFrame.from_dict(ends, orient="index", columns=["low", "high"]))


def _mean_limits(values: np.ndarray, draws: int, seed: int) -> tuple[float, float]:
    if len(values) < 2:
        return np.nan, np.nan
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), size=draws)
    low, high = np.quantile(counts @ values / len(values), [0.025, 0.975])
    return float(low), float(high)


def referral_conversion(leads: pd.DataFrame, *, before: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return how many leads became customers, brought by a customer or not.

    Parameters
    ----------
    leads : DataFrame
        ``customer_id`` and ``referred_by``; ``created_on`` if `before` is given.
    before : Timestamp, optional
        Only leads created before it: the younger ones had no time to order.

    Returns
    -------
    DataFrame
        Indexed ``referred``, ``not_referred``: ``leads``, ``leads_won``, ``conversion`` with
        ``low`` and ``high`` (Wilson), and ``share_of_won`` with ``share_low`` and
        ``share_high``: the share of all acquisitions that a referral brought.
    """
    need(leads, ["customer_id", "referred_by"], "leads")
    seen = leads if before is None else leads[leads["created_on"] < before]
    kind = seen["referred_by"].notna().map({True: "referred", False: "not_referred"})
    won = seen["customer_id"].notna().groupby(kind).agg(["size", "sum"])
    won = won.reindex(["referred", "not_referred"], fill_value=0).rename_axis("lead_kind")
    told = won.set_axis(["leads", "leads_won"], axis=1)
    low, high = wilson(told["leads_won"], told["leads"])
    n, total = told["leads_won"].to_numpy("float64"), np.full(2, float(told["leads_won"].sum()))
    least, most = wilson(n, total)
    rate = divided(n, told["leads"].to_numpy("float64"))
    return told.assign(
        conversion=rate, low=low, high=high,
        share_of_won=divided(n, total), share_low=least, share_high=most,
    )  # fmt: skip
