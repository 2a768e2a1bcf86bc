"""What the commands share: where they write, in which language, and how options are read."""

import os

import typer
from rich.console import Console

from crmlab.lang import LANGS, Lang, say, spoken

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)
_speaking: Lang = "en"


def speaking() -> Lang:
    """Return the language that messages are in."""
    return _speaking


def language(asked: str) -> Lang | None:
    """Return the language asked for, if any; from here on, messages are in it."""
    global _speaking
    _speaking = spoken()
    if not asked:
        return None
    for lang in LANGS:
        if asked == lang:
            _speaking = lang
            return lang
    raise typer.BadParameter(f"{asked!r}: en | zh", param_hint="--lang")


def engine(asked: str) -> None:
    """Have this process and its kernels use an engine for typed tables, if one is asked for."""
    if asked:
        os.environ["CRMLAB_ENGINE"] = asked


def said(*, en: str, zh: str) -> str:
    """Return the sentence in the language that messages are in."""
    return say(_speaking, en=en, zh=zh)


def pairs(told: list[str]) -> dict[str, str]:
    """Return what NAME=VALUE says, several times."""
    if wrong := [each for each in told if "=" not in each]:
        raise typer.BadParameter(f"{wrong[0]!r}: NAME=VALUE", param_hint="-p")
    return dict(each.split("=", 1) for each in told)
