"""The folder of an export: there whole or not at all, and never in place of anything else."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmlab.errors import RequestError

MANIFEST = "manifest.json"


def require_free(folder: Path, *, force: bool) -> None:
    """Refuse a folder that is there already; with `force`, only one that is no export.

    Raises
    ------
    RequestError
        If it must not be replaced.
    """
    if not os.path.lexists(folder):
        return
    if not force:
        raise RequestError(
            en=f"{folder} is there already; replace it with --force, or choose another --out.",
            zh=f"{folder} 已存在；用 --force 覆盖，或用 --out 另选目录。",
        )
    if not (folder / MANIFEST).is_file():
        raise RequestError(
            en=f"{folder} holds no {MANIFEST}: it is no export, and not replaced; choose another "
            "--out.",
            zh=f"{folder} 中没有 {MANIFEST}：它不是导出结果，不予覆盖；请用 --out 另选目录。",
        )


def require_made(folder: Path) -> None:
    """Make a folder if need be, and refuse one that cannot be written to.

    Raises
    ------
    RequestError
        If it is no folder, cannot be made, or nothing can be put in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (trial := _beside(folder / "trial", "part")).mkdir()
        trial.rmdir()
    except OSError as error:
        raise RequestError(
            en=f"{folder} cannot be written: {error.strerror}; choose another --out.",
            zh=f"无法写入 {folder}：{error.strerror}；请用 --out 另选目录。",
        ) from None


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give a folder beside `folder`, which takes its place if nothing fails.

    Raises
    ------
    OSError
        If it cannot be written; what was there before still is.
    """
    part = _beside(folder, "part")
    try:
        part.mkdir()
        yield part
        _sync(part)
        _switch(part, folder)
        _sync_folder(folder.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)  # there only if it could not be finished


def _switch(part: Path, folder: Path) -> None:
    """Put `part` in the place of `folder`; if that fails, put `folder` back."""
    if not folder.exists():
        part.rename(folder)
        return
    old = _beside(folder, "old")
    folder.rename(old)
    try:
        part.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Let all that is in a folder reach the disk before it takes another's place."""
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb+") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Let a folder's names reach the disk, where a folder can be opened for that."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _beside(folder: Path, kind: str) -> Path:
    return folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.{kind}")
