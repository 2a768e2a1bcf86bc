"""Pseudonyms: an id on a page stands for a customer without naming one.

The key decides them, so the same id has the same pseudonym in every report made with it. It
comes from the environment variable ``CRMLAB_KEY``; else from the file that ``CRMLAB_KEY_FILE``
names; else from a file in the user's configuration folder, made once.
"""

import base64
import hashlib
import hmac
import os
import secrets
import stat
from functools import cache
from pathlib import Path

import pandas as pd

from crmlab.errors import RequestError

KEY, KEY_FILE = "CRMLAB_KEY", "CRMLAB_KEY_FILE"
SHORTEST = 16  # characters of a key
LENGTH = 12  # characters of a pseudonym, 5 bits each
PEOPLE = (
    "customer_id", "contact_id", "patient_id", "lead_id", "prospect_id", "dealer_id", "account_id",
    "member_id", "user_id", "household_id", "original_customer_id",
)  # fmt: skip
SMALL = 5  # a group of fewer customers can give one of them away


def key() -> bytes:
    """Return the key of this user's pseudonyms; it is made if there is none yet.

    Raises
    ------
    RequestError
        If it is too short, cannot be read or written, or others may read its file.
    """
    if (told := os.environ.get(KEY)) is not None:
        return _long_enough(told, KEY)
    if named := os.environ.get(KEY_FILE):
        return _read(Path(named))
    path = key_file()
    if not path.exists():
        _make(path)
    return _read(path)


def key_file() -> Path:
    """Return the file that holds the key if no environment variable says otherwise."""
    import platformdirs

    named = os.environ.get(KEY_FILE)
    return Path(named) if named else platformdirs.user_config_path("crmlab") / "pseudonym.key"


def require_outside(folder: Path) -> None:
    """Refuse a key file that lies in the folder to which results are written.

    Raises
    ------
    RequestError
        If it does: who gets the results would get the key with them.
    """
    if KEY in os.environ or not key_file().resolve().is_relative_to(folder.resolve()):
        return
    raise RequestError(
        en=f"the key file {key_file().name} lies in the output folder {folder}; keep it elsewhere.",
        zh=f"密钥文件 {key_file().name} 位于输出目录 {folder} 中；请存放在别处。",
    )


def pseudonym(text: str) -> str:
    """Return an id's pseudonym: HMAC-SHA256, the first 60 bits in base32.

    Among a million ids two share a pseudonym with a chance of 4 in ten million, among ten
    million with 4 in a hundred thousand.

    References
    ----------
    Krawczyk, H., Bellare, M. and Canetti, R. (1997). HMAC: keyed-hashing for message
    authentication, RFC 2104.
    """
    return _digest(text, key())


def pseudonyms(ids: pd.Series) -> pd.Series:
    """Return the pseudonyms of a column of ids; missing ones stay missing."""
    secret = key()
    known = {text: _digest(str(text), secret) for text in ids.dropna().unique()}
    return ids.map(known).astype("str")


def hidden(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table with pseudonyms in place of people's ids, in columns and index."""
    for name in (column for column in rows.columns if column in PEOPLE):
        rows = rows.assign(**{name: pseudonyms(rows[name])})
    if not set(rows.index.names) & set(PEOPLE):
        return rows
    levels = [
        pseudonyms(rows.index.get_level_values(n).to_series()).array
        if name in PEOPLE
        else rows.index.get_level_values(n)
        for n, name in enumerate(rows.index.names)
    ]
    if len(levels) == 1:
        return rows.set_axis(pd.Index(levels[0], name=rows.index.name))
    return rows.set_axis(pd.MultiIndex.from_arrays(levels, names=rows.index.names))


def _digest(text: str, secret: bytes) -> str:
    made = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return base64.b32encode(made).decode()[:LENGTH]


@cache
def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        told = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise RequestError(
            en=f"the key file {path} cannot be read: {reason}.",
            zh=f"无法读取密钥文件 {path}：{reason}。",
        ) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise RequestError(
            en=f"others may read the key file {path}; run: chmod 600 {path}.",
            zh=f"其他用户可以读取密钥文件 {path}；请运行：chmod 600 {path}。",
        )
    return _long_enough(told, path.name)


def _long_enough(told: str, where: str) -> bytes:
    if (length := len(told.strip())) < SHORTEST:
        raise RequestError(
            en=f"the key in {where} has {length} characters; it must have {SHORTEST} or more.",
            zh=f"{where} 中的密钥只有 {length} 个字符；至少需要 {SHORTEST} 个。",
        )
    return told.encode()


def _make(path: Path) -> None:
    """Make the key once: of two processes that try, one wins and both read the same."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        return  # the other process was first
    except OSError as error:
        raise RequestError(
            en=f"the key for pseudonyms cannot be made at {path}: {error.strerror}; set {KEY}.",
            zh=f"无法在 {path} 生成假名密钥：{error.strerror}；请设置 {KEY}。",
        ) from None
    finally:
        part.unlink(missing_ok=True)
