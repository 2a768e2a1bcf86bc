"""How well the worth of one point of satisfaction comes back, and how often intervals hold it.

Run from the checkout: ``python -m benchmarks.value_recovery [seeds] [customers]``; at 50 seeds
about six minutes. Each seed is a company of its own, made twice: with the planted effect of
satisfaction on leaving, and without any. The truth is computed from what is hidden
(`crmlab.company.planted`): CNY of sales per customer within three years, at 10 % a year, for
one point (0-100) more from now on. The chain sees purchases and answers only. It supposes
nothing of which link satisfaction acts through, so ``all links`` also carries the noise of two
links (rate of buying, spend) that are planted without effect. ``answers as they are`` takes
customers' mean answers for what they feel, without taking out errors of measurement.
The last table is committed as ``benchmarks/value_recovery.txt``.
"""

import sys
import time

import pandas as pd

from crmlab import clv, company, loyalty, worth

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
            "truth, CNY": by["truth"].mean().map("{:.2f}".format),
            "mean estimate": by["per_customer"].mean().map("{:.2f}".format),
            "s.d.": by["per_customer"].std().map("{:.2f}".format),
            "mean width": by["width"].mean().map("{:.1f}".format),
            "intervals that hold the truth": by["covered"].mean().map("{:.0%}".format),
            "that hold 0": by["zero"].mean().map("{:.0%}".format),
        }
    )


def main(seeds: int = 50, customers: int = 1200) -> None:
    """Print the table."""
    began = time.perf_counter()
    each = pd.concat(
        [one(seed, effect, customers) for effect in EFFECTS for seed in range(1, seeds + 1)]
    )
    took = time.perf_counter() - began
    print(f"{seeds} companies of {customers:,} customers, each at two effects, {took:.0f} s")
    print(table(each).to_string())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
