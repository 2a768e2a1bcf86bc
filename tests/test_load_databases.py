"""Do rows come from a database as from a file, and does its password stay where it is?"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb
import pytest

from crmlab import load
from crmlab.errors import DataError, RequestError

ROWS = [
    ("K001", "2024-01-05 10:00:00", "100.50"),
    ("K002", "2024-01-06 11:00:00", "-20.25"),
    ("K001", "2024-02-07 12:30:00", "1234567.89"),
    (None, "2024-02-08 00:00:00", "5.00"),
]
QUERY = "SELECT buyer, paid_at, paid FROM sales WHERE paid > -1000"


def source(folder, query=QUERY, variable="SHOP_DB"):
    toml = folder / "shop.toml"
    toml.write_text(
        f'currency = "CNY"\n[orders]\ndatabase = "{variable}"\nquery = "{query}"\n'
        'customer_id = "buyer"\norder_date = "paid_at"\namount = "paid"\n',
        encoding="utf-8",
    )
    return str(toml)


def assert_read(lines):
    told = lines.ledger.set_index("reason")["rows"]
    assert (told["rows_read"], told["rows_used"], told["no_customer_id"]) == (4, 3, 1)
    assert str(lines.table.amount.sum().execute()) == "1234648.14"
    assert lines.table.customer_id.nunique().execute() == 2
    assert str(lines.table.order_date.max().execute()) == "2024-02-07 12:30:00"


def test_a_duckdb_file_is_read(tmp_path, monkeypatch):
    with duckdb.connect(tmp_path / "shop.duckdb") as base:
        base.execute("CREATE TABLE sales(buyer VARCHAR, paid_at TIMESTAMP, paid DECIMAL(18,2))")
        base.executemany("INSERT INTO sales VALUES (?, ?, ?)", ROWS)
    monkeypatch.setenv("SHOP_DB", f"duckdb://{tmp_path / 'shop.duckdb'}")
    assert_read(load.orders(source(tmp_path)))


def test_a_sqlite_file_is_read(tmp_path, monkeypatch):
    import sqlite3

    with sqlite3.connect(tmp_path / "shop.sqlite") as base:
        base.execute("CREATE TABLE sales(buyer TEXT, paid_at TEXT, paid NUMERIC)")
        base.executemany("INSERT INTO sales VALUES (?, ?, ?)", ROWS)
    base.close()
    monkeypatch.setenv("SHOP_DB", f"sqlite://{tmp_path / 'shop.sqlite'}")
    assert_read(load.orders(source(tmp_path)))


def test_a_variable_that_is_not_set_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("SHOP_DB", raising=False)
    with pytest.raises(RequestError) as told:
        load.orders(source(tmp_path))
    assert told.value.en == (
        "the environment variable SHOP_DB, which should hold the database's connection, is not set."
    )


def test_a_connection_in_the_toml_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(DataError) as told:
        load.orders(source(tmp_path, variable="postgres://boss:geheim@db/shop"))
    assert "geheim" not in told.value.en + told.value.zh
    assert "orders.database may hold a password" in told.value.en


def test_a_database_source_is_never_called_unchanged(tmp_path):
    found = load.find(source(tmp_path))
    assert load.fingerprint(found) != load.fingerprint(found)


# --- a real PostgreSQL server on loopback ----------------------------------------------------
PASSWORD = "geheim-und-lang"


def binaries():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """Start a server with a password on a free port; yield its URL; stop it."""
    folder = binaries()
    if folder is None:
        assert not os.environ.get("CI"), "CI must have PostgreSQL (.ci/run installs it)"
        pytest.skip("no PostgreSQL server on this machine: apt-get install postgresql")
    data = Path(tempfile.gettempdir()) / f"crmlab-test-pg-{os.getpid()}"  # the server may enter
    data.mkdir()
    (data / "pw").write_text(PASSWORD)
    as_user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(data, "postgres")
        shutil.chown(data / "pw", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = {"check": True, "capture_output": True, "cwd": data, "timeout": 60}
    initdb = [folder / "initdb", "-D", data / "base", "-U", "boss", "--pwfile", data / "pw", "-A"]
    subprocess.run([*as_user, *map(str, initdb), "scram-sha-256", "--no-sync"], **run)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {data}"
    control = [*as_user, str(folder / "pg_ctl"), "-D", str(data / "base")]
    log = ["-l", str(data / "log"), "-w", "start"]
    subprocess.run([*control, "-o", options, *log], **run)
    yield f"postgres://boss:{PASSWORD}@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "-m", "immediate", "stop"], **run)
    shutil.rmtree(data)


@pytest.fixture
def shop(postgres, monkeypatch):
    import psycopg

    monkeypatch.setenv("SHOP_DB", postgres)
    with psycopg.connect(postgres.replace("postgres://", "postgresql://"), autocommit=True) as base:
        base.execute("DROP TABLE IF EXISTS sales")
        base.execute("CREATE TABLE sales(buyer text, paid_at timestamp, paid numeric(18,2))")
        for row in ROWS:
            base.execute("INSERT INTO sales VALUES (%s, %s, %s)", row)
        yield base


def test_a_postgresql_server_is_read(tmp_path, shop):
    assert_read(load.orders(source(tmp_path)))


def test_a_large_table_comes_by_batches(tmp_path, shop):
    shop.execute(
        "INSERT INTO sales SELECT 'B' || i % 1000, timestamp '2024-01-01' + i * interval '1 min', "
        "i % 97 FROM generate_series(1, 250000) AS s(i)"
    )
    lines = load.orders(source(tmp_path))
    assert lines.rows == 250_003


def test_a_refused_query_says_so_without_the_connection(tmp_path, shop):
    with pytest.raises(DataError) as told:
        load.orders(source(tmp_path, query="SELECT nothing FROM nowhere"))
    assert told.value.en.startswith("the database of SHOP_DB refuses the query (")
    assert "nowhere" in told.value.en
    for secret in (PASSWORD, "boss", "127.0.0.1"):
        assert secret not in told.value.en + told.value.zh


def test_a_wrong_password_is_a_sentence_without_it(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv("SHOP_DB", postgres.replace(PASSWORD, "falsch-aber-lang"))
    with pytest.raises(DataError) as told:
        load.orders(source(tmp_path))
    assert told.value.en.startswith("the database of SHOP_DB cannot be reached (")
    assert "falsch" not in told.value.en + told.value.zh


def test_no_server_is_a_sentence_in_reasonable_time(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DB", "postgres://boss:geheim@127.0.0.1:1/shop")
    begun = time.monotonic()
    with pytest.raises(DataError) as told:
        load.orders(source(tmp_path))
    assert told.value.en.startswith("the database of SHOP_DB cannot be reached (")
    assert "geheim" not in told.value.en
    assert time.monotonic() - begun < 30  # it must not hang
