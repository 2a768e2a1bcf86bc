"""Notebook + parameters → report: checked, executed, rendered, published."""

from crmlab.report.execute import GOOD, Job
from crmlab.report.limits import Limits
from crmlab.report.notebooks import Notebook, copy, find, notebooks
from crmlab.report.plan import plan
from crmlab.report.run import Done, Progress, run

__all__ = [
    "GOOD",
    "Done",
    "Job",
    "Limits",
    "Notebook",
    "Progress",
    "copy",
    "find",
    "notebooks",
    "plan",
    "run",
]
