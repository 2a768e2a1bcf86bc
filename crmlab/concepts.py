"""The concept map: what the course teaches, and where the workbook computes and tests it."""

import difflib
import html
from collections.abc import Iterable

import pandas as pd
from rich.markup import escape
from rich.table import Table

from crmlab.errors import RequestError
from crmlab.home import home
from crmlab.lang import Lang, say, term

GROUPS = {
    "A1": ("Segmentation and the customer-base audit", "客户细分与客户群审计"),
    "A2": ("Lifetime value and customer equity", "客户终生价值与客户资产"),
    "A3": ("Life cycle, survival, churn, win-back", "生命周期、流失与赢回"),
    "A4": ("Satisfaction and loyalty", "客户满意与客户忠诚"),
    "A5": ("Complaints, service, hospital follow-up", "投诉、服务与医院随访"),
    "A6": ("Credit and receivables", "信用与应收账款"),
    "A7": ("Prospects and channels", "潜在客户与获客渠道"),
    "A8": ("Sales resources and dealers", "销售资源与经销商"),
    "A9": ("Product mix, value, relationship type", "商品结构、让渡价值与关系类型"),
    "T": ("Glossary and lessons only", "仅见于词汇表与课程讲义"),
}


def concepts() -> pd.DataFrame:
    """Return ``data/concepts.csv``: one row per concept of the course.

    Returns
    -------
    DataFrame
        Indexed by ``id``, in the order of the map, all text: ``group`` (of `GROUPS`),
        ``term_en``, ``term_zh``, ``definition_en``, ``definition_zh``; ``source``
        (``as_taught``, or ``best_practice`` that the course lacks); ``notebook``
        (``name#heading``), ``function`` and ``test``, several apart by ``;``, empty if
        there is none; ``status``: ``done`` once all of the concept can be computed,
        else ``planned``, even where a function does a part of it.
    """
    path = home() / "data" / "concepts.csv"
    return pd.read_csv(path, dtype="str", keep_default_na=False, index_col="id")


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Return how much of each group is built.

    Parameters
    ----------
    table : DataFrame
        From `concepts`: ``group`` and ``status``.

    Returns
    -------
    DataFrame
        Indexed by ``group``, in the order of `table`: ``concepts``, ``done`` and
        ``planned`` (counts), and ``share`` done, from 0 to 1.
    """
    done = table["status"].eq("done").groupby(table["group"], sort=False)
    found = pd.DataFrame({"concepts": done.size(), "done": done.sum()})
    found["planned"] = found["concepts"] - found["done"]
    return found.assign(share=found["done"] / found["concepts"])


def group_of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the concepts of one group.

    Raises
    ------
    RequestError
        If there is no such group; the sentence names the nearest.
    """
    asked = name.strip().upper()
    if asked in GROUPS:
        return table[table["group"] == asked]
    near = difflib.get_close_matches(asked, GROUPS, n=1, cutoff=0.5)
    raise RequestError(
        en=f"there is no group {name!r}{f' (did you mean {near[0]}?)' if near else ''}; "
        f"allowed: {', '.join(GROUPS)}.",
        zh=f"没有名为 {name!r} 的组{f'（是否指 {near[0]}？）' if near else ''}；"
        f"可用：{'、'.join(GROUPS)}。",
    )


def glossary_html(ids: Iterable[str], lang: Lang) -> str:
    """Return concepts and their definitions as an HTML definition list, escaped.

    Parameters
    ----------
    ids : iterable of str
        Ids of the map, in the order in which they are shown; nothing for none.
    lang : {"en", "zh"}
        Language of terms and definitions.

    Raises
    ------
    KeyError
        If an id is not in the map.
    """
    table, asked = concepts(), list(ids)
    if unknown := [each for each in asked if each not in table.index]:
        raise KeyError(f"no concept {', '.join(unknown)} in data/concepts.csv")
    items = [
        f'<dt id="concept-{each}">{html.escape(term(str(each), lang))}</dt>'
        f"<dd>{html.escape(row[f'definition_{lang}'])}</dd>"
        for each, row in table.loc[asked].iterrows()
    ]
    return f'<dl class="concepts">{"".join(items)}</dl>' if items else ""


def headings(ids: Iterable[str], notebook: str) -> dict[str, list[str]]:
    """Return the concepts of each heading of a notebook, by the heading's English id.

    Parameters
    ----------
    ids : iterable of str
        The concepts that are defined on its page.
    notebook : str
        Its name.
    """
    found: dict[str, list[str]] = {}
    for each, where in concepts().loc[list(ids), "notebook"].items():
        for place in where.split(";"):
            name, _, heading = place.partition("#")
            if name == notebook:
                found.setdefault(heading, []).append(str(each))
    return found


def concept_links(ids: Iterable[str], lang: Lang) -> str:
    """Return links to the definitions of `glossary_html`; nothing for none."""
    told = [f'<a href="#concept-{each}">{html.escape(term(each, lang))}</a>' for each in ids]
    label, comma = say(lang, en="Concept: ", zh="概念："), say(lang, en=", ", zh="、")
    return f'<p class="concept">{label}{comma.join(told)}</p>\n' if told else ""


def covered(counts: pd.DataFrame, lang: Lang) -> Table:
    """Return a line per group, and one of all if there are several."""
    table = Table(box=None, padding=(0, 2), show_footer=len(counts) > 1)
    done, total = counts["done"].sum(), counts["concepts"].sum()
    table.add_column("", footer=say(lang, en="all", zh="合计"))
    table.add_column(say(lang, en="group", zh="组"))
    table.add_column(say(lang, en="concepts", zh="概念数"), justify="right", footer=str(total))
    table.add_column(say(lang, en="done", zh="已完成"), justify="right", footer=str(done))
    planned = counts["planned"].sum()
    table.add_column(say(lang, en="planned", zh="计划中"), justify="right", footer=str(planned))
    table.add_column(
        say(lang, en="share", zh="占比"), justify="right", footer=f"{done / total:.0%}"
    )
    for name, row in counts.iterrows():
        english, chinese = GROUPS[str(name)]
        numbers = (f"{row[c]:.0f}" for c in ("concepts", "done", "planned"))
        table.add_row(str(name), say(lang, en=english, zh=chinese), *numbers, f"{row['share']:.0%}")
    return table


def listed(chosen: pd.DataFrame, lang: Lang) -> Table:
    """Return the concepts of a group, their state, and what computes them."""
    table = Table(box=None, padding=(0, 2))
    for head in (
        say(lang, en="id", zh="编号"),
        say(lang, en="concept", zh="概念"),
        say(lang, en="status", zh="状态"),
        say(lang, en="functions", zh="函数"),
    ):
        table.add_column(head)
    words = {
        "done": say(lang, en="done", zh="已完成"),
        "planned": say(lang, en="planned", zh="计划中"),
    }
    for each, row in chosen.iterrows():
        made = row["function"].replace(";", ", ").replace("crmlab.", "")
        word = row[say(lang, en="term_en", zh="term_zh")]
        table.add_row(*map(escape, (str(each), word, words[row["status"]], made)))
    return table
