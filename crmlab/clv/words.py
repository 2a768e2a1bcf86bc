"""The page's longer sentences about value, in both languages."""

import numpy as np
import pandas as pd

from crmlab.clv.isovalue import paradox
from crmlab.lang import Lang, money, number, percent, say, term


def tell_rivals(rivals: pd.DataFrame, actual: float, lang: Lang) -> str:
    """Return which models fit best and which foretold best, for `compare`.

    `actual` is the number of purchases that came in the holdout.
    """
    known = rivals.dropna(subset="aic")
    close = known.index[known["aic"] < known["aic"].min() + 2]
    fits = say(lang, en=", ", zh="、").join(term(str(each), lang) for each in close)
    error, total = (
        term(str(size.idxmin()), lang) for size in (known["mae"], abs(known["total"] - actual))
    )
    return say(
        lang,
        en=f"Best AIC (within 2): **{fits}**. In the test, least error: **{error}**; best total: "
        f"**{total}**.",
        zh=f"拟合最好（AIC 差小于 2）：**{fits}**。本次检验：人均误差最小 **{error}**，"
        f"总量最接近 **{total}**。",
    )


def tell_paradox(
    plane: pd.DataFrame, limits: pd.DataFrame, currency: str, lang: Lang
) -> tuple[str, str]:
    """Return a title and a sentence on whether frequent buyers are worth more; for `value_plane`.

    After a long silence they often are not (see `paradox`). `limits` are those of the plane,
    from `plane_limits`.
    """
    if (found := paradox(plane)) is None:
        title = say(
            lang,
            en="After any silence, who bought more often is worth no less",
            zh="无论沉默多久，买得更多的客户价值都不会更低",
        )
        return title, title + say(lang, en=".", zh="。")
    few, many = (money(v, currency, lang) for v in (found.value_few, found.value_many))
    told = [
        [money(float(limits[end][found.silent, x]), currency, lang) for end in ("low", "high")]
        for x in (found.few, found.many)
    ]
    of_few, of_many = (say(lang, en=f"{a} to {b}", zh=f"{a} 至 {b}") for a, b in told)
    weeks = number(round(found.silent), lang)
    title = say(
        lang,
        en=f"After {weeks} silent weeks: {few} with {found.few} repeats, {many} with {found.many}",
        zh=f"沉默 {weeks} 周之后：重复购买 {found.few} 次者值 {few}，{found.many} 次者仅值 {many}",
    )
    return title, say(
        lang,
        en=f"The paradox of the frequent buyer: after {weeks} silent weeks, who had bought again "
        f"**{found.many}** times is worth **{many}** ({of_many}), who had only {found.few} times "
        f"**{few}** ({of_few}), as the same silence is most likely a farewell for the first and a "
        "pause for the second.",
        zh=f"高频客户悖论：同样沉默 {weeks} 周，曾重复购买 **{found.many}** 次的客户只值 "
        f"**{many}**（{of_many}），仅 {found.few} 次的反而值 **{few}**（{of_few}）："
        "同样的沉默，对后者只是间歇，对前者多半是离开。",
    )


def tell_weekly(weeks: pd.DataFrame, holdout_from: int, lang: Lang) -> tuple[str, str]:
    """Return a title and the words of a chart that tell how a forecast fared, for `weekly`.

    Weeks after `holdout_from` are those that the model had not seen.
    """
    unseen = weeks[weeks.index > holdout_from]
    gap = unseen["expected"].sum() / unseen["actual"].sum() - 1
    few, much = gap < 0, percent(abs(gap), lang)
    outside = (~unseen["actual"].between(unseen["low"], unseen["high"])).sum()
    title = say(
        lang,
        en=f"Not seen: {much} too {'few' if few else 'many'}; {outside} of {len(unseen)} weeks "
        f"outside the band, by chance about {number(0.05 * len(unseen), lang, digits=1)}",
        zh=f"未见过的各周：预测{'偏低' if few else '偏高'} {much}；{len(unseen)} 周中 {outside} 周"
        f"在带外，单凭偶然约 {number(0.05 * len(unseen), lang, digits=1)} 周",
    )
    return title, say(
        lang,
        en=f"{title}. Repeat purchases by week, actual and expected: above, summed up; below, "
        f"each week with its 95% interval. The last {len(unseen)} weeks are shaded.",
        zh=f"{title}。逐周的重复购买次数，实际与预期：上图为累计，下图为各周及其 95% 区间；"
        f"阴影为最后 {len(unseen)} 周。",
    )


def tell_path(path: pd.DataFrame, lang: Lang) -> tuple[str, str]:
    """Return a title and a sentence on what purchases and silence come to, for `alive_path`."""
    now, came = path.iloc[-1], path["frequency"].diff() > 0
    lowest = percent(path["prob_alive"].shift()[came].min(), lang)
    times, weeks = (number(round(x), lang) for x in (now["frequency"], now["T"] - now["recency"]))
    alive, low, high = (percent(now[c], lang, decimals=0) for c in ("prob_alive", "low", "high"))
    return say(
        lang,
        en=f"{times} repeat purchases, then {weeks} silent weeks: P(alive) {alive} "
        f"({low} to {high})",
        zh=f"重复购买 {times} 次，其后沉默 {weeks} 周：仍活跃的概率 {alive}（{low} 至 {high}）",
    ), say(
        lang,
        en=f"Just before one of these purchases P(alive) stood at **{lowest}**, and the customer "
        "came back: it is a chance, not a verdict.",
        zh=f"其中一次购买之前，仍活跃的概率曾低至 **{lowest}**，而客户仍然回来了："
        "这是概率，不是判决。",
    )


def tell_equity(equity: pd.Series, futures: np.ndarray, currency: str, lang: Lang) -> str:
    """Return equity with both intervals: that of the parameters, and that of chance as well.

    `equity` is a row of `interval`, `futures` is of `predictive_equity`.
    """
    ends = [equity["value"], equity["low"], equity["high"], *np.quantile(futures, [0.025, 0.975])]
    worth, low, high, least, most = (money(float(v), currency, lang) for v in ends)
    return say(
        lang,
        en=f"All customers together: **{worth}** expected. As the parameters are estimated, the "
        f"expectation itself may be from {low} to {high}. If the model holds, what comes lies "
        f"between **{least}** and **{most}** (95% of {len(futures)} futures drawn): chance "
        "decides, too, who stays, buys and spends.",
        zh=f"全体客户合计：预期 **{worth}**。由于参数只是估计，这一预期本身可能在 {low} 至 {high} "
        f"之间。假如模型成立，实际结果有 95% 落在 **{least}** 至 **{most}** 之间"
        f"（模拟 {len(futures)} 种未来）：谁留下、买几次、花多少，还受偶然影响。",
    )


def tell_bridge(
    steps: pd.Series, due: float, came: float, elapsed: int, currency: str, lang: Lang
) -> tuple[str, str]:
    """Return a title and a sentence on what changed equity, for `bridge`.

    `due` is the margin then expected of these weeks, `came` what the same customers brought.
    """
    closing = steps["opening_equity"] + steps["equity_change"]
    news = steps["equity_buyers"] + steps["equity_silent"]
    parts = [steps["opening_equity"], closing, steps["equity_buyers"], steps["equity_silent"], news]
    opening, closing, buyers, silent, net, *rest = (
        money(float(v), currency, lang) for v in [*parts, due, came]
    )
    return say(
        lang,
        en=f"From {opening} to {closing} in {elapsed} weeks: who bought {buyers}, who did not "
        f"{silent}",
        zh=f"{elapsed} 周内由 {opening} 变为 {closing}：有回购者 {buyers}，无购买者 {silent}",
    ), say(
        lang,
        en=f"In these {elapsed} weeks **{rest[0]}** of margin was expected from the customers of "
        f"then; **{rest[1]}** came. Who bought and who did not together moved the value ahead by "
        f"**{net}** against what was expected then; if the model of then were right, that would be "
        "0 but for chance.",
        zh=f"这 {elapsed} 周，原有客户预期带来毛利 **{rest[0]}**，实际 **{rest[1]}**。"
        f"与当时的预期相比，有回购者与无购买者合计使未来价值变动 **{net}**；"
        "若当时的模型成立，除偶然波动外这一数应为 0。",
    )


def tell_trust(
    bias: float, tested: int, part: float, futures: np.ndarray, elapsed: int, lang: Lang
) -> str:
    """Return how far to trust a forecast: purchases in the test, and margin of late.

    `bias` is the error of the total in `tested` weeks; `part` is the margin that came in
    `elapsed` weeks over what was expected, `futures` what that might have been by chance.
    """
    few, off = bias < 0, percent(abs(bias), lang)
    came, low, high = (
        percent(each, lang, decimals=0) for each in (part, *np.quantile(futures, [0.025, 0.975]))
    )
    return say(
        lang,
        en=f"How far to trust it: in the {tested} weeks of the test the model counted {off} too "
        f"{'few' if few else 'many'} purchases; of the margin that it expected in the latest "
        f"{elapsed} weeks, {came} came (95% if the model holds: {low} to {high}).",
        zh=f"可信程度：{tested} 周检验中，购买次数预测{'偏低' if few else '偏高'} {off}；"
        f"最近 {elapsed} 周预期的毛利，实际实现 {came}"
        f"（若模型成立，95% 在 {low} 至 {high} 之间）。",
    )
