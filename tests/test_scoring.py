"""Does scoring by histories give each customer what scoring customers gives, and write it whole?"""

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crmlab import clv, customers, load
from crmlab.__main__ import main
from crmlab.scoring import score, told

TERMS = {"horizon": 52, "margin": 0.3, "discount_rate_annual": 0.1}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("scores") / "customers.parquet"
    return score("cdnow", str(path)), pd.read_parquet(path).set_index("customer_id").sort_index()


def test_each_customer_has_the_scores_of_the_package(written):
    done, found = written
    who = customers.summarise(load.orders("cdnow"))
    pd.testing.assert_index_equal(found.index.astype(str), who.index.astype(str))
    for column in ("frequency", "recency", "T", "monetary_value", "orders", "spend"):
        np.testing.assert_array_equal(found[column], who[column])
    alive, ahead = clv.prob_alive(who, done.model), clv.expected_purchases(who, done.model, 52)
    np.testing.assert_allclose(found["prob_alive"], alive, rtol=1e-12)
    np.testing.assert_allclose(found["expected_purchases"], ahead, rtol=1e-12)
    np.testing.assert_allclose(found["expected_spend"], clv.expected_spend(who, done.spend))
    value = clv.residual_value(who, done.model, done.spend, **TERMS)
    np.testing.assert_allclose(found["residual_value"], value, rtol=1e-9)
    assert done.value == pytest.approx(value.sum())
    assert (done.customers, done.histories) == (
        2357,
        len(who.value_counts(["frequency", "recency", "T"])),
    )


def test_the_value_has_the_interval_of_the_page(written):
    done, _ = written
    who = customers.summarise(load.orders("cdnow"))

    def total(each, buys, spends):
        return pd.Series([clv.residual_value(each, buys, spends, **TERMS).sum()])

    page = clv.interval(total, done.model, done.spend, who).iloc[0]
    assert done.reach == pytest.approx(page["high"] - page["value"], rel=0.05)
    low, high = done.value - done.reach, done.value + done.reach
    assert 0 < low < done.value < high
    assert f"{low:,.0f}"[:4] in told(done, "en")[-1]
    assert "95% 区间" in told(done, "zh")[-1]


def test_a_margin_of_nothing_is_worth_nothing_and_that_is_said(tmp_path):
    done = score("cdnow", str(tmp_path / "x.parquet"), margin=0.0)
    assert (done.value, done.reach) == (0.0, 0.0)
    assert "$0.00 (95% interval $0.00 to $0.00)" in told(done, "en")[-1]


def test_the_models_are_those_of_customers(written):
    done, _ = written
    who = customers.summarise(load.orders("cdnow"))
    assert done.model.parameters.to_numpy() == pytest.approx(clv.fit(who).parameters, rel=1e-9)
    spend = clv.fit(who, model=clv.GammaGamma)  # its cells hold spends within two thousandths
    assert done.spend.parameters.to_numpy() == pytest.approx(spend.parameters, rel=2e-3)
    assert done.spend.mean_spend == pytest.approx(spend.mean_spend, rel=2e-4)


def test_parts_of_the_customers_make_the_same(written, tmp_path, monkeypatch):
    from crmlab.load import write

    _, whole = written
    monkeypatch.setattr(write, "memory_limit", lambda: 75_000)
    assert len(load.passes(load.orders("cdnow"))) > 3
    score("cdnow", str(tmp_path / "x.parquet"))
    found = pd.read_parquet(tmp_path / "x.parquet").set_index("customer_id").sort_index()
    pd.testing.assert_frame_equal(found, whole, check_exact=True)


def test_spend_that_is_nothing_counts_as_typical(tmp_path):
    lines = load.orders("cdnow").to_pandas()
    free = lines["customer_id"].str.endswith("7")
    lines.assign(amount=lines["amount"].mask(free, 0)).to_csv(tmp_path / "o.csv", index=False)
    (tmp_path / "s.toml").write_text(
        'currency = "EUR"\n[orders]\npath = "o.csv"\ncustomer_id = "customer_id"\n'
        'order_date = "order_date"\namount = "amount"\n'
    )
    source = str(tmp_path / "s.toml")
    done = score(source, str(tmp_path / "x.parquet"), model="Pareto/NBD")
    found = pd.read_parquet(tmp_path / "x.parquet").set_index("customer_id").sort_index()
    who = customers.summarise(load.orders(source))
    assert ((who["monetary_value"] == 0) & (who["frequency"] > 0)).any()
    np.testing.assert_allclose(found["expected_spend"], clv.expected_spend(who, done.spend))


def typed_source(folder):
    (folder / "s.toml").write_text(
        'currency = "USD"\n[orders]\npath = "o.parquet"\ncustomer_id = "customer_id"\n'
        'order_date = "order_date"\namount = "amount"\n'
    )
    return str(folder / "s.toml")


@pytest.mark.parametrize("odd", ["A7 ", "", "Ａ７", "合计"])
def test_ids_that_need_cleaning_are_found_among_the_customers(tmp_path, odd):
    lines = load.orders("cdnow").to_pandas()[["customer_id", "order_date", "amount"]]
    paid = pa.array([Decimal(f"{amount:.2f}") for amount in lines["amount"]])

    def scores(ids):
        rows = {"customer_id": ids, "order_date": lines["order_date"]}
        rows["amount"] = paid.cast(pa.decimal128(18, 2))
        pq.write_table(pa.table(rows), tmp_path / "o.parquet")
        done = score(typed_source(tmp_path), str(tmp_path / "x.parquet"), force=True)
        found = pd.read_parquet(tmp_path / "x.parquet")
        return done.lines, found.set_index("customer_id").sort_index()

    first = lines["customer_id"] == lines["customer_id"].iloc[0]
    kept, clean = scores(lines["customer_id"].tolist())
    cleaned, found = scores(lines["customer_id"].mask(first, odd).tolist())
    assert kept.staged is None
    assert (cleaned.staged is None) == (odd == "")  # an empty one is left out as it lies there
    assert odd not in found.index
    same = clean.index.intersection(found.index)
    assert len(same) == len(clean) - 1
    history = ["frequency", "recency", "T", "orders", "spend"]
    pd.testing.assert_frame_equal(found.loc[same, history], clean.loc[same, history])


def refused(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["crmlab", "score", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def test_what_is_there_stays_unless_force_is_said(tmp_path, monkeypatch, capsys):
    path = tmp_path / "x.parquet"
    path.write_text("mine")
    told = refused(monkeypatch, capsys, "cdnow", "--out", path, "--lang", "en")
    assert told.endswith("x.parquet is there already; --force replaces it.")
    assert path.read_text() == "mine"
    score("cdnow", str(path), force=True)
    assert len(pd.read_parquet(path)) == 2357
    assert [each.name for each in tmp_path.iterdir()] == ["x.parquet"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--model", "BG"], "there is no model 'BG'; allowed: BG/NBD, MBG/NBD, Pareto/NBD."),
        (["--engine", "dask"],
         "there is no engine 'dask'; allowed: duckdb, pyspark, sc://host:15002."),
        (["--as-of", "2030-01-01"], "as_of 2030-01-01 is outside the data of cdnow"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_a_sentence(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.setenv("CRMLAB_ENGINE", "")  # so that it is taken back
    told = refused(monkeypatch, capsys, "cdnow", "--out", tmp_path / "x", "--lang", "en", *words)
    assert sentence in told
    assert not list(tmp_path.iterdir())


def test_a_killed_process_leaves_nothing_after_the_next(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    target = tmp_path / "x.parquet"
    script = (
        "import sys\nfrom crmlab import load, scoring\n"
        "rows = 'SELECT range AS n, hash(range) AS h FROM range(10000000000)'\n"
        "write = load.write_parquet\n"
        "load.write_parquet = lambda table, target: write(load.engine().sql(rows), target)\n"
        "scoring.score('cdnow', sys.argv[1])\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, target], env=environment) as killed:
        while not any(each.stat().st_size for each in tmp_path.glob(".x.parquet.part-*")):
            assert killed.poll() is None
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
    assert list(tmp_path.glob(".x.parquet.part-*")), "what is half-written has another name"
    assert not target.exists()
    assert list(temporary.iterdir()), "what a killed process leaves"
    command = [sys.executable, "-m", "crmlab", "score", "cdnow", "--out", str(target)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["tmp", "x.parquet"]
    assert not list(temporary.iterdir())


def test_a_folder_of_other_files_is_never_replaced(tmp_path, monkeypatch, capsys):
    (tmp_path / "thesis.docx").write_text("years of work")
    told = refused(monkeypatch, capsys, "cdnow", "--out", tmp_path, "--lang", "en", "--force")
    assert told.endswith("is a folder of other files; name a file to write.")
    assert (tmp_path / "thesis.docx").read_text() == "years of work"
