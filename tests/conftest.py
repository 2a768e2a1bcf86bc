"""Fixtures that several test files share."""

import sys

import matplotlib as mpl
import pytest

from crmlab import load

mpl.use("Agg")

LONGEST = [  # files that take a minute or more: begun first, so that no core waits at the end
    "test_reports_in_browser", "test_own_data", "test_engines", "test_clv_correctness",
    "test_report_runs", "test_export_correctness", "test_report_events", "test_loyalty_consistency",
    "test_notebooks_verified", "test_mapping_correctness", "test_clv_consistency",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    place = {name: n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture(scope="session")
def cdnow():
    return load.orders("cdnow")


@pytest.fixture(scope="session")
def cdnow_master():
    return load.orders("cdnow-master")
