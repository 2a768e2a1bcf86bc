"""Are pseudonyms those of HMAC, is the key kept, and is no handful of customers shown?"""

import hmac
import os
import stat
import subprocess
import sys
from decimal import Decimal

import pandas as pd
import pytest

from crmlab import page, privacy
from crmlab.errors import RequestError
from crmlab.page import safe


@pytest.fixture
def own_key(tmp_path, monkeypatch):
    """Keep the user's own key out of it: a configuration folder that is empty."""
    monkeypatch.delenv("CRMLAB_KEY", raising=False)
    monkeypatch.delenv("CRMLAB_KEY_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    privacy._read.cache_clear()
    return tmp_path / "config" / "crmlab" / "pseudonym.key"


def test_a_pseudonym_is_the_beginning_of_hmac_sha256(monkeypatch):
    monkeypatch.setenv("CRMLAB_KEY", "a key of enough characters")
    digest = hmac.digest(b"a key of enough characters", b"K001", "sha256")
    bits = int.from_bytes(digest, "big") >> (256 - 60)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    expected = "".join(alphabet[(bits >> (55 - 5 * n)) & 31] for n in range(12))
    assert privacy.pseudonym("K001") == expected


def test_the_same_key_gives_the_same_pseudonym_and_another_another(monkeypatch):
    ids = pd.Series(["K1", "K2", "K1", None])
    monkeypatch.setenv("CRMLAB_KEY", "a key of enough characters")
    first = privacy.pseudonyms(ids)
    assert first[0] == first[2] != first[1]
    assert first.isna().tolist() == [False, False, False, True]
    monkeypatch.setenv("CRMLAB_KEY", "another key of enough characters")
    assert privacy.pseudonyms(ids)[0] != first[0]


def test_a_key_is_made_once_for_the_user_alone(own_key):
    made = privacy.key()
    assert own_key.read_text().strip().encode() == made
    assert stat.S_IMODE(own_key.stat().st_mode) == 0o600
    privacy._read.cache_clear()
    assert privacy.key() == made
    assert [f.name for f in own_key.parent.iterdir()] == ["pseudonym.key"]


def test_of_processes_that_make_it_at_once_all_read_the_same(own_key):
    code = "from crmlab import privacy; print(privacy.key().decode())"
    environment = {**os.environ, "XDG_CONFIG_HOME": str(own_key.parents[1])}
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment)
        for _ in range(2)
    ]
    told = {process.communicate(timeout=60)[0] for process in running}
    assert len(told) == 1


def test_a_key_file_that_others_may_read_is_refused(own_key, monkeypatch, tmp_path):
    file = tmp_path / "key"
    file.write_text("a key of enough characters")
    file.chmod(0o644)
    monkeypatch.setenv("CRMLAB_KEY_FILE", str(file))
    with pytest.raises(RequestError, match="others may read the key file"):
        privacy.key()
    file.chmod(0o600)
    assert privacy.key() == b"a key of enough characters"


def test_a_short_key_is_refused_without_being_told(monkeypatch):
    monkeypatch.setenv("CRMLAB_KEY", "geheim")
    with pytest.raises(RequestError) as told:
        privacy.key()
    assert told.value.en == "the key in CRMLAB_KEY has 6 characters; it must have 16 or more."


def test_a_key_among_the_results_is_refused(own_key, monkeypatch, tmp_path):
    monkeypatch.setenv("CRMLAB_KEY_FILE", str(tmp_path / "out" / "key"))
    with pytest.raises(RequestError, match="lies in the output folder"):
        privacy.require_outside(tmp_path / "out")
    privacy.require_outside(tmp_path / "elsewhere")


@pytest.fixture
def keyed(monkeypatch):
    monkeypatch.setenv("CRMLAB_KEY", "a key of enough characters")
    page.use("en")


def test_a_table_shows_no_id_of_a_person(keyed):
    rows = pd.DataFrame({"customer_id": ["K1", "K2"], "spend": [1.0, 2.0]})
    with page.collected() as shown:
        page.table(rows, "actions", index=False)
        page.table(rows.set_index("customer_id"), "actions")
    for part in shown:
        assert "K1" not in str(part.handed)
        assert privacy.pseudonym("K1") in str(part.handed)
        assert "K1" in str(part.frame.reset_index())  # the whole table stays for an export


def test_ids_in_an_index_of_several_levels_are_hidden(keyed):
    rows = pd.DataFrame({"customer_id": ["K1"], "wave": [1], "spend": [2.0]})
    hidden = privacy.hidden(rows.set_index(["customer_id", "wave"]))
    assert hidden.index.tolist() == [(privacy.pseudonym("K1"), 1)]


def test_values_of_fewer_than_five_customers_are_not_shown():
    rows = pd.DataFrame(
        {"customers": [0, 1, 4, 5], "mean": [1.5, 2.5, 3.5, 4.5], "score": [1, 2, 3, 4]}
    )
    shown, small = safe.shown(rows)
    assert small
    assert shown["customers"].tolist() == [0, "<5", "<5", 5]
    assert shown["mean"].tolist() == [1.5, "·", "·", 4.5]
    assert shown["score"].tolist() == [1, 2, 3, 4]


def test_a_cross_table_hides_its_small_counts():
    rows = pd.DataFrame({"class_a": [12, 3], "class_b": [0, 5]})
    shown, _ = safe.shown(rows, counts=True)
    assert shown.to_numpy().tolist() == [[12, 0], ["<5", 5]]


def test_money_of_a_handful_is_not_shown_whatever_its_type():
    rows = pd.DataFrame(
        {"customers": [1, 9], "spend": [777, 800], "paid": [Decimal("7.5"), Decimal(8)]}
    )
    shown, _ = safe.shown(rows, units={"spend": "CNY", "customers": "customers"})
    assert shown.to_numpy().tolist() == [["<5", "·", "·"], [9, 800, Decimal(8)]]


def test_a_limit_of_an_interval_is_money_as_its_estimate_is(keyed):
    rows = pd.DataFrame({"customers": [2], "spend": [700], "low": [600], "high": [800]})
    with page.collected() as shown:
        page.table(rows, "actions", units={"spend": "CNY"}, intervals={"spend": ("low", "high")})
    assert shown[0].handed["data"]["values"] == [["<5"], ["·"], ["·"], ["·"]]


@pytest.mark.parametrize("others", [["cohort"], []])
def test_a_size_in_the_index_is_hidden_too(others):
    rows = pd.DataFrame({"cohort": ["a", "b"], "customers": [4, 5], "share": [0.5, 0.6]})
    shown, _ = safe.shown(rows.set_index([*others, "customers"]))
    assert shown.reset_index()["customers"].tolist() == ["<5", 5]
    assert shown["share"].tolist() == ["·", 0.6]
    assert safe.any_small(shown)


def test_counts_may_be_missing():
    rows = pd.DataFrame({"a": pd.array([3, None, 5], dtype="Int64")})
    assert safe.shown(rows, counts=True)[0]["a"].tolist() == ["<5", pd.NA, 5]


@pytest.mark.parametrize(("told", "length"), [("", 0), (" " * 20, 0)])
def test_an_empty_key_is_refused_and_no_other_taken(own_key, monkeypatch, told, length):
    monkeypatch.setenv("CRMLAB_KEY", told)
    with pytest.raises(RequestError, match=f"CRMLAB_KEY has {length} characters"):
        privacy.key()
    assert not own_key.exists()


def test_shares_are_no_counts():
    rows = pd.DataFrame({"customers": [0.25, 0.5], "profit": [2.5, 3.5]})
    assert safe.shown(rows)[0].equals(rows)


def test_the_page_says_what_it_does_not_show(keyed):
    rows = pd.DataFrame({"customers": [3], "mean": [2.5]})
    found = []
    page.hand.display = lambda media, **_: found.append(media)
    try:
        page.table(rows, "actions", index=False)
    finally:
        from IPython.display import display

        page.hand.display = display
    assert "Groups of fewer than 5 customers are not shown." in found[0]["text/html"]
    assert "2.5" not in str(found[0])
