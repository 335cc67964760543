# All targets work in .venv, which the first one makes.
PYTHON ?= python3
OUTPUT ?= demo-output
IMAGE ?= $(wildcard $(OUTPUT)/icbm152.nii.gz)
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo run test benchmark lint clean

# Segments a real brain MR from marks on one slice and draws a picture of it.
demo: $(STAMP)
	$(BIN)/python Demo/run_demo.py --output $(OUTPUT)

# The same in the browser, on this machine only: the demo's volume if it is there, else none.
# Another volume: make run IMAGE=FILE
run: $(STAMP)
	$(BIN)/s2vnet serve $(if $(IMAGE),"$(IMAGE)")

test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

# Ours beside 3D Slicer's "Grow from seeds", on ../shared; a quick look: make benchmark ARGS=--quick
benchmark: $(STAMP)
	$(BIN)/python Testing/Benchmark/run_benchmark.py --fresh $(ARGS)
	$(BIN)/python Testing/Benchmark/cost_benchmark.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) demo-output benchmark-output .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[test]'
	touch $@
