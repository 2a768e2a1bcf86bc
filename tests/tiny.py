"""Tiny notebooks for tests of the runner."""

import nbformat

from crmlab import report

GOOD = "page_number: int = 1\nprint('made', page_number)"


def notebook(folder, name, *cells, parameters='lang: str = "en"  # [en | zh]'):
    """Write a notebook of code cells, after a title in both languages."""
    new = nbformat.v4
    node = new.new_notebook(cells=[
        new.new_markdown_cell("# Question? <i>&</i>", metadata={"tags": ["en"]}),
        new.new_markdown_cell("# 问题？\n\n## 一节\n\n$\\alpha_1$", metadata={"tags": ["zh"]}),
        new.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *map(new.new_code_cell, cells),
    ])  # fmt: skip
    path = folder / f"{name}.ipynb"
    nbformat.write(node, path)
    return str(path)


def run(out, *paths, lang="en", force=False, **given):
    jobs, _ = report.plan(list(paths), given, lang)
    done = report.run(jobs, out, force=force)
    return done, {step.job.notebook.name: step for step in done.steps}
