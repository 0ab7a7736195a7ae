# `make` lists the targets. CONTRIBUTING says where a change goes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

GO      ?= go
BIN     := bin
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# The Dockerfile builds the same static binary with the same flags.
BUILD_FLAGS := -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"

# The race detector watches everything but SQLite's own code, which was translated
# from C: it would take three quarters of the time, and has no races of ours.
RACE := -race '-gcflags=modernc.org/...=-race=false -d=checkptr=0'

# The longest that the tests of one package may take.
TEST_TIMEOUT ?= 40m

BENCH      ?= .
BENCH_TIME ?= 1s
DEMO_ARGS  ?=

STARTED := $(shell date +%s)
heading  = @printf '\n=== %s (after %d s)\n' "$(1)" $$(( $$(date +%s) - $(STARTED) ))

.PHONY: help build test needs vet lint fmt unit vuln generate vendor-assets bench demo clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the static binary bin/whistle
	$(call heading,build $(VERSION))
	CGO_ENABLED=0 $(GO) build $(BUILD_FLAGS) -o $(BIN)/whistle ./cmd/whistle

test: needs build vet lint unit vuln ## everything a change must pass; installs what that needs
	$(call heading,all passed)

needs: ## install what the tests need: PostgreSQL, gcc, Chromium, the linters
	$(call heading,what the tests need)
	@deploy/install-test-needs.sh

vet:
	$(call heading,vet)
	$(GO) vet ./...

lint: needs ## run the linters of .golangci.yml
	$(call heading,lint)
	$(BIN)/golangci-lint run ./...

fmt: needs ## format the code as lint wants it
	$(BIN)/golangci-lint fmt ./...

unit: ## run the tests, with the race detector, on both databases
	$(call heading,tests)
	CGO_ENABLED=1 $(GO) test $(RACE) -count=1 -timeout $(TEST_TIMEOUT) $$($(GO) list ./... | grep -v /internal/journey$$)
	@echo 'without the race detector, for which they take too long:'
	$(GO) test -count=1 -timeout $(TEST_TIMEOUT) ./internal/demo ./internal/app
	$(GO) test -count=1 -timeout $(TEST_TIMEOUT) ./internal/journey
	$(GO) test -count=1 -timeout $(TEST_TIMEOUT) -run 'TestFiguresEqualANaiveCount|TestMatrix' ./internal/service ./internal/rest

# Exit status 3 means that a known vulnerability is called. Only a database that
# cannot be reached is forgiven, and said.
vuln: needs ## look for known vulnerabilities in what the code calls
	$(call heading,known vulnerabilities)
	@out=$$($(BIN)/govulncheck $(VULN_FLAGS) ./... 2>&1) && status=0 || status=$$?; \
	printf '%s\n' "$$out"; \
	if [ $$status = 0 ]; then exit 0; fi; \
	if [ $$status != 3 ] && printf '%s\n' "$$out" | grep -q 'fetching vulnerabilities'; then \
		echo 'NOT CHECKED: the vulnerability database cannot be reached from here.'; \
		exit 0; \
	fi; \
	exit $$status

generate: ## make the generated files anew
	$(GO) generate ./...

vendor-assets: ## fetch others' stylesheets, scripts and icons anew, by npm
	$(call heading,vendored assets)
	@deploy/vendor-assets.sh

# The throw-away PostgreSQL writes as safely as a real one here.
bench: needs ## measure commands, pages and figures over HTTP on both databases
	WHISTLE_TEST_POSTGRES_DURABLE=1 $(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCH_TIME) -benchmem -timeout 60m ./internal/bench/...

demo: ## serve the demonstration year; DEMO_ARGS='--addr :9000' for more
	$(GO) run ./cmd/whistle demo $(DEMO_ARGS)

clean: ## remove what was built, but keep the linters
	rm -rf $(BIN)/whistle .test-results
	rm -f *.prof *.test *.out
