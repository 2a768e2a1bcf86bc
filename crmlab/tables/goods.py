"""What is sold: products, stock, and the lines of orders."""

from crmlab.tables.base import Column, Table

CATEGORIES = ("stationery", "cleaning", "packaging", "tools", "kitchen", "electrical")
_MONEY = "source currency"

PRODUCTS = Table(
    "products",
    key=("product_id",),
    columns={
        "product_id": Column(
            "id",
            aliases=(
                "SKU",
                "StockCode",
                "商品编号",
                "商品编码",
                "物料编码",
                "存货编码",
                "产品编码",
                "货号",
                "article_id",
                "item_id",
            ),
        ),
        "category": Column(
            "code",
            optional=True,
            aliases=(
                "品类",
                "类目",
                "商品类别",
                "分类",
                "product_category",
                "product_category_name",
            ),
        ),
        "price": Column(
            "money",
            _MONEY,
            low=0,
            aliases=("list_price", "retail_price", "标价", "零售价", "售价", "吊牌价"),
        ),
        "unit_cost": Column(
            "money",
            _MONEY,
            low=0,
            aliases=("单位成本", "成本价", "成本单价", "进价", "cost", "cost_price"),
        ),
        "launched_on": Column("date", optional=True, nullable=True, aliases=("上市日期",)),
    },
)

INVENTORY = Table(
    "inventory",
    key=("product_id", "month"),
    columns={
        "product_id": Column(
            "id",
            aliases=(
                "SKU",
                "StockCode",
                "商品编号",
                "商品编码",
                "物料编码",
                "存货编码",
                "产品编码",
                "货号",
                "article_id",
                "item_id",
            ),
        ),
        "month": Column("date", aliases=("月份",)),
        "opening": Column("money", f"{_MONEY}, at list price", low=0, aliases=("期初库存",)),
        "closing": Column("money", f"{_MONEY}, at list price", low=0, aliases=("期末库存",)),
    },
)

ORDER_LINES = Table(
    "order_lines",
    key=("order_id", "line_number"),
    columns={
        "order_id": Column("id", aliases=("InvoiceNo", "订单编号", "订单号", "order_no")),
        "line_number": Column(
            "integer", low=1, aliases=("行号", "序号", "line_no", "line", "order_item_id")
        ),
        "product_id": Column("id", aliases=("SKU", "StockCode", "商品编号")),
        "quantity": Column("number", "units", aliases=("Quantity", "数量")),
        "price": Column("money", f"{_MONEY} a unit", low=0, aliases=("unit_price", "单价")),
        "discount": Column("money", f"{_MONEY}, of the line", optional=True, aliases=("折扣",)),
        "direct_cost": Column(
            "money", f"{_MONEY}, of the line", optional=True, low=0, aliases=("直接成本",)
        ),
    },
)

GOODS = (PRODUCTS, INVENTORY, ORDER_LINES)
