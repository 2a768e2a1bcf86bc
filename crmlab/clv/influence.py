"""Does one customer drive the fit? What the parameters would be without them."""

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.fitting import fit
from crmlab.clv.scores import of_purchases
from crmlab.errors import Finding, NotEnough

ROUGH = 0.1  # a shift, in standard errors, from which one Newton step is not trusted
MUCH = 1.0  # a shift, in standard errors, that one customer should not bring about


def influence(customers: pd.DataFrame, model: Model, *, top: int = 5) -> pd.DataFrame:
    """Return the customers whom the fit leans on most, and where it would be without each.

    They are found by one Newton step: without a customer, the parameters move by about the
    covariance times the customer's score. Without each of the `top` whom the step moves by a
    tenth of a standard error or more the model is fitted anew, as it is rough where one matters
    much; the others' shifts are those of the step.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        Those that the model was fitted to. With a column ``weight``, one of the customers
        that a row stands for is left out.
    model : BgNbd, MbgNbd, ParetoNbd, Nbd, BgBb or Sbg
        Fitted parameters.
    top : int
        How many customers to leave out, one at a time.

    Returns
    -------
    DataFrame, the most influential customer first
        Indexed like `customers`, one column per parameter: by how many standard errors it
        would change without this customer; infinite if the others do not suffice for a fit.

    Raises
    ------
    ValueError
        If the model was not fitted.

    References
    ----------
    Cook, R. D. (1986). Assessment of local influence. Journal of the Royal Statistical
    Society B 48(2), 133-155.
    """
    kind, p = of_purchases(model), model.parameters
    if model.covariance is None:
        raise ValueError(f"{type(model).__name__} was not fitted: it has no covariance")
    table = kind.checked(customers)
    scores = np.zeros((len(customers), len(p)))
    for _, slopes, _ in (kind.head(list(p), table[kind.count]), kind.local(list(p), table)):
        for place, slope in slopes.items():
            scores[:, place] += slope
    distance = np.einsum("ni,ij,nj->n", scores, model.covariance, scores)
    most = np.argsort(-distance, kind="stable")[:top]
    weight = table.get("weight", np.ones(len(customers)))
    errors = model.standard_errors.to_numpy()
    shifts = -scores[most] @ np.asarray(model.covariance) / errors
    for nth in np.flatnonzero(np.abs(shifts).max(axis=1, initial=0) >= ROUGH):
        rest = _without(customers, weight, most[nth], type(model))
        shifts[nth] = (rest - p.to_numpy()) / errors
    return pd.DataFrame(shifts, customers.index[most], columns=p.index)


def _without(
    customers: pd.DataFrame, weight: np.ndarray, place: int, kind: type[Model]
) -> np.ndarray:
    """Return the parameters fitted to all but one customer; infinite where that is impossible."""
    rest = weight.copy()
    rest[place] = max(rest[place] - 1, 0)
    try:
        return fit(customers.assign(weight=rest), model=kind).parameters.to_numpy()
    except NotEnough:
        return np.full(len(kind.names()), np.inf)


def leaning(shifts: pd.DataFrame) -> Finding:
    """Say whether one customer drives the fit, from what `influence` returned."""
    size = shifts.abs().to_numpy()
    if np.isinf(size).any():
        return Finding(
            "caution",
            en="One customer carries the fit: without them the others do not suffice for a model.",
            zh="拟合全靠一位客户支撑：去掉后，其余客户不足以建立模型。",
            code="customer_carries_the_fit",
        )
    by, many = size.max(), (size.max(axis=1) > MUCH).sum()
    name = str(shifts.columns[int(size.argmax()) % size.shape[1]])
    if not many:
        return Finding(
            "ready",
            en=f"No single customer drives the fit: without the most influential one, {name} "
            f"changes by {by:.2f} standard errors, within its own uncertainty.",
            zh=f"拟合不由任何单个客户左右：去掉影响最大的一位，{name} 变化 {by:.2f} 个标准误，"
            "仍在其自身误差之内。",
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
