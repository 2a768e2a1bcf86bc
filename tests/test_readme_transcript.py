"""Does the README's walk through one's own data show what the commands print?"""

import re
import sys

import pytest

from crmlab.__main__ import main
from crmlab.home import home
from tests import exports


def printed(monkeypatch, capsys, command):
    """Return what a command prints, errors first, without spaces at line ends."""
    monkeypatch.setattr(sys, "argv", command.split())
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    said = capsys.readouterr()
    return [line.rstrip() for line in (said.err + said.out).splitlines()]


def test_the_readme_shows_what_map_and_check_print(tmp_path, monkeypatch, capsys):
    text = (home() / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```console\n(.*?)```", text, flags=re.DOTALL)[1]
    shown = {
        command: told.splitlines()
        for command, told in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE)
    }
    exports.erp(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for command in list(shown)[:2]:
        assert printed(monkeypatch, capsys, command) == shown[command], command
