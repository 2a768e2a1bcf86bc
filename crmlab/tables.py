"""The tables that sources may hold: columns, types, units, what is allowed, other names.

One declaration serves the reading of files (`crmlab.load`), the checks (pandera)
and the data dictionary. What a column is called on the page is in the glossary,
``data/glossary.csv``, under the column's name.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandera.pandas as pa

Kind = Literal["id", "text", "code", "date", "money", "number", "integer", "flag"]

_DTYPES: dict[Kind, str] = {
    "id": "str", "text": "str", "code": "str", "date": "datetime64[us]", "money": "float64",
    "number": "float64", "integer": "Int64", "flag": "boolean",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its kind, whether it may be absent or empty, and its range."""

    kind: Kind
    unit: str = ""
    optional: bool = False  # the column may be absent
    nullable: bool = False  # a cell may be empty
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """Say what a cell may hold, in a form that both languages share."""
        if self.codes:
            return "{" + ", ".join(self.codes) + "}"
        if self.low is None and self.high is None:
            return self.kind
        return f"{self.kind} {self._bound(self.low)}..{self._bound(self.high)}"

    @staticmethod
    def _bound(value: float | None) -> str:
        return "" if value is None else f"{value:g}"


@dataclass(frozen=True)
class Table:
    """A table: the columns that identify a row, and all columns by name."""

    name: str
    key: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)

    @property
    def required(self) -> list[str]:
        return [name for name, column in self.columns.items() if not column.optional]

    def dtype(self, column: str) -> str:
        """Return the pandas type of a column once it is read."""
        return _DTYPES[self.columns[column].kind]


ORDERS = Table(
    "orders",
    key=(),  # lines of orders: a customer may buy the same thing twice on one day
    columns={
        "customer_id": Column("id", aliases=("CustomerID", "cust_id", "客户编号")),
        "order_date": Column("date", aliases=("InvoiceDate", "订单日期", "下单时间")),
        "amount": Column("money", "source currency", aliases=("revenue", "金额", "实付金额")),
        "order_id": Column("id", optional=True, aliases=("InvoiceNo", "订单编号")),
        "product_id": Column("id", optional=True, aliases=("StockCode", "SKU", "商品编号")),
        "quantity": Column("number", "units", optional=True, aliases=("Quantity", "数量")),
    },
)

ATTRIBUTES = (
    "concept", "conduct", "visual", "material", "spiritual", "social",
    "physical", "physiological", "psychological", "price", "art", "culture",
)  # fmt: skip
DIMENSIONS = ("quality", "service", "price", "trust")
STAY_REASONS = ("no_alternative", "habit", "convenience", "price", "reward", "value")

CUSTOMERS = Table(
    "customers",
    key=("customer_id",),
    columns={
        "customer_id": Column("id", aliases=("CustomerID", "cust_id", "客户编号")),
        "name": Column("text", optional=True, nullable=True, aliases=("客户名称", "姓名")),
        "kind": Column(
            "code", optional=True, nullable=True, codes=("noncontract", "contract"),
            aliases=("客户类型",),
        ),
        "nature": Column(
            "code", optional=True, nullable=True, codes=("retail", "commercial", "organisation"),
            aliases=("客户性质",),
        ),
        "industry": Column("code", optional=True, nullable=True, aliases=("行业",)),
        "region": Column("code", optional=True, nullable=True, aliases=("地区", "区域")),
        "acquired_on": Column("date", optional=True, nullable=True, aliases=("建档日期",)),
        "is_dealer": Column("flag", optional=True, nullable=True, aliases=("是否经销商",)),
        "acquisition_cost": Column(
            "money", "source currency", optional=True, nullable=True, low=0, aliases=("获客成本",)
        ),
        "potential": Column(
            "money", "source currency a year", optional=True, nullable=True, low=0,
            aliases=("年购买潜力",),
        ),
    },
)  # fmt: skip


def _answer(*aliases: str, low: float = 1, high: float = 10, optional: bool = True) -> Column:
    """Return the column of a question answered in whole steps, empty if not answered."""
    return Column(
        "integer", "points", optional=optional, nullable=True, low=low, high=high, aliases=aliases
    )


SURVEY = Table(
    "survey",
    key=("customer_id", "wave"),
    columns={
        "customer_id": Column("id", aliases=("CustomerID", "cust_id", "客户编号")),
        "wave": Column("integer", low=1, aliases=("调查期次", "期次")),
        "surveyed_on": Column("date", aliases=("调查日期",)),
        "responded": Column("flag", optional=True, aliases=("是否应答",)),
        **{f"item_{name}": _answer() for name in ATTRIBUTES},
        "satisfaction_overall": _answer("总体满意度", optional=False),
        "satisfaction_expectation": _answer("与期望相比"),
        "satisfaction_ideal": _answer("与理想相比"),
        "satisfaction_choice": _answer("选择是否正确"),
        "loyalty": _answer("忠诚度", high=5, optional=False),
        "loyalty_repeat": _answer("重复购买"),
        "loyalty_first_choice": _answer("首选"),
        "loyalty_stay": _answer("不会转向他家"),
        "emotion_concept": _answer("认同理念"),
        "emotion_conduct": _answer("认同行为"),
        "emotion_image": _answer("认同形象"),
        "intention_rebuy": _answer("再次购买意向"),
        "intention_extend": _answer("增加购买意向"),
        "recommend": _answer("推荐意愿", low=0, optional=False),
        "named_brand": Column("flag", optional=True, nullable=True, aliases=("是否指名购买",)),
        "minutes_to_choose": Column(
            "number", "minutes", optional=True, nullable=True, low=0, aliases=("挑选时间",)
        ),
        "price_tolerance": Column(
            "number", "% of the price", optional=True, nullable=True, low=0, aliases=("可接受涨价",)
        ),
        "rival_attitude": _answer("对竞争品牌的态度"),
        "quality_tolerance": _answer("对质量事故的承受能力"),
        "constraint": _answer("转换约束"),
        "incentive": Column("flag", optional=True, nullable=True, aliases=("是否享受奖励",)),
        "stay_reason": Column("code", optional=True, nullable=True, codes=STAY_REASONS),
        "convenience": _answer("便利"),
        "warmth": _answer("亲切"),
        "personal_fit": _answer("个性化程度"),
        **{
            f"orientation_{name}": _answer()
            for name in ("ethical", "economising", "personalising", "convenience")
        },
        **{f"expected_{name}": _answer() for name in DIMENSIONS},
        **{f"perceived_{name}": _answer() for name in DIMENSIONS},
    },
)

TABLES: dict[str, Table] = {table.name: table for table in (ORDERS, CUSTOMERS, SURVEY)}


def schema(table: Table) -> "pa.DataFrameSchema":
    """Return the pandera schema of a table that has been read into pandas."""
    import pandera.pandas as pa

    def checks(column: Column) -> list[pa.Check]:
        found = []
        if column.low is not None:
            found.append(pa.Check.ge(column.low))
        if column.high is not None:
            found.append(pa.Check.le(column.high))
        if column.codes:
            found.append(pa.Check.isin(column.codes))
        return found

    return pa.DataFrameSchema(
        {
            name: pa.Column(
                table.dtype(name),
                checks(column),
                nullable=column.nullable,
                required=not column.optional,
            )
            for name, column in table.columns.items()
        },
        unique=list(table.key) or None,
        report_duplicates="exclude_first",
    )
