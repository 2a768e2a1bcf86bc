"""Bootstrap by customer, from cross products of blocks of customers.

Regressions need only the cross products of their columns. Summed by block of
customers, a resample of customers is a resample of blocks: no row is touched again.
"""

import zlib
from itertools import pairwise

import numpy as np
import pandas as pd

BLOCKS = 500


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of one analysis; no other's draws move them."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))


def products(columns: np.ndarray, customer: pd.Series, seed: int) -> np.ndarray:
    """Return the columns' cross products, one matrix per block of customers.

    Parameters
    ----------
    columns : array, shape (rows, m)
    customer : Series, one per row
        All rows of a customer fall in one block; blocks are drawn by customer.
    seed : int

    Returns
    -------
    array, shape (blocks, m, m)
        A block per customer, but at most `BLOCKS`.
    """
    code, known = pd.factorize(customer, sort=True)
    blocks = min(BLOCKS, len(known))
    block = stream(seed, "blocks").permutation(len(known))[code] % blocks
    order = np.argsort(block, kind="stable")
    ends = np.searchsorted(block[order], np.arange(blocks + 1))
    parts = [columns[order[a:b]] for a, b in pairwise(ends)]
    return np.stack([part.T @ part for part in parts])


def resampled(blocks: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Return the cross products of `draws` bootstrap samples, shape (draws, m, m)."""
    count = len(blocks)
    times = stream(seed, "bootstrap").multinomial(count, np.full(count, 1 / count), size=draws)
    return np.tensordot(times.astype(float), blocks, axes=1)


def covariances(gram: np.ndarray) -> np.ndarray:
    """Return the covariances of columns from cross products whose first column is 1.

    Shape (draws, m, m) → (draws, m − 1, m − 1); sums are divided by n, as it cancels
    out of correlations and reliabilities.
    """
    n, sums = gram[:, :1, :1], gram[:, :1, 1:]
    return gram[:, 1:, 1:] / n - (sums / n) * np.swapaxes(sums / n, 1, 2)


def interval(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 2.5 and 97.5 % points over the first axis."""
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    return low, high
