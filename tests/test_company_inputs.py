"""What the company refuses."""

import pytest

from crmlab import company


@pytest.mark.parametrize(("seed", "customers"), [(-1, 10), (2026, 0)])
def test_seed_and_size_must_be_in_range(tmp_path, seed, customers):
    with pytest.raises(ValueError, match=rf"^seed must be from 0 and customers from 1, "
                       rf"got {seed} and {customers}$"):  # fmt: skip
        company.write(tmp_path / "none", seed=seed, customers=customers)
    assert not (tmp_path / "none").exists()


def test_one_customer_is_a_company(tmp_path):
    company.write(tmp_path / "new" / "folder", customers=1)
    assert (tmp_path / "new" / "folder" / "survey.csv").exists()
