"""Is whom one may contact decided as people meant it, and does a campaign list keep to it?"""

import pandas as pd
import pytest

from crmlab import customers, load, page
from crmlab.errors import DataError
from crmlab.page import lists


def shop(folder, rows, columns="", people=None):
    (folder / "o.csv").write_text("who,day,paid,yes,no\n" + "\n".join(rows), encoding="utf-8")
    text = (
        'currency = "CNY"\n[orders]\npath = "o.csv"\ncustomer_id = "who"\norder_date = "day"\n'
        f'amount = "paid"\n{columns}'
    )
    if people is not None:
        (folder / "c.csv").write_text("who,yes,no\n" + "\n".join(people), encoding="utf-8")
        text += '[customers]\npath = "c.csv"\ncustomer_id = "who"\n'
        text += 'consent = "yes"\ndo_not_contact = "no"\n'
    (folder / "s.toml").write_text(text)
    source = str(folder / "s.toml")
    return customers.may_contact(source, load.orders(source))


BOTH = 'consent = "yes"\ndo_not_contact = "no"\n'
ROWS = [
    "A,2024-01-01,1,是,否",
    "B,2024-01-01,1,是,否", "B,2024-02-01,1,否,否",  # took it back
    "C,2024-01-01,1,否,否", "C,2024-02-01,1,是,否",  # gave it later
    "D,2024-01-01,1,是,是", "D,2024-02-01,1,是,否",  # asked once to be left alone
    "E,2024-01-01,1,,",  # never asked
    "F,2024-01-01,1,是,", "F,2024-02-01,1,,",  # the latest that is filled counts
    "G,2024-01-01,1,是,", "G,2024-01-01,1,否,",  # both at once: no
]  # fmt: skip


def test_the_latest_consent_counts_and_a_refusal_stays(tmp_path):
    contact = shop(tmp_path, ROWS, BOTH)
    told = contact.of(pd.Index(list("ABCDEFGX")))
    assert contact.known
    assert told.to_dict() == {
        "A": True, "B": False, "C": True, "D": False, "E": False, "F": True, "G": False, "X": False,
    }  # fmt: skip


def test_the_order_of_rows_changes_nothing(tmp_path):
    one = shop(tmp_path, ROWS, BOTH).of(pd.Index(list("ABCDEFG")))
    (tmp_path / "other").mkdir()
    two = shop(tmp_path / "other", ROWS[::-1], BOTH).of(pd.Index(list("ABCDEFG")))
    assert one.equals(two)


def test_with_a_suppression_list_alone_the_others_may_be_contacted(tmp_path):
    contact = shop(tmp_path, ROWS, 'do_not_contact = "no"\n')
    assert contact.of(pd.Index(list("ABDE"))).tolist() == [True, True, False, True]


def test_the_customer_file_comes_first_and_refusals_add_up(tmp_path):
    contact = shop(tmp_path, ROWS, BOTH, people=["A,否,否", "B,是,否", "C,是,是", "E,是,"])
    assert contact.of(pd.Index(list("ABCE"))).tolist() == [False, True, False, True]


def test_without_such_columns_all_are_eligible_and_that_is_said(tmp_path):
    contact = shop(tmp_path, ROWS)
    assert not contact.known
    assert contact.of(pd.Index(["A", "E"])).all()


def listed(contact):
    page.use("en")
    parts = [
        page.target(pd.Index(["A", "B"]), segment="keep", reason="why", action="Call", value=10.0),
        page.target(
            pd.Index(["B", "C"]), segment="win_back", reason="why", action="Write", value=3.0
        ),
    ]
    with page.collected() as shown:
        page.campaign(parts, contact, "CNY")
    return shown[0]


def test_each_customer_stands_once_with_the_first_action(tmp_path):
    part = listed(shop(tmp_path, ROWS, BOTH))
    assert part.frame["action"].to_dict() == {"A": "Call", "B": "Call", "C": "Write"}
    assert part.frame["eligible"].tolist() == [True, False, True]


def test_the_page_gets_sums_only(tmp_path):
    part = listed(shop(tmp_path, ROWS, BOTH))
    assert part.handed["data"]["values"] == [
        ["Call", "Write"], ["<5", "<5"], ["<5", "<5"], ["·", "·"],
    ]  # fmt: skip
    assert "'A'" not in str(part.handed)


def test_a_part_without_a_column_is_refused(tmp_path):
    contact = shop(tmp_path, ROWS, BOTH)
    with pytest.raises(DataError) as told:
        page.campaign([pd.DataFrame({"segment": ["keep"]}, index=["A"])], contact, "CNY")
    assert told.value.en == (
        "a campaign list needs segment, reason, action, value_at_stake; it lacks reason, action, "
        "value_at_stake."
    )


def handed_over(*parts):
    page.use("en")
    with page.collected() as shown:
        page.campaign(parts, customers.Contact(pd.Series(dtype="bool"), known=False), "CNY")
    return shown[0]


def called(ids, value):
    return page.target(pd.Index(ids), segment="keep", reason="why", action="Call", value=value)


def test_a_part_that_lacks_a_column_is_refused_beside_one_that_has_it():
    with pytest.raises(DataError, match="it lacks reason"):
        handed_over(called(["A"], 1.0), called(["B"], 1.0).drop(columns="reason"))


@pytest.mark.parametrize(
    ("ids", "value", "sentence"),
    [
        (["A", "B"], "much", "value_at_stake must be a number; it is not in 2 of 2 rows."),
        (["A"], float("inf"), "value_at_stake must be a number; it is not in 1 of 1 rows."),
        (
            ["A", None], 1.0,
            "a campaign list needs a customer_id in every row; 1 of 2 rows lack it.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_listed_is_refused(ids, value, sentence):
    with pytest.raises(DataError) as told:
        handed_over(called(ids, value))
    assert told.value.en == sentence


def test_nobody_to_contact_is_an_empty_list():
    part = handed_over()
    assert part.handed["rows"] == 0
    assert list(part.frame.reset_index()) == [
        "customer_id", "segment", "reason", "action", "value_at_stake", "eligible",
    ]  # fmt: skip


def test_the_summary_adds_up_and_an_unknown_value_is_said():
    ids = [f"K{n}" for n in range(12)]
    value = pd.Series([1.5] * 6 + [None] * 6, index=ids, dtype="float64")
    part = handed_over(called(ids, value))
    assert part.handed["data"]["values"] == [["Call"], [12], [12], [9.0]]
    assert lists.html(part.frame, True, "CNY", "en").count("is in no sum: 6.") == 1
    assert "未计入合计的客户数：<5。" in lists.html(part.frame.head(8), True, "CNY", "zh")


def test_a_customer_is_told_in_both_languages():
    who = pd.DataFrame({"days_since_last": [12], "orders": [3], "spend": [1234.5]}, index=["A"])
    assert customers.tell(who, "CNY", "en")(who.index)["A"] == (
        "3 purchases for CNY 1,234.50, the last 12 days ago"
    )
    assert (
        customers.tell(who, "CNY", "zh")(pd.Index(["A", "B"]))["A"]
        == "购买 3 次，共 CNY 1,234.50，距最近一次 12 天"
    )


def test_an_opt_out_on_an_order_that_is_left_out_counts(tmp_path):
    rows = ["A,2024-01-01,10,是,否,paid", "A,2024-02-01,10,是,是,closed"]
    rows += ["B,2024-01-01,10,是,否,paid", "B,2024-02-01,10,否,否,closed"]  # took it back
    rows += ["C,2024-01-01,10,是,否,paid"]
    (tmp_path / "o.csv").write_text("who,day,paid,yes,no,st\n" + "\n".join(rows), encoding="utf-8")
    (tmp_path / "s.toml").write_text(
        'currency = "CNY"\n[orders]\npath = "o.csv"\ncustomer_id = "who"\norder_date = "day"\n'
        f'amount = "paid"\nstatus = "st"\ndrop_status = ["closed"]\n{BOTH}'
    )
    source = str(tmp_path / "s.toml")
    lines = load.orders(source)
    assert lines.rows == 3
    told = customers.may_contact(source, lines).of(pd.Index(list("ABC")))
    assert told.tolist() == [False, False, True]


def test_an_opt_out_in_the_orders_counts_for_a_page_that_reads_the_customer_file(tmp_path):
    shop(tmp_path, ROWS, 'do_not_contact = "no"\n', people=["A,是,", "D,是,"])
    source = str(tmp_path / "s.toml")
    contact = customers.may_contact(source, load.table(source, "customers"))
    assert contact.of(pd.Index(["A", "D"])).tolist() == [True, False]


def test_a_customer_file_without_consent_is_not_read(tmp_path):
    shop(tmp_path, ROWS, BOTH)
    with open(tmp_path / "s.toml", "a") as file:
        file.write('[customers]\npath = "c.csv"\ncustomer_id = "who"\nacquired_on = "day"\n')
    (tmp_path / "c.csv").write_text("who,day\nA,never\n")  # cannot be used
    source = str(tmp_path / "s.toml")
    contact = customers.may_contact(source, load.orders(source))
    assert contact.of(pd.Index(["A", "B"])).tolist() == [True, False]


def test_a_report_words_no_reasons_and_an_export_words_those_on_the_list():
    who = pd.DataFrame({"days_since_last": 1, "orders": 2, "spend": 3.0}, index=["A", "B", "C"])
    asked = []

    def why(ids):
        asked.extend(ids)
        return customers.tell(who, "CNY", "en")(ids)

    ids = pd.Index(["A", "B"])
    part = page.target(ids, segment="keep", reason=why, action="Call", value=1.0)
    assert (asked, set(part["reason"])) == ([], {""})
    with page.collected() as shown:
        parts = [page.target(ids, segment="keep", reason=why, action="Call", value=1.0)]
        page.campaign(parts, customers.Contact(pd.Series(dtype="bool"), known=False), "CNY")
    assert asked == ["A", "B"]
    assert set(shown[0].frame["reason"]) == {"2 purchases for CNY 3.00, the last 1 days ago"}
    assert shown[0].frame[["segment", "action"]].dtypes.astype(str).tolist() == ["str", "str"]
