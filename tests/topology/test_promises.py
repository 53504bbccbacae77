"""The same promises on two app servers, whatever stands between them and the primary."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any, NamedTuple

import httpx
import pytest

from tests.topology import bouncer
from tests.topology.conftest import TABLE
from tests.topology.site import is_logged_in, log_in, python, two_servers


class Site(NamedTuple):
    """Two servers of the site, and how a process of the project reaches the database."""

    name: str
    servers: list[str]
    url: str
    more: dict[str, str]


TOPOLOGIES = ["primary", "replica 4 s behind", "PgBouncer"]


@pytest.fixture(scope="module", params=TOPOLOGIES)
def site(request: pytest.FixtureRequest, primary: Any, behind: Any, cache: str, folder: Any) -> Iterator[Site]:
    more = {"CACHE_URL": cache}
    if request.param == "replica 4 s behind":
        more |= {"DATABASE_REPLICA_URL": behind.url, "TOPOLOGY_ROUTER": "1"}
    if request.param == "PgBouncer":
        more |= {"DATABASE_PREPARE": "off"}
        with bouncer.bouncer(primary, folder) as url, two_servers(url, **more) as servers:
            yield Site(request.param, servers, url, more)
        return
    with two_servers(primary.url, **more) as servers:
        yield Site(request.param, servers, primary.url, more)


UNLOCK_ALL = """
from users.models import UserFSM
UserFSM.objects.filter(current_state="locked").bulk_transition("unlock", by="system")
"""


@pytest.fixture(autouse=True)
def _everybody_is_active(site: Site) -> None:
    python(site.url, UNLOCK_ALL, **site.more)


def note(site: Site, promise: str, seen: Any) -> None:
    TABLE.setdefault(site.name, {})[promise] = str(seen)


def test_of_sixty_guesses_over_both_servers_five_are_counted(site):
    def guess(server: str) -> None:
        with httpx.Client(timeout=60) as client:
            log_in(client, server, "guessed", "wrong")

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(guess, [server for server, _ in zip(cycle(site.servers), range(60), strict=False)]))

    seen = python(
        site.url,
        "from audit.models import UserStateAudit\n"
        "last = UserStateAudit.objects.filter(username='guessed').latest()\n"
        "print(last.transition, last.details['count'])",
        **site.more,
    )
    note(site, "60 guesses over both servers", seen.strip())
    assert seen.split() == ["lock", "5"]


def test_a_session_that_began_at_one_server_goes_on_at_the_other(site):
    with httpx.Client(timeout=60) as client:
        answer = log_in(client, site.servers[0], "wanderer")
        seen = [is_logged_in(client, server) for server in (site.servers[1], site.servers[0])]

    note(site, "a login is known at the other server", all(seen))
    assert answer.status_code == 302
    assert seen == [True, True]


def test_a_lock_ends_the_session_at_every_server_at_once(site):
    with httpx.Client(timeout=60) as client:
        log_in(client, site.servers[0], "locked")
        before = is_logged_in(client, site.servers[1])
        python(
            site.url,
            "from django.contrib.auth.models import User\nUser.objects.get(username='locked').fsm.lock(by='system')",
            **site.more,
        )
        after = [is_logged_in(client, server) for server in site.servers]

    note(site, "a lock ends sessions at once", not any(after))
    assert before
    assert after == [False, False]


def test_a_new_account_can_be_activated_at_once_and_the_answer_is_not_late(site):
    seen = python(
        site.url,
        "import uuid\n"
        "from django.contrib.auth.models import User\n"
        "from django.utils import timezone\n"
        "from audit.models import UserStateAudit\n"
        "user = User.objects.create_user(uuid.uuid4().hex)\n"
        "user.fsm.activate(by='system')\n"
        "user.fsm.refresh_from_db()\n"
        "print(user.fsm.current_state, UserStateAudit.objects.state_at(user, timezone.now()))",
        **site.more,
    )

    note(site, "activate() after create_user(), refresh, state_at", seen.strip())
    assert seen.split() == ["active", "active"]


def test_pages_of_the_record_say_as_of_when_they_are(site):
    with httpx.Client(timeout=60) as client:
        log_in(client, site.servers[0], "root")
        pages = [client.get(f"{site.servers[1]}/admin/user_audit/{page}/") for page in ("userstateaudit", "dashboard")]
        answers = [client.get(f"{site.servers[1]}/api/v1/{path}") for path in ("records", "refusals", "schedule-steps")]

    assert [page.status_code for page in pages] == [200, 200]
    said = ["Read from a replica, which has everything up to" in page.text for page in pages]
    note(site, "pages of the record say that they are late", any(said))
    assert said == [site.name == "replica 4 s behind"] * 2
    assert [answer.json()["as_of"] is not None for answer in answers] == [site.name == "replica 4 s behind"] * 3
