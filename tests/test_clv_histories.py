"""Which histories are worth the same?"""

import matplotlib.pyplot as plt
import mpmath as mp
import numpy as np
import pytest

from crmlab import clv, plots
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
    alive = clv.grid(BG, clv.prob_alive, T=78.0, max_frequency=12, steps=60)
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
    assert clv.tell_paradox(plane, "USD", "en")[1] == (
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
    told, sentence = clv.tell_paradox(plane, "USD", lang)
    ax = plots.iso_value(plane, currency="USD", title=told, lang=lang)
    ax.figure.canvas.draw()  # a missing glyph is a warning, and warnings are errors
    assert ax.get_title("left") == title.format(round(found.silent), few, many)
    assert few in sentence
    amounts = {float(text.get_text().strip("US$")) for text in ax.texts}
    assert amounts <= {0.5, 1, 2, 5, 10, 20, 50}
    assert len(amounts) >= 5
    plt.close("all")


def test_a_plane_without_value_is_drawn_empty():
    plane = clv.value_plane(BG, SPEND, T=78.0, max_frequency=12, **(TERMS | {"margin": 0.0}))
    ax = plots.iso_value(plane, currency="USD", title="none")
    assert (len(ax.collections), len(ax.texts)) == (0, 0)
    plt.close("all")
