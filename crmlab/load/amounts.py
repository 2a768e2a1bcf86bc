"""The SQL of money and numbers as people write them: ￥1,234.50, (45.10), 1.2万, 1.234,50."""

from crmlab.load.source import Form
from crmlab.load.sql import literal
from crmlab.load.text import narrow

CURRENCY = (
    "人民币|美元|欧元|港币|RMB|CNY|USD|EUR|GBP|JPY|HKD|AUD|CAD|US\\$|HK\\$|A\\$|C\\$|[¥￥$€£₩]"
)
BIG = {"万": 1e4, "亿": 1e8}


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
    bare = _bare(cell)
    big = " ".join(
        f"WHEN right({bare}, 1) = {literal(sign)} THEN "
        f"try_cast({_pointed(f'left({bare}, length({bare}) - 1)', form, 'DOUBLE')} * {factor:.0f} "
        f"AS {kind})"
        for sign, factor in BIG.items()
    )
    plain = "" if form.decimal == "," else _quick_amount(cell, kind)
    return f"CASE {plain}{big} ELSE {_pointed(bare, form, kind)} END"


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
    """Return an amount's text without currency, spaces and apostrophes; the sign in front."""
    noise = literal(rf"(?i){CURRENCY}|[元圆]$|[\s\x{{a0}}\x{{202f}}'’]")
    bare = f"regexp_replace({narrow(cell)}, {noise}, '', 'g')"
    signs = (("^[(](.*)[)]$", r"-\1"), ("^([^-]+)-$", r"-\1"))
    for pattern, instead in signs:
        bare = f"regexp_replace({bare}, {literal(pattern)}, {literal(instead)})"
    return bare


def _pointed(text: str, form: Form, kind: str) -> str:
    """Return the SQL of digits with a decimal sign; groups of thousands only where they fit."""
    point, group = (r"\.", ",") if form.decimal == "." else (",", r"\.")
    whole = rf"\d+|\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}"
    pattern = literal(rf"[-+]?(?:(?:{whole})(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?")
    digits = f"replace({text}, {literal(group[-1])}, '')"
    if form.decimal == ",":
        digits = f"replace({digits}, ',', '.')"
    return f"CASE WHEN regexp_full_match({text}, {pattern}) THEN try_cast({digits} AS {kind}) END"
