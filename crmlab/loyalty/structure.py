"""How many things a set of questions measures: common factors, and how many stand out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.lang import Lang, number, percent, say
from crmlab.loyalty.resample import stream

LEAST = 3  # items
ABOVE = 95  # % of chance data that a factor has to exceed


@dataclass(frozen=True)
class Structure:
    """What items have in common.

    Attributes
    ----------
    loadings : DataFrame
        Per item: ``loading`` on the factor (on several, after varimax: ``loading_1``, …), its
        correlation with it, and ``uniqueness``, the share of its variance that no factor
        tells (0 in a Heywood case, where a factor would tell more than all).
    share : float
        Of the variance of all items, told by the first factor.
    eigenvalues : DataFrame
        Of the correlations, by rank from 1: ``observed``, and ``by_chance``, which 95 % of
        sets of unrelated answers stay below.
    suggested : int
        The number of factors by parallel analysis: so many eigenvalues, from the first, are
        above chance.
    """

    loadings: pd.DataFrame
    share: float
    eigenvalues: pd.DataFrame
    suggested: int


def structure(
    items: pd.DataFrame,
    customer: pd.Series | None = None,
    *,
    factors: int = 1,
    draws: int = 500,
    seed: int = 2026,
) -> Structure:
    """Return how items load on common factors, and how many factors stand out.

    Iterated principal axes of the correlations (`statsmodels`' ``Factor``), of the rows that
    answered every item. Chance data are normal and unrelated, one row per customer.

    Parameters
    ----------
    items : DataFrame, one column per item
    customer : Series, optional
        Who answered each row, indexed like `items`; by default, each row is a customer.
    factors : int
        To be extracted.
    draws, seed : int
        Sets of unrelated answers.

    Raises
    ------
    NotEnough
        If fewer than 3 items are there, no more customers than items answered all of them,
        or an item adds nothing to the others.
    ValueError
        If `factors` is not from 1 to half of the items.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis.
    Psychometrika 30(2), 179-185. Glorfeld, L. W. (1995), on the 95 % limit in place of the
    mean. Educational and Psychological Measurement 55(3), 377-393.
    """
    complete = items.astype("float64").dropna()
    who = complete.index if customer is None else customer.loc[complete.index]
    people = pd.Index(who).nunique()
    correlation = _correlation(complete, people)
    if not 1 <= factors <= len(correlation) // 2:
        raise ValueError(f"factors must be 1 to {len(correlation) // 2}, got {factors}")
    found = np.linalg.eigvalsh(correlation)[::-1]
    chance = _by_chance(len(found), people, draws, seed)
    above = found > chance
    table = pd.DataFrame({"observed": found, "by_chance": chance}, range(1, len(found) + 1))
    loadings = _loadings(correlation, factors)
    share = _loadings(correlation, 1)["loading"].pow(2).mean()
    suggested = int(np.argmin(np.append(above, False)))
    return Structure(loadings, float(share), table.rename_axis("rank"), suggested)


def tell_structure(found: Structure, lang: Lang) -> str:
    """Say whether one dimension suffices (`structure`)."""
    n, share = number(len(found.loadings), lang), percent(found.share, lang)
    told = say(
        lang,
        en=f"The first common factor tells **{share}** of the variance of the {n} items",
        zh=f"第一个公因子解释 {n} 个题项总方差的 **{share}**",
    )
    if found.suggested == 1:
        return told + say(
            lang,
            en=", and no second one stands out from what unrelated answers would show (parallel "
            "analysis): **one dimension suffices**.",
            zh="，没有第二个因子超出互不相关的回答所能产生的水平（平行分析）：**一个维度就够了**。",
        )
    count = number(found.suggested, lang)
    if found.suggested:
        return told + say(
            lang,
            en=f", but {count} factors stand out from what unrelated answers would show (parallel "
            "analysis): **one dimension does not suffice**; look which items go together.",
            zh=f"，但有 {count} 个因子超出互不相关的回答所能产生的水平（平行分析）："
            "**一个维度不够**；请看哪些题项同升同降。",
        )
    return told + say(
        lang,
        en=", but not even the first stands out from what unrelated answers would show (parallel "
        "analysis): **the items have nothing in common** that can be told.",
        zh="，但连第一个因子也没有超出互不相关的回答所能产生的水平（平行分析）："
        "看不出这些题项**有什么共同之处**。",
    )


def _correlation(complete: pd.DataFrame, people: int) -> pd.DataFrame:
    """Return the correlations of items that can be told apart."""
    k = complete.shape[1]
    if k < LEAST or people <= k:
        raise NotEnough(
            en=f"{k} items, answered in full by {people} customers: a structure needs {LEAST} "
            "items and more customers than items.",
            zh=f"{k} 个题项，{people} 位客户全部作答：分析结构至少需要 {LEAST} 个题项，"
            "且客户数多于题项数。",
        )
    correlation = complete.corr()
    flat = correlation.isna().to_numpy().any()
    if flat or np.linalg.eigvalsh(correlation)[0] < 1e-8:
        raise NotEnough(
            en="An item has the same answer everywhere, or is made of the others.",
            zh="有题项的回答全都相同，或可由其他题项算出。",
        )
    return correlation


def _loadings(correlation: pd.DataFrame, factors: int) -> pd.DataFrame:
    """Return loadings, most of them positive, and what is unique to each item."""
    from statsmodels.multivariate.factor import Factor

    found = Factor(corr=correlation.to_numpy(), n_factor=factors).fit(maxiter=1000)
    if factors > 1:
        found.rotate("varimax")
    loading = found.loadings * np.where(found.loadings.sum(axis=0) < 0, -1.0, 1.0)
    names = ["loading"] if factors == 1 else [f"loading_{n + 1}" for n in range(factors)]
    table = pd.DataFrame(loading, correlation.index, names[: loading.shape[1]])
    return table.assign(uniqueness=found.uniqueness.clip(min=0)).rename_axis("item")


def _by_chance(k: int, people: int, draws: int, seed: int) -> np.ndarray:
    """Return what eigenvalues of the correlations of k unrelated items reach, by rank."""
    from scipy.stats import wishart

    chance = wishart(people - 1, np.eye(k)).rvs(draws, random_state=stream(seed, "parallel"))
    spread = np.sqrt(np.diagonal(chance, axis1=1, axis2=2))
    correlation = chance / (spread[:, :, None] * spread[:, None, :])
    values = np.linalg.eigvalsh(correlation)[:, ::-1]
    return np.asarray(np.percentile(values, ABOVE, axis=0))
