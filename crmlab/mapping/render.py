"""A proposal as TOML: what runs, with the evidence, doubts and questions as comments."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from crmlab.lang import Lang, say, term
from crmlab.mapping.proposal import Chosen, Option, Part, Proposal, Section, Told

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
WIDTH = 40  # headings that a line of unmapped ones takes


def toml_text(
    proposal: Proposal, *, lang: Lang = "en", relative_to: Path | None = None, file: str = ""
) -> str:
    """Return the TOML of a proposal, commented in a language.

    Parameters
    ----------
    proposal : Proposal
        What `crmlab.mapping.propose` found.
    lang : {"en", "zh"}
        The language of the comments.
    relative_to : Path, optional
        The folder of the TOML; paths are absolute without it.
    file : str
        The TOML's name, which the comment on what to do next repeats.

    Returns
    -------
    str
        A source as `crmlab.load.find` reads it.
    """
    lines = [
        *_head(proposal, lang, file),
        *(line for s in proposal.sections for line in _section(s, lang, relative_to)),
        *(_comment(note, lang, "?") for note in proposal.notes),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def closing(proposal: Proposal, lang: Lang, file: str) -> list[str]:
    """Return what a person should hear apart from the TOML: doubts, and what to do next."""
    doubts = [f"? {plain(say(lang, en=told.en, zh=told.zh))}" for told in proposal.doubts]
    name = plain(file) or "FILE.toml"
    saved = "" if file else say(
        lang, en="Save this as a file (--out), look through it, then: ",
        zh="请存为文件（--out），核对后运行：",
    )  # fmt: skip
    next_step = say(lang, en="Next: ", zh="下一步：") if file else saved
    return [*doubts, f"{next_step}crmlab check {name}"]


def text(value: str) -> str:
    r"""Return a text as a TOML string on one line, with everything odd in it escaped.

    >>> print(text('a "b"\\'), text("x\ny\x1b"))
    "a \"b\"\\" "x\ny\u001b"
    """
    plain = "".join(ESCAPES.get(c, c) for c in value)
    return '"' + UNSEEN.sub(lambda m: rf"\u{ord(m[0]):04x}", plain) + '"'


def plain(value: str) -> str:
    """Return a text as a comment can hold it: on one line, without what cannot be seen."""
    return UNSEEN.sub(" ", value)


def _head(proposal: Proposal, lang: Lang, file: str) -> Iterator[str]:
    name = file or "FILE.toml"
    yield say(
        lang,
        en="# Proposed by `crmlab map` from the files' headings and cells. Lines with # ? are what "
        "was assumed,",
        zh="# 由 `crmlab map` 根据列名与单元格内容提出。标 # ? 的行是所作的假设，",
    )
    yield say(
        lang,
        en="# lines with # ! are what only you can decide; change what is wrong, then run:",
        zh="# 标 # ! 的行需由您决定；改正有误之处，然后运行：",
    )
    yield f"#   crmlab check {plain(name)}"
    yield ""
    yield f"name = {text(proposal.name)}"
    mark = "?" if proposal.currency_doubt else ""
    yield _comment(proposal.currency_evidence, lang, mark)
    yield f"currency = {text(proposal.currency)}"
    yield from _asked_on_top(proposal, lang)
    yield ""


def _asked_on_top(proposal: Proposal, lang: Lang) -> Iterator[str]:
    """Yield the questions of settings that stand above all sections."""
    zones = [o for s in proposal.sections for o in s.options if o.key == "time_zone"]
    for option in zones[:1]:
        yield from _option(option, lang)


def _section(section: Section, lang: Lang, folder: Path | None) -> Iterator[str]:
    if section.query:
        for part in section.parts:
            yield f"[files.{part.name}]"
            yield from _where(part, folder)
            yield ""
    yield f"[{section.table}]  # {term(f'{section.table}_table', lang)}"
    for told in section.found:
        yield _comment(told, lang)
    if section.query:
        yield f"query = {_block(section.query)}"
    else:
        yield from _where(section.parts[0], folder)
    for doubt in section.doubts:
        yield _comment(doubt, lang, "?")
    yield from _columns(section.columns, lang)
    for option in section.options:
        if option.key != "time_zone":
            yield from _option(option, lang)
    yield from _unmapped(section, lang)
    yield ""


def _where(part: Part, folder: Path | None) -> Iterator[str]:
    """Yield the lines that say where a part's rows are."""
    paths = [text(_path(path, folder)) for path in part.paths]
    yield f"path = {paths[0]}" if len(paths) == 1 else f"path = [{', '.join(paths)}]"
    if part.sheet:
        yield f"sheet = {_value(part.sheet)}"


def _path(path: Path, folder: Path | None) -> str:
    """Return a path, from the folder if there is one; marks of patterns are left as they are."""
    if folder is None:
        return path.as_posix()
    try:
        return Path(os.path.relpath(path, folder.resolve())).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def _columns(columns: list[Chosen], lang: Lang) -> Iterator[str]:
    for each in columns:
        told = plain(say(lang, en=each.evidence.en, zh=each.evidence.zh))
        value = text(each.theirs) if each.value is None else f"{{ value = {_value(each.value)} }}"
        if each.mark:
            yield _comment(each.evidence, lang, each.mark)
        yield f"{each.ours} = {value}" + ("" if each.mark else f"  # {told}")


def _option(option: Option, lang: Lang) -> Iterator[str]:
    yield _comment(option.evidence, lang, option.mark)
    line = f"{option.key} = {_value(option.value)}"
    yield f"# {line}" if option.asked else line


def _value(value: object) -> str:
    """Return a value as TOML."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return text(value) if isinstance(value, str) else repr(value)


def _block(query: str) -> str:
    """Return SQL on several lines, if nothing in it forbids that."""
    return (
        text(query)
        if "'''" in query or UNSEEN.search(query.replace("\n", ""))
        else (f"'''\n{query}\n'''")
    )


def _comment(told: Told, lang: Lang, mark: str = "") -> str:
    return f"# {mark}{' ' if mark else ''}{plain(say(lang, en=told.en, zh=told.zh))}"


def _unmapped(section: Section, lang: Lang) -> Iterator[str]:
    if section.unmapped:
        names = say(lang, en=", ", zh="、").join(plain(name) for name in section.unmapped)
        yield "# " + say(lang, en=f"not mapped: {names}", zh=f"未映射：{names}")
