"""The company's customer file. Names are invented."""

import numpy as np
import pandas as pd

from crmlab.company.hidden import START, stream

NATURES = {"retail": 0.5, "commercial": 0.35, "organisation": 0.15}
CONTRACT_SHARE = {"retail": 0.1, "commercial": 0.45, "organisation": 0.55}
DEALER_SHARE = 0.25  # of commercial customers
INDUSTRIES = {
    "retail": ("household",),
    "commercial": ("catering", "retailing", "manufacturing", "construction", "logistics"),
    "organisation": ("education", "health", "public_service"),
}
REGIONS = {"north": 0.2, "east": 0.35, "south": 0.2, "central": 0.15, "west": 0.1}
LOG_POTENTIAL = {"retail": 8.4, "commercial": 10.6, "organisation": 11.0}  # of CNY a year
LOG_ACQUISITION = {"retail": 4.4, "commercial": 6.3, "organisation": 6.6}  # of CNY

SURNAMES = "赵钱孙李周吴郑王冯陈沈韩杨朱秦许何吕张孔曹金魏陶姜谢邹章苏潘范彭鲁马方俞任袁柳史唐"
GIVEN = "文博雅宁思远子涵一诺雨桐佳怡明轩若溪景行知微嘉树云舒望舒清和书言新月长风向晚星河听澜"
BRANDS = "晨澄禾瑞启泽森望朗青云柏岚恒远初融衡翰沐千川合知"
ENDINGS = "源达和光盛林辰泰禾诚立丰腾安川雅"
TRADES = {
    "household": ("",),
    "catering": ("餐饮", "食品"),
    "retailing": ("百货", "商贸", "超市"),
    "manufacturing": ("机械", "纺织", "电器"),
    "construction": ("建材", "装饰"),
    "logistics": ("物流", "货运"),
    "education": ("学校", "幼儿园"),
    "health": ("医院", "诊所"),
    "public_service": ("服务中心", "活动中心"),
}
FIRMS = ("有限公司", "有限责任公司")


def customers(seed: int = 2026, customers: int = 1200) -> pd.DataFrame:
    """Return the customer file, one row per customer, in order of ``customer_id``.

    Nature is drawn with `NATURES`; given it, kind with `CONTRACT_SHARE`. The day of
    acquisition is 30 months × Beta(1, 2) after the start, so that half of them came
    in the first nine months. Potential (CNY a year) and acquisition cost (CNY) are
    lognormal with a mean of the logarithm by nature, s.d. .6 and .4.
    """
    draw = stream(seed, "customers")
    nature = draw.choice(list(NATURES), customers, p=list(NATURES.values()))
    contract = draw.random(customers) < pd.Series(nature).map(CONTRACT_SHARE)
    after = np.floor(30 * 30.4375 * draw.beta(1, 2, customers))
    dealer = (nature == "commercial") & (draw.random(customers) < DEALER_SHARE)
    region = draw.choice(list(REGIONS), customers, p=list(REGIONS.values()))
    potential = _lognormal(draw, nature, LOG_POTENTIAL, 0.6)
    cost = _lognormal(draw, nature, LOG_ACQUISITION, 0.4)
    industry = _pick(draw, pd.Series(nature).map(INDUSTRIES))
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in range(1, customers + 1)],
            "name": _names(draw, industry),
            "kind": np.where(contract, "contract", "noncontract"),
            "nature": nature,
            "industry": industry,
            "region": region,
            "acquired_on": START + pd.to_timedelta(after, unit="D"),
            "is_dealer": dealer,
            "acquisition_cost": cost.round().astype("int64"),
            "potential": potential.round().astype("int64"),
        }
    )


def _lognormal(
    draw: np.random.Generator, nature: np.ndarray, means: dict[str, float], sd: float
) -> pd.Series:
    spread = sd * draw.standard_normal(len(nature))
    return pd.Series(np.exp(pd.Series(nature).map(means) + spread))


def _names(draw: np.random.Generator, industry: pd.Series) -> pd.Series:
    """Return a person's name for a household, an organisation's for the others."""

    def some(characters: str | tuple[str, ...]) -> pd.Series:
        return pd.Series(np.array(list(characters))[draw.integers(len(characters), size=n)])

    n = len(industry)
    person = some(SURNAMES) + some(GIVEN) + some(GIVEN).where(draw.random(n) < 0.5, "")
    called = some(BRANDS) + some(ENDINGS) + _pick(draw, industry.map(TRADES))
    firm = called + some(FIRMS).where(~industry.isin(INDUSTRIES["organisation"]), "")
    return person.where(industry == "household", firm)


def _pick(draw: np.random.Generator, choices: pd.Series) -> pd.Series:
    """Return, row by row, one of the row's choices."""
    place = (pd.Series(draw.random(len(choices))) * choices.str.len()).astype("int64")
    each = choices.explode()
    return each[each.groupby(level=0).cumcount() == place.reindex(each.index)]
