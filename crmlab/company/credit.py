"""Credit: files with six scores and a grade, invoices, payments, and debts pursued.

What is planted here is no evidence about real debtors.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import expit

from crmlab.company.hidden import END, START, stream
from crmlab.company.typed import ids, number, pick, planted, typed
from crmlab.tables.credit import (
    COLLECTING,
    COLLECTIONS,
    CREDIT_FILES,
    GRADES,
    INVOICES,
    PAYMENTS,
    SIX_C,
)

BASE_LOGIT = -3.0  # of default, at average scores
GAMMA = dict(zip(SIX_C, (0.6, 0.5, 0.4, 0.3, 0.3, 0.2), strict=True))
SCORE = (60, 15)  # a score is 60 + 15 z
KEEPS = 0.9  # correlation of z between one review and the next
REVIEW_DAYS = 182
EXPERT = dict(zip(SIX_C, (25, 20, 20, 15, 10, 10), strict=True))  # the clerk's weights, in %
GRADE_CUTS = (5400, 6000, 6600)  # of the sum of weight × score: D, C, B, A
LIMIT_MONTHS = {"A": 3, "B": 2, "C": 1, "D": 0}  # of potential
LATE = {"A": 1.5, "B": 4.0, "C": 8.0, "D": 14.0}  # scale in days of a Gamma(2): means 3 to 28
OVERDUE = 90  # days beyond which a debtor has defaulted
CREDIT_FROM = 500  # CNY: smaller orders are paid on delivery, without an invoice
OFFERED, DISCOUNT, DISCOUNT_DAYS = 0.5, 0.02, 10
TAKEN = {"A": 0.6, "B": 0.45, "C": 0.3, "D": 0.15}  # of discounts offered
IN_PARTS = 0.08
RECOVERS = dict(zip(COLLECTING, (0.35, 0.50, 0.60, 0.70), strict=True))
RECOVERY_DAYS = dict(zip(COLLECTING, (45, 60, 120, 200), strict=True))
FEE = dict(zip(COLLECTING, ((20, 0.01), (0, 0.15), (300, 0.03), (600, 0.05)), strict=True))


def tables(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return ``credit_files``, ``invoices``, ``payments`` and ``collections``.

    Parameters
    ----------
    seed : int
        Of the company.
    company : mapping
        With ``customers`` and ``orders``.
    """
    files = _files(seed, company["customers"])
    invoices = _invoices(seed, company["orders"], files)
    outcome = _outcomes(seed, invoices)
    pursued = _collections(seed, outcome)
    return {
        "credit_files": typed(files, CREDIT_FILES),
        "invoices": typed(invoices, INVOICES),
        "payments": typed(_payments(outcome, pursued), PAYMENTS),
        "collections": typed(pursued[pursued["started_on"] <= END], COLLECTIONS),
    }


def truth(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the chance of default of each credit file, and the planted numbers."""
    files = _files(seed, company["customers"])
    told = {"default_base": BASE_LOGIT} | {f"default_{c}": g for c, g in GAMMA.items()}
    told |= {f"recovers_{method}": share for method, share in RECOVERS.items()}
    told |= {f"late_scale_{grade}": days for grade, days in LATE.items()}
    chance = files[["customer_id", "reviewed_on"]].assign(
        default_probability=default_probability(files).round(4)
    )
    return {"credit_truth": chance, "credit_parameters": planted(told)}


def default_probability(files: pd.DataFrame) -> pd.Series:
    """Return P(default) = expit(−3 − Σ γ_c z_c), z_c = (score − 60) ÷ 15."""
    z = (files[[f"score_{c}" for c in SIX_C]].astype("float64") - SCORE[0]) / SCORE[1]
    return pd.Series(expit(BASE_LOGIT - z.to_numpy() @ list(GAMMA.values())), files.index)


def _files(seed: int, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the files of commercial customers and organisations: one per half-year.

    z is standard normal per criterion, z_t = .9 z_t−1 + √(1 − .81) e from a review to
    the next; a score is clip(round(60 + 15 z), 0, 100). The clerk's grade cuts the
    weighted scores (`EXPERT`) at means of 54, 60 and 66; the limit is `LIMIT_MONTHS`
    of the customer's potential. The first review is on the day of acquisition.
    """
    buyers = customers[customers["nature"] != "retail"].reset_index(drop=True)
    reviews = -(-(END - START).days // REVIEW_DAYS)
    scores = _scores(seed, len(buyers), reviews).reshape(-1, len(SIX_C))
    files = buyers.loc[buyers.index.repeat(reviews), ["customer_id", "acquired_on", "potential"]]
    files = files.reset_index(drop=True)
    after = pd.Series(np.tile(np.arange(reviews) * REVIEW_DAYS, len(buyers)), dtype="int64")
    files["reviewed_on"] = files["acquired_on"] + pd.to_timedelta(after, unit="D")
    files[[f"score_{c}" for c in SIX_C]] = scores
    place = np.searchsorted(GRADE_CUTS, scores @ list(EXPERT.values()), side="right")
    files["grade"] = np.array(GRADES[::-1])[place]
    months = number(files["grade"], LIMIT_MONTHS)
    files["credit_limit"] = (files["potential"] / 12 * months).round(-2)
    return files[files["reviewed_on"] <= END].reset_index(drop=True)


def _scores(seed: int, customers: int, reviews: int) -> np.ndarray:
    """Return scores, shape (customers, reviews, six)."""
    z = stream(seed, "credit_files").standard_normal((customers, reviews, len(SIX_C)))
    for review in range(1, reviews):
        z[:, review] = KEEPS * z[:, review - 1] + np.sqrt(1 - KEEPS**2) * z[:, review]
    return np.clip(np.rint(SCORE[0] + SCORE[1] * z), 0, 100)


def _invoices(seed: int, orders: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """Return an invoice per order on credit, on the day of the order, due when it is.

    On credit are orders from ¥500 of customers with a credit file. Half of the invoices
    offer 2 % off for payment within 10 days (2/10 n/30): ``discount`` is that money. The
    credit file in force comes along.
    """
    draw = stream(seed, "invoices")
    known = orders["customer_id"].isin(files["customer_id"])
    on_credit = orders[known & (orders["amount"] >= CREDIT_FROM)]
    on_credit = on_credit.sort_values(["order_date", "order_id"], ignore_index=True)
    in_force = files.drop(columns=["potential", "acquired_on"]).sort_values("reviewed_on")
    bought = on_credit[["order_id", "customer_id", "order_date", "due_on", "amount"]].rename(
        columns={"order_date": "invoiced_on"}
    )
    bought = pd.merge_asof(
        bought, in_force, left_on="invoiced_on", right_on="reviewed_on", by="customer_id"
    )
    bought = bought.assign(invoice_id=ids("I", len(bought)))
    offered = draw.random(len(bought)) < OFFERED
    net = "n/" + (bought["due_on"] - bought["invoiced_on"]).dt.days.astype("str")
    bought["terms"] = net.where(~offered, f"{100 * DISCOUNT:g}/{DISCOUNT_DAYS} " + net)
    bought["discount"] = (bought["amount"] * DISCOUNT * offered).round(2)
    return bought


def _outcomes(seed: int, invoices: pd.DataFrame) -> pd.DataFrame:
    """Return what becomes of each invoice: default, or the day and the share paid.

    Default has the probability in `default_probability`. The others pay floor(Gamma(2,
    scale by grade)) days after the due day, 90 at most; of discounts offered, `TAKEN` by
    grade are taken, on day 4 to 10. In two parts pay .08: the first half of the time.
    """
    draw = stream(seed, "payments")
    n = len(invoices)
    chance = draw.random((4, n))
    grade = invoices["grade"]
    late = draw.gamma(2, size=n) * number(grade, LATE)
    late = np.minimum(np.floor(late), OVERDUE)
    defaults = chance[0] < default_probability(invoices)
    taken = ~defaults & (invoices["discount"] > 0) & (chance[1] < number(grade, TAKEN))
    early = np.floor(4 + (DISCOUNT_DAYS - 3) * chance[2])
    term = (invoices["due_on"] - invoices["invoiced_on"]).dt.days
    after = np.where(taken, early, term + late)
    return invoices.assign(
        defaults=defaults,
        paid_on=invoices["invoiced_on"] + pd.to_timedelta(after, unit="D"),
        half_on=invoices["invoiced_on"] + pd.to_timedelta(np.floor(after / 2), unit="D"),
        net=(invoices["amount"] - invoices["discount"].where(taken, 0)).round(2),
        in_parts=~defaults & ~taken & (chance[3] < IN_PARTS),
    )


def _collections(seed: int, outcome: pd.DataFrame) -> pd.DataFrame:
    """Return how defaulted debts are pursued, from 91 to 120 days after the due day.

    Small debts are left to us or an agency, large ones go to arbitration or court more
    often. Money comes with `RECOVERS` by method, after a Gamma(2) time of mean
    `RECOVERY_DAYS`, and then Beta(8, 2) of it. The cost is a sum and a share of the
    debt (`FEE`); an agency asks its share only of what it gets.
    """
    draw = stream(seed, "collections")
    debts = outcome[outcome["defaults"]].reset_index(drop=True)
    n = len(debts)
    small = debts["amount"].to_numpy() <= debts["amount"].median()
    how = np.where(
        small,
        pick(draw, dict(zip(COLLECTING, (0.5, 0.3, 0.1, 0.1), strict=True)), n),
        pick(draw, dict(zip(COLLECTING, (0.25, 0.25, 0.25, 0.25), strict=True)), n),
    )
    wait = np.floor(draw.random(n) * 30) + OVERDUE + 1
    method = pd.Series(how, dtype="str")
    comes = draw.random(n) < number(method, RECOVERS)
    days = np.ceil(draw.gamma(2, size=n) * number(method, RECOVERY_DAYS) / 2)
    got = (debts["amount"] * draw.beta(8, 2, n)).round(2).where(comes, 0.0)
    started = debts["due_on"] + pd.to_timedelta(wait, unit="D")
    fixed, share = (number(method, {m: fee[k] for m, fee in FEE.items()}) for k in (0, 1))
    base = got.where(method == "agency", debts["amount"])
    return debts.assign(
        method=method,
        started_on=started,
        paid_on=(started + pd.to_timedelta(days, unit="D")).where(comes),
        got=got,
        cost=(fixed + share * base).round(2),
    )


def _payments(outcome: pd.DataFrame, pursued: pd.DataFrame) -> pd.DataFrame:
    """Return what was paid by the last day: whole sums, halves, and what was recovered."""
    paid = outcome[~outcome["defaults"]].assign(method="own")
    first = paid[paid["in_parts"]].assign(paid_on=lambda t: t["half_on"])
    first["net"] = (first["net"] / 2).round(2)
    last = paid["net"] - first["net"].reindex(paid.index, fill_value=0.0)
    recovered = pursued[pursued["got"] > 0].assign(net=lambda t: t["got"])
    each = pd.concat([paid.assign(net=last.round(2)), first, recovered], ignore_index=True)
    each = each[each["paid_on"] <= END].sort_values(["paid_on", "invoice_id"], ignore_index=True)
    return (
        each.drop(columns="amount")
        .rename(columns={"net": "amount"})
        .assign(payment_id=ids("P", len(each)))
    )
