"""What seeking clusters says to bad input."""

import pandas as pd
import pytest

from crmlab import segment
from crmlab.errors import DataError


def customers(n, spend=10.0):
    days = [1 + i % 7 for i in range(n)]
    return pd.DataFrame({"days_since_last": days, "orders": 1, "spend": spend})


def test_too_many_clusters_for_customers_who_differ_are_refused():
    features = segment.cluster_features(customers(30))
    with pytest.raises(DataError) as told:
        segment.clusters(features, 8)
    assert told.value.en == "7 customers differ; 8 clusters take at least as many."
    assert told.value.zh == "互不相同的客户只有 7 位；分成 8 群至少需要同样多。"


@pytest.mark.parametrize("k", [1, 9])
def test_a_number_without_a_name_is_refused(k):
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole message is compared
        segment.clusters(segment.cluster_features(customers(30)), k)
    assert str(told.value) == f"k must be from 2 to 8, got {k}"


def test_few_or_equal_customers_are_not_enough_and_equal_measures_are_named():
    few = segment.ready_clusters(segment.cluster_features(customers(40, spend=0.0)))
    assert [finding.level for finding in few] == ["not_enough", "caution", "caution"]
    assert few[0].en == "40 customers, of whom 7 differ; 300 would be enough."
    assert few[0].zh == "客户 40 位，其中互不相同的 7 位；300 位足够。"
    assert few[1].en == "All customers are alike in purchases: it parts nobody."
    assert few[2].zh == "所有客户的单次消费都相同：它分不开任何人。"


def test_customers_of_two_times_who_have_nobody_in_common_agree_in_nothing():
    one, other = pd.Series(["a", "b"], index=[1, 2]), pd.Series(["a"], index=[3])
    assert pd.Series(segment.agreement(one, other)).isna().all()


def test_no_spend_or_refunds_leave_finite_features():
    told = customers(6).assign(spend=[-5.0, 0, 20, 40, 0, 0])
    features = segment.cluster_features(told)
    assert features.notna().all(axis=None)
    assert features["spend_per_purchase"].iloc[0] == features["spend_per_purchase"].iloc[2]
