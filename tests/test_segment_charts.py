"""Charts of segmentation: they draw in both languages, and their titles tell the finding."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from crmlab import plots, segment

SPEND = pd.Series([400.0, 200, 100, 100, 50, 50, 40, 30, 20, 10])
CUSTOMERS = pd.DataFrame(
    {
        "days_since_last": [1, 5, 40, 60, 90, 100, 200, 300, 400, 500],
        "orders": [9, 7, 5, 3, 3, 2, 2, 1, 1, 1],
        "spend": SPEND,
    }
)
SCORES = segment.rfm(CUSTOMERS)
NAMED = segment.name_segments(SCORES, segment.rules())


def quadrant_chart(**options):
    basket = SPEND / CUSTOMERS["orders"]
    quadrant = segment.quadrants(CUSTOMERS["orders"], basket, 3, 20)
    points = {
        "volume": CUSTOMERS["orders"],
        "margin": basket,
        "profit": SPEND,
        "quadrant": quadrant,
    }
    table = segment.indices(quadrant, CUSTOMERS["orders"], SPEND)
    return plots.quadrant_bubbles(
        pd.DataFrame(points), table, cuts=(3, 20), currency="CNY", **options
    )


CHARTS = {
    "lorenz": (
        lambda **o: plots.lorenz(segment.lorenz(SPEND), **o),
        "The best 20% of customers bring 60.0% of spend",
        "前 20% 的客户贡献了 60.0% 的消费",
    ),
    "pareto": (
        lambda **o: plots.pareto(segment.pareto(SPEND), **o),
        "The best 10% of customers bring 40.0%, the last 10% 1.0%",
        "最好的 10% 客户贡献 40.0%，最末的 10% 仅 1.0%",
    ),
    "pyramid": (
        lambda **o: plots.pyramid(
            segment.profile(segment.pyramid(SPEND, (0.1, 0.1, 0.2, 0.6)), SPEND), **o
        ),
        "The two upper layers, 20.0% of customers, bring 60.0% of spend",
        "上面两层占客户的 20.0%，贡献 60.0% 的消费",
    ),
    "rfm_heatmap": (
        lambda **o: plots.rfm_heatmap(segment.rfm_grid(SCORES, SPEND), currency="CNY", **o),
        "4 frequent and recent customers hold 80.0% of spend",
        "4 位常来且刚来过的客户占消费的 80.0%",
    ),
    "segment_value": (
        lambda **o: plots.segment_value(segment.profile(NAMED, SPEND), **o),
        "Champions: 20.0% of customers, 60.0% of spend",
        "核心客户：人数占 20.0%，消费占 60.0%",
    ),
    "segment_response": (
        lambda **o: plots.segment_response(
            segment.response(NAMED, SPEND), currency="CNY", weeks=26, **o
        ),
        "Champions: CN¥300 each afterwards, 3 times the mean",
        "核心客户随后人均消费 ¥300，为全体均值的 3 倍",
    ),
    "quadrant_bubbles": (
        quadrant_chart,
        "2 customers high on both bring 60.0%",
        "双高客户 2 位，贡献 60.0% 的消费",
    ),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", CHARTS)
def test_charts_draw_and_tell_their_finding(name, lang):
    draw, en, zh = CHARTS[name]
    plots.use(lang)
    ax = draw(lang=lang)
    ax.get_figure().canvas.draw()  # a missing glyph is a warning, and warnings are errors
    assert ax.get_title("left").replace(".0%", "%") == {"en": en, "zh": zh}[lang].replace(
        ".0%", "%"
    )
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    plt.close("all")


def test_a_cell_of_few_customers_has_neither_colour_nor_money():
    grid = pd.DataFrame(
        [(1, 1, 90, 20.0), (3, 2, 5, 300.0), (5, 5, 4, 9_000.0)],
        columns=["r_score", "f_score", "customers", "mean"],
    )
    plots.use("en")
    ax = plots.rfm_heatmap(grid, currency="USD")
    colours = ax.collections[0].get_array()
    assert sorted(colours.compressed()) == [20, 300]
    assert ax.collections[0].get_clim() == (20, 300)
    assert {text.get_text() for text in ax.texts} >= {"$20.00\nn=90", "$300\nn=5", "n<5"}
    assert ax.collections[0].colorbar.ax.get_ylabel() == "Spend per customer (no colour: n < 5)"
    plt.close("all")


def test_a_tiny_shop_has_colours_all_the_same():
    grid = pd.DataFrame(
        [(1, 1, 2, 20.0), (3, 2, 1, 300.0)], columns=["r_score", "f_score", "customers", "mean"]
    )
    plots.use("en")
    ax = plots.rfm_heatmap(grid, currency="USD")
    assert ax.collections[0].get_array().compressed().tolist() == [20]
    assert ax.collections[0].colorbar.ax.get_ylabel() == "Spend per customer (no colour: n < 2)"
    plt.close("all")


def test_a_chart_draws_where_it_is_told():
    _, ax = plt.subplots()
    assert plots.lorenz(segment.lorenz(SPEND), ax=ax) is ax
    plt.close("all")
