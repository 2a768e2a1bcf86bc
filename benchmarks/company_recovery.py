"""How well the company's planted parameters come back, and how often 95 % intervals hold them.

Run from the checkout: ``python -m benchmarks.company_recovery [seeds]``; at 100 seeds about two
minutes. Each seed is a company of its own: BG/NBD and gamma-gamma are fitted to about
6,000 customers without contract (satisfaction effect 0), the hazard to the months of
3,000 contracts. Intervals are estimate × e^(±1.96 s.e. ÷ estimate) for positive
parameters, estimate ± 1.96 s.e. for the hazard's. The last table is committed as
``benchmarks/company_recovery.txt``.
"""

import sys
import time

import numpy as np
import pandas as pd

from crmlab import clv
from tests.test_company_recovery import (
    CUSTOMERS,
    HAZARD,
    SPEND,
    TRUTH,
    at_risk,
    bought,
    fit_hazard,
    summary,
)

CONTRACTS = 3000


def one(seed: int) -> pd.DataFrame:
    """Return estimate, truth and whether the interval holds it, one row per parameter."""
    found = summary(bought(seed, CUSTOMERS, satisfaction_effect=0)[0])
    rows = []
    for kind, planted in ((clv.BgNbd, TRUTH), (clv.GammaGamma, SPEND)):
        model = clv.fit(found, model=kind)
        relative = model.standard_errors / model.parameters
        rows += [
            (f"{kind.__name__} {name}", model.parameters[name], truth,
             abs(np.log(model.parameters[name] / truth)) < 1.96 * relative[name])
            for name, truth in planted.items()
        ]  # fmt: skip
        rows += means(model)
    hazard = fit_hazard(at_risk(seed, CONTRACTS))
    rows += [
        (f"hazard {name}", hazard.params[name], truth,
         abs(hazard.params[name] - truth) < 1.96 * hazard.bse[name])
        for name, truth in HAZARD.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["parameter", "estimate", "truth", "covered"])


def means(model: clv.BgNbd | clv.GammaGamma) -> list[tuple[str, float, float, float]]:
    """Return the means that a model implies, which are better known than its parameters."""
    if isinstance(model, clv.BgNbd):
        told = {"E[rate] a week": (model.r / model.alpha, 0.8 / 6),
                "E[dropout]": (model.a / (model.a + model.b), 0.8 / 3.3)}  # fmt: skip
    else:
        told = {"E[spend]": (model.p * model.v / (model.q - 1), 600)}
    return [(name, value, truth, np.nan) for name, (value, truth) in told.items()]


def table(each: pd.DataFrame) -> pd.DataFrame:
    """Return mean and s.d. of the estimates, the s.d. relative to the truth, the coverage."""
    by = each.groupby("parameter", sort=False)
    mean, truth = by["estimate"].mean(), by["truth"].first()
    return pd.DataFrame(
        {
            "truth": truth.map("{:.4g}".format),
            "mean": mean.map("{:.4g}".format),
            "s.d.": by["estimate"].std().map("{:.2g}".format),
            "s.d. ÷ truth": (by["estimate"].std() / truth.abs()).map("{:.1%}".format),
            "95 % intervals that hold it": by["covered"].mean().map("{:.0%}".format),
        }
    ).replace("nan%", "–")


def main(seeds: int = 100) -> None:
    """Print the table."""
    began = time.perf_counter()
    each = pd.concat([one(seed) for seed in range(1, seeds + 1)])
    print(f"{seeds} companies, {time.perf_counter() - began:.0f} s")
    print(table(each).to_string())
    covered = each["covered"].dropna().astype(bool)
    print(f"all intervals: {covered.mean():.1%} of {len(covered):,}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
