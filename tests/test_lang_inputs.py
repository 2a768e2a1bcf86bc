"""Does the workbook speak both languages, and refuse what it has no word for?"""

import datetime

import pytest

from crmlab.lang import day, money, number, percent, say, spoken, term


def test_a_sentence_needs_both_languages():
    with pytest.raises(TypeError, match="zh"):
        say("en", en="only English")


def test_a_code_without_a_word_is_an_error():
    with pytest.raises(KeyError, match=r"no term for 'no_such_code' in data/glossary\.csv"):
        term("no_such_code", "en")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (23570, "23,570"), (0.00012345, "0.0001234"), (-1234.5678, "−1,235"),
     (float("nan"), "–"), (float("inf"), "∞"), (float("-inf"), "−∞")],
)  # fmt: skip
def test_numbers_have_four_digits_and_counts_all_of_theirs(value, text):
    assert number(value, "en") == text == number(value, "zh")


def test_money_is_in_the_readers_form():
    assert money(1234.5, "CNY", "zh") == "¥1,234"
    assert money(1234.5, "CNY", "en") == "CN¥1,234"
    assert money(-12.3, "USD", "en") == "−$12.30"
    assert money(float("nan"), "USD", "en") == "–"


def test_shares_and_days():
    assert percent(0.6784, "zh") == "67.8%"
    assert percent(float("nan"), "zh") == "–"
    assert day(datetime.date(2024, 3, 5), "zh") == "2024年3月5日"


@pytest.mark.parametrize(
    ("value", "lang"), [("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C", "en"), ("de_DE", "en")]
)
def test_commands_speak_the_language_of_the_locale(monkeypatch, value, lang):
    monkeypatch.setenv("LC_ALL", value)
    assert spoken() == lang
