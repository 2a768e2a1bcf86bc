"""Needs of customers: which come first, by urgency, importance and cost, and of what kind."""

import numpy as np
import pandas as pd

KANO = ("attractive", "one_dimensional", "must_be", "indifferent", "reverse_need", "questionable")
# Answers to "if it is there" (rows 1–5) and "if it is not" (columns 1–5); 1 like … 5 dislike.
_TABLE = np.array(
    [[5, 0, 0, 0, 1], [4, 3, 3, 3, 2], [4, 3, 3, 3, 2], [4, 3, 3, 3, 2], [4, 4, 4, 4, 5]]
)


def kano(functional: pd.Series, dysfunctional: pd.Series) -> pd.Series:
    """Return the kind of need that each pair of answers speaks for.

    References
    ----------
    Kano, N., Seraku, N., Takahashi, F. and Tsuji, S. (1984). Attractive quality and
    must-be quality. Journal of the Japanese Society for Quality Control 14(2), 39-48.
    """
    one, other = (s.to_numpy("int64") - 1 for s in (functional, dysfunctional))
    if len(one) and (min(one.min(), other.min()) < 0 or max(one.max(), other.max()) > 4):
        raise ValueError("Kano answers must be 1 to 5")
    return pd.Series(np.array(KANO)[_TABLE[one, other]], functional.index, name="kano")


def needs_first(needs: pd.DataFrame, *, draws: int = 400, seed: int = 2026) -> pd.DataFrame:
    """Return needs in the order in which they should be met: most urgent and important per cost.

    The score is mean urgency × mean importance ÷ mean cost, told relative to the first
    need's (100).

    Parameters
    ----------
    needs : DataFrame
        ``need_id``, ``customer_id``, ``need_class``, ``urgency``, ``need_importance`` (1–5),
        ``cost`` (money), ``validated_on`` and both Kano answers.

    Returns
    -------
    DataFrame
        Indexed by ``need_id``: ``need_class``, ``urgency``, ``need_importance``, ``cost``
        (means), ``priority_score`` with ``priority_low`` and ``priority_high`` (95 %, resampling
        customers), ``kano`` (the most frequent kind) with its share ``kano_share``,
        ``validated`` (share asked back) and ``n`` customers.
    """
    from crmlab.loyalty.resample import interval, stream

    means = ["urgency", "need_importance", "cost"]
    rows = needs.assign(kind=kano(needs["kano_functional"], needs["kano_dysfunctional"]),
                        validated=needs["validated_on"].notna())  # fmt: skip
    by = rows.groupby("need_id")
    table = by[means].mean().astype("float64").assign(n=by.size())
    who, need = (
        pd.factorize(rows["customer_id"])[0],
        table.index.get_indexer(pd.Index(rows["need_id"])),
    )
    values = rows[means].to_numpy("float64")
    sums = np.zeros((who.max() + 1, len(table), 4))
    np.add.at(sums, (who, need), np.column_stack([values, np.ones(len(rows))]))
    count = len(sums)
    w = stream(seed, "needs").multinomial(count, np.full(count, 1 / count), size=draws)
    drawn = np.tensordot(np.vstack([np.ones(count), w]), sums, 1)
    score = drawn[..., 0] * drawn[..., 1] / (np.maximum(drawn[..., 2] * drawn[..., 3], 1e-9))
    score = 100 * score / score[0].max()
    low, high = interval(score[1:])
    kinds = rows.groupby("need_id")["kind"].value_counts(normalize=True)
    most = kinds.groupby(level=0).head(1).reset_index(level=1)
    table = table.assign(
        need_class=by["need_class"].first(), priority_score=score[0], priority_low=low,
        priority_high=high, kano=most["kind"], kano_share=most["proportion"],
        validated=by["validated"].mean(),
    )  # fmt: skip
    order = ["need_class", *means, "priority_score", "priority_low", "priority_high", "kano",
             "kano_share", "validated", "n"]  # fmt: skip
    return table[order].sort_values("priority_score", ascending=False)
