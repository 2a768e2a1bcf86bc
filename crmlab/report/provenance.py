"""What a reader needs to make a report again: parameters, data, versions, commit, command."""

import hashlib
import platform
import shlex
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from crmlab.home import home
from crmlab.lang import Lang, say, term
from crmlab.report.execute import Job
from crmlab.report.render import handed_over

PACKAGES = ("pandas", "numpy", "scipy", "statsmodels", "duckdb", "ibis-framework", "matplotlib")


def provenance(job: Job, node: Any, finished: str, verb: str = "run") -> pd.DataFrame:
    """Return the table that ends a report, or an export: ``item`` and ``what``."""
    lang = job.lang
    rows = [
        (say(lang, en="Finished (UTC)", zh="完成时间（UTC）"), finished),
        (say(lang, en="Parameters", zh="参数"), _parameters(job)),
        (say(lang, en="Source", zh="数据源"), _sources(node, lang)),
        (say(lang, en="Versions", zh="版本"), ", ".join(versions())),
        (say(lang, en="Commit", zh="提交"), commit()),
        (say(lang, en="Make it again", zh="重新生成"), command(job, verb)),
    ]
    return pd.DataFrame(rows, columns=["item", "what"])


def command(job: Job, verb: str = "run") -> str:
    """Return the command line that makes this report, or this export, again."""
    words = ["crmlab", verb, _called(job), "--lang", job.lang]
    for name, text in sorted(job.given.items()):
        pair = f"{name}={Path(text).name if text.endswith('.toml') else text}"
        if name not in job.variant:
            words += ["-p", pair]
        else:  # said twice, a value with a comma is not split
            words += ["--matrix", f"{pair},{pair}" if "," in text else pair]
    return shlex.join(words)


@cache
def commit() -> str:
    """Return the checkout's commit, marked if files differ from it; or nothing known."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],  # noqa: S607
            cwd=home(), capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "–"
    return found.stdout.strip()


@cache
def versions() -> tuple[str, ...]:
    """Return the versions that results depend on."""
    return (
        f"Python {platform.python_version()}",
        f"crmlab {version('crmlab')}",
        *(f"{name} {version(name)}" for name in PACKAGES),
    )


@cache
def environment() -> str:
    """Return a SHA-256 of this package's code, templates and words, and of the versions."""
    package = Path(__file__).parents[1]
    files = [f for f in package.rglob("*") if f.suffix in (".py", ".j2", ".css", ".json")]
    digest = hashlib.sha256(repr(versions()).encode())
    words = [home() / "data" / name for name in ("glossary.csv", "concepts.csv")]
    for file in [*sorted(files), *words]:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _called(job: Job) -> str:
    path = job.notebook.path
    return job.notebook.name if path.parent == home() / "notebooks" else path.name


def _parameters(job: Job) -> str:
    shown = {k: Path(v).name if k == "source" else v for k, v in job.values.items()}
    return "\n".join(f"{name} = {value!r}" for name, value in shown.items())


def _sources(node: Any, lang: Lang) -> str:
    told = [each for page in handed_over(node, "source") for each in page["sources"]]
    return "\n".join(
        say(
            lang,
            en=f"{s['source']}, {term(s['table'] + '_table', lang)}: {s['rows']:,} rows, ",
            zh=f"{s['source']}，{term(s['table'] + '_table', lang)}：{s['rows']:,} 行，",
        )
        + f"SHA-256 {s['sha256']}"
        for s in told
    )
