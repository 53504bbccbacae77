"""The project's settings, with the peers beside its own apps."""

import os
from pathlib import Path

os.environ["ENV_FILE"] = os.devnull
os.environ |= {
    "DEBUG": "off",
    "SECRET_KEY": "a key for benchmarks, which protects nothing",
    "ALLOWED_HOSTS": "localhost",
    "EMAIL_URL": "dummymail://",
}

from benchmarks.databases import NAMES
from project.settings import *  # noqa: F403
from project.settings import DATABASES, INSTALLED_APPS, LOGGING, STORAGES

POSTGRESQL = DATABASES["default"]["ENGINE"].endswith("postgresql")

INSTALLED_APPS += ["simple_history", "auditlog", "benchmarks.peers"]
if POSTGRESQL:
    INSTALLED_APPS += ["pgtrigger", "pghistory"]

for _name in NAMES:
    _beside = _name if POSTGRESQL else str(Path(DATABASES["default"]["NAME"]).with_name(f"{_name}.sqlite3"))
    DATABASES[_name] = DATABASES["default"] | {"NAME": _beside}

# Without the names that `collectstatic` would have made.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

# Lines are made as in production, and go nowhere.
for _handler in LOGGING["handlers"].values():
    _handler["stream"] = open(os.devnull, "w")  # noqa: PTH123, SIM115

# Who keeps a history of their own is not measured with StateLog beside it.
DJANGO_FSM_LOG_IGNORED_MODELS = [
    f"benchmarks.peers.models.{name}" for name in ("Plain", "WithPghistory", "WithSimpleHistory", "WithAuditlog")
]
