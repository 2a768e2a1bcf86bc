"""Do K公司's invented accounts meet its published figures, exactly?"""

import pandas as pd
import pytest

from crmlab import load, segment
from crmlab.company import cases
from crmlab.home import home

COMMITTED = home() / "data" / "k-consulting"


def priced(name):
    table = load.table("k-consulting", name).to_pandas()
    profit = table["revenue"] - table["direct_cost"] - table["selling_cost"]
    return table.assign(profit=profit, rate=profit / table["revenue"])


@pytest.fixture(scope="module")
def accounts():
    return priced("accounts")


def test_138_accounts_fall_into_10_97_and_31(accounts):
    bands = cases.k_bands(accounts).value_counts()
    assert bands.to_dict() == {"high_high": 10, "middle": 97, "otherwise": 31}


def test_the_high_high_have_29_percent_of_sales_and_69_5_of_profit(accounts):
    best = accounts[cases.k_bands(accounts) == "high_high"]
    assert best["revenue"].sum() * 1000 == accounts["revenue"].sum() * 290
    assert best["profit"].sum() * 1000 == accounts["profit"].sum() * 695


def test_the_quadrants_of_the_upper_cuts_hold_the_same_ten(accounts):
    cuts = cases.VOLUME_CUTS[1], cases.RATE_CUTS[1]
    found = segment.quadrants(accounts["revenue"], accounts["rate"], *cuts)
    assert ((found == "high_high") == (cases.k_bands(accounts) == "high_high")).all()
    assert found.value_counts().min() > 0
    table = segment.indices(found, accounts["revenue"], accounts["profit"]).loc["high_high"]
    assert table["volume_index"] == pytest.approx(4.00, abs=0.005)  # reference-values.md
    assert table["profit_index"] == pytest.approx(9.59, abs=0.005)
    assert table["profit_per_unit"] == pytest.approx(2.397, abs=0.0005)


def test_some_accounts_cost_more_than_they_bring(accounts):
    assert (accounts["profit"] < 0).sum() == 22
    whale = accounts["profit"].sort_values(ascending=False).cumsum() / accounts["profit"].sum()
    assert whale.max() == pytest.approx(1.0689, abs=0.0001)


def test_two_years_later_customers_are_two_thirds_and_sales_four_thirds(accounts):
    later = priced("accounts_later")
    assert len(later) * 3 == len(accounts) * 2 == 276
    assert later["revenue"].sum() * 3 == accounts["revenue"].sum() * 4
    assert set(later["customer_id"]) < set(accounts["customer_id"])
    best = accounts.loc[cases.k_bands(accounts) == "high_high", "customer_id"]
    assert best.isin(later["customer_id"]).all()


@pytest.mark.parametrize("name", ["accounts.csv", "accounts_later.csv", "source.toml"])
def test_the_committed_files_are_what_the_code_makes(tmp_path, name):
    cases.write_k_consulting(tmp_path)
    made, committed = tmp_path / name, COMMITTED / name
    if name.endswith(".csv"):  # by value: another processor may round a last bit otherwise
        pd.testing.assert_frame_equal(pd.read_csv(made), pd.read_csv(committed), atol=1, rtol=0)
    else:
        assert made.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_every_seed_meets_the_published_figures(seed):
    table = cases.k_accounts(seed)
    assert cases.k_bands(table).value_counts().to_dict() == {
        "high_high": 10, "middle": 97, "otherwise": 31,
    }  # fmt: skip
    assert (table[["revenue", "direct_cost", "selling_cost"]] > 0).all(axis=None)
    assert table["revenue"].sum() == cases.SALES
    spent = table["direct_cost"].sum() + table["selling_cost"].sum()
    assert cases.SALES - spent == cases.PROFIT
