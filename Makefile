# Requires Python 3.11 or newer, git and make. Everything else is installed into .venv.

PYTHON ?= python3
PORT ?= 8000

VENV := .venv
BIN := $(VENV)/bin

# Named after the requirements, so that they are installed again when they change, and only then.
RUN := $(VENV)/installed-$(shell cat requirements.txt requirements-api.txt | cksum | cut -d' ' -f1)
DEV := $(VENV)/installed-$(shell cat requirements.txt requirements-api.txt requirements-dev.txt | cksum | cut -d' ' -f1)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517

OTHERS := $(VENV)/packages/installed-$(shell cat requirements.txt requirements-api.txt tests/abroad/packages/requirements.txt | cksum | cut -d' ' -f1)

BENCH := $(VENV)/benchmarks/installed-$(shell cat requirements.txt requirements-api.txt benchmarks/requirements.txt | cksum | cut -d' ' -f1)

# The newest Django that all requirements allow: django-scim2 wants one below 6.1. The tests pass on that one too:
# `make test-django6 DJANGO6=6.1.3 ON_DJANGO6=tests` runs them there.
DJANGO6 := 6.0.10
NEWER := $(VENV)/django-$(DJANGO6)
NEWER_INSTALLED := $(NEWER)/installed-$(shell cat requirements*.txt | cksum | cut -d' ' -f1)

.PHONY: help run test screenshots test-stories test-browser test-abroad test-django test-django6 test-topology topology browser bench lint format docs messages clean

# One line per text and no line numbers, so that changes to the code do not change these files.
MESSAGES := --locale zh_Hans --add-location file --no-wrap --no-obsolete

help:
	@echo 'make run           serve the site on 127.0.0.1:$(PORT) with demonstration accounts (PORT=8080 for another port)'
	@echo 'make test          test on SQLite, then on PostgreSQL, which it starts and stops'
	@echo 'make test-abroad   test beside allauth, Wagtail and other packages, which it installs in an environment of their own'
	@echo 'make test-stories  test races, servers, restores and whole stories, with the pages in Chromium'
	@echo 'make test-browser  test the pages in Chromium; run as root, it installs a missing Chromium'
	@echo 'make screenshots   pictures of every page into screenshots/ (ONLY=en-390 for some, PICTURES=on for those of the docs)'
	@echo 'make test-django   run the tests of Django itself with both apps installed'
	@echo 'make test-django6  test on Django $(DJANGO6), where a Python 3.12 or newer is found'
	@echo 'make test-topology test with standbys, PgBouncer, Redis and two app servers; installs them as root'
	@echo 'make bench         compare with other packages, into docs/benchmarks.md (NAME=verify for one benchmark)'
	@echo 'make lint          style, types, layers, migrations, and the checks for production'
	@echo 'make format        format the code'
	@echo 'make docs          generate the parts of the documentation that come from the code'
	@echo 'make messages      collect the texts to translate, and compile the translations; needs gettext'
	@echo 'make clean         remove what was installed or built; .env and the database stay'

run: $(RUN) .env
	@$(BIN)/python manage.py migrate --verbosity 0
	@SITE_URL=http://127.0.0.1:$(PORT) $(BIN)/python manage.py demo --if-empty
	@echo
	@echo 'Site            http://127.0.0.1:$(PORT)/'
	@echo 'Administration  http://127.0.0.1:$(PORT)/admin/'
	@echo
	@SITE_URL=http://127.0.0.1:$(PORT) $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

# They kill processes, start several, migrate, or try whatever a column or a request could hold.
LONG = $(addprefix tests/audit/integrity/test_,audit_verify.py orders.py parts.py parts_killed.py retention_killed.py) \
	$(addprefix tests/audit/integrity/,kept/test_damaged_files.py kept/test_restored.py signed/test_notes_that_cannot_be_read.py \
	signed/test_unreadable.py) \
	tests/audit/rollup/test_keeping.py tests/audit/installation/test_coming_and_going.py \
	$(addprefix tests/audit/stream/test_,signals.py standard_output.py tls.py) \
	tests/audit/triggers/test_migrations.py tests/project/test_demo.py tests/users/api/test_schema.py \
	tests/users/rows/test_inherited_users.py tests/users/test_second_database.py
# What has a target of its own below.
APART = $(addprefix tests/,abroad browser concurrency flows topology) $(LONG)
# On PostgreSQL these wait for `test-stories`: most of them ask little of the database, and verifications are long.
LATER = $(addprefix tests/,audit/administration audit/api audit/checks audit/export audit/integrity audit/people \
	audit/stream project users/admin users/administration users/api users/checks users/input users/invitations users/links \
	users/lists users/mail users/people test_architecture.py test_docs.py test_translation.py test_translated_pages.py)

test: $(DEV)
	$(BIN)/pytest --database sqlite --numprocesses auto $(addprefix --ignore ,$(APART))
	$(BIN)/pytest --database postgresql --numprocesses auto $(addprefix --ignore ,$(APART) $(LATER))

# Browsers are asked only once.
test-stories: $(DEV) browser
	$(BIN)/pytest --database sqlite --numprocesses auto tests/browser tests/concurrency tests/flows $(LONG)
	$(BIN)/pytest --database postgresql --numprocesses auto tests/concurrency tests/flows $(sort $(LONG) $(LATER))

# The packages of others are installed outside the project's environment.
test-abroad: $(DEV) $(OTHERS)
	$(BIN)/pytest --database sqlite tests/abroad
	$(BIN)/pytest --database postgresql tests/abroad

test-browser: $(DEV) browser
	$(BIN)/pytest --database sqlite tests/browser

screenshots: $(DEV) browser
	$(BIN)/python -m tests.browser.screenshots $(if $(PICTURES),--pictures) $(if $(ONLY),--only $(ONLY))

# Starts servers of its own: a primary, standbys, PgBouncer, Redis and two app servers. It prints what it saw as a table.
test-topology: $(DEV) topology
	$(BIN)/pytest tests/topology

topology:
	@{ command -v redis-server && { command -v pgbouncer || [ -x /usr/sbin/pgbouncer ]; }; } >/dev/null || { \
		[ "$$(id -u)" = 0 ] || { echo 'On Debian: sudo apt-get install pgbouncer redis-server' >&2; exit 1; }; \
		echo 'Installing pgbouncer and redis-server'; \
		apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive \
		apt-get install --quiet=2 --yes --no-install-recommends pgbouncer redis-server >/dev/null; }

# Django's own tests, with both apps installed, in the version that is installed here. The source distributions of
# django-fsm-2 and django-fsm-log carry no tests; `tests/abroad/djangos_suite.py` says what became of those.
test-django: $(DEV)
	version=$$($(BIN)/python -c 'import django; print(django.__version__)'); folder=$$(mktemp -d); \
	trap 'rm -rf "$$folder"' EXIT; \
	$(BIN)/pip download --quiet --no-deps --no-binary Django --dest "$$folder" "Django==$$version" && \
	tar --extract --gzip --directory "$$folder" --file "$$folder"/[Dd]jango-*.tar.gz && \
	$(BIN)/python -m tests.abroad.djangos_suite "$$folder/django-$$version"

# What asks most of Django, in about two minutes. `make test-django6 ON_DJANGO6=tests` runs everything.
ON_DJANGO6 ?= $(addprefix tests/,abroad users/admin users/checks users/lifecycle users/mail users/rows) \
	--ignore tests/abroad/packages

test-django6: $(DEV)
	@python=$$($(BIN)/python -m tests.abroad.newer_python 3.12); \
	if [ -z "$$python" ]; then echo 'No Python 3.12 or newer was found: nothing was tested on Django $(DJANGO6).'; \
	else $(MAKE) --no-print-directory $(NEWER_INSTALLED) NEWER_PYTHON="$$python" && \
	$(NEWER)/bin/python -m pytest --database sqlite --numprocesses auto $(ON_DJANGO6); fi

# Installs a system-wide browser, which `make test` finds too.
browser:
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || { \
		[ "$$(id -u)" = 0 ] || { echo 'No browser found. On Debian: sudo apt-get install chromium' >&2; exit 1; }; \
		echo 'Installing chromium'; \
		apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive \
		apt-get install --quiet=2 --yes --no-install-recommends chromium >/dev/null; }

# The packages to compare with are installed outside the project's environment.
bench: $(BENCH)
	$(VENV)/benchmarks/bin/python -m benchmarks $(NAME)

# The checks see a production environment with made-up values, and nothing of this machine.
lint: export ENV_FILE = /dev/null
lint: export DEBUG = off
lint: export DATABASE_URL = sqlite://:memory:
lint: export ALLOWED_HOSTS = accounts.example.com
lint: export SECRET_KEY = made-up-for-the-checks-of-production-where-it-protects-nothing
lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check
	$(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(DEV)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: export ENV_FILE = /dev/null
docs: export DEBUG = on
docs: $(DEV)
	$(BIN)/python manage.py documents

# Both files of a language are committed, so that only translators need gettext.
messages: export ENV_FILE = /dev/null
messages: export DEBUG = on
messages: $(DEV)
	@command -v msgfmt >/dev/null || { echo 'No gettext found. On Debian: sudo apt-get install gettext' >&2; exit 1; }
	cd users && ../$(BIN)/python ../manage.py makemessages $(MESSAGES)
	cd audit && ../$(BIN)/python ../manage.py makemessages $(MESSAGES)
	cd project && ../$(BIN)/python ../manage.py makemessages $(MESSAGES)
	$(BIN)/python manage.py compilemessages --ignore .venv

clean:
	rm -rf $(VENV) staticfiles htmlcov .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Python 3.11 or newer is needed; `make PYTHON=/path/to/python3.11 ...` names one.' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo 'No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }

$(RUN): | $(BIN)/python
	@echo 'Installing requirements.txt'
	@$(PIP) -r requirements.txt
	@rm -f $(VENV)/installed-* && touch $@

$(DEV): | $(BIN)/python
	@echo 'Installing requirements-dev.txt'
	@$(PIP) -r requirements-dev.txt
	@rm -f $(VENV)/installed-* && touch $(RUN) $@

$(OTHERS): | $(BIN)/python
	@echo 'Installing tests/abroad/packages/requirements.txt'
	@$(BIN)/python -m venv $(VENV)/packages
	@$(VENV)/packages/bin/python -m pip install --quiet --disable-pip-version-check --use-pep517 -r tests/abroad/packages/requirements.txt
	@rm -f $(VENV)/packages/installed-* && touch $@

$(NEWER_INSTALLED):
	@echo 'Installing requirements-dev.txt with Django $(DJANGO6) for $(NEWER_PYTHON)'
	@$(NEWER_PYTHON) -m venv --clear $(NEWER)
	@cp requirements*.txt $(NEWER) && sed 's/^Django==[^ ]*/Django==$(DJANGO6)/' requirements.txt > $(NEWER)/requirements.txt
	@$(NEWER)/bin/python -m pip install --quiet --disable-pip-version-check --use-pep517 --no-deps -r $(NEWER)/requirements-dev.txt
	@touch $@

$(BENCH): | $(BIN)/python
	@echo 'Installing benchmarks/requirements.txt'
	@$(BIN)/python -m venv $(VENV)/benchmarks
	@$(VENV)/benchmarks/bin/python -m pip install --quiet --disable-pip-version-check --use-pep517 -r benchmarks/requirements.txt
	@rm -f $(VENV)/benchmarks/installed-* && touch $@

# The settings of this machine. The environment overrides them.
.env: | $(RUN)
	@umask 177 && printf 'DEBUG=on\nSECRET_KEY=%s\n' \
		"$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" > $@
