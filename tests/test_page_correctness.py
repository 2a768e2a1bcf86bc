"""Does a page show what it is given, hand the same over, and escape what it does not know?"""

import base64
import datetime
import io

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from PIL import Image

from crmlab import load, page, plots
from crmlab.errors import Finding, NotEnough
from crmlab.page import MEDIA, form

HOSTILE = '<script>alert("x")</script>&'


@pytest.fixture
def displayed(monkeypatch):
    """Collect what a page shows: data and metadata of each output."""
    from crmlab.page import hand

    found = []
    monkeypatch.setattr(
        hand, "display", lambda data, raw, metadata=None: found.append((data, metadata))
    )
    page.use("en")
    return found


def test_a_headline_is_shown_and_handed_over(displayed):
    page.headline(f"**12 customers** left. {HOSTILE}")
    ((data, _),) = displayed
    assert data["text/html"].count('<p class="crm-headline"><strong>12 customers</strong>')
    assert "<script>" not in data["text/html"]
    assert data[MEDIA] == {"kind": "headline", "text": f"**12 customers** left. {HOSTILE}"}
    assert data["text/plain"] == "<headline>"


def test_a_figure_has_its_interval_in_its_unit(displayed):
    page.figure("spend", 1234.567, 1100, 1400, "USD")
    page.figure("share", 0.25)
    (first, _), (second, _) = displayed
    assert "<b>$1,235</b><small>95% interval $1,100 to $1,400</small>" in first["text/html"]
    assert first[MEDIA]["value"] == 1235.0
    assert "<b>0.25</b></div>" in second["text/html"]


def test_a_table_shows_ten_rows_and_says_how_many_there_are(displayed):
    page.table(pd.DataFrame({"spend": range(23)}).rename_axis("customer_id"), "actions")
    ((data, _),) = displayed
    assert data["text/html"].count("<tr>") == 11
    assert "10 of 23 rows" in data["text/html"]
    assert data[MEDIA]["rows"] == 23
    assert len(data[MEDIA]["data"]["values"][1]) == 10


def test_a_table_escapes_what_comes_from_data(displayed):
    page.table(pd.DataFrame({"whom": [HOSTILE]}, index=pd.Index([HOSTILE], name="x<b>")), "actions")
    ((data, _),) = displayed
    assert "<script>" not in data["text/html"]
    assert "<b>" not in data["text/html"]


def test_a_table_joins_an_interval_to_its_estimate(displayed):
    rows = pd.DataFrame({"bias": [0.1], "lo": [0.05], "hi": [0.2], "rmse": [1.0]})
    page.table(
        rows, "actions", units={"bias": "share"}, intervals={"bias": ("lo", "hi")}, index=False
    )
    ((data, _),) = displayed
    assert '<td class="i">5.0% to 20.0%</td>' in data["text/html"]
    assert data["text/html"].count("<th scope") == 3


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.5114, "share", "51.1%"),
        (2_500_315.63, "USD exact", "$2,500,315.63"),
        (52, "weeks", "52 weeks"),
        (float("nan"), "USD", "–"),
        (None, "", "–"),
        (pd.NaT, "", "–"),
        (True, "", "yes"),
        ("not_enough", "", "Not enough data"),
        (datetime.date(1998, 6, 30), "", "Jun 30, 1998"),
    ],
)
def test_values_are_shown_in_their_unit(displayed, value, unit, text):
    assert page.shown(value, unit) == text


def test_findings_stop_the_page_when_data_do_not_suffice(displayed):
    found = [Finding("ready", "fine", "好"), Finding("not_enough", "5 customers", "5 位客户")]
    with pytest.raises(NotEnough) as told:
        page.findings(found)
    assert (told.value.en, told.value.zh) == ("5 customers", "5 位客户")
    assert "crm-not_enough" in displayed[0][0]["text/html"]


def test_a_chart_is_a_picture_with_words_and_numbers(displayed):
    plots.use("en")
    _, ax = plt.subplots()
    ax.plot([1, 2], [3, 4], label="actual")
    ax.set(title="It doubles", xlabel="Week", ylabel="Purchases")
    page.chart(ax, "tracking_chart", data=pd.DataFrame({"week": [1, 2], "actual": [3.14159, 4]}))
    ((data, metadata),) = displayed
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).format == "PNG"
    alt = "It doubles. horizontal: Week; vertical: Purchases; series: actual."
    assert metadata == {"image/png": {"alt": alt}}
    assert data[MEDIA]["data"] == {"columns": ["week", "actual"], "values": [[1, 2], [3.142, 4.0]]}
    assert plt.get_fignums() == []


def test_a_page_forgets_the_last_source(displayed, cdnow):
    page.source(cdnow)
    _, ax = plt.subplots()
    page.chart(ax, "tracking_chart", alt="x")
    assert any("cdnow" in text.get_text() for text in ax.figure.texts)
    page.use("en")
    _, ax = plt.subplots()
    page.chart(ax, "tracking_chart", alt="x")
    assert ax.figure.texts == []


def test_a_source_shows_its_ledger(displayed, cdnow):
    page.use("zh")
    page.source(cdnow)
    ((data, _),) = displayed
    assert "US$244,091.94" in data["text/html"]
    assert "1997年1月1日 – 1998年6月30日" in data["text/html"]
    assert data[MEDIA]["sources"][0]["rows"] == 6_919


def test_tables_that_were_used_whole_share_a_card(displayed):
    page.use("en")
    names = ["customers", "contracts", "survey"]
    page.source(*(load.table("chenxing", name) for name in names))
    ((data, _),) = displayed
    shown = data["text/html"]
    assert shown.count("crm-source") == shown.count("All rows were used.") == 1
    assert "Customer files · 1,200 rows; Contracts · 422 rows; Satisfaction survey · " in shown
    assert [each["table"] for each in data[MEDIA]["sources"]] == [
        "customers",
        "contracts",
        "survey",
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_font_has_every_word_of_the_glossary(lang):
    from fontTools.ttLib import TTFont

    from crmlab.lang import glossary
    from crmlab.plots.base import FONT

    known = set(TTFont(FONT).getBestCmap())
    words = "".join(row["zh"] + row["en"] for row in glossary().values())
    assert {c for c in words if ord(c) not in known} == set()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_interval_that_is_not_known_or_not_to_be_said_is_one_sign(lang):
    assert form.between("·", "·", "share", lang) == "·"
    assert form.between(float("nan"), float("nan"), "share", lang) == "–"
    assert form.between(0.5, 0.5, "share", "en") == "50.0% to 50.0%"


def test_an_export_may_hold_the_customers_behind_a_summary_that_shows_none():
    rows = pd.DataFrame({"customers": [2]})
    whole = pd.DataFrame({"customer_id": ["C1", "C2"]})
    with page.hand.collected() as (shown):
        page.table(rows, "actions", whole=whole)
        page.table(rows, "actions")
    assert shown[0].frame.equals(whole)
    assert shown[1].frame.equals(rows)
    assert "C1" not in str(shown[0].handed)
