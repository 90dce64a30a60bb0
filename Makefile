# Two commands matter: `make run` and `make test`. Each step says what it does, and why it failed if it does.

SHELL := /bin/bash
STEP := scripts/step
CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
BIN := $(CARGO_TARGET_DIR)/release/wenyuan
LISTEN ?= 127.0.0.1:8080
RUN_ARGS ?=

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print 2>/dev/null)

PHONY_TESTS := test-build test-models test-e2e
.PHONY: $(PHONY_TESTS) run test check setup setup-test build models web fmt clippy rust-test web-test e2e doc containers torture many memory scale fuzz formats bench readers-bench embedder-bench quality screenshots clean
.NOTPARALLEL:

run: setup build models ## Everything, from a clean checkout to an open page
	@exec $(BIN) serve --listen $(LISTEN) $(RUN_ARGS)

test: setup-test fmt clippy test-build test-models rust-test web-test test-e2e doc containers ## Everything that CI runs
	@echo "make test: all passed"

check: test

setup:
	@scripts/setup run

setup-test:
	@scripts/setup test

web/node_modules/.installed: web/package-lock.json web/package.json
	@$(STEP) "Install the web page's packages" scripts/npm-install web $@

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@$(STEP) "Build the web page" npm --prefix web run build
	@touch $@

web: web/dist/index.html

build: web/dist/index.html
	@$(STEP) --live "Build wenyuan (the first time takes about 30 minutes on two cores)" cargo build --release --locked

models: build
	@$(STEP) --live "Fetch the starter models" $(BIN) models pull starter

fmt:
	@$(STEP) "Check the formatting" cargo fmt --all --check

clippy: web/dist/index.html
	@$(STEP) "Check with clippy" cargo clippy --release --locked --workspace --all-targets -- -D warnings

rust-test:
	@$(STEP) --live "Test the Rust code" cargo test --release --locked --workspace

web-test: web/node_modules/.installed
	@$(STEP) --live "Test the web page's parts" scripts/web-test

# The tests' own build of everything, the program included: a plain build would differ in one feature of one crate that
# the tests use, and compile a good part once more.
test-build: web/dist/index.html
	@$(STEP) --live "Build wenyuan and its tests (the first time takes about 30 minutes on two cores)" cargo test --release --locked --workspace --no-run

test-models: test-build
	@$(STEP) --live "Fetch the starter models" $(BIN) models pull starter

test-e2e: test-build
	@$(STEP) --live "Test in a real browser" env WENYUAN_BIN=$(BIN) scripts/e2e

e2e: build models
	@$(STEP) --live "Test in a real browser" env WENYUAN_BIN=$(BIN) scripts/e2e

doc:
	@$(STEP) "Build the documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps --document-private-items

containers:
	@$(STEP) "Check Dockerfile and docker-compose.yml" scripts/check-containers

torture: build models ## kill -9 at random moments while documents come in
	@WENYUAN_BIN=$(BIN) python3 scripts/torture.py

many: build models ## 2,000 generated files of all kinds, some hostile, with kill -9 every few seconds
	@WENYUAN_BIN=$(BIN) python3 scripts/many.py

memory: build models ## Most memory that a PDF of 1,600 pages and a text of 200 MB take
	@WENYUAN_BIN=$(BIN) python3 scripts/memory.py

scale: build models ## The index with 10,000 and 100,000 chunks, beside LangChain's Qdrant and FAISS; SIZES=10000,1000000 SENTENCES=1 for a million
	@scripts/baseline-python faiss
	@$(STEP) --live "Fill indexes and ask them" python3 scripts/scale.py --sizes $${SIZES:-10000,100000} --sentences $${SENTENCES:-6} --beside 100000

fuzz: ## Mutated files and arbitrary bytes against every reader, splitter and planner; CASES of each (20000)
	@$(STEP) --live "Fuzz readers, splitter and pipeline" env WENYUAN_FUZZ_CASES=$${CASES:-20000} cargo test --release --locked -p wenyuan-ingest --test fuzz -- --nocapture
	@$(STEP) --live "Fuzz the planner of batches" env PROPTEST_CASES=$${CASES:-20000} cargo test --release --locked --workspace --lib embed::batch

formats: build models ## Read every shared document and check what comes out; needs ../shared
	@WENYUAN_BIN=$(BIN) python3 scripts/formats.py

bench: build models ## Side by side with the Python LangChain baseline; needs ../shared
	@WENYUAN_BIN=$(BIN) scripts/bench

readers-bench: build models ## Reading, splitting and ingestion beside LangChain's loaders; needs ../shared
	@scripts/baseline-python
	@WENYUAN_BIN=$(BIN) python3 scripts/readers_bench.py

embedder-bench: build models ## Our embedder beside fastembed called plainly
	@$(STEP) --live "Embed the same texts with both" cargo bench --locked --workspace --bench embedder

quality: build models ## Figures on every data set; needs ../shared
	@WENYUAN_BIN=$(BIN) scripts/quality

screenshots: build models
	@WENYUAN_BIN=$(BIN) scripts/e2e screenshots

clean:
	rm -rf target web/dist web/node_modules .work
