"""Are personal data found where they are, and not found where ids are mere numbers?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import personal

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def digits(length, count=2_000, seed=1):
    rng = np.random.default_rng(seed)
    first = rng.integers(1, 10, count).astype(str)
    rest = rng.integers(0, 10, (count, length - 1)).astype(str)
    return pd.Series([a + "".join(b) for a, b in zip(first, rest, strict=True)])


def id_cards(count, seed=2):
    """Return identity numbers with the check of GB 11643-1999, written out once more."""
    rng = np.random.default_rng(seed)
    found = []
    for n in range(count):
        day = f"{rng.integers(1950, 2005)}{rng.integers(1, 13):02}{rng.integers(1, 29):02}"
        body = f"310115{day}{n % 1000:03}"
        rest = sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11
        found.append(body + "10X98765432"[rest])
    return pd.Series(found)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        pytest.param("11010519491231002X", True, id="standard-example"),
        pytest.param("440524188001010014", False, id="born-before-1900"),
        pytest.param("11010519491231002x", True, id="small-x"),
        pytest.param("110105194912310020", False, id="wrong-check"),
        pytest.param("110105194913310029", False, id="month-13"),
        pytest.param("110105490231002", False, id="old-form-31-February"),
        pytest.param("110105491231002", True, id="old-form"),
        pytest.param("000105491231002", False, id="no-such-province"),
        pytest.param("310115********1234", True, id="masked"),
    ],
)
def test_an_identity_card_needs_its_check_and_a_day(text, is_one):
    assert personal.is_id_card(text) is is_one


@pytest.mark.parametrize(
    "text",
    [
        "13812345678", "138 1234 5678", "138-1234-5678", "+86 138 1234 5678", "8613812345678",
        "138****5678", "010-65529988", "(010) 6552 9988",
        "0755-1234567-801", "+44 20 7946 0958",
        "１３８１２３４５６７８", "＋８６１３８１２３４５６７８",
    ],
)  # fmt: skip
def test_a_phone_is_found_however_it_is_written(text):
    assert personal.kinds(pd.Series([text])) == {"phone": 1.0}


@pytest.mark.parametrize(
    "text", ["12812345678", "2024-01-15", "001-1234567", "01065529988", "K-1001", "1381234567"]
)
def test_other_numbers_are_no_phones(text):
    assert personal.kinds(pd.Series([text])) == {}


@pytest.mark.parametrize("text", ["zhang.san@example.com", "z***@qq.com", "李@example.co.uk"])
def test_an_address_is_found_masked_or_not(text):
    assert personal.kinds(pd.Series([text])) == {"email": 1.0}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("4111111111111111", True), ("4111 1111 1111 1111", True), ("4111111111111112", False)],
)
def test_a_bank_card_passes_the_luhn_check(text, is_one):
    assert personal.is_bank_card(text) is is_one


@pytest.mark.parametrize("length", [6, 8, 10, 11, 12, 13, 15, 16, 17, 18, 19])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_ids_are_not_personal(length, seed):
    assert personal.kinds(digits(length, seed=seed)) == {}


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([f"138{n:08}" for n in range(500)], id="a-series-that-begins-like-a-mobile"),
        pytest.param([f"31011520240115{n:04}" for n in range(2000)], id="shop-day-number"),
        pytest.param([f"20240115{n:08}" for n in range(2000)], id="day-number-of-16"),
        pytest.param([None, "", " "], id="nothing"),
        pytest.param([], id="no-rows"),
    ],
)
def test_numbers_in_a_row_are_not_personal(values):
    assert personal.kinds(pd.Series(values, dtype="str")) == {}


def test_phones_of_one_prefix_are_phones():
    assert personal.kinds("138" + digits(8)) == {"phone": 1.0}


def test_identity_cards_are_found_among_other_values():
    values = pd.concat([id_cards(40), pd.Series([f"K-{n}" for n in range(960)])])
    assert personal.kinds(values) == {"id_card": 0.04}


def test_fewer_than_the_threshold_are_not_told():
    values = pd.concat([id_cards(10), pd.Series([f"K-{n}" for n in range(990)])])
    assert personal.kinds(values) == {}


def test_a_text_that_holds_a_number_counts():
    remarks = pd.Series(["请拨打13812345678，张先生", "货到付款", "身份证11010519491231002X", None])
    assert personal.kinds(remarks) == {
        "id_card": pytest.approx(1 / 3),
        "phone": pytest.approx(1 / 3),
    }


def test_a_parcel_number_is_no_phone():
    assert personal.kinds(pd.Series(["SF13812345678", "YT13812345678901"])) == {}


def test_the_order_of_values_changes_nothing():
    values = pd.concat([id_cards(100), digits(11, 100), pd.Series(["a@b.cn"] * 50)])
    mixed = values.sample(frac=1, random_state=3)
    assert personal.kinds(mixed) == personal.kinds(values)


def test_repeated_index_labels_do_no_harm():
    values = pd.Series(["a@b.cn", "x"], index=[0, 0])
    assert personal.kinds(values) == {"email": 0.5}
