"""What the company refuses."""

import sys

import pytest

from crmlab import company
from crmlab.__main__ import main
from crmlab.errors import RequestError
from crmlab.tables import TABLES


@pytest.mark.parametrize(
    ("seed", "customers", "effect"),
    [(-1, 10, 1), (2026, 0, 1), (2026, 10, -0.1), (2026, 10, 1.5), (2026, 10, float("nan"))],
)
def test_seed_size_and_effect_must_be_in_range(tmp_path, seed, customers, effect):
    with pytest.raises(RequestError) as told:
        company.write(tmp_path / "none", seed, customers, effect)
    assert told.value.en == (
        "seed must be from 0, customers from 1 and satisfaction_effect from 0 to 1, "
        f"got {seed}, {customers}, {effect}."
    )
    assert told.value.zh == (
        "种子须不小于 0，客户数须不小于 1，满意度效应须在 0 到 1 之间，"
        f"现为 {seed}, {customers}, {effect}。"
    )
    assert not (tmp_path / "none").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(RequestError) as told:
        company.write(place, customers=1)
    assert told.value.en == f"{place} cannot be written: File exists."


@pytest.mark.parametrize("seed", range(2))
def test_one_customer_is_a_company(tmp_path, seed):
    company.write(tmp_path / "new" / "folder", seed, customers=1)
    for name in set(TABLES) - {"accounts", "accounts_later"}:
        assert (tmp_path / "new" / "folder" / f"{name}.csv").exists(), name


def crmlab(monkeypatch, *arguments):
    """Run the command in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["crmlab", "company", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_the_command_writes_a_company(monkeypatch, capsys, tmp_path):
    asked = ("--out", str(tmp_path), "--customers", "3", "--satisfaction-effect", "0")
    assert crmlab(monkeypatch, *asked) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "source.toml")
    assert len((tmp_path / "customers.csv").read_text(encoding="utf-8").splitlines()) == 4


def test_a_wrong_request_ends_with_2_and_a_sentence(monkeypatch, capsys, tmp_path):
    asked = ("--out", str(tmp_path / "x"), "--customers", "0", "--lang", "zh")
    assert crmlab(monkeypatch, *asked) == 2
    assert capsys.readouterr().err.startswith("错误: 种子须不小于 0，客户数须不小于 1")
    assert not (tmp_path / "x").exists()
