"""The satisfaction survey: one row per customer and wave."""

from crmlab.tables import names
from crmlab.tables.base import Column, Table

ATTRIBUTES = (
    "concept", "conduct", "visual", "material", "spiritual", "social",
    "physical", "physiological", "psychological", "price", "art", "culture",
)  # fmt: skip
ATTRIBUTES_ZH = {
    "concept": ("理念", "经营理念"), "conduct": ("行为", "企业行为"),
    "visual": ("视觉", "企业形象"),
    "material": ("物质",), "spiritual": ("精神",), "social": ("社会",),
    "physical": ("物理功能", "产品功能"), "physiological": ("生理功能",),
    "psychological": ("心理功能",), "price": ("价格", "价格满意度"), "art": ("艺术", "艺术性"),
    "culture": ("文化", "文化内涵"),
}  # fmt: skip
DIMENSIONS = ("quality", "service", "price", "trust")
STAY_REASONS = ("no_alternative", "habit", "convenience", "price", "reward", "value")


def _answer(*aliases: str, low: float = 1, high: float = 10, optional: bool = True) -> Column:
    """Return the column of a question answered in whole steps, empty if not answered."""
    return Column(
        "integer", "points", optional=optional, nullable=True, low=low, high=high, aliases=aliases
    )


SURVEY = Table(
    "survey",
    key=("customer_id", "wave"),
    columns={
        "customer_id": Column("id", aliases=names.CUSTOMER),
        "wave": Column(
            "integer",
            low=1,
            aliases=("调查期次", "期次", "调查批次", "波次", "survey_wave", "round", "period"),
        ),
        "surveyed_on": Column(
            "date",
            aliases=(
                "调查日期",
                "调查时间",
                "填写时间",
                "提交时间",
                "提交答卷时间",
                "答题时间",
                "完成时间",
                "作答时间",
                "survey_date",
                "response_date",
                "submitted_at",
                "completed_at",
                "date",
                "timestamp",
                "end_date",
            ),
        ),
        "responded": Column("flag", optional=True, aliases=("是否应答", "是否回复")),
        **{f"item_{name}": _answer(*ATTRIBUTES_ZH[name]) for name in ATTRIBUTES},
        "satisfaction_overall": _answer(
            "总体满意度",
            "整体满意度",
            "满意度",
            "总满意度",
            "总体满意程度",
            "overall_satisfaction",
            "satisfaction",
            "csat",
            "satisfaction_score",
            "overall_sat",
            optional=False,
        ),
        "satisfaction_expectation": _answer("与期望相比", "与预期相比", "期望满足度"),
        "satisfaction_ideal": _answer("与理想相比"),
        "satisfaction_choice": _answer("选择是否正确"),
        "loyalty": _answer(
            "忠诚度",
            "总体忠诚度",
            "忠诚",
            "loyalty_score",
            "overall_loyalty",
            high=5,
            optional=False,
        ),
        "loyalty_repeat": _answer("重复购买", "重购意愿", "复购意愿"),
        "loyalty_first_choice": _answer("首选"),
        "loyalty_stay": _answer("不会转向他家"),
        "emotion_concept": _answer("认同理念"),
        "emotion_conduct": _answer("认同行为"),
        "emotion_image": _answer("认同形象"),
        "intention_rebuy": _answer(
            "再次购买意向", "再次购买意愿", "repurchase_intention", "intention_to_rebuy"
        ),
        "intention_extend": _answer("增加购买意向"),
        "recommend": _answer(
            "推荐意愿",
            "推荐可能性",
            "推荐",
            "推荐度",
            "NPS",
            "NPS评分",
            "nps_score",
            "likelihood_to_recommend",
            "recommendation",
            "would_recommend",
            low=0,
            optional=False,
        ),
        "named_brand": Column("flag", optional=True, nullable=True, aliases=("是否指名购买",)),
        "minutes_to_choose": Column(
            "number", "minutes", optional=True, nullable=True, low=0, aliases=("挑选时间",)
        ),
        "price_tolerance": Column(
            "number", "% of the price", optional=True, nullable=True, low=0, aliases=("可接受涨价",)
        ),
        "rival_attitude": _answer("对竞争品牌的态度"),
        "quality_tolerance": _answer("对质量事故的承受能力"),
        "constraint": _answer("转换约束"),
        "incentive": Column("flag", optional=True, nullable=True, aliases=("是否享受奖励",)),
        "stay_reason": Column("code", optional=True, nullable=True, codes=STAY_REASONS),
        "convenience": _answer("便利"),
        "warmth": _answer("亲切"),
        "personal_fit": _answer("个性化程度"),
        **{
            f"orientation_{name}": _answer()
            for name in ("ethical", "economising", "personalising", "convenience")
        },
        **{f"expected_{name}": _answer() for name in DIMENSIONS},
        **{f"perceived_{name}": _answer() for name in DIMENSIONS},
    },
)
