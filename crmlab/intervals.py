"""Intervals that several subjects need."""

from typing import Any

import numpy as np

Z95 = 1.959963984540054  # 97.5 % of a standard normal lie below


def wilson(part: Any, whole: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of the share `part` / `whole`, by Wilson's score.

    Numbers or arrays. `whole` may be an effective number, no integer; the interval is
    missing where it is 0.

    >>> [round(float(x), 3) for x in wilson(8, 10)]
    [0.49, 0.943]

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
    inference. Journal of the American Statistical Association 22, 209-212.
    """
    count, size = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    size = np.where(size > 0, size, np.nan)
    share, squared = count / size, Z95**2
    centre = (share + squared / (2 * size)) / (1 + squared / size)
    half = np.sqrt(share * (1 - share) / size + squared / (4 * size**2)) / (1 + squared / size)
    low = np.where(share == 0, 0.0, np.maximum(centre - Z95 * half, 0))
    high = np.where(share == 1, 1.0, np.minimum(centre + Z95 * half, 1))
    return low, high
