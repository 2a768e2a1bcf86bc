"""How well the worth of one point of satisfaction comes back, and how often intervals hold it.

Run from the checkout: ``python -m benchmarks.value_recovery [seeds] [customers] [sets]``; each set
of 50 seeds takes about seven minutes. Each seed is a company of its own, made twice: with the
planted effect of satisfaction on leaving, and without any. The truth is computed from what is
hidden (`crmlab.company.planted`): CNY of sales per customer within three years, at 10 % a year, for
one point (0-100) more from now on. The chain sees purchases and answers only. It supposes
nothing of which link satisfaction acts through, so ``all links`` also carries the noise of two
links (rate of buying, spend) that are planted without effect. ``answers as they are`` takes
customers' mean answers for what they feel, without taking out errors of measurement. ``s.d.``
is that of the estimates, ``s.d. told`` what the intervals say it is: their mean width over 3.92.
Of 50 intervals that each hold the truth with a chance of 95 %, 44 to 50 do, and the ``s.d.`` of 50
estimates is off by a tenth: hence two sets of seeds.
The last table is committed as ``benchmarks/value_recovery.txt``.
"""

import sys
import time

import pandas as pd

from crmlab import clv, company, loyalty, worth
from crmlab.intervals import Z95

EFFECTS = (1.0, 0.0)


def one(seed: int, effect: float, customers: int, draws: int = 200) -> pd.DataFrame:
    """Return estimate, interval and truth of one company, by how it is estimated."""
    world = company.planted(seed, customers, effect)
    known = world.histories
    known = known.assign(spend=clv.expected_spend(known, clv.fit(known, model=clv.GammaGamma)))
    scores = loyalty.scores(loyalty.answered(world.survey))
    answers = worth.replicates(scores, ["satisfaction_score"])
    found = worth.chain(known, answers, draws=draws, seed=seed)
    true = world.point(scores, found.each.index)
    raw = worth.chain(known, answers.uncorrected(), draws=50, seed=seed)
    rows = {
        "all links": found.point().loc["all_links"],
        "through leaving": found.point().loc["leaving"],
        "through leaving, answers as they are": raw.point().loc["leaving"],
    }
    table = pd.DataFrame(rows).T[["per_customer", "low", "high"]].rename_axis("way").reset_index()
    return table.assign(seed=seed, effect=effect, truth=true)


def table(each: pd.DataFrame) -> pd.DataFrame:
    """Return what was found over all seeds, by effect and way."""
    held = each.assign(
        covered=(each["low"] <= each["truth"]) & (each["truth"] <= each["high"]),
        zero=(each["low"] <= 0) & (each["high"] >= 0),
        width=each["high"] - each["low"],
    )
    by = held.groupby(["effect", "way"], sort=False)
    return pd.DataFrame(
        {
            "truth, CNY": (by["truth"].mean().round(2) + 0.0).map("{:.2f}".format),
            "mean estimate": by["per_customer"].mean().map("{:.2f}".format),
            "s.d.": by["per_customer"].std().map("{:.2f}".format),
            "s.d. told": (by["width"].mean() / (2 * Z95)).map("{:.2f}".format),
            "intervals that hold the truth": by["covered"].mean().map("{:.0%}".format),
            "that hold 0": by["zero"].mean().map("{:.0%}".format),
        }
    )


def main(seeds: int = 50, customers: int = 1200, sets: int = 2) -> None:
    """Print a table per set of seeds, and one of all."""
    began = time.perf_counter()
    each = pd.concat(
        [one(seed, effect, customers) for effect in EFFECTS for seed in range(1, sets * seeds + 1)]
    )
    took = time.perf_counter() - began
    print(f"{sets * seeds} companies of {customers:,} customers, each at two effects, {took:.0f} s")
    show(each, seeds, sets)


def show(each: pd.DataFrame, seeds: int, sets: int) -> None:
    """Print a table per set of seeds, and one of all."""
    for first in range(1, sets * seeds, seeds):
        last = first + seeds - 1
        print(f"\nseeds {first} to {last}")
        print(table(each[each["seed"].between(first, last)]).to_string())
    if sets > 1:
        print(f"\nall {sets * seeds} seeds\n{table(each).to_string()}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
