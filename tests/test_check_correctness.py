"""Does each finding of the check appear where it must, with the right numbers, and only there?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import check, load
from crmlab.lang import money
from tests.shops import added, clean, found, section, source


def cny(amount):
    return money(amount, "CNY", "en")


def test_a_clean_shop_has_no_caution_and_hardly_a_note(tmp_path):
    assert found(tmp_path, clean()) == {}


@pytest.mark.parametrize("seed", range(3))
def test_no_clean_shop_has_a_caution(tmp_path, seed):
    few = clean(customers=70, days=200, seed=seed)
    told = found(tmp_path, few)
    assert [code for code, each in told.items() if each.level != "ready"] == []


@pytest.mark.parametrize("closed", [{6}, {5, 6}], ids=["Sundays", "weekends"])
def test_a_shop_that_rests_every_week_has_no_gap(tmp_path, closed):
    rows = clean()
    open_ = ~pd.to_datetime(rows["day"]).dt.day_of_week.isin(closed)
    assert "gaps" not in found(tmp_path, rows[open_])


def test_a_quiet_shop_with_a_sale_now_and_then_has_neither_gap_nor_spike(tmp_path):
    rng = np.random.default_rng(8)
    days = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.exponential(6, 150).cumsum(), "D")
    rows = clean().head(150).assign(day=days.strftime("%Y-%m-%d"))
    assert {"gaps", "spikes"} & found(tmp_path, rows).keys() == set()


def test_levels_go_from_rows_to_customers(tmp_path):
    rows = pd.DataFrame(
        [
            ("1", "A", "2024-01-01", "10"),
            ("1", "A", "2024-01-01", "20"),
            ("2", "A", "2024-01-01", "5"),
            ("3", "B", "2024-01-02", "40"),
            ("4", "B", "2024-01-03", "-15"),
            ("", "C", "2024-01-04", "-7"),
        ],
        columns=["no", "who", "day", "paid"],
    )
    lines = load.orders(source(tmp_path, rows))
    assert check.levels(lines).T.to_dict("list") == {
        "rows_used": [6, 53.0], "orders_seen": [4, 60.0], "occasions": [2, 75.0],
        "customers": [2, 60.0],
    }  # fmt: skip
    assert check.levels(lines, as_of="2024-01-02").T.to_dict("list") == {
        "rows_used": [4, 75.0], "orders_seen": [3, 75.0], "occasions": [2, 75.0],
        "customers": [2, 75.0],
    }  # fmt: skip


def test_rows_left_out_are_told_with_their_money_most_first(tmp_path):
    rows = pd.concat(
        [clean(), clean().head(60).assign(day="soon"), clean().head(3).assign(paid="")]
    )
    options = "unreadable_at_most = 0.5\n"
    told = found(tmp_path, rows, options)["rows_left_out"]
    paid = clean().head(60)["paid"].astype(float).sum()
    assert told.level == "caution"
    assert told.en.startswith(f"63 of {len(rows):,} rows ({63 / len(rows):.1%}) could not be used")
    assert f"{cny(paid)}: " in told.en
    assert told.en.index("date cannot be read 60") < told.en.index("no amount 3")
    assert "日期无法识别 60" in told.zh


def test_a_few_rows_left_out_are_no_caution(tmp_path):
    rows = pd.concat([clean(), clean().head(3).assign(paid="")])
    assert found(tmp_path, rows)["rows_left_out"].level == "ready"


def test_rows_without_a_customer_are_told_apart(tmp_path):
    rows = added(clean(), 100, who="")
    paid = clean().head(100)["paid"].astype(float).sum()
    told = found(tmp_path, rows)
    assert "rows_left_out" not in told
    assert told["missing_ids"].en == (
        f"100 of {len(rows):,} rows ({100 / len(rows):.1%}) name no customer and were left out, "
        f"with {cny(paid)}. If they are many, customers look poorer than they are."
    )
    assert told["missing_ids"].level == "caution"


def test_what_the_source_asks_to_leave_out_is_no_caution(tmp_path):
    rows = clean().assign(state="paid")
    rows.loc[:99, "state"] = "closed"
    told = found(tmp_path, rows, 'drop_status = ["closed"]\n', status="state")
    assert {code: each.level for code, each in told.items()} == {"left_out_as_asked": "ready"}
    assert "status 100" in told["left_out_as_asked"].en


@pytest.mark.parametrize(("count", "level"), [(5, "ready"), (100, "caution")])
def test_repeated_rows_are_told_with_their_money(tmp_path, count, level):
    rows = pd.concat([clean(), clean().head(count)])
    told = found(tmp_path, rows)["exact_duplicates"]
    assert told.level == level
    assert told.en.startswith(f"{count:,} of {len(rows):,} rows")
    assert 'duplicates = "drop"' in told.en
    assert 'duplicates = "drop"' in told.zh


def test_refunds_are_told_with_share_and_days_below_zero(tmp_path):
    rows = clean().assign(paid="10")
    back = added(rows, 200, who=[f"N{i}" for i in range(200)], paid="-10")
    told = found(tmp_path, back)["refunds"]
    share = 200 / len(rows)
    assert told.level == ("caution" if share >= 0.1 else "ready")
    assert told.en == (
        f"Lines that are refunds or cancellations: 200, {cny(2000)} or {share:.1%} of sales. "
        "Days of a customer that end below zero, which are no purchases: 200. refunds = "
        '"original_order" would date them by their order.'
    )


def test_only_refunds_are_a_caution_and_no_error(tmp_path):
    told = found(tmp_path, clean().head(5).assign(paid="-3"))["refunds"]
    assert told.level == "caution"
    assert "– of sales" in told.en


@pytest.mark.parametrize(("count", "level"), [(10, "ready"), (400, "caution")])
def test_amounts_of_zero_are_told(tmp_path, count, level):
    rows = added(clean(), count, paid="0")
    told = found(tmp_path, rows)["zero_amounts"]
    assert (told.level, told.en[:36]) == (
        level,
        f"Rows with an amount of zero: {count} ({count / len(rows):.1%}). "[:36],
    )


def test_amounts_in_another_unit_are_outliers(tmp_path):
    rows = clean()
    rows.loc[:9, "paid"] = "200000"
    told = found(tmp_path, rows)["outliers"]
    assert told.level == "caution"
    assert "far from the others: 10, with" in told.en


def test_ids_of_orders_in_place_of_customers_are_told(tmp_path):
    rows = clean()
    told = found(tmp_path, rows.assign(who=rows["no"]))["ids_once"]
    assert told.level == "caution"
    assert told.en.startswith(f"{len(rows):,} of {len(rows):,} customers (100.0%) come on one day")


def test_ids_of_orders_of_several_lines_are_told_too(tmp_path):
    rows = clean()
    twice = pd.concat([rows.assign(who=rows["no"])] * 2)
    assert "ids_once" in found(tmp_path, twice.assign(paid=[f"{i + 1}" for i in range(len(twice))]))


@pytest.mark.parametrize("who", ["散客", "Guest", "0", "99999999"])
def test_a_placeholder_is_told_with_its_money(tmp_path, who):
    rows = added(clean(), 300, who=who, paid="10")
    told = found(tmp_path, rows)["placeholder_id"]
    assert told.level == "caution"
    assert told.en.startswith(
        f"One customer id ({who}) holds 300 rows ({300 / len(rows):.1%}), {cny(3000)}: does it "
    )


def test_an_unnamed_id_with_a_large_share_of_rows_is_told_without_its_value(tmp_path):
    rows = added(clean(), 1_000, who="K-77-secret")
    told = found(tmp_path, rows)["placeholder_id"]
    assert "secret" not in told.en + told.zh
    assert told.en.startswith("One customer id holds 1,000 rows")


def test_customers_numbered_from_zero_are_no_placeholders(tmp_path):
    rows = clean(customers=60)
    rows["who"] = rows["who"].str[1:].astype(int).astype(str)
    assert "0" in set(rows["who"])
    assert "placeholder_id" not in found(tmp_path, rows)


@pytest.mark.parametrize("column", ["customer_id", "order_id"])
def test_ids_in_scientific_notation_are_told(tmp_path, column):
    cell = {"customer_id": "who", "order_id": "no"}[column]
    rows = clean()
    rows.loc[:49, cell] = "2.33E+17"
    told = found(tmp_path, rows)["ids_rounded"]
    assert told.level == "caution"
    assert told.en.startswith(f"50 rows have a {column} such as 2.33E+17")


def test_long_ids_that_end_in_zeros_are_told_and_others_are_not(tmp_path):
    rows = clean()
    long = [f"23300000{i:07}" for i in range(len(rows))]
    assert "ids_rounded" in found(tmp_path, rows.assign(no=[f"{n}000" for n in long]))
    (tmp_path / "b").mkdir()
    assert "ids_rounded" not in found(
        tmp_path / "b", rows.assign(no=[f"{n}{i % 997:03}" for i, n in enumerate(long)])
    )


@pytest.mark.parametrize("who", ["1e5", "12E3"])
def test_a_code_with_an_e_is_no_number(tmp_path, who):
    rows = clean()
    rows.loc[:49, "who"] = who
    assert "ids_rounded" not in found(tmp_path, rows)


@pytest.mark.parametrize(("length", "level"), [(5, "ready"), (20, "caution")])
def test_days_without_a_row_are_told_to_the_day(tmp_path, length, level):
    rows = clean()
    gone = pd.date_range("2024-06-10", periods=length).strftime("%Y-%m-%d")
    told = found(tmp_path, rows[~rows["day"].isin(gone)])["gaps"]
    last = {5: "Jun 14, 2024", 20: "Jun 29, 2024"}[length]
    assert told.level == level
    assert told.en == (
        f"Stretches of days without any row: 1, the longest {length} days (Jun 10, 2024 to "
        f"{last}): was the shop closed, or is a file missing?"
    )
    assert f"2024年6月10日至2024年6月{9 + length}日" in told.zh


@pytest.mark.parametrize(("times", "level"), [(6, "ready"), (20, "caution")])
def test_a_day_with_far_too_many_rows_is_told_with_its_factor(tmp_path, times, level):
    rows = clean()
    usual = int(rows.groupby("day").size().median())
    rows = rows[rows["day"] != "2024-11-11"]
    told = found(tmp_path, added(rows, times * usual, day="2024-11-11"))["spikes"]
    assert told.level == level
    assert f"than the usual {usual}: 1; Nov 11, 2024 {times * usual} ({times} times)" in told.en


@pytest.mark.parametrize("stand_in", ["1900-01-01", "1970-01-01", "2001-05-05"])
def test_dates_long_before_all_others_are_told(tmp_path, stand_in):
    told = found(tmp_path, added(clean(), 12, day=stand_in))
    assert told["first_day_apart"].level == "caution"
    assert "soon after: 12; all others begin on Jan 1, 2024" in told["first_day_apart"].en
    assert "gaps" not in told


def test_dates_long_after_all_others_name_as_of(tmp_path):
    late = added(added(clean(), 2, day="2099-12-31"), 3, day="2098-01-01")
    told = found(tmp_path, late)
    assert told["last_day_apart"].level == "caution"
    assert told["last_day_apart"].en.endswith("set as_of = 2024-12-31.")
    assert "Rows dated up to Dec 31, 2099: 5; all others end on Dec 31, 2024." in (
        told["last_day_apart"].en
    )


def test_a_shop_that_begins_on_a_new_years_day_is_not_told(tmp_path):
    rows = clean()
    rows["day"] = (pd.to_datetime(rows["day"]) - pd.DateOffset(years=24)).dt.strftime("%Y-%m-%d")
    assert rows["day"].min() == "2000-01-01"
    assert found(tmp_path, rows) == {}


def test_an_as_of_date_long_after_the_data_is_told(tmp_path):
    told = found(tmp_path, clean(), "", "as_of = 2025-06-30\n")["as_of_after_data"]
    assert told.level == "caution"
    assert "Dec 31, 2024, but everything is counted to Jun 30, 2025, 181 days later" in told.en


@pytest.mark.parametrize(("days", "is_told"), [(320, True), (365, False), (366, False)])
def test_a_last_month_that_is_not_over_is_told(tmp_path, days, is_told):
    told = found(tmp_path, clean(days=days))
    assert ("last_month_unfinished" in told) is is_told
    assert all(each.level == "ready" for each in told.values())


def test_statuses_that_sound_like_no_sale_are_told_with_their_money(tmp_path):
    rows = clean().assign(state="交易成功")
    rows.loc[:99, "state"] = "交易关闭"
    told = found(tmp_path, rows, status="state")["no_sale_status"]
    paid = rows.head(100)["paid"].astype(float).sum()
    assert told.en == (
        f"100 used rows with {cny(paid)} have a status that sounds like no sale. If so, set "
        'drop_status = ["交易关闭"].'
    )


def test_an_orders_total_on_each_of_its_lines_is_told(tmp_path):
    rows = clean()
    doubled = pd.concat([rows.assign(line="1"), rows.head(400).assign(line="2")])
    told = found(tmp_path, doubled)["amounts_repeated"]
    paid = rows.head(400)["paid"].astype(float).sum()
    assert "In 400 of 400 orders of several lines, all lines have the same amount" in told.en
    assert f"{cny(paid)} is counted too much" in told.en


def test_orders_that_were_loaded_twice_are_no_totals_on_every_line(tmp_path):
    told = found(tmp_path, pd.concat([clean(), clean().head(400)]))
    assert "amounts_repeated" not in told
    assert told["exact_duplicates"].level == "caution"


def test_orders_of_different_lines_are_not_told(tmp_path):
    rows = clean()
    doubled = pd.concat([rows, rows.head(400).assign(paid="3.33")])
    assert "amounts_repeated" not in found(tmp_path, doubled)


@pytest.mark.parametrize(("paid", "is_told"), [("10", True), ("-10", False)])
def test_cancellations_that_count_as_sales_are_told(tmp_path, paid, is_told):
    rows = clean()
    more = added(rows, 40, paid=paid)
    more.loc[len(rows) :, "no"] = [f"C{i}" for i in range(40)]
    assert ("cancellations_positive" in found(tmp_path, more)) is is_told


@pytest.mark.parametrize(("shift", "is_told"), [(0, False), (-8, True)])
def test_hours_of_another_zone_are_told(tmp_path, shift, is_told):
    rows = clean()
    hour = np.random.default_rng(4).normal(15, 3.5, len(rows)).clip(7, 23.9)
    when = pd.to_datetime(rows["day"]) + pd.to_timedelta(hour + shift, "h")
    told = found(tmp_path, rows.assign(day=when.dt.strftime("%Y-%m-%d %H:%M:%S")))
    assert ("hours_shifted" in told) is is_told


def test_personal_data_are_told_by_column_and_never_by_value(tmp_path):
    rows = clean()
    rows["who"] = "139" + rows["who"].str[1:].str.zfill(4) + "0000"
    rows["who"] = rows["who"].str[:2] + rows["who"].str[5:7] + rows["who"].str[4:]
    told = found(tmp_path, rows)["personal_data"]
    assert told.en.startswith("Column customer_id holds personal data: phone numbers in 100.0% of")
    assert not any(who in told.en + told.zh for who in rows["who"])


def test_other_tables_are_told_by_key_and_empty_cells(tmp_path):
    who = pd.DataFrame({"who": ["A", "A", "B", "C"], "where": ["x", "y", "", "z"], "sort": ""})
    columns = {"customer_id": "who", "name": "where", "industry": "sort"}
    more = section("customers", who, tmp_path, columns)
    lines = load.table(source(tmp_path, clean(), more=more), "customers")
    told = {each.code: (each.level, each.en) for each in check.findings(lines)}
    level, sentence = told["key_repeats"]
    assert level == "caution"
    assert sentence.startswith("1 of 4 rows (25.0%) repeat the customer_id of another row;")
    assert told["empty_columns"] == (
        "caution",
        "No cell is filled in industry: is that the right column?",
    )
    assert told["empty_cells"][0] == "ready"
    assert told["empty_cells"][1].endswith("25.0%.")
