"""What a notebook's parameters may be, read from its annotated cell and held to it."""

import ast
import difflib
import io
import json
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from crmlab.errors import RequestError
from crmlab.load import selection

Told = tuple[str, str]  # a problem in English and in Chinese
TYPES: dict[str, Told] = {
    "int": ("a whole number", "整数"),
    "float": ("a number", "数字"),
    "str": ("text", "文字"),
    "bool": ("true or false", "true 或 false"),
    "list[int]": ("whole numbers, as in [1, 2]", "若干整数，如 [1, 2]"),
    "list[float]": ("numbers, as in [0.5, 1]", "若干数字，如 [0.5, 1]"),
    "list[str]": ('texts, as in ["a", "b"]', '若干文字，如 ["a", "b"]'),
}
WITH_PASSWORD = re.compile(r"\w+://[^/\s]*:[^/\s]*@")
_RANGE = re.compile(r"(-?[\d.]+)?\s*\.\.\s*(-?[\d.]+)?$")


class _Refused(ValueError):  # noqa: N818 - never seen outside
    """A text that is no value of the type, or outside of what is allowed."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: name, type, default, what it is for, and its contract.

    `contract` is the bracket that ends its comment: ``lo..hi``, ``a | b``, ``date``,
    ``source``, ``where``, or nothing.
    """

    name: str
    type: str
    default: Any
    about: str
    contract: str

    @property
    def choices(self) -> list[str]:
        return [c.strip() for c in self.contract.split("|")] if "|" in self.contract else []

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Return the lowest and highest value allowed; None if there is no range."""
        if not (found := _RANGE.fullmatch(self.contract)):
            return None
        low, high = found.groups()
        return (float(low) if low else float("-inf"), float(high) if high else float("inf"))

    @property
    def allowed(self) -> Told:
        """Say what a value may be."""
        english, chinese = TYPES[self.type]
        if self.choices:
            return f"one of {', '.join(self.choices)}", f"{'、'.join(self.choices)} 之一"
        if self.contract == "date":
            return "a date such as 1998-06-30, or empty", "日期，如 1998-06-30，或留空"
        if self.contract == "where":
            return (
                "column:value or column:value|value, such as region:north, or empty",
                "列名:值 或 列名:值|值，如 region:north，或留空",
            )
        if self.contract:
            return f"{english} in {self.contract}", f"{chinese}，范围 {self.contract}"
        return english, chinese

    def parse(self, text: str) -> Any:
        """Return the value that a text stands for.

        Raises
        ------
        ValueError
            If it is none of the type, or outside the contract.
        """
        value = _typed(text.strip(), self.type)
        for one in value if isinstance(value, list) else [value]:
            self._require_allowed(one)
        return value

    def _require_allowed(self, value: Any) -> None:
        if self.choices and value not in self.choices:
            raise _Refused
        if self.bounds and not self.bounds[0] <= value <= self.bounds[1]:
            raise _Refused
        if self.contract == "date" and value:
            date.fromisoformat(value)
        if self.contract == "where":
            selection.parse(value)


def read(source: str) -> list[Parameter]:
    """Return the parameters that a cell declares.

    Parameters
    ----------
    source : str
        Lines such as ``horizon_weeks: int = 52  # how far ahead, in weeks [1..520]``.

    Raises
    ------
    RequestError
        If a line is no annotated literal of a known type; all such lines at once.
    """
    comments = _comments(source)
    found, problems = [], []
    for node in ast.parse(source).body:
        try:
            found.append(_declared(node, comments.get(node.lineno, "")))
        except ValueError:
            line = source.splitlines()[node.lineno - 1]
            en = f"{line!r} is no annotated literal such as weeks: int = 52"
            zh = f"{line!r} 不是带类型注解的字面量，例如 weeks: int = 52"
            told_en = f"parameters cell, line {node.lineno}: {en}; types: {', '.join(TYPES)}"
            told_zh = f"参数单元第 {node.lineno} 行：{zh}；可用类型：{'、'.join(TYPES)}"
            problems.append((told_en, told_zh))
    raise_all(problems)
    return found


def check(parameters: Iterable[Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of what is `given` as text, typed.

    Raises
    ------
    RequestError
        If a name is unknown or a value not allowed; all problems at once.
    """
    known = {p.name: p for p in parameters}
    values, problems = {}, []
    for name, text in given.items():
        if name not in known:
            problems.append(unknown(name, known))
            continue
        if WITH_PASSWORD.search(text):  # parameters stay in the executed notebook
            problems.append(_secret(name))
            continue
        try:
            values[name] = known[name].parse(text)
        except (ValueError, RequestError):
            english, chinese = known[name].allowed
            problems.append(
                (
                    f"parameter {name} is {text!r}; it must be {english}",
                    f"参数 {name} 的值为 {text!r}；应为{chinese}",
                )
            )
    raise_all(problems)
    return values


def _secret(name: str) -> Told:
    hint = 'database = "MY_DATABASE"'
    en = f"name an environment variable in a TOML source instead: {hint}"
    zh = f"请改在 TOML 数据源中写环境变量名：{hint}"
    return (
        f"parameter {name} may hold a password, which would stay in the report; {en}",
        f"参数 {name} 可能含有密码，会留在报告中；{zh}",
    )


def unknown(name: str, known: Iterable[str]) -> Told:
    """Say that there is no such parameter, and which was meant."""
    near = difflib.get_close_matches(name, known := list(known), n=1, cutoff=0.5)
    meant = (f"; did you mean {near[0]}?", f"；是否指 {near[0]}？") if near else (";", "；")
    return (
        f"there is no parameter {name!r}{meant[0]} It has: {', '.join(known)}",
        f"没有参数 {name!r}{meant[1]}现有参数：{'、'.join(known)}",
    )


def raise_all(problems: list[Told]) -> None:
    """Raise a `RequestError` that tells all problems, if there are any."""
    if problems:
        raise RequestError(
            en="\n".join(f"{english}." for english, _ in problems),
            zh="\n".join(f"{chinese}。" for _, chinese in problems),
        )


def _declared(node: ast.stmt, comment: str) -> Parameter:
    if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value):
        raise _Refused
    kind = ast.unparse(node.annotation)
    if kind not in TYPES:
        raise _Refused
    about, _, contract = comment.removesuffix("]").rpartition("[")
    if not comment.endswith("]"):
        about, contract = comment, ""
    default = ast.literal_eval(node.value)
    return Parameter(node.target.id, kind, default, about.strip(), contract.strip())


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        t.start[0]: t.string.lstrip("# ").rstrip() for t in tokens if t.type == tokenize.COMMENT
    }


def _typed(text: str, kind: str) -> Any:
    if kind.startswith("list["):
        return _list(text, kind[5:-1])
    if kind == "int":
        return int(text)
    if kind == "float":
        value = float(text)
        if value - value != 0:  # not finite
            raise _Refused
        return value
    if kind == "bool":
        if text.lower() not in ("true", "false"):
            raise _Refused
        return text.lower() == "true"
    return text


def _list(text: str, kind: str) -> list[Any]:
    """Return a list from JSON, or from texts parted by commas."""
    parts = json.loads(text) if text.startswith("[") else [t for t in text.split(",") if t.strip()]
    return [_typed(str(part).strip(), kind) for part in parts]
