"""Why a model cannot be fitted: what the customers do not tell, in sentences."""

from collections.abc import Mapping

import numpy as np

from crmlab.clv.base import PurchaseModel
from crmlab.clv.gamma_gamma import GammaGamma
from crmlab.clv.search import LogLikelihood, lowest
from crmlab.errors import NotEnough

NEVER = 1e-100  # a mean chance to leave that is none
UNSEEN = 1.92  # a gain in log-likelihood that chance alone exceeds once in 20 times (chi², 1 df)


def of_purchases(
    kind: type[PurchaseModel], off: Mapping[str, int], reached: float, likelihood: LogLikelihood
) -> NotEnough:
    """Return why a model of purchases has no finite best values.

    Parameters
    ----------
    kind : type
        The model's class.
    off : mapping
        Which of its parameters grow (1) or vanish (-1).
    reached : float
        The log-likelihood where the search ended.
    likelihood : LogLikelihood
        To see how much lower it is if nobody leaves.
    """
    told: list[tuple[str, str]] = []
    buying, leaving = (kind.pairs.get(what, ()) for what in ("buying", "leaving"))
    off = dict(off)
    if buying and leaving and (gain := reached - _if_nobody_leaves(kind, likelihood)) < UNSEEN:
        gain = max(gain, 0.0)
        en = (
            f"nobody looks as if they had left: that customers may leave raises the "
            f"log-likelihood by only {gain:.2f}, and chance alone often does by up to {UNSEEN}. "
            f"NBD, in which nobody leaves, may be fitted instead, or a longer time observed"
        )
        zh = (
            f"没有客户看起来已经流失：允许流失只使对数似然提高 {gain:.2f}，"
            f"而偶然因素常可达 {UNSEEN}。可改用假定无人流失的 NBD，或延长观察期"
        )
        told.append((en, zh))
        off = {name: way for name, way in off.items() if name not in leaving}
    if buying and off.get(buying[0]) == 1:
        en = "customers differ no more in how often they buy than chance makes equal ones differ"
        zh = "客户之间购买频率的差异，并不超过完全相同的客户因偶然产生的差异"
        told.append((f"{en} ({', '.join(buying)})", f"{zh}（{'、'.join(buying)}）"))
        off = {name: way for name, way in off.items() if name not in buying}
    if gone := [name for name in leaving if name in off]:
        en = "nothing tells how customers differ in their chance to leave"
        zh = "无法得知客户之间流失可能性的差异"
        told.append((f"{en} ({', '.join(gone)})", f"{zh}（{'、'.join(gone)}）"))
    rest = [name for name in kind.names() if name in off and name not in leaving]
    if rest or not told:
        told.append(_apart(rest or kind.names()))
    return _refused(kind.title, told)


def of_spend(kind: type[GammaGamma], off: Mapping[str, int]) -> NotEnough:
    """Return why a gamma-gamma model has no finite best values."""
    told = []
    if off.get("q") == 1:
        en = "customers differ no more in what they spend than their own purchases do (q, v)"
        told.append((en, "客户之间的消费差异，并不超过同一客户各次购买之间的差异（q、v）"))
    if off.get("p") == 1:
        en = "means of many purchases vary as much as those of few, as if all were equal (p)"
        told.append((en, "多次购买的平均金额与少数几次的同样分散，仿佛每次金额都相同（p）"))
    return _refused(kind.title, told or [_apart(list(off) or kind.names())])


def _apart(names: list[str]) -> tuple[str, str]:
    return f"{', '.join(names)} cannot be told apart", f"{'、'.join(names)} 无法区分"


def _refused(title: str, told: list[tuple[str, str]]) -> NotEnough:
    en, zh = "; ".join(en for en, _ in told), "；".join(zh for _, zh in told)
    return NotEnough(
        en=f"These customers do not suffice for the {title} model: {en}.",
        zh=f"这些客户的数据不足以拟合 {title} 模型：{zh}。",
    )


def _if_nobody_leaves(kind: type[PurchaseModel], likelihood: LogLikelihood) -> float:
    """Return the largest log-likelihood in the first two parameters if nobody ever leaves."""
    fixed = np.ones(len(kind.names()) - 2)
    fixed[0] = NEVER

    def staying(p: np.ndarray, /, *, curved: bool) -> tuple[float, np.ndarray, None]:  # noqa: ARG001
        value, gradient, _ = likelihood(np.append(p, fixed), curved=False)
        return value, gradient[:2], None

    return staying(np.exp(lowest(staying, np.zeros(2))), curved=False)[0]
