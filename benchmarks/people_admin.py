"""
How fast administrators find people and act on many: the list of users, and one action on all that a search finds.

    python -m benchmarks.people_admin                          # 100,000 people with a million records, on SQLite
    python -m benchmarks.people_admin --database postgresql

The action is measured beside `bulk_transition` of the same accounts in the same run: what the admin adds is the
difference. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import django

from benchmarks.verify import DATABASES, fill

ROUNDS = 5
FOUND = "user1"
"""What is searched for: of 100,000 names it finds 11,112."""

IN_THE_MIDDLE = "a page in the middle"

PAGES = {
    "first page": {},
    IN_THE_MIDDLE: {},
    "only locked": {"state": "locked"},
    "locked by an administrator": {"lock": "manual"},
    "changed within 30 days": {"since": "30"},
    "search": {"q": FOUND},
}


def main() -> None:
    """Fill a new database, open the list in several ways, and lock and unlock all that a search finds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--people", type=int, default=100_000, help="default: %(default)s")
    arguments = parser.parse_args()
    with DATABASES[arguments.database]() as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        django.setup()
        logging.disable()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        client = administrator()
        fill(range(2, arguments.people + 2))
        print(f"{arguments.people:,} people on {arguments.database}")
        for name, query in PAGES.items():
            print_page(client, name, query | {"p": str(arguments.people // 200)} if name == IN_THE_MIDDLE else query)
        print_action(client)


def administrator() -> Any:
    """A client that is logged in as a superuser."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def print_page(client: Any, name: str, query: dict[str, str]) -> None:
    """Open a page of the list, and print how many queries and milliseconds it took."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def page() -> None:
        if client.get("/admin/auth/user/", query).status_code != 200:  # noqa: PLR2004
            raise RuntimeError(name)

    page()
    with CaptureQueriesContext(connection) as queries:
        page()
    count = len(queries)  # now: the log is emptied with the next request
    milliseconds = median(seconds(page) for _ in range(ROUNDS)) * 1000
    print(f"{name:28}{count:4} queries{milliseconds:8.0f} ms")


def print_action(client: Any) -> None:
    """Move all that the search finds through the admin and by `bulk_transition`, each once there and once back."""
    from users.models import UserFSM

    found = UserFSM.objects.filter(user__username__contains=FOUND)
    url, one = f"/admin/auth/user/?q={FOUND}", found.values_list("user", flat=True)[0]
    number, shown = found.count(), 0.0

    def by_action(name: str) -> float:
        nonlocal shown
        chosen = {"action": name, "select_across": "1", "_selected_action": one}
        shown = seconds(lambda: client.post(url, chosen))
        return seconds(lambda: client.post(url, chosen | {"confirmed": number, "own_words": "a measure"}))

    def by_bulk(name: str) -> float:
        return seconds(lambda: found.bulk_transition(name, by="system", description="a measure"))

    unlocked, locked_again = by_action("unlock"), by_bulk("lock")
    bulk_unlocked, locked = by_bulk("unlock"), by_action("lock")
    if found.exclude(current_state="locked", version__gte=4).exists():
        raise RuntimeError("not everybody was moved")
    action, bulk = (unlocked + locked) / 2, (locked_again + bulk_unlocked) / 2
    print(f"{number:,} selected: shown in {shown:.2f} s, moved in {action:.1f} s")
    print(f"bulk_transition of the same: {bulk:.1f} s; the action takes {action / bulk:.2f} times as long")


def seconds(call: Callable[[], Any]) -> float:
    """How long the call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
