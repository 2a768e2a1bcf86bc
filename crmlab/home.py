"""Where the workbook lives: the checkout with its notebooks, data and reports."""

import os
from pathlib import Path

from crmlab.errors import RequestError


def home() -> Path:
    """Return the checkout's folder: ``CRMLAB_HOME``, or where this package lies.

    Raises
    ------
    RequestError
        If that folder holds no ``notebooks`` and ``data``.
    """
    folder = Path(os.environ.get("CRMLAB_HOME") or Path(__file__).parents[1]).resolve()
    if not all((folder / part).is_dir() for part in ("notebooks", "data")):
        raise RequestError(
            en=f"{folder} is no crmlab checkout: it has no notebooks/ and data/. "
            "Set CRMLAB_HOME to the folder that you cloned.",
            zh=f"{folder} 不是 crmlab 的工作目录：缺少 notebooks/ 和 data/。"
            "请把 CRMLAB_HOME 设为克隆下来的目录。",
        )
    return folder
