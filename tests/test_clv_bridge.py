"""What changed customer equity: do the steps leave nothing over, and mean what they say?"""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from crmlab import clv, plots
from crmlab.customers import split, summarise

MODELS = [
    clv.BgNbd(0.8, 6.0, 0.8, 2.5),
    clv.MbgNbd(0.5248, 6.1831, 0.8914, 1.6140),
    clv.ParetoNbd(0.5533, 10.5777, 0.6062, 11.669),
    clv.Nbd(0.3852, 12.072),
]
SPEND = clv.GammaGamma(6.25, 5.0, 20.0)
TERMS = {"margin": 0.3, "horizon": 52.0, "discount_rate_annual": 0.15}


def who(times=1):
    each = pd.DataFrame({
        "frequency": [0, 2, 7], "recency": [0, 3.0, 37], "T": [10.0, 38, 39],
        "monetary_value": [0.0, 20, 35],
    })  # fmt: skip
    return pd.concat([each] * times, ignore_index=True)


def later(before, model, weeks, seed):
    """Return the summary after so many weeks more, purchases and spend drawn by the models."""
    drawn = clv.simulate(before, model, weeks, seed=seed)
    stream = np.random.default_rng([seed, 1])
    x, paid = before["frequency"], before["frequency"] * before["monetary_value"]
    nu = stream.gamma(SPEND.p * x + SPEND.q) / (SPEND.v + paid).to_numpy()
    drawn["amount"] = stream.gamma(SPEND.p, size=len(drawn)) / nu[drawn["customer"]]
    by = drawn.groupby("customer").agg({"time": ["size", "max"], "amount": "sum"})
    more = by.reindex(before.index).set_axis(["count", "last", "amount"], axis=1)
    count = x + more["count"].fillna(0)
    return before.assign(
        frequency=count,
        recency=(before["T"] + more["last"]).fillna(before["recency"]),
        T=before["T"] + weeks,
        monetary_value=(paid + more["amount"].fillna(0)) / count.clip(lower=1),
    )


def steps(before, after, model, *, cost):
    told = TERMS | {"retention_cost_annual": cost}
    closing = clv.residual_value(after, model, SPEND, **told)
    return clv.bridge(before, after, model, SPEND, closing, elapsed=13, **told)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.title)
def test_surprises_cancel_if_the_model_holds(model):
    """Value is a martingale: what buyers add, the silent take away, within 4 standard errors."""
    before = who(40)
    net = []
    for seed in range(12):
        told = steps(before, later(before, model, 13.0, seed), model, cost=4.0)
        assert told["equity_buyers"] > 0
        assert told["equity_model"] == 0
        net.append(told["equity_buyers"] + told["equity_silent"])
    assert abs(np.mean(net)) < 4 * np.std(net) / np.sqrt(12)
    assert abs(np.mean(net)) < 0.05 * told["opening_equity"]  # the test is sharp


def test_the_steps_of_nbd_are_the_closed_form():
    """Undiscounted, value is rate times horizon; silence lowers the rate, nothing else."""
    model, before = MODELS[3], who()
    after = before.assign(T=before["T"] + 13)
    told = TERMS | {"discount_rate_annual": 0.0}
    each = 0.3 * (model.r + before["frequency"]) * clv.expected_spend(before, SPEND)
    rate, rate_now = (each / (model.alpha + table["T"]) for table in (before, after))
    closing = 52 * rate_now
    found = clv.bridge(before, after, model, SPEND, closing, elapsed=13, **told)
    expected = {
        "opening_equity": 52 * rate.sum(),
        "equity_due": -13 * rate.sum(),
        "equity_horizon": 13 * rate.sum(),
        "equity_buyers": 0.0,
        "equity_silent": 52 * (rate_now - rate).sum(),
        "equity_new": 0.0,
        "equity_model": 0.0,
        "equity_change": 52 * (rate_now - rate).sum(),
    }
    assert found.to_dict() == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("horizon", [52.0, float("inf")])
@pytest.mark.parametrize("as_of", ["1997-05-15", "1998-06-30"])
def test_nothing_is_left_over(cdnow, as_of, horizon):
    """Also while new customers come; they are worth what they are by the model of then."""
    told = TERMS | {"horizon": horizon}
    before, after = split(cdnow, holdout_weeks=8, as_of=as_of), summarise(cdnow, as_of=as_of)
    then, now = (
        (clv.fit(table), clv.fit(table, model=clv.GammaGamma)) for table in (before, after)
    )
    closing = clv.residual_value(after, *now, **told)
    found = clv.bridge(before, after, *then, closing, elapsed=8, **told)
    opening = clv.residual_value(before, *then, **told).sum()
    assert found["opening_equity"] == pytest.approx(opening)
    assert found.drop("equity_change").sum() == pytest.approx(closing.sum(), rel=1e-12)
    assert found["opening_equity"] + found["equity_change"] == pytest.approx(
        closing.sum(), rel=1e-12
    )
    new = after.drop(before.index)
    assert (len(new) > 0) == (as_of == "1997-05-15")
    assert found["equity_new"] == pytest.approx(clv.residual_value(new, *then, **told).sum())
    assert found["equity_silent"] < 0 < found["equity_buyers"]


def test_a_bridge_between_other_customers_is_refused():
    after = who().assign(T=60.0)
    closing = clv.residual_value(after, MODELS[0], SPEND, **TERMS)
    for before, now, elapsed, said in (
        (who(), closing, 0.0, "elapsed must be above 0, got 0.0"),
        (who(2), closing, 13.0, "3 of 6 customers of then are not among those now"),
        (who(), closing[::-1], 13.0, "closing must hold the value of the customers now, in order"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
            clv.bridge(before, after, MODELS[0], SPEND, now, elapsed=elapsed, **TERMS)


@pytest.mark.parametrize(
    ("lang", "title", "words"),
    [
        (
            "en",
            "From $1,000 to $930 in 13 weeks: who bought $120, who did not −$150",
            "**$280** of margin was expected from the customers of then; **$250** came",
        ),
        (
            "zh",
            "13 周内由 US$1,000 变为 US$930：有回购者 US$120，无购买者 −US$150",
            "原有客户预期带来毛利 **US$280**，实际 **US$250**",
        ),
    ],
)
def test_the_bridge_is_drawn_and_told(lang, title, words):
    value = pd.Series({
        "opening_equity": 1000.0, "equity_due": -280.0, "equity_horizon": 250.0,
        "equity_buyers": 120.0, "equity_silent": -150.0, "equity_new": 0.0, "equity_model": -10.0,
        "equity_change": -70.0,
    })  # fmt: skip
    told, sentence = clv.tell_bridge(value, 280.0, 250.0, 13, "USD", lang)
    assert told == title
    assert words in sentence
    assert {"en": "by **−$30", "zh": "变动 **−US$30"}[lang] in sentence
    effects = pd.DataFrame({"value": value, "low": value - 5, "high": value + 5})
    plots.use(lang)
    ax = plots.equity_waterfall(effects.iloc[1:], 1000.0, currency="USD", title=told, lang=lang)
    ax.figure.canvas.draw()
    assert ax.get_title("left") == title
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == pytest.approx([1000, 930, -280, 250, 120, -150, 0, -10])
    plt.close("all")
