"""Contracts made up with known rates of leaving and buying."""

import numpy as np
import pandas as pd


def lived(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return years, who left, and orders of n customers, and what both rates hang on."""
    draw = np.random.default_rng(seed)
    z, years = draw.standard_normal(n), draw.uniform(0.2, 3, n)
    left = draw.poisson(0.3 * years * np.exp(-0.5 * z)) > 0
    orders = draw.poisson(4 * years * np.exp(0.2 * z))
    return pd.DataFrame({"years": years, "left": left, "orders": orders}).astype(float), z
