"""Fit and score BG/NBD with one package, in this process; `clv.py` runs it, also elsewhere.

Run: python benchmarks/clv_peers.py PEER CUSTOMERS.npy
"""

import contextlib
import json
import re
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

NAMES, COLUMNS, AHEAD = ["r", "alpha", "a", "b"], ["frequency", "recency", "T"], 39
TIMES = {50_000: 10, 300_000: 3, 5_000_000: 2}  # up to so many customers: how often, else once

# Each peer imports its package and returns how it fits and how it scores.


def crmlab() -> tuple[Callable, Callable]:
    """Import ours."""
    from crmlab import clv

    def score(model: Any, customers: pd.DataFrame) -> Any:
        return clv.prob_alive(customers, model), clv.expected_purchases(customers, model, AHEAD)

    return clv.fit, score


def lifetimes() -> tuple[Callable, Callable]:
    """Import lifetimes."""
    from lifetimes import BetaGeoFitter

    def fit(customers: pd.DataFrame) -> Any:
        return BetaGeoFitter().fit(*(customers[c] for c in COLUMNS))

    def score(model: Any, customers: pd.DataFrame) -> Any:
        each = [customers[c] for c in COLUMNS]
        ahead = model.conditional_expected_number_of_purchases_up_to_time(AHEAD, *each)
        return model.conditional_probability_alive(*each), ahead

    return fit, score


def pymc_marketing() -> tuple[Callable, Callable]:
    """Import pymc-marketing; with flat priors, its MAP is the maximum likelihood."""
    import pytensor
    from pymc_extras.prior import Prior
    from pymc_marketing.clv import BetaGeoModel

    compiles = pytensor.function

    def compiled(*args: Any, **settings: Any) -> Any:
        started = now()
        try:
            return compiles(*args, **settings)
        finally:
            COMPILING[:] += now() - started

    def fit(customers: pd.DataFrame) -> Any:
        model = BetaGeoModel(model_config={name: Prior("HalfFlat") for name in NAMES})
        model.fit(customers, method="map", progressbar=False)
        return model

    def score(model: Any, _: pd.DataFrame) -> Any:
        return model.expected_probability_alive(), model.expected_purchases(future_t=AHEAD)

    pytensor.function = compiled
    return fit, score


PEERS = {"crmlab": crmlab, "lifetimes": lifetimes, "pymc-marketing": pymc_marketing}
FOUND = {"crmlab": "parameters", "lifetimes": "params_", "pymc-marketing": "fit_result"}
COMPILING = np.zeros(2)  # the seconds, and the CPU's, in pytensor.function


def now() -> np.ndarray:
    """Return the seconds of the clock, and the CPU's."""
    return np.array([time.perf_counter(), time.process_time()])


def memory(what: str) -> float:
    """Return VmRSS or VmHWM in MB: not ru_maxrss, inherited from who started the process."""
    return int(re.search(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def timed(work: Callable[..., Any], *args: Any, times: int = 1) -> tuple[Any, dict[str, float]]:
    """Return what work returns; its least seconds without compilation, the first peak memory."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    base, peak, took = memory("VmRSS"), 0.0, []
    for _ in range(times):
        before, started = COMPILING.copy(), now()
        result = work(*args)
        took.append(now() - started - (COMPILING - before))
        peak = peak or memory("VmHWM") - base
    seconds, cpu = np.min(took, axis=0)
    return result, {"seconds": seconds, "cpu": cpu, "peak": peak}


def measure(peer: str, path: str) -> dict[str, Any]:
    """Fit and score a file's customers, in this process."""
    warnings.simplefilter("ignore")
    (fit, score), imported = timed(PEERS[peer])
    customers = pd.DataFrame(dict(zip(COLUMNS, np.load(path), strict=True)))
    customers["customer_id"] = np.arange(len(customers))
    times = next((n for most, n in TIMES.items() if len(customers) <= most), 1)
    model, fitted = timed(fit, customers, times=times)
    told = {"import": imported["seconds"], "compile": float(COMPILING[0]), "fit": fitted}
    told["score"] = timed(score, model, customers, times=times)[1]
    told["parameters"] = [getattr(model, FOUND[peer])[name].item() for name in NAMES]
    return told | {"errors": list(model.standard_errors) if peer == "crmlab" else None}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
