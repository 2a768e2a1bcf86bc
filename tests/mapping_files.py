"""Small forms of the exports that people bring: headings as they are, cells made up."""

import csv
import io

import xlsxwriter

RETAIL = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID",
          "Country"]  # fmt: skip
TAOBAO = ["订单编号", "买家会员名", "买家应付货款", "总金额", "买家实际支付金额", "订单状态",
          "收货人姓名", "联系手机", "订单创建时间", "订单付款时间", "宝贝总数量"]  # fmt: skip
SHOPIFY = ["Name", "Email", "Financial Status", "Paid at", "Currency", "Subtotal", "Taxes", "Total",
           "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price",
           "Billing Name"]  # fmt: skip


def write(path, head, rows, *, encoding="utf-8", delimiter=",", before=()):
    text = io.StringIO()
    made = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    made.writerows([*before, head, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def book(path, sheets):
    with xlsxwriter.Workbook(str(path)) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def retail(rows=40):
    """Online Retail: no amount, ids as 17850.0 or empty, C… for what was taken back."""
    found = []
    for n in range(rows):
        back = n % 10 == 9
        found.append([
            f"{'C' if back else ''}{536365 + n // 3}", f"85{100 + n % 7}A", "HEART, WHITE",
            -2 if back else n % 5 + 1, f"{n % 12 + 1}/{n % 28 + 1}/2010 8:26",
            f"{1.25 + n % 4:.2f}", "" if n % 8 == 0 else f"{17850 + n % 6}.0", "United Kingdom",
        ])  # fmt: skip
    return found


def retail_total(rows):
    return sum(row[3] * float(row[5]) for row in rows if row[6])


def olist(folder, orders=40):
    """Olist: the customer's id is new for every order, the money is in other files."""
    ids = [(f"o{n:04d}", f"c{n:04d}", f"u{n % 17:03d}") for n in range(orders)]
    write(folder / "olist_orders_dataset.csv",
          ["order_id", "customer_id", "order_status", "order_purchase_timestamp",
           "order_approved_at", "order_estimated_delivery_date"],
          [[o, c, "canceled" if n % 10 == 0 else "delivered", f"2017-10-{n % 28 + 1:02d} 10:56:33",
            f"2017-10-{n % 28 + 1:02d} 11:07:15", "2017-11-18 00:00:00"]
           for n, (o, c, _) in enumerate(ids)])  # fmt: skip
    write(folder / "olist_order_items_dataset.csv",
          ["order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price",
           "freight_value"],
          [[o, k + 1, f"p{n % 9}", "s1", "2017-09-19 09:45:35", f"{10 + n}.90", "8.72"]
           for n, (o, *_) in enumerate(ids) for k in range(n % 3 + 1)])  # fmt: skip
    write(folder / "olist_order_payments_dataset.csv",
          ["order_id", "payment_sequential", "payment_type", "payment_installments",
           "payment_value"],
          [[o, k + 1, "credit_card", 1, f"{20 + n}.50"]
           for n, (o, *_) in enumerate(ids) for k in range(n % 2 + 1)])  # fmt: skip
    write(folder / "olist_customers_dataset.csv",
          ["customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city",
           "customer_state"],
          [[c, u, "01409", "sao paulo", "SP"] for _, c, u in ids])  # fmt: skip
    return [folder / f"olist_{name}_dataset.csv"
            for name in ("customers", "order_payments", "orders")]  # fmt: skip


def taobao(rows=40):
    states = ["交易成功"] * 6 + ["交易关闭", "等待买家付款", "换货处理中"]
    found = []
    for n in range(rows):
        state = states[n % len(states)]
        paid = "" if state == "等待买家付款" else f"2024/{n % 12 + 1}/{n % 28 + 1} 10:1{n % 9}:00"
        found.append([
            f'="10000000000000{n:04d}"', f"tb_{n % 11}_张", f"{50 + n}.00", f"{60 + n}.00",
            f"{48 + n}.00", state, "张三", f"'1380000{n:04d}",
            f"2024/{n % 12 + 1}/{n % 28 + 1} 9:5{n % 9}:00", paid, 1 + n % 3,
        ])  # fmt: skip
    return found


def shopify(orders=30):
    found = []
    for n in range(orders):
        paid = n % 6 != 5
        when = f"2023-01-{n % 28 + 1:02d} 10:00:00 -0500"
        for line in range(n % 3 + 1):
            own = ["paid" if paid else "pending", when if paid else "", "USD", "40.00", "2.00",
                   "42.00"]  # fmt: skip
            found.append([
                f"#{1001 + n}", f"a{n % 9}@example.com", *(own if line == 0 else [""] * 6), when, 1,
                f"Mug {line}", "20.00", "Ann" if line == 0 else "",
            ])  # fmt: skip
    return found


def erp(rows=24):
    """A sheet of an ERP: title rows, a date range, a total row below."""
    head = ["单据日期", "单据编号", "客户编码", "客户名称", "存货编码", "数量", "无税单价",
            "含税单价", "无税金额", "税额", "价税合计"]  # fmt: skip
    found = []
    for n in range(rows):
        q, p = n % 6 + 1, 10 + n % 7
        found.append([
            f"2024年{n % 12 + 1}月{n % 28 + 1}日", f"XS{n // 2:06d}", f"{n % 7:05d}", "某公司",
            f"{n % 5:04d}", q, p, round(p * 1.13, 4), q * p, round(q * p * 0.13, 2),
            round(q * p * 1.13, 2),
        ])  # fmt: skip
    total = sum(row[8] for row in found)
    last = ["合计", *[""] * 7, total, round(total * 0.13, 2), round(total * 1.13, 2)]
    return [["销售出库单列表"], ["期间：2024年1月—12月"], head, *found, last], total
