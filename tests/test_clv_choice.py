"""Is the model chosen by what it foretold, and never by how well it fits?"""

import nbformat
import numpy as np
import pandas as pd
import pytest

from crmlab import clv
from crmlab.clv.choice import foretells_best
from crmlab.customers import split
from crmlab.errors import NotEnough
from crmlab.home import home
from crmlab.report.contract import read


@pytest.fixture(scope="module")
def before(cdnow):
    return split(cdnow, holdout_weeks=39)


def test_on_the_sample_no_model_errs_surely_less_than_bg_nbd(before):
    """Root mean squared errors are 1.608, 1.607 and 1.603; absolute ones .785, .765 and .755.

    MBG/NBD has the best likelihood, and its total is surely worse. Absolute errors favour
    forecasts near 0 where most buy nothing: they do not decide.
    """
    code, kind, why = clv.choose(before, holdout_weeks=39)
    assert (code, kind, why.level) == ("bg_nbd", clv.BgNbd, "ready")
    assert why.en.startswith("This page uses BG/NBD, chosen by the test. The rule: BG/NBD, ")
    assert why.zh.startswith("本页采用 BG/NBD（由检验选定）。规则：采用 BG/NBD，除非")
    rivals = clv.compare(before, holdout_weeks=39)
    assert rivals["log_likelihood"].idxmax() == "mbg_nbd"
    assert rivals["rmse"].round(3).to_dict() | {"nbd": 0} == {
        "bg_nbd": 1.608, "mbg_nbd": 1.607, "pareto_nbd": 1.603, "nbd": 0,
    }  # fmt: skip


def test_a_model_that_is_asked_for_is_used_and_the_better_one_named(before):
    code, kind, why = clv.choose(before, "MBG/NBD", holdout_weeks=39)
    assert (code, kind, why.level) == ("mbg_nbd", clv.MbgNbd, "caution")
    assert why.en.startswith(
        "This page uses MBG/NBD, as asked; by the test it would be BG/NBD (model=auto). "
    )
    assert why.zh.startswith("本页按要求采用 MBG/NBD；按检验结果则应采用 BG/NBD（model=auto）。")
    code, _, why = clv.choose(before, "BG/NBD", holdout_weeks=39)
    assert (code, why.level) == ("bg_nbd", "ready")
    assert why.en.startswith("This page uses BG/NBD. ")


def forecast(**off):
    """Return what 400 customers bought, and forecasts that are so far off it."""
    stream = np.random.default_rng(3)
    actual = stream.poisson(2, 400).astype("float64")
    noise = stream.normal(0, 1, 400)
    noise -= noise.mean()
    told = {name: actual + scale * noise + shift for name, (scale, shift) in off.items()}
    return pd.DataFrame({"actual": actual} | told)


@pytest.mark.parametrize(
    ("off", "taken"),
    [
        pytest.param({"bg_nbd": (1, 0), "mbg_nbd": (0.5, 0)}, "mbg_nbd", id="errs-less"),
        pytest.param({"bg_nbd": (1, 0), "mbg_nbd": (0.5, 0.3)}, "bg_nbd", id="more-in-total"),
        pytest.param({"bg_nbd": (1, 0), "mbg_nbd": (1.3, 0)}, "bg_nbd", id="errs-more"),
        pytest.param({"bg_nbd": (1, 0), "mbg_nbd": (1, 0)}, "bg_nbd", id="the-same"),
        pytest.param(
            {"bg_nbd": (1, 0), "mbg_nbd": (0.7, 0), "pareto_nbd": (0.5, 0)}, "pareto_nbd",
            id="the-best-of-two",
        ),
        pytest.param({"bg_nbd": (1, 0), "nbd": (0.1, 0)}, "bg_nbd", id="nbd-is-no-choice"),
        pytest.param({"mbg_nbd": (1, 0)}, "mbg_nbd", id="only-one-could-be-fitted"),
        pytest.param({}, "bg_nbd", id="none-could-be-fitted"),
    ],
)  # fmt: skip
def test_the_rule(off, taken):
    assert foretells_best(forecast(**off)) == taken


def test_forecasts_carry_the_name_of_the_model(before):
    table = clv.forecasts(
        before, clv.fit(before, model=clv.MbgNbd), holdout_weeks=39, hiatus_weeks=26
    )
    assert list(table) == ["actual", "mbg_nbd", "same_as_before", "hiatus"]
    rivals = clv.compare(before, holdout_weeks=39)
    assert table["mbg_nbd"].sum() == pytest.approx(rivals.loc["mbg_nbd", "total"])


def test_a_model_that_cannot_be_fitted_at_another_time_is_no_choice(before, monkeypatch):
    """Lives are more regular than at one rate: Pareto/NBD has no spread to fit, BG/NBD fits."""
    stream = np.random.default_rng(1)
    rates = stream.gamma(0.5, 1 / 5, 2_000)
    until = np.minimum(30 * stream.gamma(4, 1 / 4, 2_000), 52)
    times = np.cumsum(stream.exponential(size=(2_000, 100)) / rates[:, None], axis=1)
    made = times <= until[:, None]
    last = np.where(made, times, 0.0).max(axis=1)
    other = pd.DataFrame({"frequency": made.sum(axis=1), "recency": last, "T": 52.0})
    assert clv.fit(other).a > 0
    with pytest.raises(NotEnough):
        clv.fit(other, model=clv.ParetoNbd)
    told = forecast(bg_nbd=(1, 0), pareto_nbd=(0.5, 0)), {}
    monkeypatch.setattr("crmlab.clv.choice.model_forecasts", lambda *_, **__: told)
    assert clv.choose(before, holdout_weeks=39)[0] == "pareto_nbd"
    assert clv.choose(before, holdout_weeks=39, also=[before, other])[0] == "bg_nbd"


def test_a_model_that_is_none_is_refused(before):
    said = r"^model must be one of auto, BG/NBD, MBG/NBD, Pareto/NBD, got 'NBD'$"
    with pytest.raises(ValueError, match=said):
        clv.choose(before, "NBD", holdout_weeks=39)


def test_the_page_allows_what_the_function_does():
    page = nbformat.read(home() / "notebooks" / "clv.ipynb", as_version=4)
    cell = next(c for c in page.cells if "parameters" in c.metadata.get("tags", []))
    (model,) = (p for p in read(cell.source) if p.name == "model")
    assert model.default in model.choices
    assert model.choices == ["auto", "BG/NBD", "MBG/NBD", "Pareto/NBD"]
    assert model.parse("Pareto/NBD") == "Pareto/NBD"
    assert model.allowed[0] == "one of auto, BG/NBD, MBG/NBD, Pareto/NBD"
    with pytest.raises(ValueError, match=r"^$"):
        model.parse("NBD")
