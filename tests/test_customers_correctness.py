"""Are customers summarised as published, and by the definitions of an occasion?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import load
from crmlab.customers import cohorts, gaps, panel, purchase_periods, split, summarise


def shop(folder, rows):
    """Return the lines of (customer, day, amount)."""
    body = "".join(f"{c},{d},{a}\n" for c, d, a in rows)
    (folder / "orders.csv").write_text("c,d,a\n" + body, encoding="utf-8")
    toml = folder / "shop.toml"
    toml.write_text(
        'currency = "CNY"\n[orders]\npath = "orders.csv"\n'
        'customer_id = "c"\norder_date = "d"\namount = "a"\n',
        encoding="utf-8",
    )
    return load.orders(str(toml))


def test_the_master_has_the_published_counts(cdnow_master):
    table = summarise(cdnow_master)
    assert len(table) == 23_570
    assert table["spend"].sum() == pytest.approx(2_500_315.63, abs=1e-6)
    assert (table["frequency"] == 0).sum() == 12_054


def test_the_holdout_of_the_sample_is_the_published_one(cdnow):
    table = split(cdnow, holdout_weeks=39)
    assert len(table) == 2_357
    assert table["frequency"].sum() == 2_457
    assert table["holdout_frequency"].sum() == 1_882
    assert table["before_frequency"].sum() == 2_457  # the calibration is as long as the holdout


def test_the_first_customer_of_the_authors_spreadsheet(cdnow):
    first = split(cdnow).loc["00004"]
    assert first["frequency"] == 2
    assert first["recency"] == pytest.approx(30.43, abs=0.005)
    assert first["T"] == pytest.approx(38.86, abs=0.005)
    assert first["monetary_value"] == pytest.approx(22.345)


def test_the_summary_equals_a_plain_pandas_one(cdnow):
    lines = cdnow.table.to_pandas().assign(amount=lambda t: t["amount"].astype(float))
    days = lines.groupby(["customer_id", "order_date"])["amount"].sum().reset_index()
    by = days.groupby("customer_id")
    theirs = by["amount"].agg(lambda a: a.iloc[1:].mean() if len(a) > 1 else np.nan)
    ours = summarise(cdnow, time_unit="D")
    np.testing.assert_allclose(ours["monetary_value"], theirs, rtol=1e-12)
    np.testing.assert_array_equal(ours["frequency"], by.size() - 1)
    span = by["order_date"].max() - by["order_date"].min()
    np.testing.assert_array_equal(ours["recency"], span.dt.days)


def test_an_occasion_is_a_day_with_a_sale_that_refunds_do_not_take_below_zero(tmp_path):
    lines = shop(tmp_path, [
        ("sale", "2024-01-01", 5), ("sale", "2024-01-01", 3),
        ("free", "2024-01-01", 5), ("free", "2024-01-09", 0),
        ("back", "2024-01-01", 5), ("back", "2024-01-09", 2), ("back", "2024-01-09", -3),
        ("refund_only", "2024-01-01", -3), ("end", "2024-01-31", 1),
    ])  # fmt: skip
    table = summarise(lines)
    assert table["frequency"].to_dict() == {"sale": 0, "free": 1, "back": 0, "end": 0}
    assert table["spend"].to_dict() == {"sale": 8, "free": 5, "back": 4, "end": 1}
    assert summarise(lines, zero_spend="drop").loc["free", "frequency"] == 0


def test_calendar_periods_are_whole_and_sum_to_the_occasions(cdnow):
    for unit in ("D", "W", "M"):
        each = purchase_periods(cdnow, unit=unit)
        assert each["purchases"].sum() == summarise(cdnow)["orders"].sum()
        assert each["new"].sum() == 2_357
        assert each["spend"].sum() == pytest.approx(244_091.94)
        assert each.index.is_monotonic_increasing
    assert purchase_periods(cdnow, unit="W").index.day_of_week.unique().tolist() == [0]
    assert len(purchase_periods(cdnow, unit="M")) == 18


def test_the_cohort_triangle_counts_active_customers_and_masks_the_future(cdnow):
    triangle = cohorts(cdnow)
    assert triangle.index.get_level_values("customers").tolist() == [781, 857, 719]
    assert (triangle[0] == 1).all()
    assert triangle.isna().sum(axis=1).tolist() == [0, 1, 2]
    active = panel(cdnow).groupby("period")["customer_id"].nunique()
    sizes = triangle.index.get_level_values("customers").to_numpy()
    last = [row.dropna().iloc[-1] for _, row in triangle.iterrows()]
    assert np.dot(last, sizes) == pytest.approx(active.iloc[-1])


def test_gaps_add_up_to_recency(cdnow):
    total = gaps(cdnow).groupby("customer_id")["gap_days"].sum()
    table = summarise(cdnow, time_unit="D")
    pd.testing.assert_series_equal(
        total.astype(float), table.loc[table["frequency"] > 0, "recency"], check_names=False
    )


def test_holdout_money_is_defined_like_calibration_money(cdnow):
    table = split(cdnow)
    after = cdnow.table.to_pandas().assign(amount=lambda t: t["amount"].astype(float))
    after = after[after["order_date"] > "1997-09-30"]
    theirs = after.groupby(["customer_id", "order_date"])["amount"].sum()
    theirs = theirs.groupby("customer_id").mean()
    ours = table["holdout_monetary_value"].dropna()
    np.testing.assert_allclose(ours.sort_index(), theirs.sort_index(), rtol=1e-9)
