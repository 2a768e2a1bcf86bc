"""Do the source's rules decide which rows count and on which day, with nothing lost on the way?"""

from datetime import date

import pytest

from crmlab import load
from crmlab.errors import DataError

HEAD = "no,line,who,day,paid,state,back,of,qty,price"
COLUMNS = (
    'order_id = "no"\ncustomer_id = "who"\norder_date = "day"\namount = "paid"\nstatus = "state"\n'
)


def shop(folder, rows, options="", columns=COLUMNS, top=""):
    (folder / "o.csv").write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    toml = folder / "s.toml"
    toml.write_text(f'currency = "CNY"\n{top}[orders]\npath = "o.csv"\n{columns}{options}')
    return load.orders(str(toml))


def counts(lines):
    told = lines.ledger.set_index("reason")["rows"].to_dict()
    left = [told.get(reason, 0) for reason in lines.staged.reasons]
    assert told["rows_read"] == told["rows_used"] + sum(left)
    return told


def total(lines):
    return str(lines.table.amount.sum().execute())


SALES = [
    "1,1,A,2024-01-01,10,paid,,,1,10",
    "1,2,A,2024-01-01,20,paid,,,2,10",
    "2,1,B,2024-01-02,30,closed,,,3,10",
    "3,1,C,2024-01-03,40,,,,4,10",
    "1,1,A,2024-01-01,10,paid,,,1,10",
]


def test_all_rows_count_and_repeats_are_told_if_nothing_is_asked(tmp_path):
    lines = shop(tmp_path, SALES)
    assert total(lines) == "110.00"
    assert counts(lines) == {"rows_read": 5, "rows_used": 5, "exact_duplicates": 1}


@pytest.mark.parametrize(
    ("options", "rows", "money"),
    [
        ('keep_status = ["paid"]\n', 3, "40.00"),
        ('drop_status = ["closed"]\n', 4, "80.00"),
        ('keep_status = ["paid", "closed"]\ndrop_status = ["closed"]\n', 3, "40.00"),
    ],
)
def test_a_status_keeps_or_drops_rows(tmp_path, options, rows, money):
    lines = shop(tmp_path, SALES, options)
    assert (counts(lines)["rows_used"], total(lines)) == (rows, money)
    assert counts(lines)["wrong_status"] == 5 - rows


def test_exact_duplicates_can_be_dropped_with_their_money_told(tmp_path):
    lines = shop(tmp_path, SALES, 'duplicates = "drop"\n')
    assert total(lines) == "100.00"
    assert lines.ledger.set_index("reason").loc["duplicate", "amount"] == 10


def test_a_row_that_differs_in_a_column_that_is_not_mapped_is_no_duplicate(tmp_path):
    lines = shop(tmp_path, [*SALES, "1,3,A,2024-01-01,10,paid,,,1,10"], 'duplicates = "drop"\n')
    assert counts(lines)["duplicate"] == 1


def test_a_key_says_what_one_sale_is(tmp_path):
    lines = shop(tmp_path, SALES, 'duplicates = ["order_id"]\n')
    assert (total(lines), counts(lines)["duplicate"]) == ("80.00", 2)


def test_an_orders_total_on_each_of_its_lines_counts_once(tmp_path):
    rows = [
        "1,1,A,2024-01-01,99,,,,1,1",
        "1,2,A,2024-01-01,99,,,,1,1",
        "2,1,A,2024-01-01,99,,,,1,1",
    ]
    lines = shop(tmp_path, rows, 'grain = "order"\n')
    assert (total(lines), counts(lines)["repeated_order"]) == ("198.00", 1)
    by_day = shop(tmp_path, rows, 'grain = "customer_day"\n')
    assert (total(by_day), counts(by_day)["repeated_order"]) == ("99.00", 2)


def test_lines_without_an_order_stand_for_themselves(tmp_path):
    rows = ["1,1,A,2024-01-01,99,,,,1,1", ",1,A,2024-01-01,5,,,,1,1", ",2,A,2024-01-02,7,,,,1,1"]
    assert total(shop(tmp_path, rows, 'grain = "order"\n')) == "111.00"


def test_a_prefix_is_text_and_no_pattern(tmp_path):
    rows = ["1,1,A,2024-01-01,10,,,,1,1", "R+1,1,A,2024-02-01,10,,,,1,1"]
    lines = shop(tmp_path, rows, 'cancel_prefix = "R+"\nrefunds = "original_order"\n')
    assert (total(lines), lines.as_of) == ("0.00", date(2024, 1, 1))


def test_lines_that_differ_are_no_order_totals(tmp_path):
    with pytest.raises(DataError) as told:
        shop(tmp_path, SALES, 'grain = "order"\n')
    assert told.value.en == (
        'grain = "order" says that each of its lines repeats one amount, but 1 differ, first at '
        'o.csv, row 2; with grain = "line" amounts are added up.'
    )


def test_without_an_amount_it_is_quantity_times_price(tmp_path):
    columns = 'customer_id = "who"\norder_date = "day"\nquantity = "qty"\nunit_price = "price"\n'
    lines = shop(tmp_path, [*SALES, "9,1,D,2024-01-09,,,,,,5", "9,2,D,2024-01-09,,,,,x,5"],
                 "unreadable_at_most = 0.5\n", columns=columns)  # fmt: skip
    assert total(lines) == "110.00"
    assert (counts(lines)["no_quantity"], counts(lines)["bad_quantity"]) == (1, 1)


def test_prices_of_fractions_of_a_cent_are_rounded_once_a_line(tmp_path):
    columns = 'customer_id = "who"\norder_date = "day"\nquantity = "qty"\nunit_price = "price"\n'
    lines = shop(tmp_path, ["1,1,A,2024-01-01,,,,,1000,0.0123"], columns=columns)
    assert total(lines) == "12.30"


def test_a_refund_column_is_taken_off(tmp_path):
    rows = [
        "1,1,A,2024-01-01,10,,4,,1,1",
        "2,1,B,2024-01-02,20,,,,1,1",
        "3,1,C,2024-01-03,5,,-5,,1,1",
    ]
    lines = shop(tmp_path, rows, 'refund_amount = "back"\n')
    assert total(lines) == "26.00"


REFUNDED = [
    "1,1,A,2024-01-01,10,,,,1,1",
    "C1,1,A,2024-02-01,10,,,,1,1",
    "2,1,B,2024-01-05,30,,,,1,1",
    "C7,1,B,2024-02-05,-30,,,,1,1",
]


def test_a_prefix_marks_cancellations(tmp_path):
    lines = shop(tmp_path, REFUNDED, 'cancel_prefix = "C"\n')
    assert total(lines) == "0.00"
    assert counts(lines)["negative_amount"] == 2
    assert lines.as_of == date(2024, 2, 5)


def test_refunds_can_count_on_the_day_of_the_original_order(tmp_path):
    lines = shop(tmp_path, REFUNDED, 'cancel_prefix = "C"\nrefunds = "original_order"\n')
    days = lines.table.filter(lines.table.amount < 0).order_date.date().execute()
    assert sorted(str(day)[:10] for day in days) == ["2024-01-01", "2024-02-05"]
    assert lines.notes[0].en == (
        "1 of 2 refund lines are dated by their original order; the others name none that is in "
        "the data and stay on their own day."
    )


def test_a_column_can_name_the_original_order(tmp_path):
    rows = ["1,1,A,2024-01-01,10,,,,1,1", "8,1,A,2024-03-01,-10,,,1,1,1"]
    options = 'original_order_id = "of"\nrefunds = "original_order"\n'
    assert shop(tmp_path, rows, options).as_of == date(2024, 1, 1)


def test_rows_after_the_as_of_date_are_left_out_with_their_money(tmp_path):
    lines = shop(tmp_path, SALES, top='as_of = "2024-01-02"\n')
    told = lines.ledger.set_index("reason")
    assert (lines.as_of, told.loc["after_as_of", "rows"]) == (date(2024, 1, 2), 1)
    assert told.loc["after_as_of", "amount"] == 40


def test_an_as_of_date_after_the_data_is_the_day_that_is_looked_from(tmp_path):
    assert shop(tmp_path, SALES, top="as_of = 2024-06-30\n").as_of == date(2024, 6, 30)


def test_units_tax_and_zone_are_the_sources(tmp_path):
    rows = ["1,1,A,2024-03-05 00:30:00+08:00,1.13,,,,1,1"]
    lines = shop(tmp_path, rows, 'money_unit = "万元"\ntax_included = 0.13\n',
                 top='time_zone = "Asia/Shanghai"\n')  # fmt: skip
    assert total(lines) == "10000.00"
    assert lines.as_of == date(2024, 3, 5)


def test_the_order_of_rows_and_files_changes_nothing(tmp_path):
    kept = shop(tmp_path, REFUNDED, 'cancel_prefix = "C"\nrefunds = "original_order"\n')
    turned = shop(tmp_path, REFUNDED[::-1], 'cancel_prefix = "C"\nrefunds = "original_order"\n')
    one, two = (
        lines.table.order_by(["customer_id", "order_id"]).to_pandas() for lines in (kept, turned)
    )
    assert one.equals(two)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ('grain = "orders"\n', "[orders] grain is 'orders'; it must be one of"),
        ('money_unit = "thousand"\n', "[orders] money_unit is 'thousand'; it must be one of 元"),
        ("tax_included = 13\n", "[orders] tax_included is 13; it must be a rate from 0 to 1"),
        ("header_row = 0\n", "[orders] header_row is 0; it must be a row number from 1"),
        (
            'duplicates = ["order"]\n',
            "[orders] duplicates names order, which are no columns of ours",
        ),
        ('date_ordr = "MDY"\n', "did you mean date_order?"),
        ('query = "SELECT 1"\n', "[orders] takes one of path, database, or query over [files]"),
        ('database = "a b"\n', "[orders] database is 'a b'; it must be the name of an environment"),
        ("wave = 3\n", "[orders] wave is neither a column nor an option"),
    ],
)
def test_a_wrong_option_is_told_with_what_is_allowed(tmp_path, options, told):
    with pytest.raises(DataError) as error:
        shop(tmp_path, SALES, options)
    assert told in error.value.en


@pytest.mark.parametrize(
    ("top", "told"),
    [
        (
            'time_zone = "Asia/Shanghay"\n',
            "time_zone is 'Asia/Shanghay'; did you mean Asia/Shanghai?",
        ),
        ('as_of = "31.12.2024"\n', "as_of is '31.12.2024'; it must be a date such as 2024-12-31"),
        ('currencey = "CNY"\n', "currencey is no setting of a source; did you mean currency?"),
        ('password = "geheim"\n', "password may hold a password"),
    ],
)
def test_a_wrong_setting_is_told_with_what_is_meant(tmp_path, top, told):
    with pytest.raises(DataError) as error:
        shop(tmp_path, SALES, top=top)
    assert told in error.value.en
    assert "geheim" not in error.value.en


def test_an_option_cannot_be_mistaken_for_a_column():
    from crmlab.load.options import OPTIONS
    from crmlab.tables import TABLES

    columns = {column for table in TABLES.values() for column in table.columns}
    assert columns & set(OPTIONS) == set()


def test_every_option_is_explained_in_the_data_readme():
    from crmlab.home import home
    from crmlab.load.options import OPTIONS

    told = (home() / "data" / "README.md").read_text(encoding="utf-8")
    assert [option for option in OPTIONS if f"`{option}`" not in told] == []
