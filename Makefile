# The workbook's commands. Each sets up .venv by itself, and is quick when all is there.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
# where it is set, each of the many kernels would compile all packages anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup report test check lab notebooks lock data/README.md

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-zA-Z.\/]+:.*## /{printf "make %-16s %s\n", $$1, $$2}' Makefile

setup: $(READY)  ## install everything into .venv
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $(READY)

report: setup  ## run all notebooks into reports/latest/index.html (FORCE=1: also unchanged ones)
	$(BIN)/crmlab run $(if $(FORCE),--force)

test: setup  ## run all tests: package, notebooks, reports in a browser
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 30
	$(BIN)/python -m pytest -c tests/nbval.ini --rootdir . --nbval --nbval-current-env --nbval-cell-timeout 300 \
	  --nbval-sanitize-with tests/nbval.cfg -n 3 --dist loadfile notebooks

check: setup  ## lint, format and types; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: setup  ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

notebooks: setup  ## run the committed notebooks from top to bottom, at their defaults
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --log-level ERROR \
	  --ExecutePreprocessor.record_timing=False notebooks/*.ipynb

lock: setup  ## write requirements.txt anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --extra dev pyproject.toml --output-file requirements.txt

data/README.md: $(READY)  ## write the data dictionary anew
	$(BIN)/python -c "from crmlab.tables.dictionary import write; write()"

environment.yml: pyproject.toml $(READY)  ## write the conda environment anew from pyproject.toml
	$(BIN)/pyproject2conda yaml --name crmlab --python-include infer --pip-dep "-e ." \
	  --no-header --output environment.yml --overwrite force
