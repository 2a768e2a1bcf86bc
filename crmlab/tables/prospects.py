"""Prospects: channels, leads, sub-markets, referrals asked for, and campaigns."""

from crmlab.tables.base import Column, Table

CHANNELS = {  # the 25 ways to find prospects, by group
    "A": ("customer_referral", "partner_referral", "staff_referral"),
    "B": ("seminar", "product_launch", "user_meeting", "training_course"),
    "C": ("trade_fair", "own_exhibition", "market_stall"),
    "D": ("yellow_pages", "business_register", "trade_association", "newspaper", "tender_notices"),
    "E": ("website", "search_advert", "social_media", "hotline"),
    "F": ("cold_visit", "cold_call"),
    "G": ("print_shop", "bought_directory", "former_employee", "scraping_software"),
}
CHANNEL_GROUP = {channel: group for group, some in CHANNELS.items() for channel in some}
LEAD_CLASSES = ("hot", "warm", "cold")
PURCHASE_TYPES = ("new_purchase", "additional_purchase", "replacement")  # 新购 添购重购 更新
LAWFUL_BASES = (  # the grounds of 个人信息保护法, art. 13; company-only data; no ground shown
    "consent", "contract_performance", "statutory_duty", "emergency", "news", "lawfully_disclosed",
    "other_statute", "not_personal", "none_shown",
)  # fmt: skip
STAGES = ("created_on", "confirmed_on", "attracted_on", "interacted_on", "tailored_on",
          "ordered_on")  # fmt: skip
QUALIFIERS = ("need", "ability", "authority")
ARMS = ("control", "offer_a", "offer_b")
OFFERS = ("no_offer", "price_cut", "gift", "free_delivery")
MEDIA = ("sms", "wechat", "letter", "phone_call")


def _maybe_customer(*aliases: str) -> Column:
    return Column("id", optional=True, nullable=True, aliases=aliases)


def _money(unit: str = "source currency", *aliases: str) -> Column:
    return Column("money", unit, low=0, aliases=aliases)


CHANNEL_MONTHS = Table(
    "channels",
    key=("channel_id", "month"),
    columns={
        "channel_id": Column("id", aliases=("渠道编号",)),
        "channel": Column("code", codes=tuple(CHANNEL_GROUP), aliases=("渠道",)),
        "channel_group": Column("code", codes=tuple(CHANNELS), aliases=("group", "渠道类别")),
        "month": Column("date", "first day of the month", aliases=("月份",)),
        "channel_spend": _money("source currency", "spend", "投入", "渠道费用"),
    },
)

LEADS = Table(
    "leads",
    key=("lead_id",),
    columns={
        "lead_id": Column("id", aliases=("线索编号", "潜在客户编号")),
        "channel_id": Column("id", aliases=("渠道编号", "渠道")),
        "drive_id": Column("id", optional=True, aliases=("集客活动编号",)),
        "rep_id": Column("id", optional=True, nullable=True, aliases=("业务员编号",)),
        "lead_class": Column("code", codes=LEAD_CLASSES, aliases=("class", "热度")),
        "purchase_type": Column("code", codes=PURCHASE_TYPES, optional=True, aliases=("购买类型",)),
        "lead_importance": Column(
            "integer",
            "3 = highest",
            optional=True,
            low=1,
            high=3,
            aliases=("importance", "重要程度"),
        ),
        "lawful_basis": Column("code", codes=LAWFUL_BASES, aliases=("合法性依据",)),
        **{name: Column("flag", optional=True, nullable=True) for name in QUALIFIERS},
        "created_on": Column("date", aliases=("建档日期", "收集日期")),
        **{name: Column("date", optional=True, nullable=True) for name in STAGES[1:-1]},
        "ordered_on": Column("date", nullable=True, aliases=("成交日期",)),
        "customer_id": _maybe_customer("客户编号"),
        "referred_by": _maybe_customer("介绍人"),
    },
)

SUBMARKETS = Table(
    "submarkets",
    key=("industry", "region"),
    columns={
        "industry": Column("code", aliases=("行业",)),
        "region": Column("code", aliases=("地区", "区域")),
        "buyers": Column("integer", "buyers", low=0, aliases=("购买者数",)),
        "purchases_per_year": Column("number", "a year", low=0, aliases=("年购买次数",)),
        "spend": _money("source currency a purchase", "每次购买金额"),
    },
)

REFERRAL_ASKS = Table(
    "referral_asks",
    key=("ask_id",),
    columns={
        "ask_id": Column("id", aliases=("请求编号",)),
        "rep_id": Column("id", aliases=("asker", "业务员编号")),
        "customer_id": Column("id", aliases=("客户编号",)),
        "asked_on": Column("date", aliases=("请求日期",)),
        "named": Column("flag", aliases=("是否给出名单",)),
        "lead_id": Column("id", optional=True, nullable=True, aliases=("线索编号",)),
        "reward_cost": _money("source currency", "奖励费用"),
    },
)

CAMPAIGNS = Table(
    "campaigns",
    key=("campaign_id",),
    columns={
        "campaign_id": Column("id", aliases=("活动编号",)),
        "sent_by": Column("code", codes=MEDIA, optional=True, aliases=("medium", "活动媒介")),
        "starts_on": Column("date", aliases=("开始日期",)),
        "ends_on": Column("date", aliases=("结束日期",)),
        "cost": _money("source currency", "费用"),
    },
)

CAMPAIGN_MEMBERS = Table(
    "campaign_members",
    key=("campaign_id", "customer_id"),
    columns={
        "campaign_id": Column("id", aliases=("活动编号",)),
        "customer_id": Column("id", aliases=("客户编号",)),
        "arm": Column("code", codes=ARMS, aliases=("试验组",)),
        "offer": Column("code", codes=OFFERS, aliases=("优惠",)),
        "assigned_on": Column("date", optional=True, aliases=("分组日期",)),
        "sent_on": Column("date", nullable=True, aliases=("发送日期",)),
        "responded_on": Column("date", nullable=True, aliases=("响应日期",)),
        "cost": _money("source currency", "费用"),
    },
)

PROSPECTS = (CHANNEL_MONTHS, LEADS, SUBMARKETS, REFERRAL_ASKS, CAMPAIGNS, CAMPAIGN_MEMBERS)
