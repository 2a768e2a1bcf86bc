"""What is in a source: its quality ledger to customers, and findings an analyst should know."""

from crmlab.check.findings import brief, findings
from crmlab.check.levels import levels

__all__ = ["brief", "findings", "levels"]
