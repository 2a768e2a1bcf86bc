"""Is the answer the same on DuckDB, on Spark and through Spark Connect, bit for bit?"""

import os
import pickle
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[1]
LINES = 3_000
QUICK = {  # for few rows: no code is generated, one task each
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}
CONFIG = [word for name, value in QUICK.items() for word in ("--conf", f"{name}={value}")]
ASK = """
import pickle, sys
from crmlab import customers, load
from crmlab.check import findings
lines = load.orders(sys.argv[1])
told = {"engine": lines.table.get_backend().name, "rows": lines.rows, "ledger": lines.ledger,
        "span": (lines.first_day, lines.as_of)}
told["findings"] = [found.en for found in findings(lines)]
told["summary"] = customers.summarise(lines, time_unit="W")
told["panel"] = customers.panel(lines, unit="M")
told["periods"] = customers.purchase_periods(lines, unit="W")
told["paying"] = customers.summarise(lines, time_unit="M", zero_spend="drop", as_of="2024-01-31")
told["split"] = customers.split(lines, holdout_weeks=20)
summary = customers.summary(lines)
told["cells"], told["spend cells"] = customers.cells(summary), customers.spend_cells(summary)
told["gaps"] = customers.gaps(lines)
told["cohorts"] = customers.cohorts(lines)
told["times"] = customers.repeat_times(lines, "7")
told["contact"] = customers.may_contact(sys.argv[1], lines).eligible.sort_index()
again = customers.summarise(lines, time_unit="W")
assert again.equals(told["summary"]), "twice the same"
pickle.dump(told, open(sys.argv[2], "wb"))
"""


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """Lines with nulls, refunds, duplicates, ties, and times that a zone moves over midnight."""
    rng = np.random.default_rng(7)
    day = np.datetime64("2023-06-01T00:00:00", "us")
    when = day + rng.integers(0, 300, LINES) * np.timedelta64(86_400_000_000, "us")
    edges = [0, 1, 57_599_999_999, 57_600_000_000, 86_399_999_999]  # 16:00 UTC is midnight there
    when += rng.choice(edges, LINES).astype("timedelta64[us]")
    cents = rng.choice(
        [0, 1, 999, 12_345, -999, -12_345], LINES, p=[0.1, 0.2, 0.3, 0.3, 0.05, 0.05]
    )
    frame = pa.table(
        {
            "who": pa.array(rng.integers(1, 200, LINES).astype(str)),
            "when": pa.array(when, pa.timestamp("us", tz="UTC")),
            "paid": pa.array(cents / 100).cast(pa.decimal128(18, 2)),
            "state": pa.array(rng.choice(["paid", "closed", None], LINES, p=[0.8, 0.1, 0.1])),
            "agrees": pa.array(rng.choice([True, False, None], LINES)),
        }
    )
    hole = lambda name, share: pa.array(  # noqa: E731
        [None if lost else cell.as_py() for lost, cell in
         zip(rng.random(LINES) < share, frame[name], strict=True)], frame.schema.field(name).type
    )  # fmt: skip
    for place, name in enumerate(("who", "when", "paid")):
        frame = frame.set_column(place, name, hole(name, 0.02))
    frame = pa.concat_tables([frame, frame.slice(0, 40)])
    folder = tmp_path_factory.mktemp("engines")
    for nth, part in enumerate((frame.slice(0, 1_700), frame.slice(1_700))):
        pq.write_table(part, folder / f"lines-{nth}.parquet")
    (folder / "s.toml").write_text(
        'currency = "CNY"\ntime_zone = "Asia/Shanghai"\nas_of = 2024-03-15\n[orders]\n'
        'path = "lines-*.parquet"\ncustomer_id = "who"\norder_date = "when"\namount = "paid"\n'
        'status = "state"\ndrop_status = ["closed"]\nconsent = "agrees"\n'
    )
    return folder / "s.toml"


def asked(source, engine):
    """Return what a process of its own finds on an engine."""
    target = source.with_name(f"{engine.partition(':')[0]}.pickle")
    command = [sys.executable, "-c", ASK, str(source), str(target)]
    environment = {**os.environ, "CRMLAB_ENGINE": engine, "CRMLAB_MEMORY": "2GB"}
    environment["PYSPARK_SUBMIT_ARGS"] = shlex.join([*CONFIG, "pyspark-shell"])
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return pickle.loads(target.read_bytes())


@pytest.fixture(scope="session")
def expected(source):
    return asked(source, "duckdb")


def same(found, expected):
    """Compare all that was asked, to the last bit."""
    assert found.keys() == expected.keys()
    for name in [each for each in expected if each != "engine"]:
        mine, theirs = found[name], expected[name]
        if isinstance(theirs, pd.DataFrame):
            pd.testing.assert_frame_equal(mine, theirs, check_exact=True, obj=name)
        elif isinstance(theirs, pd.Series):
            pd.testing.assert_series_equal(mine, theirs, check_exact=True, obj=name)
        else:
            assert np.array_equal(mine, theirs), name


@pytest.fixture(scope="session")
def java():
    if shutil.which("java") is None:
        assert not os.environ.get("CI"), "CI must have Java 17"
        pytest.skip("no Java on this machine, so no Spark: install Java 17")


def test_the_lines_hold_what_could_tell_engines_apart(expected):
    told = expected["ledger"].set_index("reason")["rows"]
    odd = {"no_customer_id", "no_order_date", "no_amount", "wrong_status", "after_as_of"}
    assert odd | {"negative_amount", "zero_amount", "exact_duplicates"} <= set(told.index)
    assert (expected["summary"]["frequency"] == 0).any()
    assert expected["summary"]["monetary_value"].isna().any()


def test_spark_on_this_machine_gives_the_same(source, expected, java):
    found = asked(source, "pyspark")
    assert found["engine"] == "pyspark"
    same(found, expected)


def test_customers_are_scored_on_spark_as_on_duckdb(tmp_path, java):
    from crmlab import load

    lines = load.orders("cdnow").to_pandas().drop(columns="quantity")
    paid = pa.array(lines["amount"].round(2).astype(str)).cast(pa.decimal128(18, 2))
    table = pa.Table.from_pandas(lines, preserve_index=False)
    pq.write_table(table.set_column(2, "amount", paid), tmp_path / "o.parquet")
    (tmp_path / "s.toml").write_text(
        'currency = "USD"\n[orders]\npath = "o.parquet"\ncustomer_id = "customer_id"\n'
        'order_date = "order_date"\namount = "amount"\n'
    )
    found = {}
    for engine in ("duckdb", "pyspark"):
        assert scored(tmp_path, tmp_path / engine, engine).returncode == 0
        found[engine] = pd.read_parquet(tmp_path / engine).sort_values(
            "customer_id", ignore_index=True
        )
    for column in ("first_order", "last_order"):  # Spark's files have them in nanoseconds
        found["pyspark"][column] = found["pyspark"][column].astype(found["duckdb"][column].dtype)
    pd.testing.assert_frame_equal(found["pyspark"], found["duckdb"], check_exact=True)

    disk = tmp_path / "full"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=60k", "none", disk]
    if subprocess.run(mounted, capture_output=True).returncode:
        return  # the rest needs a disk of its own, which only root may mount
    for engine in ("duckdb", "pyspark"):
        told = scored(tmp_path, disk / "x", engine)
        assert told.returncode == 2
        assert told.stderr.splitlines()[-1].endswith(
            "x cannot be written: the disk, or that of the temporary folder (TMPDIR), is full."
        )
        assert not list(disk.iterdir())
    subprocess.run(["umount", disk], check=True)


def scored(folder, target, engine):
    """Run `crmlab score` on the source in a folder."""
    words = ["score", folder / "s.toml", "--out", target, "--engine", engine, "--lang", "en"]
    settings = {**os.environ, "PYSPARK_SUBMIT_ARGS": shlex.join([*CONFIG, "pyspark-shell"])}
    command = [sys.executable, "-m", "crmlab", *map(str, words)]
    return subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, text=True)


def test_a_spark_connect_server_gives_the_same(source, expected, java, tmp_path):
    import pyspark

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        Path(pyspark.__file__).parent / "bin" / "spark-submit", "--master", "local[2]",
        "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
        "--conf", f"spark.connect.grpc.binding.port={port}", "--conf", "spark.ui.enabled=false",
        "--conf", "spark.connect.grpc.binding.address=127.0.0.1",
        "--conf", f"spark.local.dir={tmp_path}", *CONFIG,
    ]  # fmt: skip
    settings = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    with open(tmp_path / "server.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=settings, cwd=tmp_path)
    try:
        wait_for(port, server, tmp_path / "server.log")
        found = asked(source, f"sc://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(30)
    assert found["engine"] == "pyspark"
    same(found, expected)


def wait_for(port, server, log):
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, log.read_text(encoding="utf-8")[-2000:]
        time.sleep(0.3)
    raise AssertionError(log.read_text(encoding="utf-8")[-2000:])


def test_a_server_that_is_not_there_is_a_sentence(monkeypatch, source):
    from crmlab import load
    from crmlab.errors import RequestError

    monkeypatch.setenv("CRMLAB_ENGINE", "sc://127.0.0.1:1")
    with pytest.raises(RequestError) as told:
        load.orders(str(source))
    sentence = 'engine "sc://127.0.0.1:1" cannot be reached: [Errno 111] Connection refused'
    assert told.value.en == sentence


@pytest.mark.parametrize(
    ("engine", "sentence"),
    [
        ("duckdb", 'orders lies on a cluster: engine = "sc://host:15002" or "pyspark" reads it.'),
        ("spark", "s.toml: engine is 'spark'; allowed: duckdb, pyspark, sc://host:15002."),
    ],
)
def test_files_on_a_cluster_need_spark(tmp_path, engine, sentence):
    from crmlab import load
    from crmlab.errors import DataError

    (tmp_path / "s.toml").write_text(
        f'currency = "CNY"\nengine = "{engine}"\n[orders]\npath = "s3a://warehouse/orders/"\n'
        'customer_id = "who"\norder_date = "when"\namount = "paid"\n'
    )
    with pytest.raises(DataError) as told:
        load.orders(str(tmp_path / "s.toml"))
    assert told.value.en == sentence
