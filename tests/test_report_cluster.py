"""Do a cluster's workers make the reports that this machine makes, and end when the run does?"""

import os
import threading
import time

import pytest

from crmlab import report
from crmlab.errors import RequestError
from crmlab.report import cluster, entries
from crmlab.report.limits import Limits
from tests.tiny import GOOD, notebook

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")


@pytest.fixture(scope="module")
def address():
    """Start a scheduler and two workers, each a process of its own."""
    local = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    )
    with local:
        yield local.scheduler_address


def test_workers_make_what_this_machine_makes(tmp_path, address):
    paths = [notebook(tmp_path, name, GOOD) for name in ("one", "two")]
    bad = notebook(tmp_path, "bad", "1 / 0")
    jobs, _ = report.plan([*paths, bad], {}, "en")
    done = report.run(jobs, tmp_path / "far", dask=address)
    assert {step.job.notebook.name: step.step for step in done.steps} == {
        "one": "ok", "two": "ok", "bad": "failed",
    }  # fmt: skip
    assert "ZeroDivisionError" in next(step.en for step in done.steps if step.step == "failed")
    report.run(jobs, tmp_path / "here")
    far, here = (entries.latest(tmp_path / name) for name in ("far", "here"))
    assert {k: e.fingerprint for k, e in far.items()} == {k: e.fingerprint for k, e in here.items()}
    executed = (tmp_path / "far" / "latest" / "one.en.ipynb").read_text("utf-8")
    assert "made 1" in executed


def test_a_run_that_ends_ends_the_workers_kernels(tmp_path, address):
    started = tmp_path / "started"
    tells = f"pathlib.Path({str(started)!r}).write_text(str(os.getpid()))"
    waits = notebook(tmp_path, "waits", f"import os, pathlib, time\n{tells}\ntime.sleep(300)")
    jobs, _ = report.plan([waits], {}, "en")
    limits = Limits()

    def end_once_it_runs():
        while not (started.is_file() and started.read_text()):
            time.sleep(0.1)
        limits.end("cancelled", 15)

    threading.Thread(target=end_once_it_runs, daemon=True).start()
    done = report.run(jobs, tmp_path / "out", dask=address, limits=limits)
    assert [step.step for step in done.steps] == ["cancelled"]
    assert done.steps[0].en == "Cancelled by SIGTERM."
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "the Dask cluster has no worker."),
        (
            {"tcp://a": ("other", None), "tcp://b": (None, "other")},
            (
                "the Dask cluster cannot be used: other code or versions on tcp://a; another key "
                "of the pseudonyms on tcp://b (share it by CRMLAB_KEY_FILE)."
            ),
        ),
    ],
)
def test_workers_that_would_make_other_reports_are_refused(told, sentence):
    code, key = cluster._alike()
    workers = {name: (a or code, b or key) for name, (a, b) in told.items()}
    with pytest.raises(RequestError) as refused:
        cluster._require_alike(workers)
    assert refused.value.en == sentence


def test_no_cluster_is_a_sentence(tmp_path):
    jobs, _ = report.plan([notebook(tmp_path, "one", GOOD)], {}, "en")
    with pytest.raises(RequestError) as told:
        report.run(jobs, tmp_path / "out", dask="nonsense://x")
    assert not (tmp_path / "out").exists()
    assert told.value.en.startswith("no Dask cluster answers at 'nonsense://x': ")
    assert told.value.zh.startswith("'nonsense://x' 没有 Dask 集群应答")
