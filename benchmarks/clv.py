"""Time fitting and scoring BG/NBD beside lifetimes and pymc-marketing.

Run: python benchmarks/clv.py > benchmarks/clv.txt (14 minutes; by --sizes, in parts)
Trial: python benchmarks/clv.py --quick; --sizes 2357 23570 --peers crmlab lifetimes

The customers are the CDNOW sample, and simulated ones with its parameters, seeded. Every run is
a process of its own with one thread, reads the same file, then fits, then scores. pymc-marketing
gets an environment of its own, built by uv in the user's cache folder.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

PYMC, SEED, LIMIT = "pymc-marketing==0.19.2", 2026, 900
SAMPLE, SIZES = 2_357, [2_357, 23_570, 235_700, 2_357_000, 10_000_000]
ROUNDS, ONCE, OURS_ALONE = 5, 300_000, 5_000_000  # one round from ONCE; crmlab alone from the last
NAMES, COLUMNS = ["r", "alpha", "a", "b"], ["frequency", "recency", "T"]
PEERS = ["crmlab", "lifetimes", "pymc-marketing"]
R, ALPHA, A, B = 0.2426, 4.4136, 0.7929, 2.426  # the sample's, in weeks
PATTERNS = {  # the days since the first purchase, at least and at most
    "arrived within 84 days, observed 39 weeks": (189, 272),
    "arrived over 3 years": (1, 1_095),
}
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
HOW = f"""Seconds. The peak memory is what was needed above the process with its data loaded.
fit: with standard errors, but pymc-marketing's MAP has none; its priors are flat. Its compilation
(all calls of pytensor.function, in an empty cache) is told apart.
score: P(alive), and the purchases expected in 39 weeks.
parameters: the largest relative difference from ours.
The quickest of 10 fits (from 50,000 customers: 3) in each of {ROUNDS} processes, the peers taking
turns (pymc-marketing: one process); from 300,000 customers of 2 fits in one process; crmlab alone,
one fit, from {OURS_ALONE:,}."""
HEAD = (
    f"{'':16}{'import':>7}{'fit':>10}{'CPU':>10}{'× ours':>8}{'peak MB':>9}"
    f"{'score':>10}{'× ours':>8}{'peak MB':>9}{'parameters':>12}"
)


def make(path: Path, size: int, days: tuple[int, int] | None) -> int:
    """Write frequency, recency, T: simulated, or of the sample. Return the distinct customers."""
    if days:
        rng = np.random.default_rng([SEED, size, *days])
        table = np.lib.format.open_memmap(path, "w+", np.float64, (3, size))
        for part in np.split(table, range(500_000, size, 500_000), axis=1):
            part[:] = simulated(rng, part.shape[1], days)
    else:
        from crmlab import customers, load

        sample = customers.split(load.orders("cdnow"), holdout_weeks=39)
        table = sample[COLUMNS].to_numpy("float64").T
        np.save(path, table)
    x, recency, T = (np.rint(table[i] * n).astype("int64") for i, n in enumerate((1, 7, 7)))
    return np.unique((x * 2_048 + recency) * 2_048 + T).size


def simulated(rng: np.random.Generator, size: int, days: tuple[int, int]) -> np.ndarray:
    """Return frequency, recency and T of BG/NBD customers: whole days, / 7.

    Purchases of one day are one, as in real summaries; that alone raises the estimates of r and
    alpha by 2 % and 5 %.
    """
    T = rng.integers(*days, size, endpoint=True)
    rate, leaves = rng.gamma(R, 1 / (7 * ALPHA), size), rng.beta(A, B, size)
    x, last, clock = np.zeros((3, size))
    on = np.arange(size)
    while on.size:
        clock[on] += rng.standard_exponential(on.size) / np.maximum(rate[on], 1e-300)
        on = on[clock[on] <= T[on]]
        day = np.ceil(clock[on])
        x[on] += day > last[on]
        last[on] = day
        on = on[rng.random(on.size) >= leaves[on]]
    return np.array([x, last / 7, T / 7])


def environment(*packages: str) -> str:
    """Build an environment of peers, or bring it up to date; return its Python."""
    from platformdirs import user_cache_path

    folder = user_cache_path("crmlab-benchmarks") / packages[0]
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    uv = shutil.which("uv", path=search) or "uv"
    subprocess.run(
        [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder], check=True
    )
    python = str(folder / "bin" / "python")
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)
    return python


def run(peer: str, python: str, path: Path, cache: str) -> dict[str, Any]:
    """Measure in a fresh process; return what it tells, or what went wrong."""
    command = [python, "-P", Path(__file__).with_name("clv_peers.py"), peer, path]
    settings = {**os.environ, **ONE_THREAD, "PYTENSOR_FLAGS": f"base_compiledir={cache}"}
    options = {"env": settings, "timeout": LIMIT, "capture_output": True, "text": True}
    try:
        done = subprocess.run(command, check=True, **options)
    except subprocess.TimeoutExpired:
        return {"error": f"over {LIMIT} s"}
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().split("\n")[-1]
        return {"error": last if error.returncode > 0 else f"signal {-error.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def quickest(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the quickest run, or the first that went wrong."""
    if wrong := [each for each in told if "error" in each]:
        return wrong[0]
    return min(told, key=lambda each: each["fit"]["seconds"])


def row(peer: str, told: dict[str, Any], ours: dict[str, Any]) -> str:
    """Return a line of the table; `ours` may be empty, or an error."""
    if "error" in told:
        return f"{peer:16}{told['error']}"
    fit, score, times, off = told["fit"], told["score"], [np.nan, np.nan], np.nan
    if "fit" in ours:
        times = [told[what]["seconds"] / ours[what]["seconds"] for what in ("fit", "score")]
        off = np.abs(np.array(told["parameters"]) / ours["parameters"] - 1).max()
    return (
        f"{peer:16}{told['import']:7.2f}{fit['seconds']:10.4f}{fit['cpu']:10.4f}{times[0]:8.1f}"
        f"{fit['peak']:9.1f}{score['seconds']:10.4f}{times[1]:8.1f}{score['peak']:9.1f}{off:12.1e}"
        + f"  compiled in {told['compile']:.1f}"
        * bool(told["compile"])
    )


def compare(path: Path, what: str, pythons: dict[str, str], rounds: int) -> None:
    """Print the table of one file of customers."""
    print(f"\n{what}\n{HEAD}", flush=True)
    told: dict[str, list[dict[str, Any]]] = {peer: [] for peer in pythons}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(rounds):
            for peer, python in pythons.items():
                if turn == 0 or peer != "pymc-marketing":
                    told[peer].append(run(peer, python, path, cache))
    found = {peer: quickest(each) for peer, each in told.items()}
    ours = found.get("crmlab", {})
    for peer, each in found.items():
        print(row(peer, each, ours), flush=True)
    if "errors" in ours:
        each = zip(NAMES, ours["parameters"], ours["errors"], strict=True)
        print("crmlab:", ", ".join(f"{n} {value:.4f} ± {error:.4f}" for n, value, error in each))


def versions(python: str, *names: str) -> str:
    """Return the versions of packages in an environment."""
    code = "import sys; from importlib.metadata import version as v\n"
    code += "print(', '.join(f'{n} {v(n)}' for n in sys.argv[1:]))"
    return subprocess.run(
        [python, "-c", code, *names], check=True, capture_output=True, text=True
    ).stdout.strip()


def main() -> None:
    """Make the customers, time the peers, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--quick", action="store_true", help="the sample only, one round")
    asked = parser.parse_args()
    pythons = {peer: sys.executable for peer in PEERS if peer in asked.peers}
    print(f"BG/NBD on {os.cpu_count()} cores, one thread; Python {sys.version.split()[0]}")
    print(versions(sys.executable, "crmlab", "lifetimes", "numpy", "scipy", "pandas"))
    if "pymc-marketing" in pythons:
        try:
            python = pythons["pymc-marketing"] = environment(PYMC)
            theirs = versions(python, "pymc-marketing", "pymc", "pytensor", "numpy", "scipy")
            print(f"{theirs}, {'with' if shutil.which('g++') else 'without'} a C++ compiler")
        except (OSError, subprocess.CalledProcessError) as error:
            print("pymc-marketing could not be installed:", error)
            del pythons["pymc-marketing"]
    print(HOW)
    for size in [SAMPLE] if asked.quick else asked.sizes:
        rounds = ROUNDS if size <= ONCE and not asked.quick else 1
        able = {n: p for n, p in pythons.items() if n == "crmlab" or size < OURS_ALONE}
        patterns = {"the CDNOW sample": None} if size == SAMPLE else PATTERNS
        for what, days in patterns.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "customers.npy"
                distinct = make(path, size, days)
                compare(path, f"{size:,} customers, {distinct:,} distinct: {what}", able, rounds)


if __name__ == "__main__":
    main()
