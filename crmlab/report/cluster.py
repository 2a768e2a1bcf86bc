"""Notebooks executed by the workers of a Dask cluster (the extra ``dask``).

Every machine needs the checkout, the notebooks and the sources at the same paths, the same
code and versions, and the same key of the pseudonyms, by ``CRMLAB_KEY_FILE``. Code, versions and
key are compared before anything runs.
"""

import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from crmlab.errors import RequestError
from crmlab.privacy import pseudonym
from crmlab.report import publish
from crmlab.report.execute import Job, Outcome, execute
from crmlab.report.limits import Limits
from crmlab.report.provenance import environment

SECONDS = 0.5  # between looks at whether the run is to end


def executed(
    jobs: list[Job], folder: Path, *, client: Any, limits: Limits
) -> Iterator[tuple[Job, Outcome]]:
    """Yield each job as it ends, with what became of it; its notebook is then in `folder`.

    Parameters
    ----------
    jobs : list of Job
        What is to be executed.
    folder : Path
        The run's folder, on this machine.
    client : distributed.Client
        From `connected`.
    limits : Limits
        How long cells and the run may take; when the run ends, the workers' kernels do.
    """
    from distributed import Event

    stop = Event(f"crmlab-{folder.name}", client=client)
    with client.get_executor(pure=False) as pool:
        apart = partial(_elsewhere, cell_seconds=limits.cell_seconds, stop=stop.name)
        futures = {pool.submit(apart, job): job for job in jobs}
        left = set(futures)
        try:
            while left:
                done, left = wait(left, SECONDS, FIRST_COMPLETED)
                if limits.reason:
                    stop.set()
                for each in done:
                    yield futures[each], _fetched(each, futures[each], folder, limits)
        finally:
            stop.set()  # whatever ended the run here ends the kernels there


def _fetched(future: Any, job: Job, folder: Path, limits: Limits) -> Outcome:
    """Write the notebook that a worker executed; return what became of it."""
    try:
        outcome, text = future.result()
        if text:
            publish.write(folder / f"{job.key}.ipynb", text)
    except Exception as error:  # a worker that died, a full disk here: the others go on
        said = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
        return Outcome("failed", None, said, said)
    if outcome.status == "cancelled" and limits.reason:
        en, zh = limits.told
        return replace(outcome, status=limits.reason, en=f"{en}.", zh=f"{zh}。")
    return outcome


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Connect to the cluster of a scheduler, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    RequestError
        If there is none, or its workers are not as this machine is.
    """
    try:
        from distributed import Client
    except ImportError:
        raise RequestError(
            en="--dask needs the extra dask: pip install 'crmlab[dask]'.",
            zh="--dask 需要安装 dask 附加依赖：pip install 'crmlab[dask]'。",
        ) from None
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RequestError(
            en=f"no Dask cluster answers at {address!r}: {why}.",
            zh=f"{address!r} 没有 Dask 集群应答：{why}。",
        ) from None
    with client:
        _require_alike(client.run(_alike))
        yield client


def _alike() -> tuple[str, str]:
    """Return what must be the same on every machine: the code, and the pseudonyms."""
    return environment(), pseudonym("")


def _require_alike(workers: dict[str, tuple[str, str]]) -> None:
    """Refuse a cluster without workers, or with some that would make other reports."""
    if not workers:
        raise RequestError(en="the Dask cluster has no worker.", zh="Dask 集群没有工作进程。")
    (code, key), problems = _alike(), []
    other = [name for name, told in workers.items() if told[0] != code]
    keyed = [name for name, told in workers.items() if told[1] != key]
    if other:
        names = ", ".join(other)
        problems.append((f"other code or versions on {names}", f"{names} 上的代码或版本不同"))
    if keyed:
        names = ", ".join(keyed)
        problems.append(
            (
                f"another key of the pseudonyms on {names} (share it by CRMLAB_KEY_FILE)",
                f"{names} 上的假名密钥不同（请用 CRMLAB_KEY_FILE 共用）",
            )
        )
    if problems:
        raise RequestError(
            en=f"the Dask cluster cannot be used: {'; '.join(en for en, _ in problems)}.",
            zh=f"无法使用该 Dask 集群：{'；'.join(zh for _, zh in problems)}。",
        )


def _elsewhere(job: Job, *, cell_seconds: int, stop: str) -> tuple[Outcome, str]:
    """Execute a job on a worker; return what became of it, and the executed notebook."""
    limits = Limits(cell_seconds)
    with tempfile.TemporaryDirectory(prefix="crmlab-") as folder, _until(stop, limits):
        target = Path(folder) / f"{job.key}.ipynb"
        outcome = execute(job, target, limits)
        return outcome, target.read_text("utf-8") if target.is_file() else ""


@contextmanager
def _until(stop: str, limits: Limits) -> Iterator[None]:
    """End the kernels of this worker's job once the run's end is told to the cluster."""
    from distributed import Event, get_client

    told, over = Event(stop, client=get_client()), threading.Event()

    def watch() -> None:
        while not over.is_set():
            if told.wait(timeout=SECONDS):
                limits.end("cancelled")
                return

    if told.is_set():
        limits.end("cancelled")
    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
