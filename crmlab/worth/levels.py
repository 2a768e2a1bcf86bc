"""From answers to what customers feel in the long run: errors of measurement taken out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough

TWICE = 30  # customers who answered at least twice


@dataclass(frozen=True)
class Replicates:
    """What each customer's answers say of k scores, one row per customer.

    Two answers that follow each other have in common what lasts from wave to wave, and
    neither errors of measurement nor passing moods.

    Attributes
    ----------
    customers : Index
        Who answered at least once.
    answers : array, shape (n,)
        How often.
    mean : array, shape (n, k)
        Of the answers, each less its wave's mean.
    own, next : array, shape (n, k, k)
        Mean products of an answer with itself, and with the following one.
    twice : array, shape (n,)
        1 where there are two answers, else 0.
    centre : Series
        Mean of all answers, by name of the score (0–100).
    """

    customers: pd.Index
    answers: np.ndarray
    mean: np.ndarray
    own: np.ndarray
    next: np.ndarray
    twice: np.ndarray
    centre: pd.Series

    def covariances(self, weight: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the covariance of what lasts, and that of one answer, shape (..., k, k).

        `weight` holds how often each customer counts, further axes before: a bootstrap.
        """
        w = np.ones(len(self.customers)) if weight is None else weight
        pairs, all_of = (w @ self.twice)[..., None, None], w.sum(axis=-1)[..., None, None]
        return (
            np.tensordot(w, self.next * self.twice[:, None, None], 1) / pairs,
            np.tensordot(w, self.own, 1) / all_of,
        )

    def uncorrected(self) -> "Replicates":
        """Return the same as if answers held no errors: for comparison."""
        return replace(self, next=self.own, twice=np.ones(len(self.twice)))

    @property
    def reliability(self) -> pd.Series:
        """Return which share of the variance of one answer lasts, by name of the score."""
        lasting, total = self.covariances()
        return pd.Series(np.diag(lasting) / np.diag(total), self.centre.index)

    def levels(self) -> pd.DataFrame:
        """Return each customer's lasting level of each score, best guessed from the answers.

        The mean of a customer's answers is drawn towards the mean of all by as much as it
        is error: Σ (Σ + E/n)⁻¹ ȳ, with n answers, Σ the covariance of what lasts and E that
        of the rest of an answer. A regression on such levels is not flattened by the
        errors, as one on the answers is (regression calibration).

        Returns
        -------
        DataFrame
            Indexed by ``customer_id``, a column per score (0–100).
        """
        lasting, total = self.covariances()
        error = (total - lasting)[None] / self.answers[:, None, None]
        pull = lasting[None] @ np.linalg.inv(lasting[None] + error)
        level = self.centre.to_numpy() + (pull @ self.mean[:, :, None])[:, :, 0]
        return pd.DataFrame(level, self.customers, list(self.centre.index))

    def pull(self, weight: np.ndarray | None = None) -> np.ndarray:
        """Return the mean over customers of how much of a first score's mean is no error."""
        lasting, total = (m[..., 0, 0] for m in self.covariances(weight))
        part = (lasting / total)[..., None]
        return (part / (part + (1 - part) / self.answers)).mean(axis=-1)


def replicates(
    scores: pd.DataFrame, names: Sequence[str], reliability: Sequence[float] | None = None
) -> Replicates:
    """Return what the answers say of scores, and of how they repeat.

    Parameters
    ----------
    scores : DataFrame
        ``customer_id``, ``wave`` and the columns `names`; rows that lack one are left out.
    names : sequence of str
    reliability : sequence of float, optional
        Of one answer, by score (alpha, say): used where fewer than 30 customers answered
        twice, so that nobody can tell a mood from what lasts.

    Raises
    ------
    NotEnough
        If fewer than 30 customers answered twice and no `reliability` is given, or nothing
        lasts from an answer to the next.

    References
    ----------
    Carroll, R. J., Ruppert, D., Stefanski, L. A. and Crainiceanu, C. M. (2006). Measurement
    Error in Nonlinear Models, chapter 4 (regression calibration with replicates).
    """
    rows = scores[["customer_id", "wave", *names]].dropna().sort_values(["customer_id", "wave"])
    code, known = pd.factorize(rows["customer_id"])
    values = rows[list(names)].astype("float64")
    away = (values - values.groupby(rows["wave"]).transform("mean")).to_numpy()
    n, sums = np.bincount(code).astype("float64"), _summed(code, away)
    away = away - (sums / n[:, None]).mean(axis=0)
    own = _summed(code, away[:, :, None] * away[:, None, :]) / n[:, None, None]
    follows = np.flatnonzero(code[1:] == code[:-1])
    crossed = away[follows][:, :, None] * away[follows + 1][:, None, :]
    pairs = _summed(code[follows], (crossed + np.swapaxes(crossed, 1, 2)) / 2, len(n))
    following = pairs / np.maximum(n - 1, 1)[:, None, None]
    twice = (n > 1).astype("float64")
    if twice.sum() < TWICE:
        following, twice = _supposed(own, reliability, int(twice.sum())), np.ones(len(n))
    found = Replicates(
        pd.Index(known, name="customer_id"), n, _summed(code, away) / n[:, None],
        own, following, twice, values.mean(),
    )  # fmt: skip
    if not (np.linalg.eigvalsh(found.covariances()[0]) > 1e-9).all():
        raise NotEnough(
            en="Nothing in the answers lasts from one wave to the next.",
            zh="前后两期的回答没有可持续的共同部分。",
        )
    return found


def _supposed(own: np.ndarray, reliability: Sequence[float] | None, n: int) -> np.ndarray:
    """Return the products of answers with next ones that nobody gave, by their reliability."""
    if reliability is None:
        raise NotEnough(
            en=f"{n} customers answered twice; {TWICE} are needed to tell lasting satisfaction "
            "from passing moods.",
            zh=f"有 {n} 位客户至少作答两次；要把持久的满意与一时的心情分开，至少需要 {TWICE} 位。",
        )
    part = np.ones(own.shape[1:])
    np.fill_diagonal(part, reliability)
    return own * part


def _summed(code: np.ndarray, values: np.ndarray, n: int | None = None) -> np.ndarray:
    """Return sums of rows by code."""
    total = np.zeros((code.max() + 1 if n is None else n, *values.shape[1:]))
    np.add.at(total, code, values)
    return total
