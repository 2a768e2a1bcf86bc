"""Notebook + parameters → report: checked, executed, rendered, published."""

from crmlab.report.execute import GOOD, Job
from crmlab.report.limits import Limits
from crmlab.report.notebooks import Notebook, copy, find, notebooks
from crmlab.report.pdf import browser
from crmlab.report.plan import matrix_of, plan
from crmlab.report.run import WORKERS, run
from crmlab.report.summary import Done, Progress

__all__ = [
    "GOOD",
    "WORKERS",
    "Done",
    "Job",
    "Limits",
    "Notebook",
    "Progress",
    "browser",
    "copy",
    "find",
    "matrix_of",
    "notebooks",
    "plan",
    "run",
]
