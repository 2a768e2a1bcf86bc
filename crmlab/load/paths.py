"""What a section's ``path`` says: files, patterns of them, addresses on a cluster."""

import glob
import re
from pathlib import Path
from typing import Any

ON_CLUSTER = re.compile(r"(?!sc:)[a-z][a-z0-9+.-]+://\S+")


def listed(value: Any) -> list[Any]:
    """Return a value as a list, which it may be already."""
    return value if isinstance(value, list) else [value]


def is_remote(path: object) -> bool:
    """Return whether it is an address that a cluster reads, such as s3a://bucket/orders/."""
    return isinstance(path, str) and bool(ON_CLUSTER.fullmatch(path))


def is_pattern(path: str) -> bool:
    """Return whether it may stand for several files."""
    return any(sign in path for sign in "*?[")


def matching(pattern: str, folder: Path) -> list[Path]:
    """Return the files that a pattern stands for, in the order of their names."""
    if (folder / pattern).is_file():  # a name may hold brackets
        return [folder / pattern]
    return [Path(p) for p in sorted(glob.glob(str(Path(glob.escape(str(folder))) / pattern)))]  # noqa: PTH207


def paths(section: dict[str, Any], folder: Path) -> tuple[Path, ...]:
    """Return the files of a section that lie on this machine."""
    found: list[Path] = []
    for each in listed(section.get("path", [])):
        if not is_remote(each):
            found += matching(each, folder) if is_pattern(each) else [folder / each]
    return tuple(dict.fromkeys(path.resolve() for path in found))
