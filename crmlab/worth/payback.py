"""Which attribute pays back: satisfaction per point of its rating, times what that is worth."""

import numpy as np
import pandas as pd

from crmlab.worth.point import resampled


def payback(
    items: pd.DataFrame,
    satisfaction: pd.Series,
    customer: pd.Series,
    worth: np.ndarray,
    *,
    customers: int,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return what one point better rated is worth, attribute by attribute.

    All attributes stand in one regression on the satisfaction score. An improvement pays
    back where it costs less per customer than it is worth.

    Parameters
    ----------
    items : DataFrame
        Ratings, a column per attribute; rows that lack one are left out.
    satisfaction, customer : Series
        Score (0–100) and ``customer_id``, indexed like `items`.
    worth : array
        What one point of satisfaction is worth per customer: the estimate, then resamples
        (`Chain.draws`, ``all_links``). As many resamples of the survey are drawn.
    customers : int
        For how many customers the total counts.

    Returns
    -------
    DataFrame
        Indexed by ``item``, the worthiest first: ``points`` of satisfaction for one point of
        rating, ``break_even`` (money per customer) and ``in_total``, each with ``_low``
        and ``_high`` (95 %).
    """
    whole = items.astype("float64").assign(_y=satisfaction).dropna()
    x = np.column_stack([np.ones(len(whole)), whole.to_numpy()])
    code, known = pd.factorize(customer.loc[whole.index])
    blocks = np.zeros((len(known), x.shape[1], x.shape[1]))
    np.add.at(blocks, code, x[:, :, None] * x[:, None, :])
    gram = np.tensordot(resampled(len(known), len(worth) - 1, seed + 1), blocks, 1)
    points = np.linalg.solve(gram[:, :-1, :-1], gram[:, :-1, -1:])[:, 1:, 0]
    told = {"points": points, "break_even": points * worth[:, None]}
    told["in_total"] = customers * told["break_even"]
    table = pd.DataFrame(index=pd.Index(items.columns, name="item"))
    for name, values in told.items():
        low, high = np.percentile(values[1:], [2.5, 97.5], axis=0)
        table = table.assign(**{name: values[0], f"{name}_low": low, f"{name}_high": high})
    return table.sort_values("break_even", ascending=False)
