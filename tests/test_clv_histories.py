"""Which histories are worth the same, and what does one customer's history tell?"""

import re

import matplotlib.pyplot as plt
import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from crmlab import clv, plots
from crmlab.customers import repeat_times, summarise
from crmlab.errors import DataError
from crmlab.lang import money

PARETO = clv.ParetoNbd(0.5533, 10.5777, 0.6062, 11.669)
BG = clv.BgNbd(0.2426, 4.4136, 0.7929, 2.4259)
SPEND = clv.GammaGamma(6.25, 3.74, 15.44)
TERMS = {"margin": 0.3, "horizon": 52.0, "discount_rate_annual": 0.1}


def test_the_value_of_a_history_is_the_closed_form():
    """Pareto/NBD, without end: margin, mean spend, P(alive), an exponential integral."""
    told = TERMS | {"horizon": float("inf"), "discount_rate_annual": 0.15}
    plane = clv.value_plane(PARETO, SPEND, T=78.0, max_frequency=3, steps=6, **told)
    assert plane.index.tolist() == [0, 13, 26, 39, 52, 65]
    r, alpha, s, b = PARETO.parameters
    alive = clv.grid(PARETO, clv.prob_alive, T=78.0, max_frequency=3, steps=6)
    z = mp.log1p(0.15) * 7 / 365.25 * (b + 78)
    each = float((b + 78) / (alpha + 78) * mp.exp(z) * mp.expint(s, z))
    exact = 0.3 * SPEND.mean_spend * alive * each * (r + plane.columns.to_numpy())
    np.testing.assert_allclose(plane, exact, rtol=1e-8)


def test_more_purchases_before_a_silence_cost_value_where_customers_leave():
    """Over a moment ahead value is P(alive) times the rate: the peak is found by looking."""
    plane = clv.value_plane(BG, SPEND, T=78.0, max_frequency=12, **(TERMS | {"horizon": 1e-6}))
    found = clv.paradox(plane)
    alive = clv.grid(BG, clv.prob_alive, T=78.0, max_frequency=12, steps=36)
    rate = alive * (BG.r + alive.columns.to_numpy())
    lost = {(s, x): rate.loc[s, x] - rate.loc[s, 12] for s in rate.index for x in rate}
    assert (found.silent, found.few) == max(lost, key=lost.get)
    assert (found.many, found.few) == (12, 5)
    ratio = rate.loc[found.silent, 5] / rate.loc[found.silent, 12]
    assert found.value_few / found.value_many == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize("terms", [{}, {"margin": 0.0}])
def test_where_nobody_leaves_silence_tells_nothing(terms):
    plane = clv.value_plane(clv.Nbd(0.39, 12.1), SPEND, T=78.0, max_frequency=9, **(TERMS | terms))
    assert clv.paradox(plane) is None
    assert (plane == plane.iloc[0]).all(axis=None)
    assert clv.tell_paradox(plane, plane, "USD", "en")[1] == (
        "After any silence, who bought more often is worth no less."
    )


@pytest.mark.parametrize(
    ("lang", "title"),
    [
        ("en", "After {} silent weeks: {} with 5 repeats, {} with 12"),
        ("zh", "沉默 {} 周之后：重复购买 5 次者值 {}，12 次者仅值 {}"),
    ],
)
def test_lines_of_equal_value_carry_round_amounts(lang, title):
    plane = clv.value_plane(BG, SPEND, T=78.0, max_frequency=12, **TERMS)
    found = clv.paradox(plane)
    few, many = (money(v, "USD", lang) for v in (found.value_few, found.value_many))
    plots.use(lang)
    known, width = plane.stack(), 0.5  # noqa: PD013 - not a melt
    limits = pd.DataFrame({"value": known, "low": known - width, "high": known + width})
    told, sentence = clv.tell_paradox(plane, limits, "USD", lang)
    ax = plots.iso_value(plane, currency="USD", title=told, lang=lang)
    ax.figure.canvas.draw()  # a missing glyph is a warning, and warnings are errors
    assert ax.get_title("left") == title.format(round(found.silent), few, many)
    assert few in sentence
    assert money(found.value_many + 0.5, "USD", lang) in sentence
    amounts = {float(text.get_text().strip("US$")) for text in ax.texts}
    assert amounts <= {0.5, 1, 2, 5, 10, 20, 50}
    assert len(amounts) >= 5
    plt.close("all")


def test_the_limits_of_a_plane_are_those_of_each_history(customers, fitted):
    spend = clv.fit(customers, model=clv.GammaGamma)
    limits = clv.plane_limits(fitted, spend, T=78.0, max_frequency=3, steps=6, **TERMS)
    one = pd.DataFrame({"frequency": [2.0], "recency": [78.0 - 13], "T": [78.0]})

    def worth(model, of):
        who = one.assign(monetary_value=of.mean_spend)
        return pd.Series([clv.residual_value(who, model, of, **TERMS).item()])

    alone = clv.interval(worth, fitted, spend).iloc[0]
    np.testing.assert_allclose(limits.loc[(13.0, 2)], alone, rtol=1e-9)


def test_a_plane_without_value_is_drawn_empty():
    plane = clv.value_plane(BG, SPEND, T=78.0, max_frequency=12, **(TERMS | {"margin": 0.0}))
    ax = plots.iso_value(plane, currency="USD", title="none")
    assert (len(ax.collections), len(ax.texts)) == (0, 0)
    plt.close("all")


@pytest.fixture(scope="module")
def customers(cdnow):
    return summarise(cdnow)


@pytest.fixture(scope="module")
def fitted(customers):
    return clv.fit(customers)


def test_a_path_ends_where_the_customer_is(cdnow, customers, fitted):
    for who in ("03501", "19339", "00004"):
        times = repeat_times(cdnow, who)
        own = customers.loc[[who]]
        assert len(times) == own["frequency"].item()
        path = clv.alive_path(times, own["T"].item(), fitted)
        now = path.iloc[-1]
        assert now[["frequency", "recency", "T"]].tolist() == pytest.approx(
            own[["frequency", "recency", "T"]].iloc[0].tolist()
        )
        assert now["prob_alive"] == pytest.approx(clv.prob_alive(own, fitted).item())
        assert now["low"] < now["prob_alive"] < now["high"]


def test_silence_lowers_and_a_purchase_lifts_the_chance(fitted):
    path = clv.alive_path(np.array([3.0, 10, 60]), 80.0, fitted)
    change = path["prob_alive"].diff()
    came = path["frequency"].diff() > 0
    assert came.sum() == 3
    assert (change[came][1:] > 0).all()  # the first is the first after which one can leave
    assert (change[~came & (path["frequency"] > 0)] < 0).all()
    assert (path.loc[path["frequency"] == 0, ["low", "prob_alive", "high"]] == 1).all(axis=None)
    just_after = path[came].set_index("frequency")["prob_alive"]
    a, b = fitted.a, fitted.b
    for x in (1, 2, 3):
        assert just_after[x] == pytest.approx((b + x - 1) / (a + b + x - 1))


def test_the_interval_of_a_path_is_that_of_the_delta_method(fitted):
    path = clv.alive_path(np.array([3.0, 10, 60]), 80.0, fitted, draws=1_500, steps=8)
    who = path[path["frequency"] > 0]
    spend = clv.GammaGamma(6.25, 3.74, 15.44, covariance=np.zeros((3, 3)))
    odds = clv.interval(
        lambda model, _: pd.Series(logit(clv.prob_alive(who, model))), fitted, spend
    )
    np.testing.assert_allclose(who[["low", "high"]], expit(odds[["low", "high"]]), atol=0.02)


def test_the_interval_of_a_path_holds_the_truth():
    """20 worlds: the path of one customer under the true parameters, 95 % of the time inside."""
    new = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": np.zeros(1_500)})
    inside = []
    for world in range(20):
        bought = clv.simulate(new, BG, 60.0, seed=world).groupby("customer")["time"]
        seen = bought.agg(["size", "max"])
        base = new.assign(frequency=seen["size"], recency=seen["max"], T=60.0).fillna(0)
        path = clv.alive_path(np.array([5.0, 30]), 60.0, clv.fit(base), draws=100, steps=3)
        row = path.iloc[-1]
        true = clv.prob_alive(path.tail(1), BG).item()
        inside.append(row["low"] <= true <= row["high"])
    assert sum(inside) >= 16  # fewer has a chance of 0.3 % at 95 %


@pytest.mark.parametrize("purchases", [[5.0, 3.0], [0.0, 3.0], [3.0, 11.0], [3.0, 3.0]])
def test_purchases_out_of_order_or_time_are_refused(fitted, purchases):
    said = re.escape(f"purchases must ascend between 0 and 10, got {purchases}")
    with pytest.raises(ValueError, match=f"^{said}$"):
        clv.alive_path(np.array(purchases), 10.0, fitted)


def test_a_model_that_was_not_fitted_has_no_interval():
    with pytest.raises(ValueError, match=r"^BgNbd was not fitted: it has no covariance$"):
        clv.alive_path(np.array([3.0]), 10.0, BG)


def test_who_never_bought_has_no_path(cdnow):
    with pytest.raises(DataError) as told:
        repeat_times(cdnow, "nobody")
    assert told.value.en == "cdnow has no purchase of the customer asked for."
    assert told.value.zh == "数据源 cdnow 中没有所查客户的购买记录。"


@pytest.mark.parametrize(
    ("lang", "title", "lowest"),
    [
        (
            "en",
            r"3 repeat purchases, then 20 silent weeks: P\(alive\) \d+% \(\d+% to \d+%\)",
            "came back",
        ),
        ("zh", r"重复购买 3 次，其后沉默 20 周：仍活跃的概率 \d+%（\d+% 至 \d+%）", "低至"),
    ],
)
def test_a_path_marks_every_purchase(fitted, lang, title, lowest):
    path = clv.alive_path(np.array([3.0, 10, 60]), 80.0, fitted)
    told, sentence = clv.tell_path(path, lang)
    assert re.fullmatch(title, told)
    assert lowest in sentence
    plots.use(lang)
    ax = plots.alive_path(path, title=told, lang=lang)
    ax.figure.canvas.draw()
    assert ax.lines[1].get_xdata().tolist() == [0, 3, 10, 60]
    plt.close("all")
