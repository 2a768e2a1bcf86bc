"""Fixtures that several test files share."""

import matplotlib as mpl
import pytest

from crmlab import load

mpl.use("Agg")


@pytest.fixture(scope="session")
def cdnow():
    return load.orders("cdnow")


@pytest.fixture(scope="session")
def cdnow_master():
    return load.orders("cdnow-master")
