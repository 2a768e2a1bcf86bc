"""What one point of satisfaction is worth: from who leaves to money, with its uncertainty."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmlab.worth.leaving import Histories, Leaving, Shift, fit
from crmlab.worth.levels import Replicates
from crmlab.worth.signed import Signed, fit_signed

WEEKS = 365.25 / 7  # in a year
UNIT = 10.0  # points: what the links are told for
LINKS = ("leaving", "buying", "spending")
BLOCKS = 500
STREAM = 0x776F7274  # of the bootstrap


@dataclass(frozen=True)
class Terms:
    """How money is counted: the years ahead, what a year's delay costs, margin and cost.

    `margin` is the share of a purchase that is left after direct cost, `order_cost` what
    serving one more purchase costs (money), and `order_cost_error` its standard error.
    """

    years: int = 3
    discount: float = 0.1
    margin: float = 1.0
    order_cost: float = 0.0
    order_cost_error: float = 0.0

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

    def earned(self, spend: np.ndarray, off: float = 0) -> np.ndarray:
        """Return what is left of a purchase (money), if its cost is `off` by so many errors."""
        return spend * self.margin - (self.order_cost + off * self.order_cost_error)


@dataclass(frozen=True)
class Chain:
    """Satisfaction → leaving, buying, spending → money, on the same customers.

    Attributes
    ----------
    links : DataFrame
        Per link: ``ratio``, by what ten points more multiply the odds of leaving after a
        purchase (under contract: the rate of leaving), the rate of buying and the spend per
        purchase, with ``low`` and ``high`` (95 %).
    each : DataFrame
        Per customer: ``level`` (lasting satisfaction, 0–100), ``purchases`` (discounted, in
        the years ahead), ``spend``, ``value`` (money) and ``point``, what one point more of
        this customer's satisfaction is worth through leaving and buying (money).
    draws : DataFrame
        Per resample of customers: money per customer that one point is worth, through each
        link (`LINKS`) and in ``all_links``; the first row is the estimate itself.
    model : Leaving or Signed
    terms : Terms
    thetas : array
        The parameters in each resample.
    weight : array
        How often each customer counts in it.
    off : array
        By how many errors the cost of a purchase is off in it.
    """

    links: pd.DataFrame
    each: pd.DataFrame
    draws: pd.DataFrame
    model: Leaving | Signed
    terms: Terms
    thetas: np.ndarray
    weight: np.ndarray
    off: np.ndarray

    def point(self) -> pd.DataFrame:
        """Return what one point is worth, through each link and in all.

        ``per_customer``, ``low``, ``high`` (95 %) in money, and ``in_total`` over the
        customers of `each`, with its ``total_low`` and ``total_high``.
        """
        return _totalled(self.draws, len(self.each))

    def money(self, draw: int, *shifts: Shift) -> np.ndarray:
        """Return each customer's value ahead under changes, shape (shifts, customers)."""
        ahead = self.model.ahead(self.thetas[draw], self.terms.weeks, *shifts)
        spend = self.each["spend"].to_numpy()
        return self.terms.present(ahead) * self.terms.earned(spend, self.off[draw])

    def mean(self, draw: int, each: np.ndarray) -> np.ndarray:
        """Return the mean of each row over the customers of a resample."""
        return each @ self.weight[draw] / self.weight[draw].sum()


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
       (`crmlab.worth.fit`), and the log of the mean spend, by least squares.
    3. The purchases that each customer will make in the years ahead, as things are and with
       one point more of satisfaction from now on, times the margin.

    Uncertainty is carried through all steps: in each resample of customers the reliability
    of the answers, the three links and the mean are estimated anew, the links by
    Newton steps from the estimate to their end (`crmlab.worth.steps`).

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
    known, z = _known(customers, answers)
    model = fit(Histories.of(known, z[:, None]))
    w = resampled(len(known), draws, seed)
    slopes = _spending(known["monetary_value"], known["frequency"], z, w)
    return _carried(model, known, slopes, answers, terms or Terms(), (w, seed))


def signed_chain(
    lived: pd.DataFrame,
    answers: Replicates,
    terms: Terms | None = None,
    *,
    draws: int = 200,
    seed: int = 2026,
) -> Chain:
    """Return the same chain of customers under contract, from `crmlab.worth.lives`.

    The links are told by all of them, the money by those who are still there. Here leaving
    is seen, and its rate, in place of odds, hangs on satisfaction.
    """
    known, z = _known(lived.dropna(subset=["spend"]), answers)
    model = fit_signed(known, z)
    w = resampled(len(known), draws, seed)
    slopes = _spending(known["spend"], known["orders"], z, w)
    return _carried(model, known, slopes, answers, terms or Terms(), (w, seed))


def together(chains: Mapping[str, Chain]) -> pd.DataFrame:
    """Return what one point is worth in each of several chains, and in all of their customers.

    Indexed by kind of customer, ``all_customers`` last: ``customers`` and the columns of
    `Chain.point`. The chains must have the same number of resamples; those of all customers
    are kept as the table's attribute ``draws``.
    """
    sizes = {kind: len(each.each) for kind, each in chains.items()}
    draws = pd.DataFrame({kind: each.draws["all_links"] for kind, each in chains.items()})
    whole = sum(sizes.values())
    draws["all_customers"] = sum(draws[kind] * n / whole for kind, n in sizes.items())
    rows = {
        kind: _totalled(draws[[kind]], n).loc[kind]
        for kind, n in {**sizes, "all_customers": whole}.items()
    }
    table = pd.DataFrame(rows).T.rename_axis("kind")
    table.insert(0, "customers", [*sizes.values(), whole])
    table.attrs["draws"] = draws["all_customers"].to_numpy()
    return table


def resampled(n: int, draws: int, seed: int) -> np.ndarray:
    """Return how often each of n customers counts: once in the first row, then at random.

    Of more than `BLOCKS` customers, blocks of them are drawn, made at random.
    """
    draw = np.random.default_rng([seed, STREAM, n])
    blocks = min(n, BLOCKS)
    times = draw.multinomial(blocks, np.full(blocks, 1 / blocks), size=draws)
    place = draw.permutation(n) % blocks
    return np.vstack([np.ones(n), times[:, place]]).astype("float64")


def intervals(draws: pd.DataFrame) -> pd.DataFrame:
    """Return ``value`` (the first row), ``low`` and ``high`` (95 % of the others), by column.

    The limits are the 0.025 (R + 1)th and the 0.975 (R + 1)th of R resamples in order: between
    neighbours of these, if need be. An interval from the 2.5 % to the 97.5 % point of the
    sample itself (numpy's default) would hold 94 % at 200 resamples (Davison and Hinkley).

    References
    ----------
    Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application,
    section 5.3.1.
    """
    low, high = np.percentile(draws.to_numpy()[1:], [2.5, 97.5], axis=0, method="weibull")
    return pd.DataFrame({"value": draws.iloc[0], "low": low, "high": high}, index=draws.columns)


def _totalled(draws: pd.DataFrame, n: int) -> pd.DataFrame:
    table = intervals(draws).rename(columns={"value": "per_customer"})
    total = {"in_total": "per_customer", "total_low": "low", "total_high": "high"}
    return table.assign(**{name: n * table[of] for name, of in total.items()})


def _known(customers: pd.DataFrame, answers: Replicates) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the customers who answered, with their level, and its distance from the mean."""
    level = answers.levels().iloc[:, 0].rename("level")
    known = customers.join(level, how="inner").sort_index()
    return known, ((known["level"] - known["level"].mean()) / UNIT).to_numpy()


def _carried(
    model: Leaving | Signed,
    known: pd.DataFrame,
    slopes: np.ndarray,
    answers: Replicates,
    terms: Terms,
    random: tuple[np.ndarray, int],
) -> Chain:
    """Return the chain, with what each resample of customers makes of it."""
    w, seed = random
    thetas = model.parts.resampled(w)
    again = _weighed(answers, answers.customers.get_indexer(known.index), w)
    thetas[:, -2:] *= again[:, None]
    slopes = slopes * again
    here = known["present"].to_numpy() if "present" in known else np.ones(len(known), dtype=bool)
    table = known.loc[here, ["level", "spend"]]
    links = pd.DataFrame(np.column_stack([thetas[:, [-1, -2]], slopes]), columns=list(LINKS))
    ratios = intervals(links).apply(np.exp).rename(columns={"value": "ratio"})
    model = model.part(np.flatnonzero(here))
    empty = pd.DataFrame(columns=[*LINKS, "all_links"], dtype="float64")
    off = np.append(0.0, np.random.default_rng([seed, STREAM]).standard_normal(len(w) - 1))
    found = Chain(ratios, table, empty, model, terms, thetas, w[:, here], off)
    moved = Shift(thetas[0, -2] / UNIT, thetas[0, -1] / UNIT)
    ahead = terms.present(model.ahead(thetas[0], terms.weeks, Shift(), moved))
    value = ahead * terms.earned(table["spend"].to_numpy())
    draws = pd.DataFrame([_point(found, n, slope) for n, slope in enumerate(slopes)])
    each = table.assign(purchases=ahead[0], value=value[0], point=value[1] - value[0])
    return replace(found, each=each, draws=draws)


def _weighed(answers: Replicates, own: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return by what links grow in each resample, as its answers are less reliable."""
    weight = np.zeros((len(w), len(answers.customers)))
    weight[:, own] = w
    pull = answers.pull(weight)
    return pull[0] / pull


def _spending(mean: pd.Series, repeats: pd.Series, z: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the slope of the log of mean spend, by least squares with each row of weights."""
    there = ((repeats > 0) & (mean > 0)).to_numpy()
    x, y, w = z[there], np.log(mean.to_numpy("float64")[there]), w[:, there]
    table = np.column_stack([np.ones(len(x)), x, y, x * x, x * y])
    n, sx, sy, sxx, sxy = (w @ table).T
    return (n * sxy - sx * sy) / (n * sxx - sx**2)


def _point(chain: Chain, draw: int, spending: float) -> dict[str, float]:
    """Return what one point is worth per customer through each link, and through all."""
    theta, terms, weight = chain.thetas[draw], chain.terms, chain.weight[draw]
    rows = np.flatnonzero(weight)  # a resample leaves out a third of customers
    model, spend = chain.model.part(rows), chain.each["spend"].to_numpy()[rows]
    rate, odds, more = theta[-2] / UNIT, theta[-1] / UNIT, np.exp(spending / UNIT)
    moved = [Shift(), Shift(odds=odds), Shift(rate), Shift(rate, odds)]
    now, less, often, both = terms.present(model.ahead(theta, terms.weeks, *moved))
    own, after = (terms.earned(each, chain.off[draw]) for each in (spend, spend * more))
    worth = [(less - now) * own, (often - now) * own, now * (after - own), both * after - now * own]
    means = np.array(worth) @ weight[rows] / weight.sum()
    return dict(zip([*LINKS, "all_links"], means.tolist(), strict=True))
