"""Memory and time that the orders of a million customers without contract take.

Run: ``python benchmarks/company_memory.py [customers] [satisfaction effect]``. Prints one
line; the peak is that of the whole process, as the operating system counts it.
"""

import resource
import sys
import time

from crmlab.company import customer_file, hidden, notes, purchases, relationship


def main(customers: int = 1_000_000, satisfaction_effect: float = 1) -> None:
    """Make customers, satisfaction and orders; print what came out and what it took."""
    began = time.perf_counter()
    file = customer_file.customers(2026, customers).assign(kind="noncontract")
    latent = hidden.latent(2026, customers)
    relations = relationship.relationships(2026, file, latent)
    file = notes.with_notes(2026, file, relations)
    orders = purchases.orders(2026, file, latent, relations, satisfaction_effect)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{customers:,} customers without contract, satisfaction effect {satisfaction_effect:g}: "
        f"{len(orders):,} orders in {seconds:.0f} s, peak memory {peak:.2f} GB"
    )


if __name__ == "__main__":
    main(*(kind(told) for kind, told in zip((int, float), sys.argv[1:], strict=False)))
