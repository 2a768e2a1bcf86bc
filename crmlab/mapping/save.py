"""Writing a proposal to a file that is not there yet."""

from pathlib import Path

from crmlab.errors import RequestError


def require_free(out: Path, *, force: bool) -> None:
    """Refuse a file that is no TOML by name, lies in no folder, or is there already.

    Raises
    ------
    RequestError
        With what may be done instead.
    """
    if out.suffix != ".toml":
        raise RequestError(
            en=f"{out} must end in .toml, so that it can be used as a source.",
            zh=f"{out} 应以 .toml 结尾，才能用作数据源。",
        )
    if not out.parent.is_dir():
        raise RequestError(en=f"there is no folder {out.parent}.", zh=f"没有文件夹 {out.parent}。")
    if out.exists() and not force:
        raise RequestError(
            en=f"{out} is there already; --force overwrites it.",
            zh=f"{out} 已存在；如需覆盖请加 --force。",
        )


def save(told: str, out: Path) -> None:
    """Write a TOML.

    Raises
    ------
    RequestError
        If the folder or the file does not permit it.
    """
    try:
        out.write_text(told, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError(
            en=f"{out} cannot be written: {reason}.", zh=f"无法写入 {out}：{reason}。"
        ) from None
