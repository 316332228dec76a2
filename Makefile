# The commands of this project; `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
export PORT ?= 8000
# What was compiled is kept: tests start many processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/ready: requirements-dev.lock setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/assets: .venv/ready $(wildcard assets/*)
	@assets/get.sh && touch $@ || echo 'Missing, since npm gave nothing (see above): the icons of pages (words remain), charts (their' \
		'tables remain), the camera of the till (guns and typing remain), the viewer of /docs. Codes are drawn by the server. Everything else works.' >&2

.PHONY: setup
setup: .venv/ready .venv/assets ## Make the virtual environment from the locked dependencies, get the pages' assets

.PHONY: run
run: setup ## Run the product with a demo district on 127.0.0.1:$PORT (8000) until Ctrl-C
	@exec $(BIN)/quantong up

.PHONY: test
test: setup ## Run all tests, on real PostgreSQL and Valkey
	$(BIN)/python -m pytest

.PHONY: test-citus
test-citus: setup ## Run the tests of a spread database on the cluster whose coordinator is CITUS_URL
	$(BIN)/python -m pytest -n 0 tests/citus

.PHONY: lint
lint: setup ## Check style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: setup ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: setup ## Measure against the SQL limit; `make bench BENCH='--quick'` takes a minute
	$(BIN)/python -m benchmarks $(BENCH)

.PHONY: verify-books
verify-books: setup ## Prove the books of the product that runs on var/ (or of DATABASE_URL)
	$(BIN)/quantong verify-books

.PHONY: lock
lock: setup ## Choose and lock the newest dependencies: those of production, and with them those of development
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dev --constraints requirements.lock --output-file requirements-dev.lock

LOCK = $(BIN)/uv pip compile setup.cfg --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --upgrade --quiet

PRODUCTION := build/production
$(PRODUCTION)/ready: requirements.lock
	@rm -rf $(PRODUCTION) && $(PYTHON) -m venv --without-pip $(PRODUCTION)
	@$(BIN)/python -m pip --python $(PRODUCTION)/bin/python install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: licences
licences: setup $(PRODUCTION)/ready ## List the licences of what production installs
	@$(BIN)/pip-licenses --python $(PRODUCTION)/bin/python --from mixed --order license

.PHONY: sbom
sbom: setup $(PRODUCTION)/ready ## Write build/sbom.json: what production installs, as CycloneDX
	$(BIN)/cyclonedx-py environment $(PRODUCTION)/bin/python --output-reproducible --of JSON --output-file build/sbom.json

.PHONY: audit
audit: setup ## Ask for known weaknesses of what production installs, if their list can be reached
	@.ci/audit

.PHONY: docs
docs: setup ## Write the generated pages of docs/
	$(BIN)/quantong settings-page > docs/settings.md
	$(BIN)/quantong events-page > docs/events.md
	$(BIN)/quantong roles-page > docs/roles.md

.PHONY: pictures
pictures: setup ## Take the README's pictures of the product that runs on var/, in a Chromium with Chinese fonts
	$(BIN)/python -m tests.browser.pictures

.PHONY: contract
contract: setup ## Release the contract: what later ones must keep to
	$(BIN)/quantong contract > docs/contract/released.json

.PHONY: translations
translations: setup ## Take new words from the code and compile the catalogues
	@mkdir -p build
	$(BIN)/pybabel -q extract -F pyproject.toml --no-location --sort-output -k _l -o build/messages.pot app
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		-i build/messages.pot -d app/translations
	$(BIN)/pybabel -q compile -d app/translations

.PHONY: clean
clean: ## Remove everything made here, the data under var/ too
	rm -rf .venv build dist *.egg-info .*_cache .hypothesis .coverage app/static/vendor
	@if [ -L var/postgres ]; then rm -rf "$$(readlink var/postgres)"; fi
	rm -rf var
