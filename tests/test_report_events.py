"""Does a run tell the truth, spare the last good reports and leave nothing, whatever happens?

Each test provokes one event of what ends runs for real: processes, signals, limits, disks.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crmlab import report
from crmlab.__main__ import main
from crmlab.report import entries
from tests.tiny import GOOD, notebook

ENDLESS = "from pathlib import Path\nPath({started!r}).touch()\nwhile True: pass"
pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="processes are read in /proc")


class Place:
    """A folder with notebooks, the reports made of them, and all that a run may leave."""

    def __init__(self, folder, monkeypatch, site):
        self.folder, self.out, self.started = folder, folder / "out", folder / "started"
        self.marker = f"CRMLAB_EVENTS={folder.name}"
        for name, variable in (("tmp", "TMPDIR"), ("runtime", "JUPYTER_RUNTIME_DIR")):
            (folder / name).mkdir()
            monkeypatch.setenv(variable, str(folder / name))
        monkeypatch.setenv(*self.marker.split("="))
        monkeypatch.setenv("LC_ALL", "C")
        self.site = site

    def notebook(self, name, *cells):
        return notebook(
            self.folder, name, *[c.replace("{started!r}", repr(str(self.started))) for c in cells]
        )

    def command(self, *words, **options):
        """Start `crmlab run` as a scheduler does."""
        return subprocess.Popen(
            [sys.executable, "-m", "crmlab", "run", *words, "--lang", "en", "--out", str(self.out)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        )  # fmt: skip

    def good(self):
        """Put the good report of a notebook called endless into place; return the site's bytes."""
        shutil.copytree(self.site, self.out, symlinks=True, dirs_exist_ok=True)
        return self.shown()

    def shown(self):
        return {f.name: f.read_bytes() for f in (self.out / "latest").glob("*.en.html")}

    def processes(self):
        """Return the processes that the run has started and that still live."""
        found = []
        for each in Path("/proc").glob("[0-9]*"):
            try:
                environment = (each / "environ").read_bytes()
            except OSError:  # it has ended, or is another's
                continue
            if self.marker.encode() in environment.split(b"\0") and int(each.name) != os.getpid():
                found.append((each / "cmdline").read_text().replace("\0", " "))
        return found

    def leftovers(self):
        """Return files that were to be there for a while only."""
        kept = [f for d in ("tmp", "runtime") for f in (self.folder / d).rglob("*") if f.is_file()]
        hidden = [f for f in self.out.rglob(".*") if f != self.out / ".lock"]
        return kept + hidden

    def wait_for_start(self, process):
        deadline = time.monotonic() + 60
        while not self.started.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return a folder with the good reports of two notebooks."""
    folder = tmp_path_factory.mktemp("site")
    paths = [notebook(folder, name, GOOD) for name in ("endless", "fine")]
    assert report.run(report.plan(paths, {}, "en")[0], folder / "out").published
    return folder / "out"


@pytest.fixture
def place(tmp_path, monkeypatch, site):
    return Place(tmp_path, monkeypatch, site)


def test_notebooks_that_end_in_any_way_are_told_apart(place):
    names = ["exits", "killed", "endless", "orphan", "fine"]
    before = place.good()
    place.notebook("exits", "import sys; sys.exit(0)", "print('never')")
    place.notebook("killed", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "print(1)")
    place.notebook("endless", "print('one')", "while True: pass", "print('never')")
    place.notebook("fine", GOOD)
    place.notebook("orphan", "import subprocess; _ = subprocess.Popen(['sleep', '600'])")
    paths = [str(place.folder / f"{name}.ipynb") for name in names]
    jobs, _ = report.plan(paths, {}, "en")
    done = report.run(jobs, place.out, workers=4, limits=report.Limits(cell_seconds=2))

    steps = {step.job.notebook.name: step for step in done.steps}
    assert {name: step.step for name, step in steps.items()} == {
        "exits": "failed", "killed": "failed", "endless": "timed_out", "orphan": "ok",
        "fine": "skipped",
    }  # fmt: skip
    assert steps["exits"].en == "code cell 2 raised SystemExit."
    assert steps["killed"].en.startswith("DeadKernelError: Kernel died: at least ")
    assert steps["endless"].en == "Code cell 3 took longer than 2 s (--cell-seconds)."
    assert steps["endless"].zh == "第 3 个代码单元超过 2 秒（--cell-seconds）。"
    assert done.exit_code == 1
    failed = (done.folder / "endless.en.failed.html").read_text(encoding="utf-8")
    assert "Timed out" in failed
    assert steps["endless"].en in failed
    after = place.shown()
    assert after == {**before, "orphan.en.html": after["orphan.en.html"]}
    assert place.processes() == []
    assert place.leftovers() == []


def test_a_run_that_takes_too_long_ends_what_runs_and_starts_no_more(place):
    before = place.good()
    endless, waits = place.notebook("endless", ENDLESS), place.notebook("waits", GOOD, "print(2)")
    jobs, _ = report.plan([endless, waits], {}, "en")
    done = report.run(jobs, place.out, workers=1, limits=report.Limits(run_seconds=6))
    assert [(s.job.notebook.name, s.step, s.en) for s in done.steps] == [
        ("endless", "timed_out",
         "The run took longer than 6 s (--run-seconds), while code cell 2 ran."),
        ("waits", "timed_out",
         "The run took longer than 6 s (--run-seconds), before the first code cell ran."),
    ]  # fmt: skip
    assert done.exit_code == 124
    assert place.shown() == before
    assert place.processes() == []
    assert place.leftovers() == []


@pytest.mark.parametrize(
    ("number", "others"),
    [(signal.SIGTERM, ["fast"]), (signal.SIGINT, [])],
    ids=["SIGTERM", "SIGINT"],
)
def test_a_signal_ends_the_kernels_and_publishes_what_is_finished(place, number, others):
    before = place.good()
    paths = [place.notebook(name, GOOD) for name in others]
    process = place.command(*paths, place.notebook("endless", ENDLESS))
    place.wait_for_start(process)
    deadline = time.monotonic() + 60
    while len(list(place.out.glob("runs/*/fast.en.html"))) < len(others):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert f"Cancelled by {number.name}, while code cell 2 ran." in told
    assert "Traceback" not in told
    assert place.processes() == []
    assert place.leftovers() == []
    after = place.shown()
    assert set(after) == {*before, *(f"{name}.en.html" for name in others)}
    assert {name: after[name] for name in before} == before


def test_a_killed_run_leaves_no_orphan_and_the_last_site(place):
    before = place.good()
    site = (place.out / "latest").resolve()
    process = place.command(place.notebook("endless", ENDLESS))
    place.wait_for_start(process)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 5
    while place.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert place.processes() == []
    assert (place.out / "latest").resolve() == site
    assert place.shown() == before
    jobs, _ = report.plan([place.notebook("endless", GOOD, "print(2)")], {}, "en")
    assert report.run(jobs, place.out).published


def test_two_runs_at_once_both_publish(place):
    first, second = place.notebook("first", GOOD), place.notebook("second", GOOD)
    runs = [place.command(first), place.command(second)]
    told = [process.communicate(timeout=60) for process in runs]
    assert [process.returncode for process in runs] == [0, 0], told
    assert set(entries.latest(place.out)) == {"first.en", "second.en"}
    assert set(place.shown()) == {"first.en.html", "second.en.html"}
    assert len(list((place.out / "runs").iterdir())) == 2
    assert place.leftovers() == []


@pytest.fixture
def full(place):
    """Return a way to make reports on a disk that is too small for the next one."""
    place.out.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "none", place.out], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no disk of our own can be mounted: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", place.out], check=True)


def test_a_full_disk_is_a_sentence_and_leaves_no_half_file(full):
    before = full.good()
    full.notebook("endless", f"print('x' * {400_000})")
    process = full.command(str(full.folder / "endless.ipynb"))
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "No space left on device" in told
    assert "Traceback" not in told
    assert full.shown() == before
    assert full.processes() == []
    assert full.leftovers() == []
    assert [f for f in full.out.rglob("*.ipynb") if not _is_json(f)] == []


def _is_json(file):
    try:
        return bool(json.loads(file.read_text(encoding="utf-8")))
    except ValueError:
        return False


def refused(place, monkeypatch, capsys, *words):
    """Return what `crmlab run` says, run in this process, when it ends with exit code 2."""
    words = ["crmlab", "run", *words, "--lang", "en", "--out", str(place.out)]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def test_a_folder_that_cannot_be_written_is_refused_before_a_kernel_starts(
    place, monkeypatch, capsys
):
    place.out.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro,size=100k", "none", place.out], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"nothing can be mounted: {mounted.stderr.decode().strip()}")
    try:
        told = refused(place, monkeypatch, capsys, place.notebook("good", ENDLESS))
    finally:
        subprocess.run(["umount", place.out], check=True)
    assert f"reports cannot be written to {place.out}: Read-only file system." in told
    assert not place.started.exists()
    assert place.leftovers() == []


def test_code_in_the_name_of_a_parameter_never_runs(place, monkeypatch, capsys):
    code = f"x=1;open({str(place.started)!r},'w')"
    told = refused(place, monkeypatch, capsys, place.notebook("good", GOOD), "-p", f"{code}=1")
    assert "there is no parameter" in told
    assert not place.started.exists()
    assert not place.out.exists()
