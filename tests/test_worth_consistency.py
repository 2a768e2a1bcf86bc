"""Does the chain from satisfaction to money find a truth that is known, and keep its invariants?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import clv, company, loyalty, plots, worth
from crmlab.worth.steps import Parts
from tests import contracts
from tests.drawn import assert_labelled

LINKS = ["leaving", "buying", "spending", "all_links"]


class World:
    """A company whose satisfaction acts on leaving, or does not."""

    def __init__(self, effect, seed=2, customers=1000):
        self.told = company.planted(seed, customers, effect)
        known = self.told.histories
        spend = clv.expected_spend(known, clv.fit(known, model=clv.GammaGamma))
        self.bought = known.assign(spend=spend)
        self.scores = loyalty.scores(loyalty.answered(self.told.survey))
        self.answers = worth.replicates(self.scores, ["satisfaction_score"])
        self.chain = worth.chain(self.bought, self.answers, draws=30)
        self.truth = self.told.point(self.scores, self.chain.each.index)


@pytest.fixture(scope="module")
def acting():
    return World(1)


@pytest.fixture(scope="module")
def idle():
    return World(0)


def test_the_planted_worth_of_a_point_is_found(acting):
    """The long study is benchmarks/value_recovery.txt."""
    point = acting.chain.point()
    assert acting.truth > 5
    for link in ("leaving", "all_links"):
        assert point.loc[link, "low"] < acting.truth < point.loc[link, "high"]
    assert point.loc["leaving", "low"] > 0
    assert acting.chain.links.loc["leaving", "high"] < 1
    assert acting.chain.each["value"].mean() == pytest.approx(
        acting.told.truth["value"].reindex(acting.chain.each.index).mean(), rel=0.2
    )


def test_without_an_effect_the_answer_is_nothing(idle):
    assert idle.truth == pytest.approx(0, abs=1e-9)
    point = idle.chain.point()
    for link in LINKS:
        assert point.loc[link, "low"] < 0 < point.loc[link, "high"]
    told = worth.headline(worth.together({"noncontract": idle.chain}), None, 3, "CNY", "en")
    assert "do not show that satisfaction is worth anything" in told
    assert "the interval holds 0" in told


def test_errors_of_measurement_flatten_the_link(acting):
    raw = worth.chain(acting.bought, acting.answers.uncorrected(), draws=10)
    away = [np.log(each.links.loc["leaving", "ratio"]) for each in (acting.chain, raw)]
    assert away[0] < 1.2 * away[1] < 0


def test_a_resample_is_as_if_fitted_anew(acting):
    """Influences alone are a tenth of a standard error off and more, in what bends."""
    model, weight = acting.chain.model, acting.chain.weight[1:7]
    spread = np.sqrt((model.parts.influence**2).sum(axis=0))
    rows = [np.repeat(np.arange(weight.shape[1]), each.astype(int)) for each in weight]
    fitted = np.array([worth.fit(model.histories.part(each)).theta for each in rows])
    off = np.abs(model.parts.resampled(weight) - fitted) / spread
    assert off.max() < 0.02
    straight = model.theta + (weight - 1) @ model.parts.influence
    assert (np.abs(straight - fitted) / spread).max() > 0.1


def test_a_resample_of_contracts_is_as_if_fitted_anew():
    lived, z = contracts.lived(150, 8)
    model, weight = worth.fit_signed(lived, z), worth.resampled(150, 5, 1)
    spread = np.sqrt((model.parts.influence**2).sum(axis=0))
    for each, found in zip(weight, model.parts.resampled(weight), strict=True):
        rows = np.repeat(np.arange(150), each.astype(int))
        again = worth.fit_signed(lived.iloc[rows], z[rows]).theta
        assert (np.abs(found - again) / spread).max() < 0.02


def test_a_resample_without_a_maximum_keeps_to_influences():
    flat = Parts(np.zeros(1), np.array([[1.0], [-1.0]]), np.array([[[-3.0]], [[1.0]]]), None)
    found = flat.resampled(np.array([[1.0, 1.0], [0.0, 2.0]]))
    assert found.tolist() == [[0.0], [-1.0]]


def test_steps_that_do_not_get_shorter_are_not_taken():
    away = Parts(np.zeros(1), np.array([[1.0], [-1.0]]), -np.ones((2, 1, 1)),
                 lambda theta, rows: np.full((len(rows), 1), 9.0))  # fmt: skip
    assert away.resampled(np.array([[2.0, 0.0]])).tolist() == [[1.0]]


def test_order_of_customers_and_unit_of_money_do_not_matter(acting):
    mixed = worth.chain(acting.bought.sample(frac=1, random_state=1), acting.answers, draws=20)
    straight = worth.chain(acting.bought, acting.answers, draws=20)
    pd.testing.assert_frame_equal(mixed.draws, straight.draws)
    cents = acting.bought.assign(spend=lambda t: 100 * t["spend"],
                                 monetary_value=lambda t: 100 * t["monetary_value"])  # fmt: skip
    dearer = worth.chain(cents, acting.answers, draws=20)
    pd.testing.assert_frame_equal(dearer.draws, 100 * straight.draws, rtol=1e-6)
    pd.testing.assert_frame_equal(dearer.links, straight.links, rtol=1e-6)


def test_all_kinds_together_are_their_weighted_mean(acting, idle):
    both = worth.together({"noncontract": acting.chain, "contract": idle.chain})
    n, each = both["customers"], both["per_customer"]
    mean = (n.iloc[:2] * each.iloc[:2]).sum() / n.iloc[:2].sum()
    assert each["all_customers"] == pytest.approx(mean)
    assert both["in_total"].iloc[2] == pytest.approx(both["in_total"].iloc[:2].sum())
    assert len(both.attrs["draws"]) == 31


def test_a_failure_that_costs_no_points_is_worth_nothing(acting):
    chains = {"noncontract": acting.chain}
    none = worth.avoided(chains, np.zeros(31))
    assert none.loc["all_customers"].abs().max() == pytest.approx(0)
    short, long = (worth.avoided(chains, np.full(31, -10.0), months=m) for m in (1, 12))
    assert 0 < short["value"].iloc[0] < long["value"].iloc[0]


def test_satisfaction_does_not_act_through_loyalty_here(acting):
    """Planted: leaving hangs on satisfaction alone, stated loyalty is a child of it."""
    both = worth.replicates(acting.scores, ["satisfaction_score", "loyalty_score"])
    found = worth.through_loyalty(acting.bought, both, draws=60)
    assert found.loc["total_effect", "high"] < 0
    assert found.loc["loyalty_effect", "low"] < 0 < found.loc["loyalty_effect", "high"]
    parts = found["value"]
    assert parts["direct_effect"] + parts["through_loyalty"] == pytest.approx(parts["total_effect"])


def test_the_claim_knows_its_ceiling(acting):
    found = worth.claim(acting.chain, share=0.05, gains=(0.2, 50.0))
    gain, most = found.loc["value_gain"], found.loc["gain_if_none_left"]
    assert gain["low"] < gain["value"] < gain["high"] < most["low"]
    assert found.loc["times_low", "value"] > 1
    assert np.isnan(found.loc["times_high", "value"])


def test_a_score_that_makes_later_margin_foretells_it():
    draw = np.random.default_rng(4)
    table = pd.DataFrame(
        draw.standard_normal((400, 3)), columns=["past", "satisfaction", "loyalty"]
    )
    later = pd.Series(np.exp(4 + table["past"] + table["loyalty"] + draw.standard_normal(400)))
    found = worth.foretelling(table, later, "satisfaction", "loyalty")
    assert found.loc["with_loyalty", "r2_gain_low"] > 0
    assert found.loc["with_satisfaction", "r2_gain"] < 0.02
    assert "loyalty tells more" in worth.tell_foretelling(found, "en")
    turned = worth.foretelling(table, later, "loyalty", "satisfaction")
    assert "satisfaction tells more" in worth.tell_foretelling(turned, "en")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_and_sentences_hold_their_numbers(lang, acting):
    plots.use(lang)
    chains = {"noncontract": acting.chain}
    links = pd.concat({"noncontract": acting.chain.links}, names=["kind", "link"]).reset_index()
    point, together = acting.chain.point(), worth.together(chains)
    world = point.loc[["leaving"]].assign(
        world="planted_effect", way="corrected", planted_worth=acting.truth
    )
    bars = pd.DataFrame({"break_even": [3.0], "break_even_low": [1.0], "break_even_high": [5.0]},
                        index=["item_price"])  # fmt: skip
    drawn = [
        plots.link_dots(links, lang=lang),
        plots.point_dots(point, kind="noncontract", currency="CNY", lang=lang),
        plots.world_dots(world, currency="CNY", lang=lang),
        plots.payback_bars(bars, currency="CNY", lang=lang),
    ]
    assert_labelled(drawn)
    whole = together.iloc[-1]["per_customer"]
    assert f"{whole:.2f}" in worth.headline(together, None, 3, "CNY", lang)
    assert f"{whole / 2:.2f}" in worth.tell_share(together, 3, "CNY", lang)
    assert f"{acting.chain.links.loc['leaving', 'ratio']:.2f}" in worth.tell_links(chains, lang)
    rows = ["value_gain", "gain_if_none_left", "times_low", "times_high"]
    value = [0.04, 0.5, 21.0, np.nan]
    claimed = pd.DataFrame({"value": value, "low": 0.01, "high": 0.09}, index=rows)
    told = worth.tell_claim(claimed, 0.05, lang)
    assert "4.0%" in told
    assert "50.0%" in told
    assert "21" in told
