"""Do the names that exports use for our columns stand for one column of a table each?"""

import pytest

from crmlab.load.delimited import plain
from crmlab.tables import TABLES


def folded(name):
    return "".join(c for c in plain(name) if c.isalnum())


@pytest.mark.parametrize("name", TABLES)
def test_no_alias_stands_for_two_columns_of_a_table(name):
    taken = {}
    for column, declared in TABLES[name].columns.items():
        for alias in {folded(each) for each in (column, *declared.aliases)}:
            assert taken.setdefault(alias, column) == column, alias


@pytest.mark.parametrize("name", TABLES)
def test_no_alias_is_listed_twice(name):
    for column, declared in TABLES[name].columns.items():
        aliases = [folded(each) for each in declared.aliases]
        assert len(aliases) == len(set(aliases)), column
