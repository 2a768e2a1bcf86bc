"""One customer's purchases."""

from datetime import date

import numpy as np

from crmlab.customers.summary import DAYS, TimeUnit, days
from crmlab.errors import DataError
from crmlab.load import Lines


def repeat_times(
    lines: Lines, customer_id: str, *, as_of: str | date | None = None, time_unit: TimeUnit = "W"
) -> np.ndarray:
    """Return when one customer bought again: times since the first purchase, ascending.

    Parameters
    ----------
    lines, as_of, time_unit
        As in `summarise`, with whose ``frequency`` and ``recency`` they agree.
    customer_id : str
        Whose purchases.

    Raises
    ------
    DataError
        If this customer never bought.
    """
    by_day = days(lines, as_of=as_of)
    own = by_day.filter(by_day.occasion, by_day.customer_id == customer_id)
    bought = np.sort(own.day.to_pandas().to_numpy("datetime64[D]"))
    if not len(bought):
        raise DataError(
            en=f"{lines.source} has no purchase of the customer asked for.",
            zh=f"数据源 {lines.source} 中没有所查客户的购买记录。",
        )
    return (bought[1:] - bought[0]).astype("int64") / DAYS[time_unit]
