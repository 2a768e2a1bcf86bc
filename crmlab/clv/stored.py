"""Models back from the plain JSON that `Model.to_json` writes."""

import json

import numpy as np

from crmlab.clv.base import FITTED, KINDS, Model, PurchaseModel
from crmlab.clv.covariates import with_covariates


def from_json(text: str) -> Model:
    """Return the model that `Model.to_json` wrote.

    Raises
    ------
    ValueError
        If the text is no such JSON: it says what is wrong.

    >>> from_json('{"model": "Nbd", "r": 0.4, "alpha": 7.0}').parameters.to_dict()
    {'r': 0.4, 'alpha': 7.0}
    """
    told = json.loads(text)
    kind = KINDS.get(told.pop("model", "")) if isinstance(told, dict) else None
    if kind is None:
        raise ValueError(f"no model in this JSON; allowed are {', '.join(sorted(KINDS))}")
    if "acting" in told and issubclass(kind, PurchaseModel):
        kind = with_covariates(kind, **told.pop("acting"), centre=told.pop("centre", None))
    known = {name: told.pop(name) for name in FITTED if name in told}
    if wrong := set(told) ^ set(kind.names()):
        raise ValueError(f"{kind.__name__} has {', '.join(kind.names())}; wrong: {sorted(wrong)}")
    if known.get("covariance") is not None:
        known["covariance"] = np.array(known["covariance"])
    return kind.of([told[name] for name in kind.names()], **known)
