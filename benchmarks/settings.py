"""The project's settings, with the peers beside its own apps."""

import os

os.environ["ENV_FILE"] = os.devnull
os.environ |= {
    "DEBUG": "off",
    "SECRET_KEY": "a key for benchmarks, which protects nothing",
    "ALLOWED_HOSTS": "localhost",
}

from benchmarks.sizes import RECORDS
from project.settings import *  # noqa: F403
from project.settings import DATABASES, INSTALLED_APPS, LOGGING

POSTGRESQL = DATABASES["default"]["ENGINE"].endswith("postgresql")

INSTALLED_APPS += ["simple_history", "auditlog", "benchmarks.peers"]
if POSTGRESQL:
    INSTALLED_APPS += ["pgtrigger", "pghistory"]

# Databases beside it in the same server, where tables of different sizes are measured side by side.
if POSTGRESQL:
    DATABASES |= {name: DATABASES["default"] | {"NAME": name} for name in RECORDS}

# Lines are made as in production, and go nowhere.
for _handler in LOGGING["handlers"].values():
    _handler["stream"] = open(os.devnull, "w")  # noqa: PTH123, SIM115

# Who keeps a history of their own is not measured with StateLog beside it.
DJANGO_FSM_LOG_IGNORED_MODELS = [
    f"benchmarks.peers.models.{name}" for name in ("Plain", "WithPghistory", "WithSimpleHistory", "WithAuditlog")
]
