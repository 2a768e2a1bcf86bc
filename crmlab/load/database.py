"""Rows of a database, through Ibis' own backends, by batches into Parquet.

The connection stands in an environment variable; neither it nor a driver's message, which
may repeat it, is ever told.
"""

import os
import re
from pathlib import Path
from typing import Any

from crmlab.errors import DataError, RequestError
from crmlab.load.encoding import new_file
from crmlab.load.source import File
from crmlab.load.sql import literal

BATCH = 100_000


def sql(file: File, scratch: Path) -> str:
    """Fetch a query's rows into Parquet; return the SQL that reads them.

    Raises
    ------
    RequestError
        If the environment variable is not set, or a package for it is not installed.
    DataError
        If the database cannot be reached, or refuses the query.
    """
    from pyarrow import parquet

    path = new_file(scratch, ".parquet")
    connection = _connected(file.database)
    try:
        asked = connection.sql(file.query)
        schema = asked.schema().to_pyarrow()
        with parquet.ParquetWriter(path, schema) as writer:
            for batch in asked.to_pyarrow_batches(chunk_size=BATCH):
                writer.write_batch(batch.cast(schema) if batch.schema != schema else batch)
    except Exception as error:  # whatever the driver raises
        raise _refused(file.database, "refuses the query", "拒绝了查询", error) from None
    finally:
        connection.disconnect()
    return f"SELECT * FROM read_parquet({literal(str(path))})"


def _connected(variable: str) -> Any:
    import ibis

    url = os.environ.get(variable)
    if not url:
        raise RequestError(
            en=f"the environment variable {variable}, which should hold the database's "
            "connection, is not set.",
            zh=f"环境变量 {variable} 未设置；它应存放数据库的连接串。",
        )
    try:
        return ibis.connect(url)
    except (ImportError, ModuleNotFoundError) as error:
        raise RequestError(
            en=f"a package is missing for the database of {variable} ({error.name}); for "
            "PostgreSQL: pip install 'crmlab[postgres]'.",
            zh=f"缺少访问 {variable} 所需的包（{error.name}）；PostgreSQL 请安装 "
            "'crmlab[postgres]'。",
        ) from None
    except Exception as error:  # whatever the driver raises
        raise _refused(variable, "cannot be reached", "无法连接", error) from None


def _refused(variable: str, en: str, zh: str, error: Exception) -> DataError:
    """Return what a driver said, without the connection or anything that it holds."""
    told = f"{type(error).__name__}: {str(error).split(chr(10))[0]}"
    url = os.environ.get(variable, "")
    for part in sorted({url, *re.split(r"[/:@?&=]+", url)}, key=len, reverse=True):
        if len(part) > 2:
            told = told.replace(part, "…")
    told = re.sub(r"\w+://\S+", "…", told)[:200]
    return DataError(
        en=f"the database of {variable} {en} ({told}).", zh=f"{variable} 的数据库{zh}（{told}）。"
    )
