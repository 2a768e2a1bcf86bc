"""Do purchases week by week add up, and does chance stay inside the interval told?"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from crmlab import clv, plots
from crmlab.customers import purchase_periods, split
from crmlab.lang import percent


@pytest.fixture(scope="module")
def world(cdnow):
    known = split(cdnow, holdout_weeks=39)
    start = known["first_order"].min() - pd.Timedelta(days=1)
    return known["first_order"], purchase_periods(cdnow, unit="D")["repeat"], start


@pytest.fixture(scope="module")
def model(cdnow):
    return clv.fit(split(cdnow, holdout_weeks=39))


def test_weeks_add_up_to_the_reference(world, model):
    first, daily, start = world
    table = clv.weekly(first, daily, model, start, 78)
    assert table.loc[[39, 78], "actual_so_far"].tolist() == [2457, 4339]
    assert table.loc[[39, 78], "expected_so_far"].tolist() == pytest.approx([2494, 4161], rel=3e-3)
    np.testing.assert_allclose(table["actual"].cumsum(), table["actual_so_far"])
    np.testing.assert_allclose(table["expected"].cumsum(), table["expected_so_far"])


def test_four_weeks_are_four_weeks(world, model):
    first, daily, start = world
    one, four = (clv.weekly(first, daily, model, start, 78, every=n) for n in (1, 4))
    assert four.index.tolist() == list(range(4, 77, 4))
    groups = np.arange(76) // 4
    for name in ("actual", "expected"):
        np.testing.assert_allclose(four[name], one[name].iloc[:76].groupby(groups).sum())


def test_days_in_another_order_change_nothing(world, model):
    first, daily, start = world
    again = clv.weekly(first.sample(frac=1, random_state=1), daily[::-1], model, start, 78)
    pd.testing.assert_frame_equal(again, clv.weekly(first, daily, model, start, 78))


@pytest.mark.parametrize("every", [1, 4])
def test_the_interval_holds_what_chance_does(every):
    """400 worlds of BG/NBD: of the periods, 95 % or a little more lie inside."""
    truth, n, worlds = clv.BgNbd(0.8, 6.0, 0.8, 2.5), 500, 400
    stream = np.random.default_rng(5)
    rate = stream.gamma(truth.r, 1 / truth.alpha, (worlds * n, 1))
    leave = stream.beta(truth.a, truth.b, (worlds * n, 1))
    times = np.cumsum(stream.exponential(1 / rate, (worlds * n, 60)), axis=1)
    stays = np.cumprod(stream.random(times.shape) > leave, axis=1)
    came = (times < 20) & np.hstack([np.ones_like(rate), stays[:, :-1]]).astype(bool)
    world, _ = np.nonzero(came)
    period = (times[came] / every).astype(int)
    counts = np.zeros((worlds, 20 // every))
    np.add.at(counts, (world // n, period), 1)
    start = pd.Timestamp("2020-01-01")
    nothing = pd.Series([0], pd.DatetimeIndex(["2020-01-02"]))
    told = clv.weekly(pd.Series([start] * n), nothing, truth, start, 20, every=every)
    np.testing.assert_allclose(counts.mean(axis=0), told["expected"], rtol=0.05)
    inside = (counts >= told["low"].to_numpy()) & (counts <= told["high"].to_numpy())
    assert 0.945 < inside.mean() < 0.985


def test_a_period_longer_than_the_time_is_refused(world, model):
    first, daily, start = world
    with pytest.raises(ValueError, match=r"^every must be from 1 to 3, got 4$"):
        clv.weekly(first, daily, model, start, 3, every=4)


@pytest.mark.parametrize(
    ("lang", "start"), [("en", "Not seen: {} too few; "), ("zh", "未见过的各周：预测偏低 {}；")]
)
def test_the_chart_tells_the_gap_of_the_weeks_not_seen(world, model, lang, start):
    """In the reference 4,339 − 2,457 came, and 4,161 − 2,494 were expected."""
    table = clv.weekly(*world[:2], model, world[2], 78)
    title, alt = clv.tell_weekly(table, 39, lang)
    gap = 1 - table["expected"][39:].sum() / (4339 - 2457)
    assert gap == pytest.approx(1 - (4161 - 2494) / (4339 - 2457), abs=0.01)
    assert title.startswith(start.format(percent(gap, lang)))
    assert alt.startswith(title)
    plots.use(lang)
    ax = plots.tracking(table, holdout_from=39, title=title, lang=lang)
    ax.figure.canvas.draw()
    above, below = ax.figure.axes
    assert above.lines[0].get_ydata().tolist() == table["actual_so_far"].tolist()
    assert below.lines[1].get_ydata().tolist() == table["expected"].tolist()
    assert below.get_xlabel()
    plt.close("all")
