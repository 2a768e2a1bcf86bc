"""What another package says: lifetimes' BG/NBD on the same customers."""

import warnings
from typing import Any

import pandas as pd

from crmlab.clv.geometric import BgNbd
from crmlab.clv.scores import expected_purchases, prob_alive


def second_opinion(customers: pd.DataFrame, model: BgNbd, horizon: float) -> pd.DataFrame:
    """Return our estimates beside those of lifetimes' ``BetaGeoFitter``.

    Rows: the four parameters, the mean P(alive) and the mean expected purchases over
    `horizon` (in the model's time unit). Columns: ``crmlab``, ``lifetimes``,
    ``difference`` (the largest over customers for the two scores, else of the row)
    and ``relative_difference``.
    """
    theirs = _fitted(customers)
    x, t_x, T = (customers[c] for c in BgNbd.columns)
    scores = {
        "mean_prob_alive": (
            prob_alive(customers, model),
            theirs.conditional_probability_alive(x, t_x, T),
        ),
        "mean_expected_purchases": (
            expected_purchases(customers, model, horizon),
            theirs.conditional_expected_number_of_purchases_up_to_time(horizon, x, t_x, T),
        ),
    }
    rows = {
        n: (v, theirs.params_[n], abs(v - theirs.params_[n])) for n, v in model.parameters.items()
    }
    for name, (ours, other) in scores.items():
        rows[name] = (ours.mean(), other.mean(), abs(ours - other).max())
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["crmlab", "lifetimes", "difference"]
    )
    return table.assign(relative_difference=table["difference"] / table["crmlab"]).rename_axis(
        "estimate"
    )


def _fitted(customers: pd.DataFrame) -> Any:
    """Fit lifetimes' model without keeping what its import does to warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoFitter

        fitter = BetaGeoFitter()
        fitter.fit(*(customers[c] for c in BgNbd.columns))
    return fitter
