"""Do levels, mediation, needs, clubs, staff and prices agree with hand and published numbers?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import load, loyalty
from crmlab.errors import NotEnough
from crmlab.lang import LANGS

# pingouin's example of mediation: 100 rows, told by their covariances of X, M and Y (÷ n).
EXAMPLE = np.array([[3.0099, 1.6886, 1.1923], [1.6886, 3.5804, 2.3422], [1.1923, 2.3422, 4.1171]])


def rows_with(covariance, n=100):
    """Make rows whose covariances (÷ n) are exactly these."""
    draw = np.random.default_rng(1).standard_normal((n, len(covariance)))
    draw -= draw.mean(axis=0)
    root = np.linalg.cholesky(np.cov(draw.T, bias=True))
    return pd.DataFrame(draw @ np.linalg.inv(root).T @ np.linalg.cholesky(covariance).T)


def test_mediation_of_the_published_example():
    """pingouin.mediation_analysis: total .3961, direct .0396, indirect .3565."""
    rows = rows_with(EXAMPLE)
    found = loyalty.mediation(rows[0], rows[1], rows[2], pd.Series(range(100)), draws=300)
    value = found["value"]
    assert value["total_effect"] == pytest.approx(0.3961, abs=5e-5)
    assert value["direct_effect"] == pytest.approx(0.0396, abs=5e-5)
    assert value["indirect_effect"] == pytest.approx(0.3565, abs=5e-5)
    assert value["a_path"] * value["b_path"] == pytest.approx(value["indirect_effect"])
    assert value["mediated_share"] == pytest.approx(0.9, abs=0.01)
    assert found.loc["indirect_effect", "low"] > 0
    residuals = [np.polyfit(rows[0], rows[k], 1) for k in (1, 2)]
    left = [rows[k] - np.polyval(fit, rows[0]) for k, fit in zip((1, 2), residuals, strict=True)]
    assert value["error_correlation"] == pytest.approx(np.corrcoef(*left)[0, 1])


@pytest.mark.parametrize("lang", LANGS)
def test_opposite_effects_have_no_share(lang):
    odd = rows_with(np.array([[1, 0.7, 0.2], [0.7, 1, 0.6], [0.2, 0.6, 1]]))
    found = loyalty.mediation(odd[0], odd[1], odd[2], pd.Series(range(100)))
    assert np.isnan(found.loc["mediated_share", "value"])
    assert {"en": "no share can be told", "zh": "说不出中介占比"}[lang] in loyalty.tell_mediation(
        found, lang
    )


def test_mediation_refuses_what_does_not_vary():
    same = pd.Series(1.0, range(20))
    with pytest.raises(
        ValueError, match=r"^mediation needs 10 rows whose values vary, got 20 rows$"
    ):
        loyalty.mediation(same, same, same, pd.Series(range(20)))


def test_the_intraclass_correlation_is_that_of_the_analysis_of_variance():
    """Shrout and Fleiss (1979), ICC(1,1) of their six targets rated by four judges: .17."""
    judged = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    scores = pd.DataFrame(
        {"customer_id": np.repeat(range(6), 4), "satisfaction_score": np.ravel(judged)}
    )
    found = loyalty.differences(scores, draws=50)
    assert found.loc["between_share", "value"] == pytest.approx(0.17, abs=0.005)
    assert found.loc["below_mean", "value"] == pytest.approx(3 / 6)


def test_straight_answers_are_counted():
    names = ("concept", "conduct", "visual", "material", "social", "price")
    rows = pd.DataFrame({f"item_{name}": [5, 5, 7, 1] for name in names})
    rows.loc[3, "item_price"] = 9
    found = loyalty.straight_lining(rows, pd.Series([40.0, 60.0, 80.0, 20.0]))
    assert found[["share", "n", "mean", "mean_without"]].tolist() == [0.75, 4, 50, 20]


def test_levels_are_those_of_the_course():
    answers = loyalty.answered(load.table("chenxing", "survey").to_pandas())
    found = loyalty.item_map(answers, draws=10)
    assert found["items"].tolist() == [3, 3, 3, 3]
    items = answers[["item_price", "item_art", "item_culture"]]
    taste = found.loc["taste_level"]
    assert taste["cronbach_alpha"] == pytest.approx(loyalty.cronbach_alpha(items))
    mean = 100 * (items.astype(float).mean().mean() - 1) / 9
    assert taste["performance"] == pytest.approx(mean)


def test_the_five_signs_all_point_to_loyalty():
    answers = loyalty.answered(load.table("chenxing", "survey").to_pandas())
    signs = loyalty.signs(answers)
    assert signs.mean().abs().max() == pytest.approx(0, abs=1e-9)
    score = loyalty.scores(answers)["loyalty_score"]
    assert (signs.corrwith(score) > 0.3).all()
    table = loyalty.signs_table(answers, draws=30)
    five = table.loc["five_signs"]
    assert five["alpha_low"] < five["cronbach_alpha"] < five["alpha_high"]
    assert five["cronbach_alpha"] == pytest.approx(loyalty.cronbach_alpha(signs))
    forms = loyalty.forms(answers)
    assert list(forms) == ["emotional_loyalty", "behavioural_loyalty", "conative_loyalty"]
    assert forms.corr().to_numpy().min() > 0.4


def test_kano_answers_by_the_table():
    pairs = [(1, 5), (1, 3), (3, 5), (3, 3), (5, 1), (1, 1), (5, 5), (2, 1)]
    found = loyalty.kano(*(pd.Series(side) for side in zip(*pairs, strict=True)))
    assert found.tolist() == [
        "one_dimensional", "attractive", "must_be", "indifferent", "reverse_need", "questionable",
        "questionable", "reverse_need",
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"^Kano answers must be 1 to 5$"):
        loyalty.kano(pd.Series([6]), pd.Series([1]))


def test_needs_are_ranked_by_urgency_importance_and_cost():
    rows = pd.DataFrame(
        {"need_id": ["a", "b"] * 20, "customer_id": np.repeat(range(20), 2),
         "need_class": ["product_need", "service_need"] * 20, "urgency": [4, 2] * 20,
         "need_importance": [5, 5] * 20, "cost": [100.0, 10.0] * 20, "validated_on": pd.NaT,
         "kano_functional": [1, 3] * 20, "kano_dysfunctional": [5, 5] * 20}
    )  # fmt: skip
    found = loyalty.needs_first(rows, draws=20)
    assert found.index.tolist() == ["b", "a"]
    assert found["priority_score"].tolist() == pytest.approx([100, 100 * (20 / 100) / (10 / 10)])
    assert found["kano"].tolist() == ["must_be", "one_dimensional"]


def test_planted_kinds_of_need_are_found():
    needs = load.table("chenxing", "needs").to_pandas()
    found = loyalty.needs_first(needs, draws=20)
    planted = pd.read_csv("data/chenxing/truth/kano_truth.csv").set_index("need_id")["kano"]
    assert (found["kano"] == planted.reindex(found.index)).mean() >= 10 / 12


def test_facts_make_three_more_indices_by_hand():
    orders = pd.DataFrame(
        {"customer_id": ["a", "a", "b", "b", "c"], "order_id": [1, 2, 3, 4, 5],
         "order_date": pd.to_datetime(["2025-01-01", "2025-02-01", *["2025-01-01"] * 3])}
    )  # fmt: skip
    stock = pd.DataFrame(
        {"dealer_id": "d", "product_id": "p", "month": pd.to_datetime(["2025-01-01", "2025-02-01"]),
         "opening": [10, 4], "shipped": [0, 6], "closing": [4, 2]}
    )  # fmt: skip
    told = pd.DataFrame({"customer_id": ["a"]})
    found = loyalty.index_facts({"orders": orders, "complaints": told, "dealer_stock": stock})
    assert found["share"].tolist() == pytest.approx([1 / 3, 1 / 5, 14 / 16])
    assert found["n"].tolist() == [3, 3, 1]
    assert (found["low"] <= found["share"]).all()
    assert (found["share"] <= found["high"]).all()


def test_indices_over_time_and_by_segment_use_their_own_rows():
    survey = load.table("chenxing", "survey").to_pandas()
    orders = load.table("chenxing", "orders").to_pandas()
    facts = {"orders": orders}
    kind = (
        load.table("chenxing", "customers")
        .to_pandas()
        .set_index("customer_id")["kind"]
        .astype("str")
    )
    parts = loyalty.indices_by(survey, facts, kind)["n"].xs("repurchase_rate", level="index")
    assert parts.sum() == orders["customer_id"].nunique()
    history = loyalty.index_history(survey, facts)["n"].xs("favourability", level="index")
    said = loyalty.answered(survey).groupby("wave")["satisfaction_overall"].count()
    assert history.tolist() == said.tolist()


def test_a_club_that_does_nothing_looks_good_until_weighted():
    """Members were larger before; the outcome hangs on size alone."""
    draw = np.random.default_rng(5)
    size = draw.standard_normal(1500)
    member = pd.Series(draw.random(1500) < 1 / (1 + np.exp(-size)))
    sales = pd.Series(2 * size + draw.standard_normal(1500))
    found = loyalty.club_effect(pd.DataFrame({"size": size}), member, sales, draws=40)
    assert found.loc["plain_difference", "low"] > 1
    assert found.loc["weighted_difference", "low"] < 0 < found.loc["weighted_difference", "high"]
    assert found.loc["imbalance_after", "value"] < 0.15 * found.loc["imbalance_before", "value"]
    with pytest.raises(NotEnough, match=r"^\d+ members and \d+ others are known; 40 of each"):
        loyalty.club_effect(pd.DataFrame({"size": size[:50]}), member[:50], sales[:50])


def test_content_staff_go_with_content_customers_where_that_was_planted():
    draw = np.random.default_rng(6)
    unit = np.repeat([f"u{k}" for k in range(12)], 40)
    mood = dict(zip(sorted(set(unit)), draw.uniform(4, 9, 12), strict=True))
    staff = pd.DataFrame({"staff_id": ["e" + u[1:] for u in mood], "unit": list(mood), "wave": 1,
                          "satisfaction": list(mood.values())})  # fmt: skip
    who = [f"c{k}" for k in range(480)]
    touched = pd.DataFrame({"customer_id": who, "staff_id": ["e" + u[1:] for u in unit]})
    level = np.array([mood[u] for u in unit])
    own = 3 * draw.standard_normal(12)[np.array([int(u[1:]) for u in unit])]
    score = 20 + 5 * level + own + 10 * draw.standard_normal(480)
    scores = pd.DataFrame({"customer_id": who, "wave": 1, "satisfaction_score": score})
    found = loyalty.staff_link(scores, touched, staff)
    assert found.loc["staff_slope", "low"] < 5 < found.loc["staff_slope", "high"]
    assert found.loc["staff_slope", "low"] > 0
    with pytest.raises(NotEnough, match=r"^3 units have 10 customers' scores each; 5 are needed"):
        loyalty.staff_link(scores.head(120), touched, staff)


def test_old_customers_who_pay_more_are_seen():
    lines = pd.DataFrame(
        {"customer_id": np.repeat(range(60), 2), "tenure_years": [0.5, 2.5] * 60,
         "listed": 100.0, "paid": [80.0, 90.0] * 60}
    )  # fmt: skip
    found = loyalty.loyalty_penalty(lines, draws=30)
    assert found.loc[["in_first_year", "later_years"], "net_price"].tolist() == pytest.approx(
        [0.8, 0.9]
    )
    assert found.loc["old_less_new", ["net_price", "low", "high"]].tolist() == pytest.approx(
        [0.1] * 3
    )
    assert found.loc["later_years", "customers"] == 60


def test_demands_that_were_planted_to_rise_do():
    """.10, .15, .05, .10 of a point a wave, two waves a year."""
    answers = loyalty.answered(load.table("chenxing", "survey").to_pandas())
    found = loyalty.demand_trend(answers)
    planted = pd.Series({"quality": 0.2, "service": 0.3, "price": 0.1, "trust": 0.2})
    assert (found["low"] < planted).all()
    assert (planted < found["high"]).all()
