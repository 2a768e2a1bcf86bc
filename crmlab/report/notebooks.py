"""The notebooks there are: what each asks, needs and takes; and copies of them to edit."""

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from crmlab.errors import RequestError
from crmlab.home import home
from crmlab.lang import LANGS, Lang
from crmlab.report.contract import Parameter, read


@dataclass(frozen=True)
class Notebook:
    """A notebook file; its name is the file's stem."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def node(self) -> Any:
        try:
            return nbformat.read(self.path, as_version=4)
        except (OSError, ValueError, AttributeError) as error:
            raise RequestError(
                en=f"{self.path.name} cannot be read as a notebook: {_first_line(error)}.",
                zh=f"无法把 {self.path.name} 读成笔记本：{_first_line(error)}。",
            ) from None

    @cached_property
    def parameters(self) -> list[Parameter]:
        """What its cell tagged ``parameters`` declares; none if it has no such cell."""
        cells = [c for c in self.node.cells if "parameters" in tags(c)]
        return read(cells[0].source) if cells else []

    @property
    def tables(self) -> list[str]:
        """The tables that its source must have."""
        return list(self.node.metadata.get("crmlab", {}).get("tables", []))

    @property
    def concepts(self) -> list[str]:
        """The ids of the course's concepts that it teaches."""
        return list(self.node.metadata.get("crmlab", {}).get("concepts", []))

    @property
    def order(self) -> tuple[float, str]:
        return self.node.metadata.get("crmlab", {}).get("order", float("inf")), self.name

    @property
    def langs(self) -> list[Lang]:
        """The languages of its prose; all of them if none is marked."""
        marked = {tag for cell in self.node.cells for tag in tags(cell)}
        return [lang for lang in LANGS if lang in marked] or list(LANGS)

    def title(self, lang: Lang) -> str:
        """Return its first heading in a language, or its name."""
        for cell in self.node.cells:
            if cell.cell_type == "markdown" and in_language(cell, lang):
                first = cell.source.split("\n", 1)[0]
                return first.lstrip("# ").strip() or self.name
        return self.name


def tags(cell: Any) -> list[str]:
    """Return a cell's tags."""
    return list(cell.metadata.get("tags", []))


def in_language(cell: Any, lang: str) -> bool:
    """Tell whether a cell belongs to a report in `lang`: it is not marked as another's."""
    return set(tags(cell)).isdisjoint(set(LANGS) - {lang})


def notebooks() -> list[Notebook]:
    """Return the workbook's own notebooks, in their order."""
    found = [Notebook(path) for path in (home() / "notebooks").glob("*.ipynb")]
    return sorted(found, key=lambda notebook: notebook.order)


def find(names: list[str]) -> list[Notebook]:
    """Return notebooks by name or path; all of the workbook's own if none is named.

    Raises
    ------
    RequestError
        If there is no such notebook, or two would write the same report; all at once.
    """
    own = {notebook.name: notebook for notebook in notebooks()}
    if not names:
        return list(own.values())
    chosen, english, chinese = {}, [], []
    for name in names:
        path = Path(name)
        if name in own:
            chosen[name] = own[name]
        elif path.suffix != ".ipynb" or not path.is_file():
            near = difflib.get_close_matches(path.stem, own, n=1)
            meant = (f"; did you mean {near[0]}?", f"；是否指 {near[0]}？") if near else (".", "。")
            english.append(f"there is no notebook {name}{meant[0]} Known: {', '.join(own)}.")
            chinese.append(f"没有笔记本 {name}{meant[1]}现有：{'、'.join(own)}。")
        elif path.stem in own and path.resolve() != own[path.stem].path.resolve():
            english.append(f"{name} would replace the report of our own {path.stem}: rename it.")
            chinese.append(f"{name} 会覆盖自带的 {path.stem} 报告：请改名。")
        else:
            chosen[path.stem] = Notebook(path.resolve())
    if english:
        raise RequestError(en="\n".join(english), zh="\n".join(chinese))
    return list(chosen.values())


def copy(name: str, lang: Lang, out: Path | None = None) -> Path:
    """Write a copy of a notebook to edit: one language, no results; return its path.

    Raises
    ------
    RequestError
        If there is no such notebook, or the file is there already.
    """
    (notebook,) = find([name])
    target = out or Path(f"my_{notebook.name}.ipynb")
    if target.exists():
        raise RequestError(
            en=f"{target} is there already; choose another name with --out.",
            zh=f"{target} 已存在；请用 --out 另选文件名。",
        )
    node = nbformat.from_dict(notebook.node)
    node.cells = [_cleared(c, lang) for c in node.cells if in_language(c, lang)]
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(node, target)
    return target


def _cleared(cell: Any, lang: Lang) -> Any:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
        if "parameters" in tags(cell):
            cell.source = cell.source.replace('lang: str = "en"', f'lang: str = "{lang}"')
    return cell


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0].rstrip(".")
