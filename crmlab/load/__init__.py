"""A source in: checked, typed tables in the engine, with a ledger of what was left out."""

from crmlab.load.look import Look, look
from crmlab.load.named import NAMED
from crmlab.load.read import Lines, orders, table, unlooked_orders
from crmlab.load.rejected import rejected
from crmlab.load.source import File, Source, find, fingerprint
from crmlab.load.sql import engine
from crmlab.load.typed import are_clean
from crmlab.load.write import passes, require_free, stored, write_parquet

__all__ = [
    "NAMED", "File", "Lines", "Look", "Source", "are_clean", "engine", "find", "fingerprint",
    "look", "orders", "passes", "rejected", "require_free", "stored", "table", "unlooked_orders",
    "write_parquet",
]  # fmt: skip
