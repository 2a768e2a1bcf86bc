"""The SQL of money and numbers as people write them: ￥1,234.50, (45.10), 1.2万, 1.234,50."""

from crmlab.load.source import Form
from crmlab.load.sql import literal
from crmlab.load.text import narrow

CURRENCY = (
    "人民币|美元|欧元|港币|RMB|CNY|USD|EUR|GBP|JPY|HKD|AUD|CAD|US\\$|HK\\$|A\\$|C\\$|[¥￥$€£₩]"
)
BIG = {"万": "e4", "亿": "e8"}


def precise(form: Form) -> str:
    """Return the type that money has before it is put into our unit."""
    return "DECIMAL(18,2)" if (form.unit, form.tax_included) == (1, 0) else "DECIMAL(38,8)"


def in_unit(amount: str, form: Form) -> str:
    """Return the SQL of an amount in the source's currency, net of tax, to the cent."""
    if (form.unit, form.tax_included) == (1, 0):
        return amount
    factor = form.unit / (1 + form.tax_included)
    return f"try_cast(round({amount}::DOUBLE * {factor!r}, 2) AS DECIMAL(18,2))"


def amount(cell: str, form: Form, kind: str) -> str:
    """Return the SQL of a written amount: ￥1,234.50, (45.10), 45.10-, 1.2万, 元, EUR."""
    plain = "" if form.decimal == "," else _quick_amount(cell, kind)
    written = _pointed(_bare(cell), form, kind)
    return f"CASE {plain}ELSE {written} END" if plain else written


def _quick_amount(cell: str, kind: str) -> str:
    """Return the arms of a CASE for the forms that most amounts have."""
    grouped = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?"
    yuan = f"replace(replace({cell}, '￥', ''), ',', '')"
    other = f"replace(ltrim({cell}, '¥$€£'), ',', '')"
    arms = {r"-?\d+(?:\.\d*)?": cell, f"￥?{grouped}": yuan, f"[¥$€£]?{grouped}": other}
    return (
        " ".join(
            f"WHEN regexp_full_match({cell}, {literal(pattern)}) THEN try_cast({digits} AS {kind})"
            for pattern, digits in arms.items()
        )
        + " "
    )


def _bare(cell: str) -> str:
    """Return an amount's text without currency, spaces and apostrophes; the sign in front,
    万 and 亿 as powers of ten.
    """
    noise = literal(rf"(?i){CURRENCY}|[元圆]$|[\s\x{{a0}}\x{{202f}}'’]")
    bare = f"regexp_replace({narrow(cell)}, {noise}, '', 'g')"
    steps = [("^[(](.*)[)]$", r"-\1"), ("^([^-]+)-$", r"-\1")]
    steps += [(rf"^([^eE]+){sign}$", rf"\1{power}") for sign, power in BIG.items()]
    for pattern, instead in steps:
        bare = f"regexp_replace({bare}, {literal(pattern)}, {literal(instead)})"
    return bare


def _pointed(text: str, form: Form, kind: str) -> str:
    """Return the SQL of digits with a decimal sign; groups of thousands only where they fit.

    The text is written once: the engine plans every copy of it.
    """
    point, group = (r"\.", ",") if form.decimal == "." else (",", r"\.")
    whole = rf"\d+|\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}"
    pattern = literal(rf"^[-+]?(?:(?:{whole})(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?$")
    digits = f"replace(regexp_extract({text}, {pattern}), {literal(group[-1])}, '')"
    if form.decimal == ",":
        digits = f"replace({digits}, ',', '.')"
    return f"try_cast(nullif({digits}, '') AS {kind})"
