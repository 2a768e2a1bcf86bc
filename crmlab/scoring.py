"""Every customer scored, however many: the engine joins the scores of histories to customers.

Nothing of the size of the customers passes through pandas: lines → a row per customer (Parquet)
→ distinct histories with counts → fit → their scores → joined to the customers → Parquet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from crmlab import clv, customers, load
from crmlab.errors import Finding, RequestError
from crmlab.lang import Lang, interval, money, say

MODELS: dict[str, type[Any]] = {
    "BG/NBD": clv.BgNbd,
    "MBG/NBD": clv.MbgNbd,
    "Pareto/NBD": clv.ParetoNbd,
}
KEYS = ["frequency", "recency", "T"]
DRAWN = 20_000  # customers from whom the interval of the value follows


@dataclass(frozen=True)
class Scored:
    """What was written: customers and distinct histories, the models, the value in total.

    `reach` is how far the 95 % interval of the value goes either way: it shows how uncertain
    the parameters leave it, not what single customers do by chance.
    """

    customers: int
    histories: int
    as_of: date
    model: Any
    spend: Any
    chosen: Finding
    value: float
    reach: float
    lines: load.Lines


def score(
    source: str,
    target: str,
    *,
    as_of: str = "",
    model: str = "BG/NBD",
    horizon_weeks: int = 52,
    margin: float = 0.3,
    discount_rate_annual: float = 0.1,
    force: bool = False,
) -> Scored:
    """Write a Parquet file with a row per customer: history, P(alive), purchases, value ahead.

    Parameters
    ----------
    source : str
        A source's name or TOML file; its engine does the work.
    target : str
        The file to write; on Spark a folder, or an address on the cluster.
    as_of : str
        Last day observed, as an ISO date; empty: the last day in the data.
    model : {"BG/NBD", "MBG/NBD", "Pareto/NBD"}
        The model of purchases.
    horizon_weeks : int
        How far ahead, in weeks.
    margin : float
        Contribution per unit of revenue, from 0 to 1.
    discount_rate_annual : float
        What a year's delay costs.
    force : bool
        Whether what is there already is replaced.

    Raises
    ------
    RequestError
        If `target` is there already, or there is no such model.
    DataError, NotEnough
        If the source cannot be used, memory or disk do not suffice, or nothing can be fitted.
    """
    if model not in MODELS:
        raise RequestError(
            en=f"there is no model {model!r}; allowed: {', '.join(MODELS)}.",
            zh=f"没有模型 {model!r}；可用：{'、'.join(MODELS)}。",
        )
    load.require_free(target, force=force)
    with summarised(source, as_of) as (lines, base):
        histories = customers.cells(base)
        buying: Any = clv.fit(histories, model=MODELS[model])
        ahead = clv.expected_purchases(histories, buying, horizon_weeks)
        spent = customers.spend_cells(base)
        spend, chosen = _spend(spent, histories, ahead)
        terms = {"horizon": horizon_weeks, "discount_rate_annual": discount_rate_annual}
        worth = clv.discounted_purchases(histories, buying, **terms)
        scores = histories[KEYS].assign(
            prob_alive=clv.prob_alive(histories, buying),
            expected_purchases=ahead,
            discounted_margin=margin * worth,
        )
        written = load.write_parquet(_joined(base, scores, spend), target)
    value = float(written.residual_value.sum().execute())
    reach = value * _uncertain(histories, spent, buying, spend, margin=margin, **terms)
    return Scored(
        int(histories["weight"].sum()), len(histories), customers.last_day(lines, as_of), buying,
        spend, chosen, value, reach, lines,
    )  # fmt: skip


@contextmanager
def summarised(source: str, as_of: str = "") -> Iterator[tuple[load.Lines, Table]]:
    """Work out a source's lines and a row per customer, who is there as long as it is needed.

    Typed lines are grouped before their ids are looked at, as customers are fewer; where an id
    turns out to need cleaning, all is cleaned and grouped again.
    """
    with _stored(load.unlooked_orders(source), as_of) as (lines, base):
        if lines.staged or load.are_clean(base.customer_id):
            yield lines, base
            return
    with _stored(load.orders(source), as_of) as found:
        yield found


@contextmanager
def _stored(lines: load.Lines, as_of: str) -> Iterator[tuple[load.Lines, Table]]:
    parts = [customers.summary(part, as_of=as_of) for part in load.passes(lines)]
    with load.stored(parts) as base:
        yield lines, base


def _spend(
    spent: pd.DataFrame, histories: pd.DataFrame, ahead: pd.Series
) -> tuple[clv.SpendModel, Finding]:
    """Return the model of spend; purchases ahead are those of all who bought as often."""
    weight = histories["weight"]
    by_frequency = (ahead * weight).groupby(histories["frequency"]).sum()
    by_frequency /= weight.groupby(histories["frequency"]).sum()
    once = weight[histories["frequency"] == 0].sum()
    first = pd.DataFrame({"frequency": [0], "monetary_value": [np.nan], "weight": [once]})
    who = pd.concat([first, spent], ignore_index=True) if once else spent
    return clv.choose_spend(who, who["frequency"].map(by_frequency))


def _uncertain(
    histories: pd.DataFrame, spent: pd.DataFrame, buying: Any, spend: clv.SpendModel, **terms: Any
) -> float:
    """Return how far the interval of the value reaches either way, as a share of the value.

    It follows from customers drawn at random, each of whom spends as those with as many
    purchases do in the mean.
    """
    weight = histories["weight"].to_numpy()
    drawn = np.random.default_rng(2026).multinomial(
        min(DRAWN, round(weight.sum())), weight / weight.sum()
    )
    who, counts = histories[KEYS][drawn > 0], drawn[drawn > 0]
    paid = (spent["monetary_value"] * spent["weight"]).groupby(spent["frequency"]).sum()
    mean = paid / spent["weight"].groupby(spent["frequency"]).sum()
    who = who.assign(monetary_value=who["frequency"].map(mean))

    def total(buys: Any, spends: Any) -> pd.Series:
        return pd.Series([counts @ clv.residual_value(who, buys, spends, **terms)])

    value, _, high = clv.interval(total, buying, spend).iloc[0]
    return float((high - value) / value) if value else 0.0


def _joined(base: Table, scores: pd.DataFrame, spend: clv.SpendModel) -> Table:
    """Return the customers with the scores of their history, and their value ahead."""
    of_history = base.join(ibis.memtable(scores), KEYS)
    found = of_history.join(ibis.memtable(_spend_terms(scores, spend)), "frequency")
    own = (found.frequency > 0) & (found.monetary_value > 0)
    each = own.ifelse(found.base + found.slope * found.monetary_value, found.typical)
    return found.select(
        "customer_id", *KEYS, "monetary_value", "first_order", "last_order", "orders", "spend",
        "prob_alive", "expected_purchases", expected_spend=each,
        residual_value=found.discounted_margin * each,
    )  # fmt: skip


def _spend_terms(scores: pd.DataFrame, spend: clv.SpendModel) -> pd.DataFrame:
    """Return by frequency how the spend to expect follows from a customer's own mean.

    In every model of spend it is a weighted mean of what is typical and of one's own, so a
    straight line in one's own: two points of it tell all.
    """
    frequency = np.sort(scores["frequency"].unique())
    of = [pd.DataFrame({"frequency": frequency, "monetary_value": m}) for m in (np.nan, 1.0, 2.0)]
    typical, one, two = (clv.expected_spend(each, spend).to_numpy() for each in of)
    told = {"typical": typical, "base": 2 * one - two, "slope": two - one}
    return pd.DataFrame({"frequency": frequency, **told})


def told(done: Scored, lang: Lang) -> list[str]:
    """Return what was done, in sentences: how many, which models, what they are worth."""
    model = ", ".join(f"{name} {value:.4g}" for name, value in done.model.parameters.items())
    ends = (done.value, done.value - done.reach, done.value + done.reach)
    worth, low, high = (money(each, done.lines.currency, lang) for each in ends)
    return [
        say(
            lang,
            en=f"{done.customers:,} customers to {done.as_of}, {done.histories:,} different "
            f"histories; {done.model.title}: {model}.",
            zh=f"截至 {done.as_of} 共 {done.customers:,} 位客户，"
            f"{done.histories:,} 种不同的购买历史；{done.model.title}：{model}。",
        ),
        say(lang, en=done.chosen.en, zh=done.chosen.zh),
        say(
            lang,
            en=f"Value ahead: {worth} {interval(low, high, lang)}, as far as the parameters leave "
            "it open.",
            zh=f"未来价值合计：{worth}{interval(low, high, lang)}，只反映参数的不确定性。",
        ),
    ]
