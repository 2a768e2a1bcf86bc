"""Spark, where one machine is too small: the session that a source's ``engine`` asks for."""

import os
import re
import socket
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crmlab.errors import DataError, RequestError
from crmlab.load.sql import MEMORY, THREADS, folder, quarter_of_memory

if TYPE_CHECKING:
    from ibis.backends.pyspark import Backend
    from ibis.expr.types import Table

LOCAL = "pyspark"
REMOTE = "sc://"
PATIENCE = 20  # seconds
ALLOWED = f"duckdb, {LOCAL}, {REMOTE}host:15002"


def is_spark(engine: str) -> bool:
    """Return whether an engine's name asks for Spark.

    >>> is_spark("duckdb"), is_spark("pyspark"), is_spark("sc://spark.example.com:15002")
    (False, True, True)
    """
    return engine == LOCAL or engine.startswith(REMOTE)


@cache
def spark(engine: str) -> "Backend":
    """Return the process's connection to Spark, whose session speaks UTC.

    Parameters
    ----------
    engine : str
        ``"pyspark"``: on all cores of this machine, or ``"sc://host:port"``: a Spark Connect
        server.

    Raises
    ------
    RequestError
        If pyspark or Java is missing, or the server does not answer.
    """
    try:
        import ibis
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise RequestError(
            en=f'engine "{engine}" needs Spark: pip install "crmlab[spark]", and Java 17 or newer.',
            zh=f'引擎 "{engine}" 需要 pip install "crmlab[spark]" 和 Java 17 或更高版本。',
        ) from None
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        builder: Any = SparkSession.builder
        if engine == LOCAL:
            for name, value in _settings().items():
                builder = builder.config(name, value)
            session = builder.master(f"local[{os.environ.get(THREADS) or '*'}]").getOrCreate()
        else:
            _knock(engine)
            session = builder.remote(engine).getOrCreate()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        return ibis.pyspark.connect(session)
    except (PySparkException, OSError, ValueError) as error:
        reason = _first_line(error)
        raise RequestError(
            en=f'engine "{engine}" cannot be reached: {reason}',
            zh=f'无法连接引擎 "{engine}"：{reason}',
        ) from None


def _knock(engine: str) -> None:
    """See whether anybody listens: Spark's own client would ask for ten minutes."""
    address = urlsplit(engine)
    with socket.create_connection((address.hostname or "", address.port or 15002), PATIENCE):
        pass


def read(engine: str, address: str) -> "Table":
    """Return a Parquet file, or a folder of them, as a table of Spark.

    Ibis does not tell Spark's two kinds of times apart; here those with a zone get one.

    Raises
    ------
    RequestError, DataError
        If Spark cannot be reached, or does not read it.
    """
    connection = spark(engine)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    try:
        kinds = SparkSession.active().read.parquet(address).dtypes
        table = connection.read_parquet(address)
        return table.cast({c: "timestamp('UTC')" for c, kind in kinds if kind == "timestamp"})
    except PySparkException as error:
        name, reason = address.rstrip("/").rsplit("/", 1)[-1], _first_line(error)
        raise DataError(
            en=f"Spark cannot read {name}: {reason}", zh=f"Spark 无法读取 {name}：{reason}"
        ) from None


def _first_line(error: Exception) -> str:
    """Return what an error says, without addresses of files."""
    return re.sub(r"\w+:/\S*/", "", str(error).strip().split("\n")[0])[:200]


def _settings() -> dict[str, str]:
    """Return the settings of a local session: quiet, and within this machine."""
    memory = (os.environ.get(MEMORY) or quarter_of_memory() or "4GB").lower().removesuffix("b")
    return {
        "spark.driver.memory": memory,
        "spark.local.dir": str(folder()),
        "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 2)),
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
