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


def test_on_the_sample_the_rule_takes_the_reference(before):
    """Of 1,882 purchases BG/NBD foretells .879, MBG/NBD .838, Pareto/NBD .885.

    Their errors are .785, .765, .755. MBG/NBD has the best likelihood, errs less per customer
    than BG/NBD, but surely more in total; Pareto/NBD errs less, and no more in total.
    """
    code, kind, why = clv.choose(before, holdout_weeks=39)
    assert (code, kind, why.level) == ("pareto_nbd", clv.ParetoNbd, "ready")
    assert why.en.startswith("This page uses Pareto/NBD, chosen by the test. The rule: BG/NBD, ")
    assert why.zh.startswith("本页采用 Pareto/NBD（由检验选定）。规则：采用 BG/NBD，除非")
    rivals = clv.compare(before, holdout_weeks=39)
    assert rivals["log_likelihood"].idxmax() == "mbg_nbd"


def test_a_model_that_is_asked_for_is_used_and_the_better_one_named(before):
    code, kind, why = clv.choose(before, "BG/NBD", holdout_weeks=39)
    assert (code, kind, why.level) == ("bg_nbd", clv.BgNbd, "caution")
    assert why.en.startswith(
        "This page uses BG/NBD, as asked; by the test it would be Pareto/NBD (model=auto). "
    )
    assert why.zh.startswith("本页按要求采用 BG/NBD；按检验结果则应采用 Pareto/NBD（model=auto）。")
    code, _, why = clv.choose(before, "Pareto/NBD", holdout_weeks=39)
    assert (code, why.level) == ("pareto_nbd", "ready")
    assert why.en.startswith("This page uses Pareto/NBD. ")


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


def test_a_model_that_cannot_be_fitted_at_another_time_is_no_choice(before):
    """All who bought again did so to the end, so that nobody seems to leave."""
    staying = before.assign(recency=before["T"].where(before["frequency"] > 0, 0.0))
    with pytest.raises(NotEnough):
        clv.fit(staying, model=clv.ParetoNbd)
    code, _, _ = clv.choose(before, holdout_weeks=39, also=[before, staying])
    assert code == "bg_nbd"


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
