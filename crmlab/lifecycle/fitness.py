"""Whether rows and covariates bear a model of survival: every fault at once, by column.

**Rows** are what `cox` takes: ``stop`` (or ``duration``), ``observed``, ``start`` if
some are seen only from then on, ``weight`` if a row stands for several, and the
covariates. `periods` of the discrete-time hazard are checked here too.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.errors import DataError, Finding, Level

EVENTS_EACH = 10  # events per covariate: with fewer, coefficients are biased and unsure
_SAME = 1e-7  # what is left of a standardised column once the others explain it: nothing


def covariates_ready(rows: pd.DataFrame, covariates: Sequence[str]) -> list[Finding]:
    """Say which covariates can be used with these rows, and which cannot, and why.

    Parameters
    ----------
    rows : DataFrame
        ``stop`` or ``duration``, ``observed``, ``start`` and ``weight`` if there are any,
        and the covariates as numbers.
    covariates : sequence of str
        Columns of `rows`.

    Returns
    -------
    list of Finding
        All faults of the rows, then of each column: not there, no numbers, missing,
        constant, separating (no event at one of two values), an exact combination of
        others; then the events per covariate, of which ten are wanted.

    References
    ----------
    Peduzzi, P. et al. (1995). Importance of events per independent variable in
    proportional hazards regression analysis. J. Clin. Epidemiol. 48, 1503-1510.
    """
    faults = _of_rows(rows)
    columns = [name for name in dict.fromkeys(covariates) if not _add(faults, rows, name)]
    if not any(f.code == "bad_rows" for f in faults):
        seen = rows["observed"].astype("bool")
        constant = [name for name in columns if rows[name].min() == rows[name].max()]
        varied = [name for name in columns if name not in constant]
        faults += [_constant(name) for name in constant]
        faults += [_separating(name) for name in varied if _only_at_one(rows[name], seen)]
        faults += _collinear(rows, varied)
        faults.append(_events(int(weights(rows)[seen].sum()), len(set(covariates))))
    return faults


def refuse(findings: Sequence[Finding]) -> None:
    """Raise one DataError with all that makes a model impossible, if anything does."""
    bad = [each for each in findings if each.level == "not_enough"]
    if bad:
        raise DataError(en=" ".join(f.en for f in bad), zh="".join(f.zh for f in bad))


def clock(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return from when to when each row is at risk: after ``start``, up to ``stop``."""
    stop = rows["stop"] if "stop" in rows else rows["duration"]
    return (rows["start"] if "start" in rows else pd.Series(0.0, rows.index)), stop


def weights(rows: pd.DataFrame) -> pd.Series:
    """Return how many each row stands for: 1 without a column ``weight``."""
    return rows["weight"] if "weight" in rows else pd.Series(1, rows.index)


def columns_ready(rows: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    """Return a finding for each of the columns that is not there."""
    return [_no_column(name) for name in names if name not in rows]


def groups_ready(rows: pd.DataFrame, names: Sequence[str | None]) -> list[Finding]:
    """Return what is wrong with the columns of strata and clusters, if there are any."""
    asked = [name for name in names if name is not None]
    holes = [name for name in asked if name in rows and rows[name].isna().any()]
    return columns_ready(rows, asked) + [
        _fault(f'Column "{x}" has missing cells.', f"列“{x}”有缺失值。", "missing") for x in holes
    ]


def _of_rows(rows: pd.DataFrame) -> list[Finding]:
    """Return what is wrong with the times, the events and the weights."""
    ends = "stop" if "stop" in rows else "duration"
    lacking = [name for name in (ends, "observed") if name not in rows]
    if lacking:
        return [_no_column(name, rows=True) for name in lacking]
    start, stop = clock(rows)
    weight = weights(rows)
    wrong = (
        (rows.empty, "There are no rows.", "没有任何数据行。"),
        (rows["observed"].isna().any(), 'Column "observed" has missing cells.',
         "列“observed”有缺失值。"),
        (not (start >= 0).all(), 'Column "start" must be zero or more, and never missing.',
         "列“start”必须大于或等于零，且不得缺失。"),
        (not (stop > start).all(),
         f'Column "{ends}" must come after the start, and never be missing.',
         f"列“{ends}”必须晚于起点，且不得缺失。"),
        (not ((weight > 0) & (weight % 1 == 0)).all(),
         'Column "weight" must hold whole numbers from 1.',
         "列“weight”必须是不小于 1 的整数。"),
    )  # fmt: skip
    return [_fault(en, zh, rows=True) for bad, en, zh in wrong if bad]


def _fault(en: str, zh: str, code: str = "", *, rows: bool = False) -> Finding:
    return Finding("not_enough", en=en, zh=zh, code="bad_rows" if rows else code)


def _no_column(name: str, *, rows: bool = False) -> Finding:
    return _fault(f'Column "{name}" is not there.', f"缺少列“{name}”。", "no_column", rows=rows)


def _add(faults: list[Finding], rows: pd.DataFrame, name: str) -> bool:
    """Add why column `name` holds no numbers to compute with; return whether it does not."""
    if name not in rows:
        found = _no_column(name)
    elif not pd.api.types.is_numeric_dtype(rows[name]):
        found = _fault(
            f'Column "{name}" holds no numbers: make a column of 0 and 1 for each of its values '
            f"but one.",
            f"列“{name}”不是数值：请把每个取值（其中一个除外）变为一列 0 和 1。",
            "no_numbers",
        )
    elif n := int((~np.isfinite(rows[name].to_numpy("float64", na_value=np.nan))).sum()):
        found = _fault(
            f'Column "{name}" is missing in {n:,} of {len(rows):,} rows: leave these rows out '
            f"or fill them in.",
            f"列“{name}”在 {len(rows):,} 行中缺失 {n:,} 行：请剔除或补全这些行。",
            "missing",
        )
    else:
        return False
    faults.append(found)
    return True


def _constant(name: str) -> Finding:
    return _fault(
        f'Column "{name}" has the same value in every row: it explains nothing.',
        f"列“{name}”在所有行中取值相同：不能解释任何差异。",
        "constant",
    )


def _only_at_one(values: pd.Series, seen: pd.Series) -> bool:
    """Return whether the column has two values, and events at one of them alone."""
    at_event = values[seen]
    return bool(values.nunique() == 2 and len(at_event) and at_event.min() == at_event.max())


def _separating(name: str) -> Finding:
    return _fault(
        f'Column "{name}" separates: there is no event at one of its values, so its effect '
        f"has no bound.",
        f"列“{name}”造成完全分离：在它的某个取值上没有任何事件，其效应没有界限。",
        "separation",
    )


def separated(periods: pd.DataFrame, columns: Sequence[str]) -> list[Finding]:
    """Return the columns whose values alone tell the rows with an event from the others."""
    seen = periods["observed"].astype("bool")
    if seen.all() or not seen.any():
        return []
    (low, high), (low_not, high_not) = (
        (periods.loc[part, list(columns)].min(), periods.loc[part, list(columns)].max())
        for part in (seen, ~seen)
    )
    return [
        _fault(
            f'Column "{name}" separates: its values alone tell who has the event, so its effect '
            f"has no bound.",
            f"列“{name}”造成完全分离：仅凭其取值即可判定是否发生事件，其效应没有界限。",
            "separation",
        )
        for name in columns
        if low[name] >= high_not[name] or high[name] <= low_not[name]
    ]


def _collinear(rows: pd.DataFrame, names: list[str]) -> list[Finding]:
    """Return the columns that are combinations of those named before them."""
    if not names:
        return []
    x = rows[names].to_numpy("float64")
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    left = np.abs(np.diag(np.linalg.qr(x / len(x) ** 0.5, mode="r")))
    left = np.append(left, np.zeros(len(names) - len(left)))
    found = []
    for j in np.flatnonzero(left < _SAME):
        share = np.linalg.lstsq(x[:, :j], x[:, j], rcond=None)[0]
        others = [f'"{names[i]}"' for i in np.flatnonzero(np.abs(share) > _SAME)]
        found.append(
            _fault(
                f'Column "{names[j]}" is an exact combination of {", ".join(others)}: '
                f"leave one out.",
                f"列“{names[j]}”可由 {'、'.join(others)} 精确算出：请去掉其中一列。",
                "collinear",
            )
        )
    return found


def _events(events: int, covariates: int) -> Finding:
    wanted = EVENTS_EACH * covariates
    level: Level = (
        "ready" if events >= wanted else "caution" if events > covariates else "not_enough"
    )
    return Finding(
        level,
        en=f"{events:,} events for {covariates} covariates; {wanted:,} are wanted "
        f"({EVENTS_EACH} for each).",
        zh=f"{covariates} 个协变量共有 {events:,} 个事件；应有 {wanted:,} 个"
        f"（每个协变量 {EVENTS_EACH} 个）。",
        code="events",
    )
