"""Messy exports as analysts have them, each written from the same purchases, whose sums are known.

Every maker takes a folder, writes its files there and returns an `Export`: the files to map, the
money and the customers that must come out.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import xlsxwriter

SEED = 2026


@dataclass(frozen=True)
class Export:
    """Files of one export, and what a right reading of them finds."""

    files: list[Path]
    money: float
    customers: int
    notebook: str = "clv"
    currency: str = ""


def purchases(customers: int = 320, days: int = 730) -> pd.DataFrame:
    """Return purchases of customers who come at a rate of their own and leave after a while."""
    rng = np.random.default_rng(SEED)
    rows = []
    for n in range(customers):
        when = rng.uniform(0, days * 0.6)
        gone = when + rng.exponential(400)
        gap = rng.gamma(2, 25)
        while when < min(gone, days):
            rows.append((f"{n:05}", int(when), round(float(rng.gamma(3, 60)) + 5, 2)))
            when += rng.exponential(gap) + 1
    found = pd.DataFrame(rows, columns=["who", "day", "paid"])
    day = pd.Timestamp("2023-01-02") + pd.to_timedelta(found["day"], unit="D")
    found = found.assign(when=day + pd.to_timedelta(rng.integers(9, 21, len(found)), unit="h"))
    found = found.sort_values(["when", "who"], ignore_index=True)
    return found.assign(order=[f"{20230000 + n}" for n in range(len(found))])


def written(folder: Path, name: str, lines: list[str], encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def expected(files: Path | list[Path], used: pd.DataFrame, money: float | None = None, **more: str):
    total = used["paid"].sum() if money is None else money
    listed = files if isinstance(files, list) else [files]
    return Export(listed, round(float(total), 2), used["who"].nunique(), **more)


def yuan(amount: float) -> str:
    return f'"￥{amount:,.2f}"'


def taobao(folder: Path) -> Export:
    """A shop platform's CSV in GB18030: ids like ="123", closed orders, two amounts, a phone."""
    sold = purchases()
    state = np.where(np.arange(len(sold)) % 9 == 4, "交易关闭", "交易成功")
    head = (
        "订单编号,买家会员名,买家应付货款,买家实际支付金额,订单状态,收货人姓名,联系手机,"
        "订单创建时间,订单付款时间"
    )
    lines = [
        f'="{row.order}",会员{row.who},{yuan(row.paid + 10)},{yuan(row.paid)},{status},张三,'
        f"138{int(row.who):08},{row.when:%Y-%m-%d %H:%M:%S},{row.when:%Y-%m-%d %H:%M:%S}"
        for row, status in zip(sold.itertuples(), state, strict=True)
    ]
    path = written(folder, "订单报表.csv", [head, *lines], "gb18030")
    return expected(path, sold[state == "交易成功"], currency="CNY", notebook="segmentation")


def erp(folder: Path) -> Export:
    """An ERP's sheet: title, period, merged documents, net and gross amounts, totals, footnote."""
    sold = purchases()
    path = folder / "销售出库明细.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page, day = book.add_worksheet("销售出库"), book.add_format({"num_format": "yyyy-mm-dd"})
        page.merge_range(0, 0, 0, 7, "销售出库明细表")
        page.write(1, 0, "期间：2023年1月至2024年12月")
        heads = [
            "单据日期",
            "单据编号",
            "客户编码",
            "客户名称",
            "数量",
            "不含税金额",
            "税额",
            "价税合计",
        ]
        page.write_row(3, 0, heads)
        for n, row in enumerate(sold.itertuples(), start=4):
            page.write_datetime(n, 0, row.when.to_pydatetime().replace(hour=0), day)
            tax = round(row.paid * 0.13, 2)
            cells = [f"XS{row.order}", row.who, f"客户{row.who}", 1, row.paid, tax, row.paid + tax]
            page.write_row(n, 1, cells)
        page.write_row(n + 1, 0, ["合计", "", "", "", len(sold), sold["paid"].sum(), 0, 0])
        page.write(n + 2, 0, "制单人：李四")
    return expected(path, sold, currency="CNY", notebook="lifecycle")


def decimal_comma(folder: Path) -> Export:
    """A European CSV: semicolons, decimal comma, day before month, cp1252."""
    sold = purchases()
    lines = [
        f"{row.who};Café Nr. {row.who};{row.when:%d.%m.%Y};{row.order};"
        + f"{row.paid:,.2f}".translate(str.maketrans(",.", ".,"))
        for row in sold.itertuples()
    ]
    head = "Customer No;Customer Name;Invoice Date;Invoice No;Net amount (€)"
    return expected(written(folder, "export.csv", [head, *lines], "cp1252"), sold, currency="EUR")


def us_dates(folder: Path) -> Export:
    """An American CSV: month before day, dollars with groups, a profit beside the sales."""
    sold = purchases()
    lines = [
        f"{n},US-{row.order},{row.when:%m/%d/%Y},{row.when:%m/%d/%Y},CG-{row.who},Claire Gute,"
        f'"${row.paid:,.2f}",1,0.2,{row.paid / 5:.4f}'
        for n, row in enumerate(sold.itertuples(), start=1)
    ]
    head = (
        "Row ID,Order ID,Order Date,Ship Date,Customer ID,Customer Name,Sales,Quantity,"
        "Discount,Profit"
    )
    return expected(
        written(folder, "superstore.csv", [head, *lines], "cp1252"), sold, currency="USD"
    )


def line_grain(folder: Path) -> Export:
    """Lines of invoices: quantity and price, cancellations, missing and decimal customer ids."""
    sold = purchases()
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    lines, money = [], 0.0
    for n, row in enumerate(sold.itertuples()):
        price = round(row.paid / 2, 2)
        who = "" if n % 11 == 7 else f"{10_000 + int(row.who)}.0"
        lines.append(f"{row.order},85123A,HOLDER,2,{_us_time(row.when)},{price},{who},UK")
        money += 2 * price * bool(who)
        if n % 20 == 3 and who:
            back = row.when + pd.Timedelta(days=3)
            lines.append(f"C{row.order},85123A,HOLDER,-2,{_us_time(back)},{price},{who},UK")
            money -= 2 * price
    known = sold[[n % 11 != 7 for n in range(len(sold))]]
    return expected(written(folder, "data.csv", [head, *lines], "cp1252"), known, money)


def _us_time(when: pd.Timestamp) -> str:
    return f"{when.month}/{when.day}/{when.year} {when.hour}:{when.minute:02}"


def two_sheets(folder: Path) -> Export:
    """A workbook with a sheet a year, of the same columns."""
    sold = purchases()
    path = folder / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy/m/d h:mm"})
        for year, part in sold.groupby(sold["when"].dt.year):
            page = book.add_worksheet(f"Year {year}")
            page.write_row(0, 0, ["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"])
            for n, row in enumerate(part.itertuples(), start=1):
                page.write_row(n, 0, [row.order, 1])
                page.write_datetime(n, 2, row.when.to_pydatetime(), day)
                page.write_row(n, 3, [row.paid, int(row.who) + 12_000])
    return expected(path, sold, notebook="clv")


def shop_lines(folder: Path) -> Export:
    """A web shop's export: the total on an order's first line only, times with an offset."""
    sold = purchases()
    head = (
        "Name,Email,Financial Status,Paid at,Total,Lineitem quantity,Lineitem name,Lineitem price"
    )
    lines = []
    for row in sold.itertuples():
        who = f"c{row.who}@example.com"
        paid_at = f"{row.when:%Y-%m-%d %H:%M:%S} +0800"
        lines.append(f"#{row.order},{who},paid,{paid_at},{row.paid},1,Tea,{row.paid / 2:.2f}")
        lines.append(f"#{row.order},{who},,,,1,Cup,{row.paid / 2:.2f}")
    return expected(written(folder, "orders_export.csv", [head, *lines]), sold)


def several_files(folder: Path) -> Export:
    """Orders, payments and customers in files of their own; an id that is new for every order."""
    sold = purchases()
    orders = [
        f"{r.order},k{r.order},delivered,{r.when:%Y-%m-%d %H:%M:%S}" for r in sold.itertuples()
    ]
    paid = [f"{r.order},1,credit_card,{r.paid}" for r in sold.itertuples()]
    people = [f"k{r.order},u{r.who},sao paulo" for r in sold.itertuples()]
    files = [
        written(folder, "orders_dataset.csv",
                ["order_id,customer_id,order_status,order_purchase_timestamp", *orders]),
        written(folder, "order_payments_dataset.csv",
                ["order_id,payment_sequential,payment_type,payment_value", *paid]),
        written(folder, "customers_dataset.csv",
                ["customer_id,customer_unique_id,customer_city", *people]),
    ]  # fmt: skip
    return expected(files, sold)


def survey(folder: Path) -> Export:
    """A survey on 1–10 with a sheet of the customers."""
    rng = np.random.default_rng(SEED)
    path = folder / "满意度调查.xlsx"
    items = [
        "总体满意度", "与期望相比", "与理想相比", "选择是否正确", "重复购买", "首选",
        "不会转向他家", "推荐意愿", "忠诚度", "价格", "物理功能", "艺术",
    ]  # fmt: skip
    with xlsxwriter.Workbook(path) as book:
        page, day = book.add_worksheet("问卷"), book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, ["客户编号", "调查日期", "期次", *items])
        for n in range(400):
            mood = rng.normal(7, 1.5)
            answers = np.clip(np.round(mood + rng.normal(0, 1, len(items))), 1, 10).astype(int)
            answers[8] = int(np.clip(np.round(mood / 2), 1, 5))
            page.write_row(n + 1, 0, [f"{n:05}"])
            page.write_datetime(n + 1, 1, dt.datetime(2024, 5, 1 + n % 20), day)
            page.write_row(n + 1, 2, [1, *map(int, answers)])
        file = book.add_worksheet("客户档案")
        file.write_row(0, 0, ["客户编号", "客户名称", "地区"])
        for n in range(400):
            file.write_row(n + 1, 0, [f"{n:05}", f"客户{n}", "华东"])
    return Export([path], 0, 400, "satisfaction_loyalty")


def unicode_text(folder: Path) -> Export:
    """Excel's "Unicode text": UTF-16 with tabs; dates in Chinese, full-width digits in amounts."""
    sold = purchases()
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    lines = [
        f"{r.who}\t{r.when.year}年{r.when.month}月{r.when.day}日\t{f'{r.paid:.2f}'.translate(wide)}"
        for r in sold.itertuples()
    ]
    return expected(written(folder, "销售.txt", ["会员号\t订单日期\t金额", *lines], "utf-16"), sold)


def ten_thousands(folder: Path) -> Export:
    """A sheet in units of ¥10,000 with serial days and a total."""
    sold = purchases()
    path = folder / "台账.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(1, 1, ["客户编码", "日期", "金额(万元)"])
        for n, row in enumerate(sold.itertuples(), start=2):
            serial = (row.when.normalize() - pd.Timestamp("1899-12-30")).days
            page.write_row(n, 1, [row.who, serial, f"{row.paid:.2f}万"[:-1]])
        page.write_row(n + 1, 1, ["合计", "", f"{sold['paid'].sum():.2f}"])
    return expected(path, sold, float(sold["paid"].sum()) * 1e4, currency="CNY")


def months(folder: Path) -> Export:
    """A CSV a month, one of them with its rows written twice by hand."""
    sold = purchases()
    files = []
    for month, part in sold.groupby(sold["when"].dt.strftime("%Y-%m")):
        lines = [f"{r.order},{r.who},{r.when:%Y/%m/%d},{r.paid}" for r in part.itertuples()]
        files.append(
            written(folder, f"sales-{month}.csv", ["order_no,cust_id,date,revenue", *lines])
        )
    return expected(files, sold)


def order_totals(folder: Path) -> Export:
    """Lines of orders, each of which repeats its order's total."""
    sold = purchases()
    lines = [
        f"{r.order},{r.who},{r.when:%Y-%m-%d %H:%M:%S},{r.paid},商品{k},1,已完成"
        for r in sold.itertuples()
        for k in range(1 + int(r.order) % 3)
    ]
    head = "订单号,会员编号,支付时间,订单实付金额,商品名称,商品数量,订单状态"
    return expected(written(folder, "有赞订单.csv", [head, *lines], "utf-8-sig"), sold)


def parquet(folder: Path) -> Export:
    """A table from a data warehouse: typed, with a zone in its times."""
    sold = purchases()
    path = folder / "fact_sales.parquet"
    with duckdb.connect() as base:
        base.register("sold", sold[["who", "when", "paid", "order"]])
        base.execute(
            'COPY (SELECT who AS customer_key, "order" AS order_id, "when"::TIMESTAMP AS order_ts, '
            f"paid::DECIMAL(12,2) AS net_amount FROM sold) TO '{path}' (FORMAT parquet)"
        )
    return expected(path, sold)


def receivables(folder: Path) -> Export:
    """A ledger of invoices: issued, due, owed."""
    sold = purchases()
    path = folder / "应收账款.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        page.merge_range(0, 0, 0, 5, "应收账款明细")
        page.write_row(1, 0, ["发票号", "客户编号", "开票日期", "到期日", "应收金额", "付款条件"])
        for n, row in enumerate(sold.itertuples(), start=2):
            issued = row.when.to_pydatetime().replace(hour=0)
            page.write_row(n, 0, [f"FP{row.order}", row.who])
            page.write_datetime(n, 2, issued, day)
            page.write_datetime(n, 3, issued + dt.timedelta(days=30), day)
            page.write_row(n, 4, [row.paid, "n/30"])
        page.write_row(n + 1, 0, ["合计", "", "", "", float(sold["paid"].sum())])
    return expected(path, sold, currency="CNY")


MAKERS = (
    taobao, erp, decimal_comma, us_dates, line_grain, two_sheets, shop_lines, several_files, survey,
    unicode_text, ten_thousands, months, order_totals, parquet, receivables,
)  # fmt: skip
