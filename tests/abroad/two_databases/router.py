import re

from tests.abroad.adding import PAGE

ROW = next(line for line in PAGE.read_text().splitlines() if line.startswith("| several databases |"))
APPS = {name for name in re.findall(r"`(\w+)`", ROW) if name != "default"}


class PeopleRouter:
    """As the row about several databases says."""

    def db_for_read(self, model, **hints):
        return "people" if model._meta.app_label in APPS else "default"

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return (db == "people") == (app_label in APPS)
