"""Is bad input refused with a sentence, and hopeless data with a reason?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import clv
from crmlab.customers import summarise
from crmlab.errors import DataError, NotEnough

MODEL = clv.BgNbd(0.243, 4.414, 0.793, 2.426)


def customers(**columns):
    return pd.DataFrame({"frequency": [1, 0], "recency": [5.0, 0.0], "T": [9.0, 9.0]} | columns)


def test_all_that_is_wrong_is_told_at_once():
    table = customers(recency=[10.0, 0.0], T=[9.0, np.nan])
    with pytest.raises(DataError) as told:
        clv.prob_alive(table, MODEL)
    assert told.value.en == (
        "customers cannot be scored: T is missing, negative or no number in 1 rows (row 2); "
        "recency exceeds T in 1 rows (row 1)."
    )


def test_an_absent_column_is_named():
    with pytest.raises(KeyError, match="customers lack T; they have frequency, recency"):
        clv.fit(customers().drop(columns="T"))


@pytest.mark.parametrize("horizon", [-1, float("inf"), float("nan")])
def test_a_horizon_that_is_none_is_refused(horizon):
    with pytest.raises(ValueError, match=f"^horizon must be 0 or more and finite, got {horizon}$"):
        clv.expected_purchases(customers(), MODEL, horizon)


@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan")])
def test_a_parameter_must_be_positive_and_finite(value):
    with pytest.raises(ValueError, match=f"^alpha must be positive and finite, got {value}$"):
        clv.BgNbd(0.2, value, 0.8, 2.4)


def test_no_repeat_purchases_is_a_reason_not_a_fit():
    with pytest.raises(NotEnough, match="There are no repeat purchases"):
        clv.fit(customers(frequency=[0, 0], recency=[0.0, 0.0]))


NOBODY_LEFT = "nobody looks as if they had left: that customers may leave raises the log-likelihood"
ALIKE = "customers differ no more in how often they buy than chance makes equal ones differ"
LEAVING = [clv.BgNbd, clv.MbgNbd, clv.ParetoNbd]


@pytest.mark.parametrize("model", LEAVING)
def test_repeaters_who_all_bought_on_the_last_day_do_not_tell_dropout(model):
    n = 200
    table = pd.DataFrame({"frequency": np.arange(n) % 5, "T": 30.0 + np.arange(n) % 7})
    table["recency"] = table["T"].where(table["frequency"] > 0, 0.0)
    with pytest.raises(NotEnough) as told:
        clv.fit(table, model=model)
    assert told.value.en.startswith(
        f"These customers do not suffice for the {model.title} model: {NOBODY_LEFT} by only 0.00,"
    )
    assert "允许流失只使对数似然提高 0.00" in told.value.zh


@pytest.mark.parametrize("model", LEAVING)
def test_customers_of_whom_nobody_leaves_do_not_tell_dropout_and_fit_nbd(model):
    rates = np.random.default_rng(3).gamma(0.5, 1 / 5, 1_500)
    table = bought(rates)
    with pytest.raises(NotEnough, match=NOBODY_LEFT):
        clv.fit(table, model=model)
    nbd = clv.fit(table, model=clv.Nbd)
    assert (abs(nbd.parameters - [0.5, 5.0]) < 3 * nbd.standard_errors).all()


@pytest.mark.parametrize("model", [*LEAVING, clv.Nbd])
def test_customers_who_buy_at_one_regular_rate_do_not_tell_its_spread(model):
    table = bought(np.full(1_500, 0.1), regular=2)
    with pytest.raises(NotEnough) as told:
        clv.fit(table, model=model)
    assert f"{ALIKE} (r, alpha)" in told.value.en
    assert (NOBODY_LEFT in told.value.en) == (model in LEAVING)


def test_one_chance_to_leave_for_all_does_not_tell_its_spread():
    stream = np.random.default_rng(1)
    table = bought(stream.gamma(0.5, 1 / 5, 1_500), leaves=0.2)
    with pytest.raises(NotEnough) as told:
        clv.fit(table)
    assert told.value.en == (
        "These customers do not suffice for the BG/NBD model: nothing tells how customers "
        "differ in their chance to leave (b)."
    )


def bought(rates, leaves=0.0, weeks=52.0, regular=1):
    """Return customers who buy at their rates and leave after a purchase with one chance."""
    stream = np.random.default_rng(2)
    gaps = stream.gamma(regular, 1 / regular, size=(len(rates), 200))
    times = np.cumsum(gaps / rates[:, None], axis=1)
    stays = np.cumsum(stream.random(times.shape) < leaves, axis=1) == 0
    made = (times <= weeks) & np.pad(stays, ((0, 0), (1, 0)), constant_values=True)[:, :-1]
    last = np.where(made, times, 0.0).max(axis=1)
    return pd.DataFrame({"frequency": made.sum(axis=1), "recency": last, "T": weeks})


@pytest.mark.parametrize("model", [*LEAVING, clv.Nbd])
@pytest.mark.parametrize(
    ("customers", "message"),
    [
        (9, "Only 9 customers bought again: too few for the {} model, which needs at least 10."),
        (
            500,
            "All customers have the same history (500 of them), so nothing tells how they differ,",
        ),
    ],
)
def test_few_or_equal_customers_are_too_few(model, customers, message):
    table = pd.DataFrame({"frequency": 3.0, "recency": 20.0, "T": 30.0}, range(customers))
    with pytest.raises(NotEnough) as told:
        clv.fit(table, model=model)
    assert told.value.en.startswith(message.format(model.title))
    assert f"{customers} 位客户" in told.value.zh


@pytest.mark.parametrize(
    ("own", "between", "message"),
    [
        (2, np.inf, "customers differ no more in what they spend than their own purchases do"),
        (np.inf, 4, "means of many purchases vary as much as those of few, as if all were equal"),
    ],
)
def test_spend_that_differs_in_one_way_only_tells_no_spread(own, between, message):
    stream = np.random.default_rng(4)
    x = 1 + np.arange(2_000) % 5

    def around_one(shape):
        return stream.gamma(shape) / shape if np.isfinite(shape).all() else 1.0

    paid = 30 * around_one(own * x) / around_one(np.full(len(x), between))
    table = pd.DataFrame({"frequency": x, "monetary_value": paid})
    with pytest.raises(NotEnough, match=message):
        clv.fit(table, model=clv.GammaGamma)


def test_spend_without_a_positive_amount_is_a_reason():
    with pytest.raises(NotEnough, match="No customer has repeat purchases of positive value"):
        clv.fit(customers(monetary_value=[0.0, np.nan]), model=clv.GammaGamma)


def test_an_interval_needs_a_fitted_model():
    with pytest.raises(ValueError, match=r"^BgNbd was not fitted: it has no covariance$"):
        clv.interval(lambda m, s: pd.Series({"x": 1.0}), MODEL, clv.GammaGamma(6, 4, 16))


@pytest.mark.parametrize(
    ("repeaters", "level"), [(49, "not_enough"), (50, "caution"), (299, "caution"), (300, "ready")]
)
def test_readiness_follows_the_number_of_repeat_customers(repeaters, level):
    n = 400
    table = pd.DataFrame({"frequency": (np.arange(n) < repeaters) * (1 + np.arange(n) % 3)})
    table["monetary_value"] = np.where(table["frequency"] > 0, 10.0 + np.arange(n) % 11, np.nan)
    found = clv.ready(table)[0]
    assert found.level == level
    assert f"{repeaters} of {n}" in found.en
    assert ("300 would be enough" in found.en) == (level != "ready")


def test_readiness_looks_at_the_data_before_a_test_too(cdnow):
    table = summarise(cdnow)
    found = clv.ready(table, table.head(200))
    assert found[-1].level == "caution"
    assert found[-1].en.startswith("Before the test, ")


def test_readiness_warns_of_spend_that_depends_on_frequency():
    table = pd.DataFrame({"frequency": np.arange(1, 401)})
    table["monetary_value"] = 10.0 + table["frequency"]
    assert clv.ready(table)[1].level == "caution"


def test_a_model_that_does_not_suffice_is_missing_in_the_comparison():
    table = customers(frequency=[0, 0], recency=[0.0, 0.0], holdout_frequency=[1, 0])
    assert clv.compare(table, holdout_weeks=4).isna().all(axis=None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"model": "Nothing"}', "no model in this JSON"),
        ('{"model": "Nbd", "r": 1.0}', "Nbd has r, alpha; wrong"),
        ('{"model": "Nbd", "r": 1.0, "alpha": -2.0}', "alpha must be positive and finite"),
    ],
)
def test_json_of_no_model_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        clv.from_json(text)


def test_a_model_of_spend_has_no_purchases_to_score():
    with pytest.raises(TypeError, match=r"^GammaGamma is no model of purchases, such as BgNbd$"):
        clv.prob_alive(customers(), clv.GammaGamma(6, 4, 16))


def test_missing_values_of_any_type_are_told():
    table = customers().assign(frequency=pd.array([1, None], dtype="Int64"))
    with pytest.raises(DataError, match=r"frequency is missing, negative or no number in 1 rows"):
        clv.fit(table)


@pytest.mark.parametrize("model", [clv.BgNbd, clv.MbgNbd, clv.ParetoNbd, clv.Nbd])
def test_no_customers_are_too_few(model):
    with pytest.raises(NotEnough, match="no repeat purchases"):
        clv.fit(customers().head(0), model=model)


@pytest.mark.parametrize("kind", [clv.BgNbd, clv.MbgNbd, clv.ParetoNbd, clv.Nbd])
def test_customers_who_were_not_watched_for_any_time_are_not_fitted(kind):
    table = pd.DataFrame({"frequency": [1.0, 0, 2], "recency": 0.0, "T": 0.0})
    with pytest.raises(NotEnough):
        clv.fit(table, model=kind)
