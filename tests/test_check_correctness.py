"""Does a check find what is there, with its numbers, and nothing where nothing is wrong?"""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from crmlab import check, load, personal
from crmlab.__main__ import main
from crmlab.report.readiness import readiness


def clean(days=400, customers=80):
    """Return rows of a shop that has nothing odd: closed on Sundays, a few dozen rows a day."""
    rng = np.random.default_rng(5)
    rows = []
    for n in range(days):
        day = pd.Timestamp("2023-01-02") + pd.Timedelta(days=n)
        if day.day_of_week == 6:
            continue
        for _ in range(rng.integers(8, 13)):
            amount = float(np.exp(rng.normal(4, 0.4)))
            rows.append((f"K{rng.integers(customers):03}", f"{day:%Y-%m-%d}", f"{amount:.2f}"))
    return rows


def shop(folder, rows, options="", head="who,day,paid", columns=""):
    text = "\n".join([head, *(",".join(row) for row in rows), ""])
    (folder / "o.csv").write_text(text, encoding="utf-8")
    (folder / "s.toml").write_text(
        f'currency = "CNY"\n[orders]\npath = "o.csv"\ncustomer_id = "who"\norder_date = "day"\n'
        f'amount = "paid"\n{columns}{options}'
    )
    return load.orders(str(folder / "s.toml"))


def codes(lines):
    return {finding.code: finding for finding in check.findings(lines)}


def test_a_clean_shop_has_no_caution(tmp_path):
    assert [f for f in check.findings(shop(tmp_path, clean())) if f.level == "caution"] == []


@pytest.mark.parametrize("source", ["cdnow", "chenxing"])
def test_our_own_sources_have_no_caution(source):
    assert [f for f in check.findings(load.orders(source)) if f.level == "caution"] == []


def test_levels_lead_from_rows_to_customers(tmp_path):
    rows = [
        ("A", "2024-01-01", "10", "1"), ("A", "2024-01-01", "5", "2"),
        ("A", "2024-01-02", "-3", "3"), ("B", "2024-01-03", "0", "4"),
        ("B", "2024-01-03", "7", "4"),
    ]  # fmt: skip
    lines = shop(tmp_path, rows, head="who,day,paid,no", columns='order_id = "no"\n')
    told = check.levels(lines)
    assert told["count"].to_dict() == {
        "rows_used": 5, "orders_seen": 4, "occasions": 2, "customers": 2,
    }  # fmt: skip
    assert told["amount"].to_dict() == {
        "rows_used": 19.0, "orders_seen": 19.0, "occasions": 22.0, "customers": 22.0,
    }  # fmt: skip


def test_repeats_refunds_zeros_and_lost_rows_are_counted_with_money(tmp_path):
    rows = clean()
    n = len(rows)
    rows += [rows[0]] * 50 + [("K001", "2023-05-01", "-100.00")] * 1
    rows += [("K001", "2023-05-02", "0")] * 3 + [("", "2023-05-02", "7.00")] * 200
    found = codes(shop(tmp_path, rows))
    assert found["exact_duplicates"].en.startswith(f"{50 + 2:,} of {n + 54:,} rows (1.5%) repeat")
    assert found["refunds"].en.startswith("1 lines are refunds or cancellations, CN¥100")
    assert found["zero_amounts"].en.startswith("3 rows (0.1%) have an amount of zero")
    assert found["rows_left_out"].level == "caution"
    assert found["rows_left_out"].en == (
        f"200 of {n + 254:,} rows ({200 / (n + 254):.1%}) could not be used, with CN¥1,400: "
        "no customer 200."
    )


def test_ids_that_come_once_are_probably_orders(tmp_path):
    rows = [(f"X{n}", day, paid) for n, (_, day, paid) in enumerate(clean())]
    found = codes(shop(tmp_path, rows))
    assert found["ids_once"].en.startswith(f"{len(rows):,} of {len(rows):,} customers (100.0%)")


def test_a_placeholder_is_found_by_its_name_or_its_share(tmp_path):
    rows = clean()
    few = [("散客", "2023-03-01", "20.00")] * (len(rows) // 50)
    assert "散客" in codes(shop(tmp_path, rows + few))["placeholder_id"].en
    many = [("K777", day, paid) for _, day, paid in rows[: len(rows) // 2]]
    told = codes(shop(tmp_path, rows + many))["placeholder_id"].en
    assert "K777" not in told  # no id but a placeholder's is told
    assert told.startswith(f"One customer id holds {len(many):,} rows")


def test_ids_in_scientific_notation_have_lost_their_digits(tmp_path):
    rows = [
        ("2.33E+17" if n % 9 == 0 else who, day, paid) for n, (who, day, paid) in enumerate(clean())
    ]
    assert codes(shop(tmp_path, rows))["ids_rounded"].level == "caution"


def test_a_gap_is_told_with_its_days_but_no_sunday(tmp_path):
    rows = [r for r in clean() if not "2023-06-01" <= r[1] <= "2023-06-20"]
    told = codes(shop(tmp_path, rows))["gaps"].en
    assert told.startswith("1 stretches have no row at all, the longest 21 days (May 31, 2023 to")


def test_a_spike_is_told_with_its_day(tmp_path):
    rows = clean() + [(f"K{n % 80:03}", "2023-11-11", f"{30 + n % 50}.00") for n in range(300)]
    told = codes(shop(tmp_path, rows))["spikes"]
    assert "Nov 11, 2023 31" in told.en
    assert told.level == "caution"


def test_days_that_cannot_be_are_told_with_what_to_set(tmp_path):
    rows = [*clean(), ("K001", "1900-01-01", "5.00"), ("K001", "2099-12-31", "5.00")]
    found = codes(shop(tmp_path, rows))
    assert "1 rows are dated Jan 1, 1900" in found["first_day_apart"].en
    assert "set as_of = 2024-02-05" in found["last_day_apart"].en


def test_outliers_are_told_with_their_share_of_the_money(tmp_path):
    rows = [*clean(), ("K001", "2023-05-05", "999999.00"), ("K002", "2023-05-05", "888888.00")]
    told = codes(shop(tmp_path, rows))["outliers"]
    assert told.en.startswith("2 lines are above CN¥")
    assert told.level == "caution"


def test_phones_as_ids_are_personal_data_and_never_shown(tmp_path):
    rows = [(f"138{int(who[1:]):08}", day, paid) for who, day, paid in clean()]
    told = codes(shop(tmp_path, rows))["personal_data"]
    assert told.en.startswith("customer_id holds personal data (phone numbers, 100.0%")
    assert "13800000" not in told.en + told.zh


def test_the_order_of_rows_changes_nothing(tmp_path):
    rows = [*clean(), ("K001", "2023-05-05", "999999.00"), ("散客", "2023-05-05", "-1.00")]
    one = check.findings(shop(tmp_path, rows))
    (tmp_path / "other").mkdir()
    assert check.findings(shop(tmp_path / "other", rows[::-1])) == one


# --- personal data ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("13812345678", "phone"), ("+86 138-1234-5678", "phone"), ("138****5678", "phone"),
        ("１３８１２３４５６７８", "phone"), ("010-88886666", "phone"), ("+447911123456", "phone"),
        ("11010519491231002X", "id_card"), ("110105491231002", "id_card"),
        ("110105********002X", "id_card"), ("a.b@example.com", "email"),
        ("4111111111111111", "bank_card"),
    ],
)  # fmt: skip
def test_personal_values_are_known_by_their_kind(value, kind):
    assert personal.kinds(pd.Series([value] * 5)) == {kind: 1.0}


@pytest.mark.parametrize(
    "value",
    ["110105194912310021", "12812345678", "20240305", "K13812345678", "4111111111111112", "张三"],
)
def test_other_values_are_not(value):
    assert personal.kinds(pd.Series([value] * 5)) == {}


def test_random_numbers_are_no_personal_data():
    rng = np.random.default_rng(1)
    for digits in (11, 16, 18):
        numbers = pd.Series(rng.integers(10 ** (digits - 1), 10**digits, 4_000)).astype(str)
        assert personal.kinds(numbers) == {}


# --- what a source is fit for ----------------------------------------------------------------
def test_few_customers_are_not_enough_and_what_would_be_is_said(tmp_path):
    rows = [r for r in clean() if r[0] < "K012"]
    shop(tmp_path, rows)
    told = {each.notebook: each for each in readiness(str(tmp_path / "s.toml"), "en")}
    assert told["clv"].level == "not_enough"
    assert "300 would be enough" in " ".join(f.en for f in told["clv"].findings)
    assert told["satisfaction_loyalty"].level == "lacking"
    assert told["satisfaction_loyalty"].findings[0].en == (
        "It needs survey, customers, which the source does not have."
    )


def run(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["crmlab", "check", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code or 0, capsys.readouterr()


def test_the_command_tells_people_and_programs(tmp_path, monkeypatch, capsys):
    shop(tmp_path, [*clean(), ("=cmd()", "待定", "5.00")])
    toml, rejects = tmp_path / "s.toml", tmp_path / "rejects.csv"
    code, said = run(monkeypatch, capsys, toml, "--lang", "zh", "--rejects", rejects)
    assert code == 0
    assert "读入行数" in said.out
    assert "可用于哪些分析" in said.out
    head, row = rejects.read_text(encoding="utf-8-sig").splitlines()
    assert head == "table,file,row,reason,unreadable,who,day,paid"
    assert row.startswith("orders,o.csv,")
    assert row.endswith("bad_order_date,day,'=cmd(),待定,5.00")
    code, said = run(monkeypatch, capsys, toml, "--json")
    told = json.loads(said.out)
    assert list(told) == ["source", "currency", "tables", "notebooks"]
    assert list(told["tables"][0]) == [
        "table", "rows", "first_day", "as_of", "ledger", "levels", "findings",
    ]  # fmt: skip
    assert {"level", "en", "zh", "code"} == set(told["tables"][0]["findings"][0])
    assert {each["notebook"] for each in told["notebooks"]} >= {"clv", "segmentation"}


def test_a_source_that_cannot_be_used_is_a_sentence_and_exit_code_2(tmp_path, monkeypatch, capsys):
    shop_toml = tmp_path / "s.toml"
    shop_toml.write_text('currency = "CNY"\n[orders]\npath = "none.csv"\n', encoding="utf-8")
    code, said = run(monkeypatch, capsys, shop_toml, "--lang", "en")
    assert code == 2
    assert "lacks customer_id, order_date, amount" in said.err
    assert "Traceback" not in said.err
