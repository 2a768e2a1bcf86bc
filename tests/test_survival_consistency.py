"""Do the survival models agree with themselves and each other?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import lifecycle

NAMES = ["a", "b"]


@pytest.fixture(scope="module")
def rows():
    """Return lives with ties, delayed entry, strata, causes and whole weights."""
    rng = np.random.default_rng(12)
    a, b = rng.normal(size=400).round(1), rng.integers(0, 2, 400)
    when, until = rng.exponential(8 * np.exp(-0.5 * a - 0.3 * b)), rng.integers(3, 20, 400)
    stop = np.minimum(np.ceil(when), until)
    late = np.where(rng.random(400) < 0.3, rng.integers(0, stop), 0)
    cause = np.where(when <= until, np.where(rng.random(400) < 0.4, "moved", "price"), None)
    return pd.DataFrame(
        {"start": late, "stop": stop, "duration": stop, "observed": when <= until, "a": a, "b": b}
        | {"cause": cause, "region": rng.choice(["east", "west"], 400)}
        | {"weight": rng.integers(1, 4, 400), "who": np.arange(400) // 2}
    )


def repeated(rows):
    return rows.loc[rows.index.repeat(rows["weight"])].drop(columns="weight").reset_index(drop=True)


def everything(rows):
    """Return the numbers of all models of the rows, one after the other."""
    model = lifecycle.cox(rows, NAMES, strata="region", cluster="who")
    plain = rows.drop(columns="start")
    fixed = lifecycle.cox(plain, NAMES)
    score = lifecycle.brier(plain, fixed, [2, 5, 9], known=plain)
    discrete = lifecycle.discrete_hazard(lifecycle.person_periods(rows), NAMES)
    incidence = lifecycle.cumulative_incidence(rows, "region")
    parts = [
        model.hazard_ratios, lifecycle.cox(rows, NAMES).hazard_ratios, model.baseline,
        lifecycle.proportional(rows, model), score.scores, discrete.effects, discrete.baseline,
        incidence,
    ]  # fmt: skip
    numbers = [part.select_dtypes("number").to_numpy("float64").ravel() for part in parts]
    alone = [
        model.log_likelihood, model.null_log_likelihood, model.lives, model.events,
        lifecycle.concordance(rows, lifecycle.log_hazard(rows, model), "region"),
        score.integrated, discrete.log_likelihood,
    ]  # fmt: skip
    return np.concatenate([*numbers, alone])


def test_a_weight_of_two_is_two_rows(rows):
    found, expected = everything(rows), everything(repeated(rows))
    assert np.allclose(found, expected, rtol=1e-7, atol=1e-9, equal_nan=True)


def test_the_order_of_rows_does_not_matter(rows):
    shuffled = rows.sample(frac=1, random_state=1)
    assert np.allclose(everything(rows), everything(shuffled), rtol=1e-7, atol=1e-9, equal_nan=True)


def test_a_life_cut_in_pieces_is_the_same_life(rows):
    cut = (rows["start"] + rows["stop"]) // 2
    long = rows["stop"] - rows["start"] >= 2
    first = rows[long].assign(stop=cut[long], observed=False)
    second = rows[long].assign(start=cut[long])
    pieces = pd.concat([rows[~long], first, second])
    whole, parts = (lifecycle.cox(each, NAMES, strata="region") for each in (rows, pieces))
    assert parts.hazard_ratios.to_numpy() == pytest.approx(whole.hazard_ratios.to_numpy(), rel=1e-6)
    assert parts.log_likelihood == pytest.approx(whole.log_likelihood)
    assert parts.baseline["n_at_risk"].to_list() == whole.baseline["n_at_risk"].to_list()


def test_units_change_neither_the_fit_nor_the_survival(rows):
    other = rows.assign(start=rows["start"] * 7, stop=rows["stop"] * 7, a=rows["a"] * 10 + 100)
    one, two = (lifecycle.cox(each, NAMES) for each in (rows, other))
    assert two.log_likelihood == pytest.approx(one.log_likelihood)
    assert two.hazard_ratios["coef"]["a"] * 10 == pytest.approx(one.hazard_ratios["coef"]["a"])
    assert lifecycle.predicted_survival(other, two, [21.0]).to_numpy() == pytest.approx(
        lifecycle.predicted_survival(rows, one, [3.0]).to_numpy()
    )


def test_predicted_survival_begins_at_one_falls_and_ends_with_what_is_known(rows):
    model = lifecycle.cox(rows, NAMES, strata="region")
    last = model.baseline.groupby("stratum")["time"].max()
    found = lifecycle.predicted_survival(rows, model, [0, 2, 5, 9, 99])
    assert (found[0] == 1).all()
    assert (found.iloc[:, :4].diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)
    assert last.max() < 99
    assert found[99].isna().all()
    new = rows.head(1).assign(region="north")
    assert lifecycle.predicted_survival(new, model, [2]).isna().all(axis=None)


def test_log_likelihood_rises_with_each_covariate(rows):
    one, two = (lifecycle.cox(rows, names) for names in (["a"], NAMES))
    assert two.null_log_likelihood == pytest.approx(one.null_log_likelihood)
    assert one.null_log_likelihood < one.log_likelihood < two.log_likelihood


def test_concordance_of_the_opposite_is_the_rest(rows):
    risk = rows["a"]
    there, back = (lifecycle.concordance(rows, each) for each in (risk, -risk))
    assert there + back == pytest.approx(1)
    assert lifecycle.concordance(rows, 0 * risk) == 0.5


@pytest.mark.parametrize("by", [None, "region"])
def test_incidences_and_survival_add_up_to_one(rows, by):
    found = lifecycle.cumulative_incidence(rows, by)
    each = found.groupby(["group", "time"])
    total = each["incidence"].sum() + each["survival"].first()
    assert total.to_numpy() == pytest.approx(1, abs=1e-14)
    assert (found[["incidence", "low", "high"]].dropna() <= 1).all(axis=None)
    inside = found.dropna()
    assert ((inside["low"] <= inside["incidence"]) & (inside["incidence"] <= inside["high"])).all()


def test_with_one_cause_incidence_and_its_error_are_kaplan_meiers(rows):
    lives = rows.drop(columns="start").assign(cause=rows["cause"].where(rows["cause"].isna(), "x"))
    found = lifecycle.cumulative_incidence(lives)
    curve = lifecycle.kaplan_meier(lives).set_index("time").loc[found["time"]]
    assert found["survival"].to_list() == pytest.approx(curve["survival"].to_list())
    assert found["n_at_risk"].to_list() == curve["n_at_risk"].to_list()
    # the same variance on the other scale: both widths give Greenwood's error
    inside = found["incidence"].between(0, 1, inclusive="neither") & found["low"].notna()
    f, s = found["incidence"][inside], curve["survival"].to_numpy()[inside]
    ours = np.log(np.log(found["low"][inside]) / np.log(f)) * f * -np.log(f)
    theirs = np.log(np.log(curve["low"].to_numpy()[inside]) / np.log(s)) * s * -np.log(s)
    assert ours.to_list() == pytest.approx(theirs, rel=1e-6)


def test_the_discrete_hazard_without_covariates_is_kaplan_meier(rows):
    lives = rows.drop(columns="start")
    found = lifecycle.discrete_hazard(lifecycle.person_periods(lives)).baseline
    curve = lifecycle.kaplan_meier(lives).set_index("time")["survival"].reindex(found.index).ffill()
    assert found["survival"].to_list() == pytest.approx(curve.to_list(), abs=1e-9)


def test_person_periods_are_all_that_lives_have(rows):
    periods = lifecycle.person_periods(rows)
    assert len(periods) == (rows["stop"] - rows["start"]).sum()
    by_life = periods.groupby(level=0)
    assert by_life["observed"].sum().to_list() == rows["observed"].to_list()
    assert by_life["period"].max().to_list() == rows["stop"].to_list()
    assert by_life["period"].min().to_list() == (rows["start"] + 1).to_list()
    assert not periods.duplicated(["who", "a", "b", "period"], keep=False).all()


def test_predicted_hazards_add_up_to_the_events(rows):
    periods = lifecycle.person_periods(rows.drop(columns="weight"))
    model = lifecycle.discrete_hazard(periods, NAMES)
    found = lifecycle.predicted_hazard(periods, model)
    assert found.groupby(periods["period"]).sum().to_list() == pytest.approx(
        periods.groupby("period")["observed"].sum().to_list(), abs=1e-6
    )
