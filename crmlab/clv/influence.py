"""Does one customer drive the fit? What the parameters would be without them."""

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.cells import checked
from crmlab.clv.fitting import fit
from crmlab.clv.scores import of_purchases
from crmlab.errors import Finding

MUCH = 1.0  # a shift, in standard errors, that one customer should not bring about


def influence(customers: pd.DataFrame, model: Model, *, top: int = 5) -> pd.DataFrame:
    """Return the customers whom the fit leans on most, and where it would be without each.

    They are found by one Newton step: without a customer, the parameters move by about the
    covariance times the customer's score. The model is then fitted anew without each of the
    `top`, as the step says who matters, but is rough where one matters much.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        Those that the model was fitted to, without weights.
    model : BgNbd, MbgNbd, ParetoNbd, Nbd, BgBb or Sbg
        Fitted parameters.
    top : int
        How many customers to leave out, one at a time.

    Returns
    -------
    DataFrame, the most influential customer first
        Indexed like `customers`, one column per parameter: by how many standard errors it
        would change without this customer.

    Raises
    ------
    ValueError
        If the model was not fitted.
    NotEnough
        If the rest does not suffice for a fit.

    References
    ----------
    Cook, R. D. (1986). Assessment of local influence. Journal of the Royal Statistical
    Society B 48(2), 133-155.
    """
    kind, p = of_purchases(model), model.parameters
    if model.covariance is None:
        raise ValueError(f"{type(model).__name__} was not fitted: it has no covariance")
    table = checked(customers, kind.columns, kind.whole)
    scores = np.zeros((len(customers), len(p)))
    for _, slopes, _ in (kind.head(list(p), table[kind.count]), kind.local(list(p), table)):
        for place, slope in slopes.items():
            scores[:, place] += slope
    distance = np.einsum("ni,ij,nj->n", scores, model.covariance, scores)
    most = np.argsort(-distance, kind="stable")[:top]
    keep = customers.reset_index(drop=True)
    moved = [fit(keep.drop(index=place), model=type(model)).parameters - p for place in most]
    shifts = np.array(moved).reshape(-1, len(p)) / model.standard_errors.to_numpy()
    return pd.DataFrame(shifts, customers.index[most], columns=p.index)


def leaning(shifts: pd.DataFrame) -> Finding:
    """Say whether one customer drives the fit, from what `influence` returned."""
    size = shifts.abs().to_numpy()
    by, many = size.max(), (size.max(axis=1) > MUCH).sum()
    name = str(shifts.columns[int(size.argmax()) % size.shape[1]])
    if not many:
        return Finding(
            "ready",
            en=f"No single customer drives the fit: without any one, no parameter changes by "
            f"more than {by:.2f} standard errors ({name}).",
            zh=f"拟合不依赖任何单个客户：去掉任何一位，参数变化最多 {by:.2f} 个标准误（{name}）。",
            code="no_customer_drives_the_fit",
        )
    return Finding(
        "caution",
        en=f"{many} of the customers each drive the fit: without one of them, {name} changes "
        f"by {by:.1f} standard errors. Look at their rows before you trust the model.",
        zh=f"有 {many} 位客户各自左右了拟合：去掉其中一位，{name} 变化 {by:.1f} 个标准误。"
        "采信模型之前，请先核对这些客户的数据。",
        code="customer_drives_the_fit",
    )
