# `make demo` and `make test` work on a fresh clone with git, make, Python >= 3.11 with its headers and a
# C++ compiler. PYTHON=... chooses the interpreter, CXX=... the compiler.
.DELETE_ON_ERROR:
.PHONY: help demo test slow lint format bench sanitize readme clean

VENV := .venv
RUN := $(VENV)/bin/python -m
PYTEST_ARGS ?=
CORE := $(wildcard kpicore/_core/*.pyx kpicore/_core/*.pxd kpicore/_core/*.h kpicore/_core/*.hpp)
BUILT_FROM = $(VENV)/.venv pyproject.toml setup.py $(CORE)
PLUGINS := $(wildcard plugins/*/pyproject.toml)
TESTS := tests $(wildcard plugins/*/tests)
REQUIRES := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])

help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

demo: $(VENV)/.installed ## a contact centre that does not exist, measured and scored
	@$(VENV)/bin/kpicore demo

test: $(VENV)/.with-test ## the tests, without the slow ones, on all processors (PYTEST_ARGS=... is passed on)
	$(RUN) pytest -n auto --dist worksteal -m "not slow" $(TESTS) $(PYTEST_ARGS)

slow: $(VENV)/.with-test ## the tests that take more than some seconds each
	$(RUN) pytest -m slow $(TESTS) $(PYTEST_ARGS)

lint: $(VENV)/.with-lint ## ruff and mypy
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

format: $(VENV)/.with-lint ## lets ruff rewrite what it can
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

bench: $(VENV)/.with-test ## the benchmarks
	$(RUN) pytest --benchmark-only benchmarks $(PYTEST_ARGS)

sanitize: $(VENV)/.with-test ## the native tests under AddressSanitizer and UndefinedBehaviorSanitizer
	.ci/sanitize

readme: $(VENV)/.with-test ## rewrites what the README's commands print and its pictures, to be reviewed
	KPICORE_REWRITE=1 $(RUN) pytest -q tests/docs/test_blocks.py tests/docs/test_reference.py tests/docs/test_report_schema.py tests/browser/test_pictures.py

clean: ## removes what builds made, the virtual environment included
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	rm -f kpicore/_core/*.so kpicore/_core/*.cpp kpicore/_core/*.html

# A virtual environment that can build; made anew where another tool left one without pip.
$(VENV)/.venv:
	@tools=$$(.ci/preflight) && python=$$(echo "$$tools" | head -n 1) && "$$python" -m venv $(VENV)
	@echo "installing the build tools into $(VENV)"
	@$(RUN) pip install -q --disable-pip-version-check $$($(VENV)/bin/python -c '$(REQUIRES)')
	@touch $@

# Installs kpicore in place with the extra $(1). Python files need no new install; the core and the
# metadata do.
define install
	@echo "building kpicore and installing it$(if $(1), with what $(1) needs)"
	@tools=$$(.ci/preflight) && CXX=$$(echo "$$tools" | tail -n 1) && export CXX && \
	$(RUN) pip install -q --disable-pip-version-check --no-build-isolation -e '.$(if $(1),[$(1)])'
endef

$(VENV)/.installed: $(BUILT_FROM)
	$(call install)
	@touch $@

$(VENV)/.with-lint: $(BUILT_FROM)
	$(call install,lint)
	@touch $@

# The tests also try the plugins that live here, each a distribution of its own with what it needs.
$(VENV)/.with-test: $(BUILT_FROM) $(PLUGINS)
	$(call install,test)
	@for plugin in $(dir $(PLUGINS)); do \
		$(RUN) pip install -q --disable-pip-version-check --no-build-isolation -e $$plugin || exit; \
	done
	@touch $@
