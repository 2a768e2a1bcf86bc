"""Three forms of loyalty, the five signs of it, and what goes by way of what."""

import numpy as np
import pandas as pd

from crmlab.lang import Lang, say
from crmlab.loyalty.resample import covariances, interval, products, resampled
from crmlab.loyalty.scales import ATTITUDE, LOYALTY, present, reliability, score, weights

FORMS = {
    "emotional_loyalty": ATTITUDE,
    "behavioural_loyalty": LOYALTY,
    "conative_loyalty": ("intention_rebuy", "intention_extend"),
}
SIGNS = {  # the course's five, and whether more of it means more loyal
    "loyalty_repeat": 1, "minutes_to_choose": -1, "price_tolerance": 1, "rival_attitude": -1,
    "quality_tolerance": 1,
}  # fmt: skip


def forms(answers: pd.DataFrame) -> pd.DataFrame:
    """Return each row's emotional, behavioural and conative loyalty, 0–100.

    Approval of idea, conduct and image; buying again and again, as told; the intention to
    buy in future. A form of which no item was asked is left out.
    """
    there = {name: present(answers, items) for name, items in FORMS.items()}
    found = {name: score(answers[items], _weights(answers[items]))
             for name, items in there.items() if items}  # fmt: skip
    return pd.DataFrame(found, index=answers.index)


def _weights(items: pd.DataFrame) -> pd.Series | None:
    return weights(items) if items.shape[1] > 1 else None


def signs(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the course's five signs of loyalty, in standard units and all the same way round.

    Repeat purchases, time taken to choose (its logarithm, reversed), sensitivity to price (as
    the rise that would be borne), attitude to rivals (reversed) and tolerance of faults.
    The mean of a customer's signs is the index; `reliability` of this table tells how
    far the five say the same.
    """
    asked = [name for name in SIGNS if name in answers]
    there = [name for name in asked if len(answers[name].dropna().unique()) > 1]
    values = answers[there].astype("float64")
    if "minutes_to_choose" in there:
        values["minutes_to_choose"] = np.log(values["minutes_to_choose"].clip(lower=0.5))
    return (values - values.mean()) / values.std() * [SIGNS[name] for name in there]


def signs_table(answers: pd.DataFrame, *, draws: int = 200, seed: int = 2026) -> pd.DataFrame:
    """Return how each of the five signs goes with the other four, and how reliable all are.

    Returns
    -------
    DataFrame
        Indexed by ``item``: ``item_rest`` (correlation with the sum of the others), ``n``
        answers; the row ``five_signs`` holds ``cronbach_alpha`` with ``alpha_low``, ``alpha_high``.
    """
    each = signs(answers)
    whole = each.dropna()
    rest = {c: whole[c].corr(whole.drop(columns=c).sum(axis=1)) for c in whole}
    table = pd.DataFrame({"item_rest": rest, "n": each.count()})
    trust = reliability(each, answers["customer_id"], draws=draws, seed=seed)
    last = {"cronbach_alpha": trust["alpha"], "alpha_low": trust["alpha_low"],
            "alpha_high": trust["alpha_high"], "n": trust["rows"]}  # fmt: skip
    return pd.concat([table, pd.DataFrame(last, index=["five_signs"])]).rename_axis("item")


def mediation(
    x: pd.Series,
    mediator: pd.Series,
    y: pd.Series,
    customer: pd.Series,
    *,
    draws: int = 400,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return how much of what goes from x to y goes by way of the mediator.

    Least squares: ``a_path`` of the mediator on x; ``b_path`` of y on the mediator with x
    held; ``total_effect`` of y on x; ``direct_effect`` with the mediator held;
    ``indirect_effect`` = a b = total − direct; ``mediated_share`` of the total, missing where
    the direct and the indirect effect point different ways. The last row,
    ``error_correlation``, is the sensitivity note: if what else moves mediator and y made
    their errors correlate by as much, the indirect effect would be nothing.

    Returns
    -------
    DataFrame
        These rows: ``value``, ``low``, ``high`` (95 %, resampling customers).

    References
    ----------
    Baron, R. M. and Kenny, D. A. (1986). The moderator–mediator variable distinction.
    Journal of Personality and Social Psychology 51(6), 1173-1182. Imai, K., Keele, L. and
    Tingley, D. (2010). A general approach to causal mediation analysis. Psychological
    Methods 15(4), 309-334.
    """
    rows = pd.DataFrame({"x": x, "m": mediator, "y": y}).astype("float64").dropna()
    if len(rows) < 10 or (np.ptp(rows.to_numpy(), axis=0) == 0).any():
        raise ValueError(f"mediation needs 10 rows whose values vary, got {len(rows)} rows")
    columns = np.column_stack([np.ones(len(rows)), rows.to_numpy()])
    blocks = products(columns, customer.loc[rows.index], seed)
    gram = np.concatenate([blocks.sum(axis=0)[None], resampled(blocks, draws, seed)])
    found = _paths(covariances(gram))
    low, high = interval(np.column_stack(list(found.values()))[1:])
    value = np.array([each[0] for each in found.values()])
    table = pd.DataFrame({"value": value, "low": low, "high": high}, index=list(found))
    if table["value"]["direct_effect"] * table["value"]["indirect_effect"] < 0:
        table.loc["mediated_share"] = np.nan
    return table


def tell_mediation(table: pd.DataFrame, lang: Lang) -> str:
    """Say how much goes by way of the mediator, and how easily that is explained away."""
    row, direct = table.T["indirect_effect"], table.T["direct_effect"]
    apart = f"{table['value']['error_correlation']:.2f}".replace("-", "−")
    limits = f"{row['low']:.2f}".replace("-", "−"), f"{row['high']:.2f}".replace("-", "−")
    note = say(
        lang,
        en=f" It would take errors that correlate by {apart} for other reasons, one mood on one "
        "sheet, say, to explain it away.",
        zh=f"若因别的原因（例如同一份问卷上的同一种心情）使误差相关达到 {apart}，"
        "就足以把它解释掉。",
    )
    if row["low"] <= 0 <= row["high"]:
        return say(
            lang,
            en="No effect by way of approval is certain "
            f"(95% interval {limits[0]} to {limits[1]}).",
            zh=f"经由认同的效应不能确定（95% 区间 {limits[0]} 至 {limits[1]}）。",
        )
    if row["value"] * direct["value"] < 0:
        return (
            say(
                lang,
                en="By way of approval there is an effect, but the direct one points the other "
                "way: approval and repeated buying share something of which satisfaction is no "
                "part, so no share can be told.",
                zh="经由认同有效应，但直接效应方向相反：认同与重复购买还有一部分共同来源，"
                "与满意无关，因此说不出中介占比。",
            )
            + note
        )
    share = f"{100 * table['value']['mediated_share']:.0f}%"
    return say(lang, en=f"{share} goes by way of approval.", zh=f"{share} 经由认同。") + note


def _paths(s: np.ndarray) -> dict[str, np.ndarray]:
    """Return the paths from covariances of x, mediator and y, shape (draws, 3, 3)."""
    xx, xm, xy, mm, my, yy = (s[:, i, j] for i, j in
                              ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)))  # fmt: skip
    a, total = xm / xx, xy / xx
    m_left, my_left, y_left = mm - xm * a, my - xm * total, yy - xy * total
    b = my_left / m_left
    return {
        "a_path": a, "b_path": b, "total_effect": total, "direct_effect": total - a * b,
        "indirect_effect": a * b,
        "mediated_share": a * b / total,
        "error_correlation": my_left / np.sqrt(m_left * y_left),
    }  # fmt: skip
