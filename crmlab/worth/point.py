"""What one point of satisfaction is worth: from who leaves to money, with its uncertainty."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.worth.leaving import Histories, Leaving, Shift, fit, purchases
from crmlab.worth.levels import Replicates

WEEKS = 365.25 / 7  # in a year
UNIT = 10.0  # points: what the links are told for
LINKS = ("leaving", "buying", "spending")
BLOCKS = 500


@dataclass(frozen=True)
class Terms:
    """How money is counted: the years ahead, what a year's delay costs, margin and cost.

    `margin` is the share of a purchase that is left after direct cost, `order_cost` what
    serving a purchase costs (money).
    """

    years: int = 3
    discount: float = 0.1
    margin: float = 1.0
    order_cost: float = 0.0

    @property
    def weeks(self) -> np.ndarray:
        """Return the ends of the years, in weeks from now."""
        return WEEKS * np.arange(1, self.years + 1)

    @property
    def weights(self) -> np.ndarray:
        """Return what a unit of money in each year is worth now, as if it came in its middle."""
        return (1 + self.discount) ** (0.5 - np.arange(1, self.years + 1))

    def present(self, ahead: np.ndarray) -> np.ndarray:
        """Return purchases up to each year's end as purchases of today: discounted."""
        return np.diff(ahead, axis=-1, prepend=0.0) @ self.weights


@dataclass(frozen=True)
class Chain:
    """Satisfaction → leaving, buying, spending → money, on the same customers.

    Attributes
    ----------
    links : DataFrame
        Per link: ``ratio``, by what ten points more multiply the odds of leaving, the rate of
        buying and the spend per purchase, with ``low`` and ``high`` (95 %).
    each : DataFrame
        Per customer: ``level`` (lasting satisfaction, 0–100), ``alive``, ``purchases``
        (discounted, in the years ahead), ``spend`` and ``value`` (money).
    draws : DataFrame
        Per resample of customers: money per customer that one point is worth, through each
        link (`LINKS`) and in ``all_links``; the first row is the estimate itself.
    model : Leaving
    terms : Terms
    """

    links: pd.DataFrame
    each: pd.DataFrame
    draws: pd.DataFrame
    model: Leaving
    terms: Terms
    thetas: np.ndarray

    def point(self) -> pd.DataFrame:
        """Return what one point is worth, through each link and in all.

        ``per_customer``, ``low``, ``high`` (95 %) in money, and ``in_total`` over the
        customers of `each`, with its ``total_low`` and ``total_high``.
        """
        table = intervals(self.draws).rename(columns={"value": "per_customer"})
        n = len(self.each)
        total = {"in_total": "per_customer", "total_low": "low", "total_high": "high"}
        return table.assign(**{name: n * table[of] for name, of in total.items()})


def chain(
    customers: pd.DataFrame,
    answers: Replicates,
    terms: Terms | None = None,
    *,
    draws: int = 200,
    seed: int = 2026,
) -> Chain:
    """Return the chain from satisfaction to money, estimated in steps on the same customers.

    1. Each customer's lasting satisfaction, from all answers (`Replicates.levels`).
    2. How the odds of leaving after a purchase, and the rate of buying, hang on it
       (`crmlab.worth.leaving`), and the log of the mean spend, by least squares.
    3. The purchases that each customer will make in the years ahead, as things are and with
       one point more of satisfaction from now on, times the margin.

    Uncertainty is carried through all steps: in each resample of customers the reliability
    of the answers, the three links and the mean are estimated anew, the links by one
    Newton step from the estimate.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency``, ``recency``, ``T`` in weeks, ``monetary_value`` and ``spend``, what a
        purchase is expected to bring (money); only those in `answers` count.
    answers : Replicates
        Of one score, the satisfaction.
    terms : Terms
    draws, seed : int
        Of the bootstrap.

    Raises
    ------
    NotEnough
        If too few bought again, or the purchases do not tell how customers differ.

    References
    ----------
    Anderson, E. W., Fornell, C. and Mazvancheryl, S. K. (2004). Customer satisfaction and
    shareholder value. Journal of Marketing 68(4), 172-185. Gupta, S. and Zeithaml, V. (2006).
    Customer metrics and their impact on financial performance. Marketing Science 25(6).
    """
    terms = terms or Terms()
    level = answers.levels().iloc[:, 0].rename("level")
    known = customers.join(level, how="inner").sort_index()
    z = (known["level"].to_numpy() - known["level"].mean())[:, None] / UNIT
    model = fit(Histories.of(known, z))
    slope, by_customer = _spending(known["monetary_value"], known["frequency"], z[:, 0])
    w = resampled(len(known), draws, seed)
    thetas = model.theta + (w - 1) @ model.influence
    spending = slope + (w - 1) @ by_customer
    own = answers.customers.get_indexer(known.index)
    again = _weighed(answers, own, w)
    thetas[:, -2:] *= again[:, None]
    spending *= again
    spend = known["spend"].to_numpy("float64")
    found = np.array(
        [_point(theta, s, weight, model.histories, spend, terms)
         for theta, s, weight in zip(thetas, spending, w, strict=True)]
    )  # fmt: skip
    ahead = terms.present(purchases(model.theta, model.histories, terms.weeks, Shift()))[0]
    money = spend * terms.margin - terms.order_cost
    each = known[["level", "spend"]].assign(purchases=ahead, value=ahead * money)
    links = np.column_stack([thetas[:, [5, 4]], spending])
    return Chain(
        links=np.exp(intervals(pd.DataFrame(links, columns=list(LINKS)))).rename(
            columns={"value": "ratio"}
        ),
        each=each,
        draws=pd.DataFrame(found, columns=[*LINKS, "all_links"]),
        model=model,
        terms=terms,
        thetas=thetas,
    )


def resampled(n: int, draws: int, seed: int) -> np.ndarray:
    """Return how often each of n customers counts: once in the first row, then at random.

    Of more than `BLOCKS` customers, blocks of them are drawn, made at random.
    """
    draw = np.random.default_rng(np.random.SeedSequence([seed, 0x776F7274]))
    blocks = min(n, BLOCKS)
    times = draw.multinomial(blocks, np.full(blocks, 1 / blocks), size=draws)
    place = draw.permutation(n) % blocks
    return np.vstack([np.ones(n), times[:, place]]).astype("float64")


def intervals(draws: pd.DataFrame) -> pd.DataFrame:
    """Return ``value`` (the first row), ``low`` and ``high`` (95 % of the others), by column."""
    low, high = np.percentile(draws.to_numpy()[1:], [2.5, 97.5], axis=0)
    return pd.DataFrame({"value": draws.iloc[0], "low": low, "high": high}, index=draws.columns)


def _weighed(answers: Replicates, own: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return by what links grow in each resample, as its answers are less reliable."""
    weight = np.zeros((len(w), len(answers.customers)))
    weight[:, own] = w
    pull = answers.pull(weight)
    return pull[0] / pull


def _spending(
    mean: pd.Series, repeats: pd.Series, z: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the slope of the log of mean spend, and each customer's influence on it."""
    there = ((repeats > 0) & (mean > 0)).to_numpy()
    y = np.log(mean.where(mean > 0, 1.0).fillna(1.0).to_numpy("float64"))
    x = z - z[there].mean()
    away = np.where(there, y - y[there].mean(), 0.0)
    total = (x[there] ** 2).sum()
    slope = float((x * away)[there].sum() / total)
    return slope, np.where(there, x * (away - slope * x) / total, 0.0)


def _point(
    theta: np.ndarray,
    spending: float,
    weight: np.ndarray,
    histories: Histories,
    spend: np.ndarray,
    terms: Terms,
) -> list[float]:
    """Return what one point is worth per customer through each link, and through all."""
    step = 1 / UNIT
    per_order, rate, odds = spend * terms.margin, theta[4] * step, theta[5] * step
    moved = [Shift(), Shift(odds=odds), Shift(rate), Shift(rate, odds)]
    now, *others = terms.present(purchases(theta, histories, terms.weeks, *moved))
    more = np.exp(spending * step)
    base = now * (per_order - terms.order_cost)
    found = [other * (per_order - terms.order_cost) - base for other in others[:2]]
    found += [now * per_order * (more - 1)]
    found += [others[2] * (per_order * more - terms.order_cost) - base]
    return [float(weight @ each / weight.sum()) for each in found]
