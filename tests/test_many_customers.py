"""Do many customers, by number, in parts and by samples, tell what a few do?"""

import subprocess
import sys
from dataclasses import replace
from functools import partial

import duckdb
import numpy as np
import pandas as pd
import pytest

from crmlab import clv, customers, load, page, plots, segment
from crmlab.clv import predictive, uncertainty
from crmlab.customers import many


@pytest.fixture
def by_number(cdnow_master, monkeypatch):
    lines = replace(cdnow_master)
    with monkeypatch.context() as patch:
        patch.setattr(many, "MANY", 1_000)
        many.numbered(lines)
    return lines


def test_numbers_follow_the_ids_and_their_days_are_made_once(by_number, cdnow_master):
    found = many.numbered(by_number)
    assert found is many.numbered(by_number)
    text = cdnow_master.table.customer_id.to_pandas().unique()
    assert found.ids.tolist() == sorted(text)
    assert customers.ids(by_number, pd.Index([2, 0])).tolist() == [found.ids[2], found.ids[0]]


def test_few_lines_and_other_tables_keep_their_ids(cdnow_master):
    assert many.numbered(cdnow_master) is None
    ids = pd.Index(["7", "3"])
    assert customers.ids(cdnow_master, ids) is ids


@pytest.mark.parametrize("as_of", [None, "1997-12-31"])
def test_a_row_per_customer_is_the_same(by_number, cdnow_master, as_of):
    ours, theirs = (customers.summarise(each, as_of=as_of) for each in (by_number, cdnow_master))
    assert ours.index.dtype.kind == "i"
    named = ours.set_axis(customers.ids(by_number, ours.index))
    pd.testing.assert_frame_equal(named, theirs, check_names=False, check_column_type=False)


def test_a_holdout_is_the_same(by_number, cdnow_master):
    ours, theirs = (customers.split(each, holdout_weeks=26) for each in (by_number, cdnow_master))
    assert (ours.to_numpy() == theirs.to_numpy())[ours.notna()].all()
    assert (ours.isna().to_numpy() == theirs.isna().to_numpy()).all()


@pytest.mark.parametrize("ask", [customers.gaps, customers.panel])
def test_rows_by_customer_and_time_are_the_same(by_number, cdnow_master, ask):
    ours, theirs = ask(by_number), ask(cdnow_master)
    named = customers.ids(by_number, pd.Index(ours.pop("customer_id")))
    assert named.tolist() == theirs.pop("customer_id").tolist()
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("ask", [customers.cohorts, customers.purchase_periods])
def test_periods_are_the_same(by_number, cdnow_master, ask):
    pd.testing.assert_frame_equal(ask(by_number, unit="M"), ask(cdnow_master, unit="M"))


def test_a_campaign_names_customers_by_their_ids(by_number):
    base = customers.summarise(by_number)
    part = page.target(base.index[:3], segment="loyal", reason="r", action="a", value=1.0)
    with page.hand.collected() as shown:
        page.campaign([part], customers.may_contact("cdnow-master", by_number), "USD")
    assert shown[0].frame.index.tolist() == many.numbered(by_number).ids[:3].tolist()


def test_one_customers_times_are_found_by_number(by_number, cdnow_master):
    base = customers.summarise(by_number)
    who = base["frequency"].idxmax()
    (name,) = customers.ids(by_number, pd.Index([who]))
    ours = customers.repeat_times(by_number, who)
    assert ours.tolist() == customers.repeat_times(cdnow_master, name).tolist()


def test_samples_of_parts_are_as_wide_as_samples_of_all(monkeypatch):
    stream = np.random.default_rng(5)
    spend = pd.Series(stream.gamma(0.7, 60, 101_000) * stream.lognormal(0, 0.8, 101_000))
    for statistic in (segment.top_share, segment.gini):
        parts = segment.bootstrap(statistic, spend)
        with monkeypatch.context() as patch:
            patch.setattr("crmlab.segment.base.PART", 10**6)
            whole = segment.bootstrap(statistic, spend, draws=60)
        assert parts.value == whole.value
        assert parts.low < parts.value < parts.high
        assert (parts.high - parts.low) / (whole.high - whole.low) == pytest.approx(1, abs=0.3)


def test_samples_of_parts_do_not_depend_on_the_order_of_rows():
    spend = pd.Series(np.random.default_rng(6).gamma(0.7, 60, 101_000))
    shuffled = spend.sample(frac=1, random_state=1)
    assert segment.bootstrap(segment.gini, spend) == segment.bootstrap(segment.gini, shuffled)


def test_a_sample_is_in_order_and_all_where_there_are_no_more(cdnow_master):
    base = customers.summarise(cdnow_master)
    assert clv.sample(base) is base
    drawn = clv.sample(base, 500, seed=3)
    assert len(drawn) == 500
    assert drawn.index.is_monotonic_increasing
    assert drawn.index.equals(clv.sample(base, 500, seed=3).index)
    assert not drawn.index.equals(clv.sample(base, 500, seed=4).index)


def test_a_page_says_that_models_are_tested_on_a_sample(cdnow_master):
    base = customers.summarise(cdnow_master)
    assert clv.sampled(base, base) == []
    (told,) = clv.sampled(base.iloc[:500], base)
    assert "500 of the 23,570 customers" in told.en
    assert "23,570 位客户中随机抽取 500 位" in told.zh


TERMS = {"margin": 0.3, "horizon": 52, "discount_rate_annual": 0.1}


@pytest.fixture(scope="module")
def fitted(cdnow_master):
    base = customers.summarise(cdnow_master)
    return base, clv.fit(base, model=clv.ParetoNbd), clv.fit(base, model=clv.GammaGamma)


def test_an_interval_from_a_sample_is_that_of_all(fitted, monkeypatch):
    base, model, spend = fitted

    def totals(who, *of):
        return pd.Series({"value": clv.residual_value(who, *of, **TERMS).sum()})

    whole = clv.interval(totals, model, spend, base).iloc[0]
    monkeypatch.setattr(uncertainty, "sample", partial(clv.sample, size=5_000))
    part = clv.interval(totals, model, spend, base).iloc[0]
    assert part["value"] == whole["value"]
    assert part["high"] - part["low"] == pytest.approx(whole["high"] - whole["low"], rel=0.1)


@pytest.mark.parametrize("estimated", [True, False])
def test_futures_of_a_sample_spread_as_those_of_all(fitted, monkeypatch, estimated):
    base, model, spend = fitted
    base = base.iloc[:4_000]
    asked = {**TERMS, "draws": 120, "estimated": estimated}
    whole = clv.predictive_equity(base, model, spend, **asked)
    monkeypatch.setattr(predictive, "ENOUGH", 3_000)
    monkeypatch.setattr(predictive, "FUTURES", 1_000)
    part = clv.predictive_equity(base, model, spend, **asked)
    assert part.mean() == pytest.approx(whole.mean(), rel=0.02)
    assert part.std() == pytest.approx(whole.std(), rel=0.25)


def test_bubbles_of_many_customers_are_some_of_them(monkeypatch):
    monkeypatch.setattr("crmlab.plots.segment.MOST_BUBBLES", 100)
    stream = np.random.default_rng(1)
    volume = pd.Series(stream.integers(1, 30, 950))
    margin = pd.Series(stream.gamma(2, 20, 950))
    kind = segment.quadrants(volume, margin, 10, 30)
    table = segment.indices(kind, volume, volume * margin)
    each = {"volume": volume, "margin": margin, "profit": volume * margin, "quadrant": kind}
    ax = plots.quadrant_bubbles(pd.DataFrame(each), table, cuts=(10, 30), currency="CNY", lang="zh")
    assert sum(len(drawn.get_offsets()) for drawn in ax.collections) == 95
    assert ax.get_legend().get_title().get_text() == "客户占比 / 消费占比；每 10 位客户画 1 位"


def test_lines_about_others_are_those_of_their_customers():
    file, asked = load.table("chenxing", "customers"), load.table("chenxing", "survey")
    some = replace(asked, table=asked.table.filter(asked.table.customer_id <= "C00010"))
    found = file.about(some).to_pandas()["customer_id"]
    wanted = some.table.customer_id.to_pandas().unique()
    assert sorted(found) == sorted(wanted)


def test_a_newton_step_is_near_a_fit_without_the_customer(fitted, monkeypatch):
    base, model, _ = fitted
    anew = clv.influence(base, model, top=2)
    assert anew.abs().max(axis=1).min() > 0.1  # so they were fitted anew
    monkeypatch.setattr(sys.modules["crmlab.clv.influence"], "ROUGH", np.inf)
    step = clv.influence(base, model, top=2)
    assert step.index.equals(anew.index)
    assert step.to_numpy() == pytest.approx(anew.to_numpy(), abs=0.03)


CRAMPED = """
from crmlab import load
from crmlab.customers import many
lines = load.orders("s.toml")
many.MANY = 1_000
load.engine().raw_sql("SET memory_limit = '60MB'; SET max_temp_directory_size = '1MB'")
try:
    many.numbered(lines)
except load.read.DataError as error:
    print(error.en, error.zh, sep="\\n")
print(sum(name.startswith("days_") for name in load.engine().list_tables()))
"""


def test_memory_and_disk_that_do_not_suffice_are_a_sentence(tmp_path):
    rows = (
        "SELECT 'customer' || hash(i) % 1000000 AS customer_id, i::DECIMAL(18,2) AS amount, "
        "DATE '2024-01-01' + (i % 300)::INT AS order_date FROM range(3000000) t(i)"
    )
    duckdb.sql(f"COPY ({rows}) TO '{tmp_path / 'lines.parquet'}'")
    columns = "".join(f'{c} = "{c}"\n' for c in ("customer_id", "order_date", "amount"))
    (tmp_path / "s.toml").write_text(
        f'currency = "CNY"\n[orders]\npath = "lines.parquet"\n{columns}'
    )
    command = [sys.executable, "-c", CRAMPED]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "s needs more memory than is allowed: set CRMLAB_MEMORY to more, such as 2GB.",
        "读取 s 所需内存超出上限：请调大环境变量 CRMLAB_MEMORY，例如 2GB。",
        "0",
    ]


@pytest.mark.parametrize("model", [clv.BgNbd, clv.ParetoNbd])
def test_scores_in_blocks_are_those_of_all_at_once(cdnow, monkeypatch, model):
    who = customers.summarise(cdnow)
    fitted = clv.fit(who, model=model)
    terms = {"horizon": 52.0, "discount_rate_annual": 0.1}

    def scores():
        return [
            clv.prob_alive(who, fitted),
            clv.expected_purchases(who, fitted, 39),
            clv.expected_purchases(who, fitted, np.full(len(who), 39.0)),
            clv.discounted_purchases(who, fitted, **terms),
            clv.discounted_lifetime(who, fitted, **terms),
        ]

    whole = scores()
    monkeypatch.setattr("crmlab.clv.scores.BLOCK", 500)
    for mine, expected in zip(scores(), whole, strict=True):
        pd.testing.assert_series_equal(mine, expected, check_exact=True)
