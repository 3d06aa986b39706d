# Everything from a bare machine to an open window: `make demo`. All tests: `make test`.
# Run again, each does only its work. Options are passed on: make demo ARGS="--tour DIR"

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3; do \
	command -v $$each >/dev/null && $$each -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$each && break; done)
# One more than there are processors: many tests wait for other processes.
TESTERS := $(shell each=$$(nproc 2>/dev/null || echo 1); echo $$((each < 4 ? each + 1 : 4)))
LANGUAGES := $(patsubst %.po,%.mo,$(wildcard resources/locale/*.po))
STRIPE_CLI_VERSION := 1.52.0
STRIPE_CLI_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)

.DEFAULT_GOAL := help
.PHONY: help setup demo test quick check faults steady mutants contract format benchmarks pictures keys vulnerabilities clean

help: ## show what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(VENV)/ready $(LANGUAGES) ## open the desk on a sample hospital, with a stand-in for Stripe
	@$(BIN)/cashier demo $(ARGS)

test: $(VENV)/ready-for-tests $(LANGUAGES) ## run all tests
	@STRIPE_CLI=$(CURDIR)/$(BIN)/stripe $(BIN)/python -m tests.whole_suite -n $(TESTERS) --dist worksteal $(ARGS)

quick: $(VENV)/ready-for-tests ## lint and the tests of changed rooms, in under two minutes
	@$(MAKE) --no-print-directory lint
	@STRIPE_CLI=$(CURDIR)/$(BIN)/stripe $(BIN)/python -m tests.changed_rooms -n $(TESTERS) --dist worksteal $(ARGS)

check: $(VENV)/ready ## format, lint, types, import rules, then all tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test

.PHONY: lint
lint: $(VENV)/ready ## format, lint, types, import rules and languages, without the tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python resources/locale/words check

format: $(VENV)/ready ## bring the code into form
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

benchmarks: $(VENV)/ready-for-tests ## measure speed, as ratios within one run
	@$(BIN)/pytest tests/benchmarks -o python_files='bench_*.py' -o timeout=900 -p no:cacheprovider -q -s $(ARGS)

pictures: $(VENV)/ready-for-tests ## make the README's pictures anew
	@$(BIN)/cashier demo --tour demo-output
	@mkdir -p docs/pictures
	@for pair in 01-sign-in:sign-in 03-search:search 04-amount:amount 05-card-page:card-page 06-paid:paid \
		07-receipt:receipt 10-declined:declined 11-bank-asks:challenge 17-change:change 18-card-reader:reader \
		19-phone-code:phone 20-several-invoices:several 24-payment-history:history 25-held-by-portal:portal \
		27-payment-link:payment-link \
		patient-display:patient-display; do \
		cp demo-output/$${pair%%:*}.png docs/pictures/$${pair##*:}.png; done
	@PAYMENT_PAGE_PICTURES=demo-output $(BIN)/pytest tests/companion/payment_page/test_in_browser.py -p no:cacheprovider \
		-q -k "test_a_card_pays_and_the_receipt_is_there and en-"
	@cp demo-output/en-open.png docs/pictures/payment-page.png
	@$(BIN)/pytest tests/desk/pictures/picture_faces.py tests/desk/pictures/picture_office.py -o python_files='picture_*.py' -p no:cacheprovider -q

keys: $(VENV)/ready ## write docs/KEYS.md from the table of commands
	@$(BIN)/python -m cashier.desk.commands.keys_document docs/KEYS.md

faults: $(VENV)/ready-for-tests ## break everything at every moment; ARGS="--long" for random steps
	@$(BIN)/python -m tests.faults $(ARGS)

mutants: $(VENV)/ready-for-tests ## break each rule about money in a copy, and see whether the tests notice; ARGS="--only refunds/"
	@$(BIN)/python -m tests.mutants $(ARGS)

steady: $(VENV)/ready-for-tests ## work for hours, and look whether anything grows; ARGS="--minutes 20"
	@$(BIN)/python -m tests.steady $(ARGS)

contract: $(VENV)/ready-for-tests $(VENV)/contract/ready ## call the API with everything that its description allows, and much that it does not
	@$(BIN)/python -m tests.contract $(CURDIR)/$(VENV)/contract/bin/schemathesis $(ARGS)

$(VENV)/contract/ready: resources/install/contract.lock | $(VENV)/ready
	@test -x $(VENV)/contract/bin/python || $(BIN)/python -m venv $(VENV)/contract
	@$(VENV)/contract/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

vulnerabilities: $(VENV)/ready ## look for known vulnerabilities of what is installed; needs the internet
	@resources/install/vulnerabilities

setup: $(VENV)/ready $(LANGUAGES) ## install everything, start nothing

clean: ## remove what was installed and made here
	rm -rf $(VENV) demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

%.mo: %.po $(VENV)/ready
	@$(BIN)/python resources/locale/words compile

$(VENV)/ready: requirements.lock pyproject.toml resources/install/desk.txt
	@test -n "$(PYTHON)" || { echo "Cashier needs Python 3.11, 3.12 or 3.13. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@PYTHON=$(PYTHON) resources/install/system-packages resources/install/desk.txt
	@echo "Installing Python packages into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready resources/install/tests.txt $(BIN)/stripe $(VENV)/page-script/ready
	@touch $@

# What checks the types of the payment page's script; an installation has neither it nor Node.
$(VENV)/page-script/ready: resources/install/page_script/package-lock.json | $(BIN)/stripe
	@mkdir -p $(@D)
	@cp resources/install/page_script/package.json $< $(@D)
	@npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(BIN)/stripe: $(VENV)/ready resources/install/tests.txt
	@resources/install/system-packages resources/install/tests.txt
	@resources/install/stripe-cli $(STRIPE_CLI_VERSION) $(STRIPE_CLI_ARCH) $@
