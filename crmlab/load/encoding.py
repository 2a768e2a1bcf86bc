"""Bytes → text: which encoding a file is in, and a clean UTF-8 copy where it needs one."""

import codecs
import gzip
import itertools
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from crmlab.errors import DataError
from crmlab.load.source import unreadable
from crmlab.load.sql import FULL

CHUNK = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
PLAIN = ("utf-8", "utf-8-sig")
ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
HIGH = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class Text:
    """A file's text in UTF-8, and what its bytes were like.

    `path` is the file itself or a clean copy: without NULs, lines ended in one way.
    `blank` says that empty lines stand between others, `cut` that the file ends inside a
    character.
    """

    path: Path
    encoding: str
    nuls: int = 0
    mixed: bool = False
    blank: bool = False
    cut: bool = False


def clean(path: Path, encoding: str, scratch: Path) -> Text:
    """Read a file once, and put a clean copy into `scratch` if it needs one.

    Parameters
    ----------
    path : Path
        The file; ``.gz`` is unpacked on the way.
    encoding : str
        Its encoding; if empty it is found out from the whole file.
    scratch : Path
        A folder for the copy.

    Raises
    ------
    DataError
        If it cannot be opened, is empty, or is not in the `encoding` that was named.
    """
    try:
        with opened(path) as file:
            head = file.read(CHUNK)
        if not head:
            raise DataError(en=f"{path.name} is empty.", zh=f"{path.name} 是空文件。")
        for name in [encoding] if encoding else _candidates(head):
            if found := _read(path, name, scratch):
                return _unmixed(found, scratch)
    except (EOFError, zlib.error):
        raise DataError(
            en=f"{path.name} is cut off: its compressed data end too early.",
            zh=f"{path.name} 不完整：压缩数据提前结束。",
        ) from None
    except OSError as error:
        if error.errno in FULL:  # it is the copy that has no place
            raise
        raise unreadable(path, error) from None
    raise DataError(
        en=f"{path.name} cannot be read as {encoding}, the encoding that the source names.",
        zh=f"无法按数据源指定的编码 {encoding} 读取 {path.name}。",
    )


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 text, however they end, without a mark in front."""
    with open(path, encoding="utf-8-sig", newline=None) as file:
        for line in file:
            yield line.removesuffix("\n")


def new_file(scratch: Path, suffix: str) -> Path:
    """Return the path of a file that is not there yet."""
    return next(p for n in itertools.count() if not (p := scratch / f"{n}{suffix}").exists())


def opened(path: Path) -> IO[bytes]:
    """Open a file for its bytes; ``.gz`` is unpacked on the way."""
    return gzip.open(path) if path.suffix == ".gz" else open(path, "rb")  # type: ignore[return-value]


def _candidates(head: bytes) -> list[str]:
    """Return the encodings to try: by the file's mark, by its zero bytes, or the usual ones.

    Bytes above 127 come in pairs in Chinese text and alone in Western text.
    """
    for mark, name in BOMS:
        if head.startswith(mark):
            return [name, "latin-1"]
    western = len(ALONE.findall(head)) > 0.5 * max(len(HIGH.findall(head)), 1)
    chinese = ["cp1252", "gb18030"] if western else ["gb18030", "cp1252"]
    return [*_wide(head), "utf-8", *chinese, "latin-1"]


def _wide(head: bytes) -> list[str]:
    """Return UTF-16 without a mark: text whose every other byte is zero."""
    even, odd = head[0:4000:2], head[1:4000:2]
    pairs = (("utf-16-le", odd, even), ("utf-16-be", even, odd))
    return [
        name
        for name, zeros, others in pairs
        if zeros.count(0) > 0.4 * len(zeros) and others.count(0) < 0.1 * len(others)
    ]


def _read(path: Path, encoding: str, scratch: Path) -> Text | None:
    """Go through a file, copying it unless it is UTF-8; None if it is in another encoding."""
    decoder = _decoder(path, encoding)
    as_is = encoding in PLAIN and path.suffix != ".gz"
    target = path if as_is else new_file(scratch, ".txt")
    counted = _Counted()
    with opened(path) as file, open(path if as_is else target, "rb" if as_is else "wb") as copy:
        while chunk := file.read(CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                return None
            counted.add(chunk)
            if not as_is:
                copy.write((text.replace("\0", "") if "\0" in text else text).encode())
    cut = bool(decoder.getstate()[0])
    if encoding.startswith(("utf-16", "utf-32")):  # bytes say nothing of its lines
        return Text(target, encoding, 0, mixed=True, blank=True, cut=cut)
    return Text(target, encoding, counted.nuls, counted.mixed, counted.blank, cut)


class _Counted:
    """What goes by in a file's bytes: NULs, how lines end, empty lines between others."""

    def __init__(self) -> None:
        self.nuls = self.returns = self.pairs = self.feeds = 0
        self.blank, self.tail = False, b"\n"

    def add(self, chunk: bytes) -> None:
        joined = self.tail + chunk
        solid = joined.rstrip(b"\r\n")
        self.nuls += chunk.count(b"\0") if b"\0" in chunk else 0
        self.blank = self.blank or b"\n\n" in solid
        if b"\r" in joined:
            self.returns += chunk.count(b"\r")
            self.pairs += joined.count(b"\r\n") - self.tail.count(b"\r\n")
            self.blank = self.blank or b"\n\r\n" in solid or b"\r\r" in solid
        if self.returns or not self.feeds:
            self.feeds += chunk.count(b"\n")
        self.tail = joined[len(solid) :]

    @property
    def mixed(self) -> bool:
        return not (self.returns in (0, self.pairs) and self.pairs in (0, self.feeds))


def _unmixed(found: Text, scratch: Path) -> Text:
    """Return a text whose lines end in one way, without NULs and without half a character."""
    if not (found.mixed or found.cut or (found.nuls and found.encoding in PLAIN)):
        return found
    target = new_file(scratch, ".txt")
    with (
        open(found.path, encoding="utf-8-sig", errors="ignore", newline=None) as file,
        open(target, "w", encoding="utf-8", newline="\n") as copy,
    ):
        while text := file.read(CHUNK):
            copy.write(text.replace("\0", ""))
    return replace(found, path=target)


def _decoder(path: Path, encoding: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(encoding)("strict")
    except LookupError:
        raise DataError(
            en=f"{path.name}: there is no encoding {encoding!r}; usual ones: utf-8, gb18030, "
            "utf-16, cp1252.",
            zh=f"{path.name}：没有名为 {encoding!r} 的编码；常用：utf-8、gb18030、utf-16、cp1252。",
        ) from None
