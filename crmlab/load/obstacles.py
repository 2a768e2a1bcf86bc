"""Which files' rows can be used as they lie there, and why those of others cannot."""

import duckdb
import ibis
from ibis.expr.types import Table as IbisTable

from crmlab.load.source import File
from crmlab.load.spark import is_spark, read
from crmlab.load.sql import engine
from crmlab.tables import Table

Told = tuple[str, str]


def obstacles(ours: Table, file: File) -> list[Told]:
    """Return why a table's rows cannot be used as they lie in its files; nothing if they can."""
    rules, form = file.rules, file.form
    refunds = rules.refunds != "own_day" or rules.cancel_prefix or "refund_amount" in file.ours
    elsewhere = not (file.paths or file.remote) or file.query or file.database
    why = {
        ("its files are no Parquet", "文件不是 Parquet"): elsewhere
        or any(path.suffix.lower() != ".parquet" for path in file.paths),
        ("it has columns of one value", "含有取固定值的列"): file.constants,
        ("money_unit or tax_included is set", "设置了 money_unit 或 tax_included"): (
            (form.unit, form.tax_included) != (1, 0)
        ),
        ("duplicates are dropped", "需要删除重复行"): rules.duplicates != "keep",
        ("its grain is not the line", "一行不是一条明细"): rules.grain != "line",
        ("refunds are worked out", "需要推算退款"): refunds,
        ("amounts are made of quantity and price", "金额由数量与单价计算"): (
            ours.name == "orders" and "amount" not in file.ours
        ),
        ("a part of the rows is asked for", "只要求部分行"): file.where,
    }
    return [told for told, holds in why.items() if holds]


def parquet(file: File, name: str) -> IbisTable | None:
    """Return Parquet files of the same columns and types as one table of an engine, if they are.

    Raises
    ------
    RequestError, DataError
        If Spark cannot be reached, or does not read a file.
    """
    if any(not path.is_file() or not path.stat().st_size for path in file.paths):
        return None  # to be told by who reads files one by one
    if is_spark(name):
        each = [read(name, path.as_uri()) for path in file.paths]
        each += [read(name, address) for address in file.remote]
    else:
        try:
            each = [engine().read_parquet(str(path)) for path in file.paths]
        except duckdb.Error:
            return None
    if any(table.schema() != each[0].schema() for table in each):
        return None
    return ibis.union(*each) if len(each) > 1 else each[0]
