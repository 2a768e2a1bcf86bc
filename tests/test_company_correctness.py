"""Does the company follow its equations? Constants are those of spec/company.md."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from crmlab import company

MANY = 5000


@pytest.fixture(scope="module")
def hidden():
    return company.latent(7, MANY)


@pytest.fixture(scope="module")
def file():
    return company.customers(7, MANY)


@pytest.fixture(scope="module")
def survey(file, hidden):
    return company.survey(7, file, hidden)


def test_attributes_are_standard_with_correlation_point_4(hidden):
    correlation = np.corrcoef(hidden.attributes.T)
    assert hidden.attributes.mean() == pytest.approx(0, abs=0.03)
    assert hidden.attributes.std() == pytest.approx(1, abs=0.02)
    assert correlation[np.triu_indices(12, 1)].mean() == pytest.approx(0.4, abs=0.02)


def test_satisfaction_is_about_standard(hidden):
    assert hidden.satisfaction.mean() == pytest.approx(0, abs=0.04)
    assert hidden.satisfaction.std() == pytest.approx(1, abs=0.05)


def test_satisfaction_follows_its_recursion(hidden):
    """S − .7 S₋₁ within a customer is .6 D − .8 F + 1.1 R and noise of s.d. .35."""
    S = hidden.satisfaction
    events = (hidden.disconfirmation, hidden.failed, hidden.recovered)

    def within(x):
        return (x[:, 1:] - x[:, 1:].mean(axis=1, keepdims=True)).ravel()

    moved = S.copy()
    moved[:, 1:] -= 0.7 * S[:, :-1]
    columns = np.column_stack([within(e.astype(float)) for e in events])
    found, left, *_ = np.linalg.lstsq(columns, within(moved), rcond=None)
    assert found == pytest.approx([0.6, -0.8, 1.1], abs=0.03)
    freedom = MANY * 34  # 35 months, less a mean each
    assert np.sqrt(left[0] / freedom) == pytest.approx(0.35, abs=0.003)


def test_the_level_hangs_on_the_attributes_as_planted(hidden):
    """Over months, S tends to (Σ β q + one-sided terms) / (.3 − what failures feed back).

    One S more lowers P(failure) by .8 P (1 − P) ≈ .04, and a failure costs .8 − 1.1 × .165.
    """
    q = pd.DataFrame(hidden.attributes, columns=list(company.ATTRIBUTES))
    columns = q[list(company.BETA)].assign(
        physical=q["physical"].clip(upper=0),
        conduct=q["conduct"].clip(upper=0),
        art=q["art"].clip(lower=0),
        spiritual=q["spiritual"].clip(lower=0),
        social=q["social"],
        one=1,
    )
    level = hidden.satisfaction[:, 12:].mean(axis=1)
    found = pd.Series(np.linalg.lstsq(columns, level, rcond=None)[0], columns.columns)
    planted = {**company.BETA, **company.BASIC, **company.EXCITING, "social": 0.0}
    for name, beta in planted.items():
        assert found[name] == pytest.approx(beta / (0.3 - 0.04 * 0.62), abs=0.05), name


def test_failures_come_with_their_probability(hidden):
    before, failed = hidden.satisfaction[:, :-1], hidden.failed[:, 1:]
    assert failed.mean() == pytest.approx(expit(-3.2 - 0.8 * before).mean(), rel=0.03)
    assert hidden.recovered.sum() / hidden.failed.sum() == pytest.approx(0.3 * 0.55, abs=0.015)
    assert not (hidden.recovered & ~hidden.failed).any()


@pytest.mark.parametrize(
    ("satisfaction", "loyalty"),
    [(-1.6, -1.4 - 0.09), (-0.6, -0.09), (0.0, 0.0), (0.9, 0.135), (1.9, 0.135 + 1.6)],
)
def test_the_loyalty_curve_by_hand(satisfaction, loyalty):
    assert company.loyalty_curve(np.array([satisfaction]))[0] == pytest.approx(loyalty)


def test_items_of_satisfaction_have_an_alpha_of_88(survey):
    items = survey.filter(regex="^satisfaction_").dropna().astype(float)
    alpha = 4 / 3 * (1 - items.var().sum() / items.sum(axis=1).var())
    assert alpha == pytest.approx(0.88, abs=0.01)


def test_response_hangs_on_satisfaction(file, hidden, survey):
    """P(answer) = expit(.3 + .4 S)."""
    rows = file["customer_id"].searchsorted(survey["customer_id"])
    S = hidden.satisfaction[:, company.WAVES][rows, survey["wave"] - 1]
    groups = pd.qcut(S, 8, labels=False)
    found = survey["responded"].groupby(groups).mean().to_numpy()
    planted = pd.Series(expit(0.3 + 0.4 * S)).groupby(groups).mean().to_numpy()
    assert found == pytest.approx(planted, abs=0.025)
    assert found[-1] - found[0] > 0.2


def test_customers_have_the_planted_make_up(file):
    assert file["nature"].value_counts(normalize=True)["retail"] == pytest.approx(0.5, abs=0.02)
    contract = (file["kind"] == "contract").groupby(file["nature"]).mean()
    assert contract["commercial"] == pytest.approx(0.45, abs=0.04)
    days = (file["acquired_on"] - company.START).dt.days
    assert days.median() == pytest.approx(30 * 30.4375 * (1 - 0.5**0.5), rel=0.05)
    median = file.loc[file["nature"] == "retail", "potential"].median()
    assert np.log(median) == pytest.approx(8.4, abs=0.05)


def test_expectations_rise_and_their_disconfirmation_does_not(survey):
    each = survey.dropna().groupby("wave")
    expected = each["expected_service"].mean().astype(float)
    gap = (each["perceived_service"].mean() - each["expected_service"].mean()).astype(float)
    assert np.polyfit(expected.index, expected, 1)[0] == pytest.approx(0.15, abs=0.02)
    assert np.polyfit(gap.index, gap, 1)[0] == pytest.approx(0, abs=0.02)
