"""Columns that a file lacks, and how they are had: constants, or a query over the file."""

from datetime import UTC, datetime

from crmlab.load.sql import quoted
from crmlab.mapping.choose import Choice, day_number, to_fifths
from crmlab.mapping.proposal import Chosen, Section, Told

FIRST_DAY = "2020-01-01"


def add(section: Section, choice: Choice, column: str, way: str) -> None:
    """Add a column that the file lacks, by a constant or by a query over the file."""
    if way == "constant":
        section.columns.append(_constant(choice, column))
        return
    theirs = f"made {column}"
    sql, told = _computed(choice, column, way)
    name = quoted(section.parts[0].name)
    if section.query:
        section.query = section.query.replace(f"\nFROM {name}", f",\n       {sql} AS "
                                              f"{quoted(theirs)}\nFROM {name}")  # fmt: skip
    else:
        section.query = f"SELECT *,\n       {sql} AS {quoted(theirs)}\nFROM {name}"
    section.columns.append(Chosen(column, theirs, told, mark="!" if way == "day_number" else "?"))


def _computed(choice: Choice, column: str, way: str) -> tuple[str, Told]:
    """Return the SQL of a column that is made, and what is to be known of it."""
    if way == "row_number":
        return "row_number() OVER ()", Told(
            en=f"the file has no {column}: rows are numbered, so each counts as another",
            zh=f"文件没有 {column}：按行编号，每行视为不同",
        )
    if way == "day_number":
        return _dated(day_number(choice.grid) or "")
    if way == "fifths":
        name = to_fifths(choice.grid) or ""
        return f"CAST(ceil(TRY_CAST({quoted(name)} AS DOUBLE) / 2) AS INTEGER)", Told(
            en=f"{name} runs to 10, ours to 5: the query halves it (1 and 2 become 1, 9 and 10 "
            "become 5)",
            zh=f"{name} 为 10 分制，而本工作簿为 5 分制：query 将其减半（1、2 记 1，9、10 记 5）",
        )
    return "CAST(NULL AS VARCHAR)", Told(
        en=f"the file has no {column}: it stays empty, and what needs it will say so",
        zh=f"文件没有 {column}：留空，需要它的分析会说明",
    )


def _dated(name: str) -> tuple[str, Told]:
    """Return the SQL of dates that count from a first day, and the question which it was."""
    return f"DATE '{FIRST_DAY}' + CAST({quoted(name)} AS INTEGER) - 1", Told(
        en=f"{name} counts days: day 1 is set to {FIRST_DAY}; put the true first day into the "
        "query if you know it (intervals are right, seasons and weekdays are not)",
        zh=f"{name} 是第几天：暂以 {FIRST_DAY} 为第 1 天；若知道真实起始日，请改写 query"
        "（间隔不受影响，季节与星期则不准）",
    )


def _constant(choice: Choice, column: str) -> Chosen:
    """Return a column that is the same in every row."""
    if column == "wave":
        told = Told(en="no wave is named: all answers are one", zh="未写明期次：全部视为一期")
        return Chosen(column, "", told, 1, "?")
    if column == "surveyed_on":
        changed = choice.grid.looks[0].path.stat().st_mtime
        day = datetime.fromtimestamp(changed, UTC).date().isoformat()
        return Chosen(column, "", Told(
            en="no date is named: the day on which the file was last changed is put here; when "
            "was the survey?",
            zh="未写明调查日期：暂填文件最后修改日；请改为实际调查日期",
        ), day, "!")  # fmt: skip
    return Chosen(column, "", Told(
        en="there is no money in the file: every line counts 0. How often customers buy can be "
        "studied, what they spend cannot",
        zh="文件中没有金额：每行按 0 计。可以分析购买频率，不能分析消费金额",
    ), 0, "!")  # fmt: skip
