# Freshet. `make demo` shows it, `make test` proves it; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
STORE ?= embedded

.PHONY: help build demo test test-tools chaos soak fuzz bench docs schemas clean check-swift
SECONDS ?= 60
SEED ?= 1

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

check-swift:
	@command -v swift >/dev/null || { echo "Swift 6.3 or later is needed: https://www.swift.org/install/linux/" >&2; exit 69; }

build: check-swift ## Build the release programs and the rules kit
	@scripts/install-packages.sh build
	swift build -c release --product freshet
	swift build -c release --product RulesKit
	@scripts/rules-kit.sh release

demo: check-swift ## Show the main job on real input (STORE=zookeeper, KEEP=1)
	@scripts/install-packages.sh demo
	@if [ "$(STORE)" = zookeeper ]; then scripts/install-packages.sh zookeeper; fi
	@$(MAKE) --no-print-directory build
	@STORE=$(STORE) KEEP=$(KEEP) demo/run.sh

test-tools: ## Make the Python environment of the oracles in .venv
	@scripts/test-tools.sh

test: check-swift ## Run all tests, against the real servers
	@scripts/install-packages.sh test
	@$(MAKE) --no-print-directory test-tools
	@scripts/test.sh

chaos: check-swift ## Kill, cut, refuse (ONLY=kill CELLS=presenter,tinydns SECONDS=20 SEED=1 WRITE=1)
	@scripts/install-packages.sh test
	@[ -n "$$FRESHET" ] || { swift build --product freshet && swift build --product store-probe; }
	@FRESHET=$${FRESHET:-$$(swift build --show-bin-path)/freshet} Tests/Chaos/run --seed $(SEED) \
		$(if $(ONLY),--only $(ONLY)) $(if $(CELLS),--cells '$(CELLS)') $(if $(findstring command,$(origin SECONDS)),--seconds $(SECONDS)) $(if $(WRITE),--write)

soak: ## Hours of random events against a naive model (SOAK_SECONDS=7200)
	@$(MAKE) --no-print-directory chaos ONLY=soak

fuzz: check-swift ## Fuzz the DNS codec (SECONDS=60 a target)
	@scripts/fuzz.sh $(SECONDS)

bench: check-swift ## Measure the DNS codec beside ldns, BIND and dnspython
	@Benchmarks/dnswire.sh

docs: check-swift ## Make the documentation of DNSWire in .build/docs
	@scripts/docs.sh

schemas: ## Write the Swift of schemas/freshet/v1/*.proto
	@scripts/install-packages.sh test
	@scripts/generate-schemas.sh

clean: ## Remove what was built
	rm -rf .build .venv
