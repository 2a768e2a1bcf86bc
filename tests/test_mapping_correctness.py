"""Are the columns and options of known exports found, and does the TOML load the right sums?"""

import pytest

from crmlab import load, mapping
from tests import mapping_files as files


def mapped(folder, paths, **told):
    """Return the proposal of files and the path of its TOML, read by load."""
    proposal = mapping.propose(paths, **told)
    toml = folder / "made.toml"
    toml.write_text(mapping.toml_text(proposal, relative_to=folder), encoding="utf-8")
    load.find(str(toml))
    return proposal, str(toml)


def section(proposal, table="orders"):
    (found,) = [each for each in proposal.sections if each.table == table]
    return found


def options(found):
    return {each.key: each.value for each in found.options if not each.asked}


def asked(found):
    return {each.key: each.value for each in found.options if each.asked}


def total(toml):
    lines = load.orders(toml)
    return float(lines.ledger.set_index("reason").loc["rows_used", "amount"])


RETAIL = {"customer_id": "Customer ID", "order_date": "InvoiceDate", "order_id": "Invoice",
          "product_id": "StockCode", "quantity": "Quantity", "unit_price": "Price"}  # fmt: skip


def test_online_retail_multiplies_and_takes_cancellations_back(tmp_path):
    rows = files.retail()
    path = files.write(tmp_path / "online_retail_II.csv", files.RETAIL, rows)
    proposal, toml = mapped(tmp_path, [path], currency="GBP")
    found = section(proposal)
    assert found.mapped == RETAIL
    assert options(found) == {"date_order": "MDY", "cancel_prefix": "C"}
    assert total(toml) == pytest.approx(files.retail_total(rows))
    assert "Customer ID is empty in 12% of the rows" in found.doubts[0].en


def test_two_sheets_of_the_same_columns_are_one_table(tmp_path):
    rows = files.retail(24)
    sheets = {"Year 2009-2010": [files.RETAIL, *rows], "Year 2010-2011": [files.RETAIL, *rows]}
    proposal, toml = mapped(tmp_path, [files.book(tmp_path / "online_retail_II.xlsx", sheets)])
    assert section(proposal).parts[0].sheet == "*"
    assert total(toml) == pytest.approx(2 * files.retail_total(rows))


def test_files_of_the_same_columns_are_one_table(tmp_path):
    rows = files.retail(30)
    paths = [files.write(tmp_path / f"{year}.csv", files.RETAIL, rows) for year in (2010, 2011)]
    proposal, toml = mapped(tmp_path, paths)
    assert [path.name for path in section(proposal).parts[0].paths] == ["2010.csv", "2011.csv"]
    assert total(toml) == pytest.approx(2 * files.retail_total(rows))


def test_olist_is_joined_without_multiplying_what_was_paid(tmp_path):
    proposal, toml = mapped(tmp_path, files.olist(tmp_path))
    found = section(proposal)
    assert found.mapped == {
        "customer_id": "customer_unique_id", "order_date": "order_purchase_timestamp",
        "amount": "payment_value", "order_id": "order_id", "status": "order_status",
    }  # fmt: skip
    assert found.query.splitlines()[-3:] == [
        'FROM "olist_order_payments_dataset"',
        'LEFT JOIN "olist_orders_dataset" USING ("order_id")',
        'LEFT JOIN "olist_customers_dataset" USING ("customer_id")',
    ]
    assert options(found) == {"drop_status": ["canceled"]}
    paid = sum((20.5 + n) * (n % 2 + 1) for n in range(40) if n % 10)
    assert total(toml) == pytest.approx(paid)
    assert load.orders(toml).table.customer_id.nunique().execute() == 17
    assert "60 rows before, 60 after" in found.found[1].en


def test_of_payments_and_items_the_payments_are_what_was_paid(tmp_path):
    paths = [*files.olist(tmp_path), tmp_path / "olist_order_items_dataset.csv"]
    proposal, _ = mapped(tmp_path, paths)
    assert section(proposal).mapped["amount"] == "payment_value"
    assert "it has money too (price)" in proposal.notes[0].en


def test_items_alone_are_joined_by_price(tmp_path):
    paths = files.olist(tmp_path)
    proposal, _ = mapped(tmp_path, [*paths[::2], tmp_path / "olist_order_items_dataset.csv"])
    assert section(proposal).mapped["amount"] == "price"


def test_superstore_in_cp1252(tmp_path):
    head = ["Row ID", "Order ID", "Order Date", "Ship Date", "Customer ID", "Customer Name",
            "State", "Product ID", "Product Name", "Sales", "Quantity", "Discount",
            "Profit"]  # fmt: skip
    rows = [[n, f"CA-{n // 2}", f"{n % 12 + 1}/{n % 28 + 1}/2016", "1/28/2017", f"CG-{n % 9}",
             "Zoë Café", "Ohio", f"F-{n % 5}", "Bush – Desk", f"{n + 0.25:.4f}", 2, 0.2, "1.5"]
            for n in range(40)]  # fmt: skip
    path = files.write(tmp_path / "superstore.csv", head, rows, encoding="cp1252")
    proposal, toml = mapped(tmp_path, [path])
    assert section(proposal).mapped == {
        "customer_id": "Customer ID", "order_date": "Order Date", "amount": "Sales",
        "order_id": "Order ID", "product_id": "Product ID", "quantity": "Quantity",
    }  # fmt: skip
    assert total(toml) == pytest.approx(sum(n + 0.25 for n in range(40)))


def test_shopify_counts_each_order_once_when_it_was_paid(tmp_path):
    path = files.write(tmp_path / "orders_export_1.csv", files.SHOPIFY, files.shopify())
    proposal, toml = mapped(tmp_path, [path])
    found = section(proposal)
    assert {k: found.mapped[k] for k in ("customer_id", "order_date", "amount", "order_id")} == {
        "customer_id": "Email", "order_date": "Paid at", "amount": "Total", "order_id": "Name",
    }  # fmt: skip
    assert (proposal.currency, proposal.currency_doubt) == ("USD", False)
    assert options(found) == {"drop_status": ["pending"]}
    assert "(-0500)" in next(o.evidence.en for o in found.options if o.key == "time_zone")
    assert total(toml) == pytest.approx(42 * 25)
    assert any("have Total on one line only" in doubt.en for doubt in found.doubts)


def test_stripe_and_woocommerce(tmp_path):
    head = ["id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Fee", "Status",
            "Customer ID", "Customer Email"]  # fmt: skip
    rows = [[f"ch_{n}x", f"2024-02-{n % 28 + 1:02d} 13:00:00", "10.00", "10.00" if n % 5 == 0 else
             "0.00", "eur", "0.30", "Refunded" if n % 5 == 0 else "Paid" if n % 4 else "Failed",
             f"cus_{n % 7}", "a@b.de"] for n in range(40)]  # fmt: skip
    path = files.write(tmp_path / "unified_payments.csv", head, rows)
    proposal, toml = mapped(tmp_path, [path])
    found = section(proposal)
    assert (found.mapped["order_id"], found.mapped["refund_amount"]) == ("id", "Amount Refunded")
    assert options(found) == {"drop_status": ["Failed"]}  # what was paid back is taken off anyway
    assert total(toml) == pytest.approx(10.0 * sum(row[6] == "Paid" for row in rows))
    assert proposal.currency == "EUR"


def test_taobao_in_gb18030(tmp_path):
    rows = files.taobao()
    path = files.write(tmp_path / "ExportOrderList.csv", files.TAOBAO, rows, encoding="gb18030")
    proposal, toml = mapped(tmp_path, [path])
    found = section(proposal)
    assert found.mapped == {
        "customer_id": "买家会员名", "order_date": "订单付款时间", "amount": "买家实际支付金额",
        "order_id": "订单编号", "quantity": "宝贝总数量", "status": "订单状态",
    }  # fmt: skip
    assert options(found) == {"drop_status": ["交易关闭", "等待买家付款"]}
    told = " ".join(doubt.zh for doubt in found.doubts)
    assert "也可能是 订单创建时间" in told
    assert "换货处理中 4" in told
    sold = [row for row in rows if row[5] in ("交易成功", "换货处理中")]
    assert total(toml) == pytest.approx(sum(float(row[4]) for row in sold))
    assert load.orders(toml).table.order_id.min().execute() == "100000000000000000"


def test_an_erp_sheet_is_read_net_of_tax_without_its_total(tmp_path):
    rows, net = files.erp()
    proposal, toml = mapped(tmp_path, [files.book(tmp_path / "销售出库单列表.xlsx", {"S": rows})])
    found = section(proposal)
    assert (found.mapped["amount"], found.mapped["customer_id"]) == ("无税金额", "客户编码")
    assert found.mapped["unit_price"] == "无税单价"
    assert total(toml) == pytest.approx(net)
    (amount,) = [each for each in found.columns if each.ours == "amount"]
    assert amount.evidence.en == f"100% filled, sum {net:,.2f}"
    assert load.orders(toml).table.customer_id.min().execute() == "00000"


def test_only_gross_in_ten_thousands_asks_for_the_rate_of_tax(tmp_path):
    head = ["单据日期", "单据编号", "客户", "价税合计(万元)"]
    rows = [[45000 + n, f"XS{n:04d}", f"客户{n % 5}", 1.25] for n in range(20)]
    proposal, toml = mapped(tmp_path, [files.book(tmp_path / "a.xlsx", {"S": [head, *rows]})])
    found = section(proposal)
    assert options(found) == {"money_unit": "万元"}
    assert asked(found)["tax_included"] == 0.13
    assert total(toml) == pytest.approx(20 * 12_500)
    assert str(load.orders(toml).first_day) == "2023-03-15"


def test_receivables_and_what_came_in(tmp_path):
    owed = [[f"公司{n % 5}", f"0{1000 + n}", f"2024-01-{n % 28 + 1:02d}",
             f"2024-02-{n % 28 + 1:02d}", f"{n + 1},000.00"] for n in range(30)]  # fmt: skip
    paid = [[f"0{1000 + n}", f"2024-03-{n % 28 + 1:02d}", "500.00"] for n in range(20)]
    paths = [
        files.write(tmp_path / "应收.csv", ["客户名称", "发票号", "开票日期", "到期日", "应收金额"],
                    owed),
        files.write(tmp_path / "回款.csv", ["发票号", "回款日期", "回款金额"], paid),
    ]  # fmt: skip
    proposal, toml = mapped(tmp_path, paths)
    assert section(proposal, "invoices").mapped == {
        "invoice_id": "发票号", "customer_id": "客户名称", "invoiced_on": "开票日期",
        "due_on": "到期日", "amount": "应收金额",
    }  # fmt: skip
    assert load.table(toml, "invoices").to_pandas()["amount"].sum() == 465_000
    came_in = load.table(toml, "payments").to_pandas()
    assert (len(came_in), came_in["payment_id"].nunique()) == (20, 20)
    assert came_in["invoice_id"].iloc[0] == "01000"


def test_a_survey_without_wave_and_date_asks_for_the_date(tmp_path):
    rows = [[f"K{n:03d}", n % 8 + 3, n % 10 + 1, n % 11, n % 9 + 1] for n in range(30)]
    head = ["客户编号", "总体满意度", "忠诚度", "推荐意愿", "服务态度"]
    proposal, toml = mapped(tmp_path, [files.write(tmp_path / "调查.csv", head, rows)])
    found = section(proposal, "survey")
    told = {each.ours: (each.value, each.mark) for each in found.columns if each.value is not None}
    assert told["wave"] == (1, "?")
    assert told["surveyed_on"][1] == "!"
    answers = load.table(toml, "survey").to_pandas()
    assert answers["loyalty"].tolist() == [-(-(n % 10 + 1) // 2) for n in range(30)]
    assert answers["satisfaction_overall"].sum() == sum(row[1] for row in rows)


def test_a_customer_file(tmp_path):
    rows = [[f"{n:05d}", "李四", f"1380000{n:04d}", "华东", f"2022/{n % 12 + 1}/3", "是"]
            for n in range(20)]  # fmt: skip
    head = ["会员号", "姓名", "手机号", "地区", "注册时间", "是否同意营销"]
    path = files.write(tmp_path / "会员.csv", head, rows, encoding="gb18030")
    proposal, toml = mapped(tmp_path, [path])
    assert section(proposal, "customers").mapped.items() >= {
        "customer_id": "会员号", "name": "姓名", "region": "地区", "acquired_on": "注册时间",
    }.items()  # fmt: skip
    assert load.table(toml, "customers").to_pandas()["customer_id"].iloc[0] == "00000"


def test_days_that_are_only_counted_ask_for_the_first(tmp_path):
    head = ["household_key", "BASKET_ID", "DAY", "PRODUCT_ID", "QUANTITY", "SALES_VALUE",
            "RETAIL_DISC"]  # fmt: skip
    rows = [[n % 9, 2698 + n // 2, 1 + 3 * n, 1000 + n % 5, 1, "1.39", "-0.60"] for n in range(40)]
    path = files.write(tmp_path / "transaction_data.csv", head, rows)
    proposal, toml = mapped(tmp_path, [path])
    found = section(proposal)
    (day,) = [each for each in found.columns if each.ours == "order_date"]
    assert (day.mark, found.mapped["customer_id"]) == ("!", "household_key")
    lines = load.orders(toml)
    assert (str(lines.first_day), (lines.as_of - lines.first_day).days) == ("2020-01-01", 117)


def test_ta_feng_calls_pieces_amount(tmp_path):
    head = ["TRANSACTION_DT", "CUSTOMER_ID", "AGE_GROUP", "PRODUCT_ID", "AMOUNT", "ASSET",
            "SALES_PRICE"]  # fmt: skip
    rows = [[f"11/{n % 28 + 1}/2000", f"0{1104905 + n % 9}", "45-49", f"47{n % 5}", n % 3 + 1, 20,
             24 + n] for n in range(40)]  # fmt: skip
    proposal, toml = mapped(tmp_path, [files.write(tmp_path / "ta_feng.csv", head, rows)])
    found = section(proposal).mapped
    assert (found["amount"], found["quantity"]) == ("SALES_PRICE", "AMOUNT")
    assert total(toml) == pytest.approx(sum(24 + n for n in range(40)))


def test_h_and_m_has_a_price_and_no_quantity(tmp_path):
    rows = [[f"2018-09-{n % 28 + 1:02d}", f"{n % 9:08x}", f"0{663713 + n % 5}", "0.05", 2]
            for n in range(40)]  # fmt: skip
    head = ["t_dat", "customer_id", "article_id", "price", "sales_channel_id"]
    proposal, toml = mapped(tmp_path, [files.write(tmp_path / "h.csv", head, rows)])
    assert section(proposal).mapped["amount"] == "price"
    assert total(toml) == pytest.approx(2)


def test_a_log_without_money_counts_nothing_and_says_so(tmp_path):
    rows = [[n % 9, f"2019-10-{n % 28 + 1:02d} 00:00:00 UTC", "view"] for n in range(60)]
    path = files.write(tmp_path / "log.csv", ["user_id", "event_time", "event_type"], rows)
    proposal, toml = mapped(tmp_path, [path])
    (amount,) = [each for each in section(proposal).columns if each.ours == "amount"]
    assert (amount.value, amount.mark, total(toml)) == (0, "!", 0)


@pytest.mark.parametrize(
    ("dates", "order", "guessed"),
    [
        pytest.param([f"{n % 12 + 1}/{n % 28 + 1}/2023" for n in range(60)], "MDY", False, id="13"),
        pytest.param([f"{n % 28 + 1:02d}.{n % 12 + 1:02d}.2023" for n in range(60)], "DMY", False,
                     id="dots"),
        pytest.param([f"{n // 6 + 1:02d}/{n % 6 + 1:02d}/2023" for n in range(60)], "MDY", True,
                     id="rising-months-first"),
        pytest.param([f"{n % 6 + 1:02d}/{n // 6 + 1:02d}/2023" for n in range(60)], "DMY", True,
                     id="rising-days-first"),
        pytest.param([f"2023/{n % 12 + 1}/{n % 28 + 1}" for n in range(60)], None, False, id="iso"),
        pytest.param([f"24/{n % 12 + 1:02d}/{n % 28 + 1:02d}" for n in range(60)], None, False,
                     id="short-years"),
    ],
)  # fmt: skip
def test_the_order_of_dates(tmp_path, dates, order, guessed):
    rows = [[f"k{n % 7}", day, "1.50"] for n, day in enumerate(dates)]
    proposal, toml = mapped(
        tmp_path, [files.write(tmp_path / "a.csv", ["customer", "date", "amount"], rows)]
    )
    found = section(proposal)
    assert options(found).get("date_order") == order
    assert any(each.guessed for each in found.options) == guessed
    assert load.orders(toml).rows == 60


def test_a_decimal_comma(tmp_path):
    rows = [[f"k{n % 7}", f"2023-01-{n % 28 + 1:02d}", f"1.{n:03d},50"] for n in range(40)]
    path = files.write(tmp_path / "a.csv", ["customer", "date", "amount"], rows, delimiter=";")
    proposal, toml = mapped(tmp_path, [path])
    assert options(section(proposal)) == {"decimal": ","}
    assert total(toml) == pytest.approx(sum(1000.5 + n for n in range(40)))


def test_an_amount_repeated_on_every_line_is_the_orders(tmp_path):
    rows = [[f"k{n % 7}", f"2023-01-{n + 1:02d}", f"o{n}", f"p{line}", f"{100 + n}.00"]
            for n in range(20) for line in range(n % 3 + 1)]  # fmt: skip
    head = ["客户编号", "下单时间", "订单号", "商品编码", "订单金额"]
    proposal, toml = mapped(tmp_path, [files.write(tmp_path / "a.csv", head, rows)])
    assert options(section(proposal)) == {"grain": "order"}
    assert total(toml) == pytest.approx(sum(100 + n for n in range(20)))


def test_exact_duplicates_are_kept_and_told(tmp_path):
    rows = [["k1", "2023-01-01", "5.00"]] * 3 + [["k2", "2023-01-02", "6.00"]]
    head = ["customer", "date", "amount"]
    proposal, toml = mapped(tmp_path, [files.write(tmp_path / "a.csv", head, rows)])
    assert asked(section(proposal)) == {"duplicates": "drop"}
    assert total(toml) == pytest.approx(21)


def test_a_log_of_events_counts_purchases_only(tmp_path):
    head = ["event_time", "event_type", "product_id", "price", "user_id"]
    kinds = ["view", "view", "cart", "purchase"]
    rows = [[f"2019-10-{n % 28 + 1:02d} 00:00:00 UTC", kinds[n % 4], n % 9, "35.75", n % 13]
            for n in range(60)]  # fmt: skip
    proposal, toml = mapped(tmp_path, [files.write(tmp_path / "events.csv", head, rows)])
    assert options(section(proposal)) == {"drop_status": ["view", "cart"]}
    assert total(toml) == pytest.approx(15 * 35.75)


def test_pinduoduo_has_only_a_phone_for_its_customers(tmp_path):
    head = ["商品", "订单号", "订单状态", "用户实付金额(元)", "商品数量(件)", "手机", "支付时间"]
    states = ["已发货，待收货", "已收货", "未发货，退款成功"]
    rows = [["茶", f"24{n:05d}", states[n % 3], "48.00", 1, f"1380000{n % 9:04d}",
             f"2024-03-{n % 28 + 1:02d}"] for n in range(60)]  # fmt: skip
    proposal, toml = mapped(tmp_path, [files.write(tmp_path / "pdd.csv", head, rows)])
    found = section(proposal)
    assert (found.mapped["customer_id"], found.mapped["amount"]) == ("手机", "用户实付金额(元)")
    assert options(found) == {"drop_status": ["未发货，退款成功"]}
    assert total(toml) == pytest.approx(40 * 48)
