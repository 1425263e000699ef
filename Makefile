# optbench: `make help` lists the targets. Each does its own set-up.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup build test lint format bench bench-full gate baseline soak perf docs wheel onednn ci clean

# The oldest processor that the release build runs on; empty for the compiler's own choice.
ifeq ($(shell uname -m),x86_64)
ARCH ?= x86-64-v3
endif
ARCH_FLAGS := $(if $(ARCH),-Xcc -march=$(ARCH))
SWIFT_FILES := Package.swift Sources Tests

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## install the libraries that are missing
	@scripts/setup.sh

# PRODUCTS=optbench builds nothing else; LINK_FLAGS=--static-swift-stdlib puts the Swift runtime into it.
build: setup ## build in release (ARCH=x86-64 for an older processor)
	$(foreach product,$(or $(PRODUCTS),all),swift build -c release $(ARCH_FLAGS) $(LINK_FLAGS) $(if $(PRODUCTS),--product $(product)) && ) true

test: setup ## run all tests
	swift test --disable-xctest

lint: setup ## check the format of the sources and the syntax of the scripts
	swift format lint --strict -r $(SWIFT_FILES)
	scripts/lint.sh

format: setup ## format the sources
	swift format format -i -r $(SWIFT_FILES)

bench: build ## run the default experiments and write results/
	scripts/bench.sh

bench-full: build ## run the long forms as well, three hours at most; goes on where it stopped
	scripts/bench_full.sh

gate: build ## run the gate's experiment and compare it with the committed baseline
	scripts/gate.sh

baseline: build ## make that baseline anew, for a change that is meant to move numbers
	scripts/gate.sh baseline

soak: build ## run a thousand drawn experiments, disturb the runner, hold the protocol to its properties, prove the gate
	scripts/check_experiments.py 1000 --seed 1
	scripts/check_runner.py 200
	scripts/check_torch_export.py .build/release/optbench
	scripts/check_protocol.py --full --output docs/protocol-audit.md
	scripts/soak.sh
	scripts/check_scale.py --output docs/cluster.md
	scripts/fuzz.sh

perf: build ## measure the speed (PEERS=1 beside PyTorch and JAX, OUTPUT=docs/performance.md to a file)
	scripts/perf.sh

wheel: setup ## build dist/optbench-*.whl, which carries the program and its libraries, and try it in a bare environment
	scripts/wheel.sh

onednn: ## build and test what uses oneDNN against oneDNN 3 from PyPI
	scripts/onednn3.sh

docs: setup ## write the API's documentation to .build/docs
	scripts/docs.sh

ci: ## what continuous integration runs: lint, release build and wheel, smoke experiment, a disturbed runner, pages in a browser, the lines of docs/analysis.md, a Slurm, drawn experiments, bridges to other languages, protocol, gate, tests with oneDNN of the system and 3
	scripts/setup.sh ci
	$(MAKE) lint
	$(MAKE) build PRODUCTS="optbench optbench-perf" LINK_FLAGS=--static-swift-stdlib
	SCRATCH=.build scripts/wheel.sh
	scripts/smoke.sh
	scripts/check_runner.py
	scripts/page_test.py
	scripts/check_analysis.py
	scripts/check_slurm.py
	scripts/check_experiments.py 40
	scripts/check_bridges.py --install
	scripts/check_protocol.py
	scripts/gate.sh
	$(MAKE) test
	$(MAKE) onednn

clean: ## remove what the targets built; results stay
	rm -rf .build .build_onednn3
