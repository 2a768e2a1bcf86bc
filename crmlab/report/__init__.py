"""Notebook + parameters → report: checked, executed, rendered, published."""

from crmlab.report.execute import GOOD, Job
from crmlab.report.notebooks import Notebook, copy, find, notebooks
from crmlab.report.run import Done, Progress, plan, run

__all__ = [
    "GOOD",
    "Done",
    "Job",
    "Notebook",
    "Progress",
    "copy",
    "find",
    "notebooks",
    "plan",
    "run",
]
