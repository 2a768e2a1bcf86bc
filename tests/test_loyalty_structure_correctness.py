"""Does one dimension suffice? Against published loadings, planted factors, and by hand."""

import numpy as np
import pandas as pd
import pytest

from crmlab import loyalty
from crmlab.errors import NotEnough

SUBJECTS = np.array(  # Gaelic, English, history, arithmetic, algebra, geometry; 220 boys
    [
        [1.000, 0.439, 0.410, 0.288, 0.329, 0.248],
        [0.439, 1.000, 0.351, 0.354, 0.320, 0.329],
        [0.410, 0.351, 1.000, 0.164, 0.190, 0.181],
        [0.288, 0.354, 0.164, 1.000, 0.595, 0.470],
        [0.329, 0.320, 0.190, 0.595, 1.000, 0.464],
        [0.248, 0.329, 0.181, 0.470, 0.464, 1.000],
    ]
)


def made(correlation, rows, seed=1):
    """Return answers whose correlations are exactly these."""
    draw = np.random.default_rng(seed).standard_normal((rows, len(correlation)))
    away = draw - draw.mean(axis=0)
    white = away @ np.linalg.inv(np.linalg.cholesky(np.cov(away.T))).T
    names = [f"item_{n}" for n in range(len(correlation))]
    return pd.DataFrame(white @ np.linalg.cholesky(correlation).T, columns=names)


def planted(rows, loads, seed=3):
    """Return answers of items (rows of `loads`) to independent factors (its columns)."""
    draw, loads = np.random.default_rng(seed), np.asarray(loads, dtype="float64")
    factors = draw.standard_normal((rows, loads.shape[1]))
    noise = draw.standard_normal((rows, len(loads))) * np.sqrt(1 - (loads**2).sum(axis=1))
    return pd.DataFrame(factors @ loads.T + noise).add_prefix("q")


def test_school_subjects_have_the_published_communalities():
    """Lawley and Maxwell (1971), Factor Analysis as a Statistical Method, two factors.

    Theirs are by maximum likelihood, ours by principal axes.
    """
    found = loyalty.structure(made(SUBJECTS, 220), factors=2, draws=50)
    published = [0.490, 0.406, 0.356, 0.623, 0.569, 0.372]
    assert (1 - found.loadings["uniqueness"]).tolist() == pytest.approx(published, abs=0.03)
    assert found.eigenvalues["observed"].tolist() == pytest.approx(
        np.linalg.eigvalsh(SUBJECTS)[::-1].tolist()
    )


def test_three_items_have_spearmans_loadings():
    """One factor of three items is exact: its first loading squared is r12 r13 / r23."""
    found = loyalty.structure(
        made(np.array([[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]]), 100), draws=20
    )
    exact = np.sqrt([0.6 * 0.5 / 0.4, 0.6 * 0.4 / 0.5, 0.5 * 0.4 / 0.6])
    assert found.loadings["loading"].tolist() == pytest.approx(exact.tolist(), abs=1e-5)
    assert found.loadings["uniqueness"].tolist() == pytest.approx((1 - exact**2).tolist(), abs=1e-5)
    assert found.share == pytest.approx((exact**2).mean(), abs=1e-5)


def test_one_planted_dimension_is_found():
    found = loyalty.structure(planted(2000, [[0.85], [0.8], [0.75], [0.9]]))
    assert found.suggested == 1
    assert found.loadings["loading"].tolist() == pytest.approx([0.85, 0.8, 0.75, 0.9], abs=0.03)
    assert found.share == pytest.approx(np.mean(np.square([0.85, 0.8, 0.75, 0.9])), abs=0.03)


def test_two_planted_dimensions_are_found_and_turned_apart():
    loads = [[0.8, 0], [0.7, 0], [0.75, 0], [0, 0.8], [0, 0.7], [0, 0.75]]
    found = loyalty.structure(planted(2000, loads), factors=2)
    assert found.suggested == 2
    told = found.loadings[["loading_1", "loading_2"]].to_numpy()
    told = told if told[0, 0] > told[0, 1] else told[:, ::-1]
    assert told == pytest.approx(np.array(loads), abs=0.08)


def test_chance_is_what_unrelated_answers_give():
    """Horn's own way: normal answers, row by row; ours draws their cross products."""
    found = loyalty.structure(planted(150, np.zeros((5, 1))), draws=4000).eigenvalues["by_chance"]
    draw = np.random.default_rng(9).standard_normal((2000, 150, 5))
    draw -= draw.mean(axis=1, keepdims=True)
    draw /= np.sqrt((draw**2).sum(axis=1, keepdims=True))
    values = np.linalg.eigvalsh(np.swapaxes(draw, 1, 2) @ draw)[:, ::-1]
    assert found.tolist() == pytest.approx(np.percentile(values, 95, axis=0).tolist(), abs=0.02)


def test_unrelated_items_have_nothing_in_common():
    none = [loyalty.structure(planted(300, np.zeros((5, 1)), seed)).suggested for seed in range(40)]
    assert np.mean(np.array(none) > 0) == pytest.approx(0.05, abs=0.08)


def test_units_and_order_of_rows_do_not_matter():
    items = planted(400, [[0.8], [0.7], [0.6], [0.5]]).mul(2).add(5).round().clip(1, 10)
    plain = loyalty.structure(items)
    shorter = 1 + (items - 1) * 4 / 9  # from 1-10 to 1-5
    for other in (items.sample(frac=1, random_state=1), shorter, 10 * items):
        again = loyalty.structure(other)
        pd.testing.assert_frame_equal(again.loadings, plain.loadings)
        pd.testing.assert_frame_equal(again.eigenvalues, plain.eigenvalues)
        assert again.suggested == plain.suggested


def test_chance_is_wider_when_the_same_customers_answer_twice():
    items = planted(200, [[0.8], [0.7], [0.6], [0.5]])
    twice = loyalty.structure(items, pd.Series(np.arange(200) // 2))
    once = loyalty.structure(items)
    assert twice.eigenvalues["by_chance"][1] > once.eigenvalues["by_chance"][1]
    pd.testing.assert_frame_equal(twice.loadings, once.loadings)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sentence_says_whether_one_dimension_suffices(lang):
    one = loyalty.structure(planted(500, [[0.8]] * 4))
    two = loyalty.structure(planted(500, [[0.8, 0]] * 3 + [[0, 0.8]] * 3))
    none = loyalty.structure(planted(500, np.zeros((4, 1)), 5))
    assert (one.suggested, two.suggested, none.suggested) == (1, 2, 0)
    told = [loyalty.tell_structure(each, lang) for each in (one, two, none)]
    words = {
        "en": ["one dimension suffices", "does not suffice", "nothing in common"],
        "zh": ["一个维度就够了", "一个维度不够", "什么共同之处"],
    }
    for sentence, word, each in zip(told, words[lang], (one, two, none), strict=True):
        assert word in sentence
        assert f"{each.share:.1%}" in sentence


def test_bad_input_is_told():
    items = planted(50, [[0.8], [0.7], [0.6], [0.5]])
    with pytest.raises(ValueError, match=r"^factors must be 1 to 2, got 3$"):
        loyalty.structure(items, factors=3)
    with pytest.raises(NotEnough) as few:
        loyalty.structure(items[["q0", "q1"]])
    assert few.value.en == (
        "2 items, answered in full by 50 customers: a structure needs 3 items and more customers "
        "than items."
    )
    with pytest.raises(NotEnough) as people:
        loyalty.structure(items.head(4))
    assert people.value.en.startswith("4 items, answered in full by 4 customers")
    for same in (1.0, items["q0"]):
        with pytest.raises(NotEnough) as flat:
            loyalty.structure(items.assign(q4=same))
        assert flat.value.en == (
            "An item has the same answer everywhere, or is made of the others."
        )
