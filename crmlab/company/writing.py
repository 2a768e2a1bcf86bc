"""Write the company: its tables, how a source maps them, and, apart, the truth."""

from pathlib import Path

import pandas as pd

from crmlab.company import hidden
from crmlab.company.customer_file import customers as make_customers
from crmlab.company.questionnaire import survey as make_survey
from crmlab.tables import ATTRIBUTES


def write(folder: str | Path, seed: int = 2026, customers: int = 1200) -> None:
    """Write the company's CSV files, its ``source.toml``, and ``truth/`` into `folder`.

    Files are UTF-8 with values rounded to their unit; the same `seed` and number of
    `customers` give the same bytes on the same machine. Reports read the source
    only; ``truth/`` is for tests and teachers.

    Parameters
    ----------
    folder : path
        Made if need be; files of these names are written anew.
    seed : int
        From 0.
    customers : int
        How many customers, from 1.

    Raises
    ------
    ValueError
        If `seed` or `customers` is out of range.
    """
    if seed < 0 or customers < 1:
        raise ValueError(f"seed must be from 0 and customers from 1, got {seed} and {customers}")
    place = Path(folder)
    file = make_customers(seed, customers)
    tables = {"customers": file, "survey": make_survey(seed, file)}
    _csv(place, tables)
    (place / "source.toml").write_text(_source(tables), encoding="utf-8", newline="\n")
    _csv(place / "truth", truth(seed, file, tables["survey"]))


def truth(seed: int, customers: pd.DataFrame, survey: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return what is hidden: a table each of attributes, of latent levels, of parameters.

    ``latent`` has a row per row of `survey`: satisfaction S and loyalty L, whether a
    service failed or was recovered in that month, and the disconfirmation.
    """
    told = hidden.latent(seed, len(customers))
    wave = list(hidden.WAVES)
    level = told.satisfaction[:, wave]
    bonds = hidden.loyalty(seed, level, (customers["kind"] == "contract").to_numpy())
    each = pd.DataFrame(
        {
            "customer_id": customers["customer_id"].repeat(len(wave)).to_numpy(),
            "wave": list(range(1, len(wave) + 1)) * len(customers),
            "satisfaction": level.ravel(),
            "loyalty": bonds["loyalty"].ravel(),
            "constraint": bonds["constraint"].ravel(),
            "disconfirmation": told.disconfirmation[:, wave].ravel(),
            "failed": told.failed[:, wave].ravel(),
            "recovered": told.recovered[:, wave].ravel(),
        }
    )
    q = pd.DataFrame(told.attributes, columns=list(ATTRIBUTES))
    return {
        "attributes": pd.concat([customers["customer_id"], q], axis=1).round(3),
        "latent": survey[["customer_id", "wave"]].merge(each).round(3),
        "parameters": parameters(),
    }


def parameters() -> pd.DataFrame:
    """Return the planted numbers: planted, not evidence."""
    told = {f"beta_{name}": value for name, value in hidden.BETA.items()}
    told |= {f"basic_{name}": value for name, value in hidden.BASIC.items()}
    told |= {f"exciting_{name}": value for name, value in hidden.EXCITING.items()}
    told |= {f"threshold_{n}": value for n, value in enumerate(hidden.THRESHOLDS, start=1)}
    told |= {f"slope_{n}": value for n, value in enumerate(hidden.SLOPES, start=1)}
    told |= {f"cut_{n}": value for n, value in enumerate(hidden.CUTS, start=1)}
    told |= {f"effect_{name}": value for name, value in hidden.EFFECTS.items()}
    return pd.DataFrame({"name": list(told), "value": list(told.values())})


def _csv(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        flags = {c: table[c].map({True: "true", False: "false"}) for c in _flags(table)}
        text = table.assign(**flags).to_csv(index=False, lineterminator="\n")
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")


def _flags(table: pd.DataFrame) -> list[str]:
    return [c for c in table.columns if pd.api.types.is_bool_dtype(table[c].dtype)]


def _source(tables: dict[str, pd.DataFrame]) -> str:
    """Return the TOML of a source whose files have our names for columns."""
    lines = ['name = "chenxing"', 'currency = "CNY"']
    for name, table in tables.items():
        lines += ["", f"[{name}]", f'path = "{name}.csv"']
        lines += [f'{column} = "{column}"' for column in table.columns]
    return "\n".join(lines) + "\n"
