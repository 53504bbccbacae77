"""Every page, with the longest names that Django allows: nothing is hidden at the side, and no barrier is found."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page

from audit.models import StreamCursor, UndeliveredEvent
from project.demonstration import create_people
from tests.browser import pages, steps, unserved
from tests.factories import make_superuser, make_user
from users import invitations
from users.models import SavedView, UserFSM
from users.operations import scheduling

pytestmark = pytest.mark.django_db(transaction=True)

LONGEST = 150
ARABIC = "\u0645\u062d\u0645\u062f\u0623" * 30
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
"""An emoji of three, with joiners of no width."""
BACKWARDS = "\u202egnp.exe\u202c"
ACCENTS = "a" + "\u0301" * 60

SIDEWAYS = """() => {
  const seen = (each) => each.checkVisibility() && each.clientWidth > 1 && !each.closest('select, textarea, input');
  const scrolls = (each) => seen(each) && each.scrollWidth > each.clientWidth + 1
    && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX);
  const sticks_out = (each) => each.checkVisibility() && each.getBoundingClientRect().width > 1
    && each.getBoundingClientRect().right > innerWidth + 1 && [...each.childNodes].some(
      (child) => child.nodeType === Node.TEXT_NODE && child.data.trim()) && !each.closest('select, .name, .by-whom');
  const root = document.documentElement;
  const found = [...document.body.querySelectorAll('*')].filter((each) => scrolls(each) || sticks_out(each));
  return [...(root.scrollWidth > root.clientWidth ? [root] : []), ...found].map((each) => each.outerHTML.slice(0, 120));
}"""
"""What has to be scrolled sideways, and what stands beyond the window. Names that end in dots have a title."""

OPENED = "() => document.querySelectorAll('details:not([name])').forEach((each) => { each.open = true })"

NOT_OURS = {
    # Django's script for choosing groups and permissions writes a tooltip with a label and without a role.
    "aria-prohibited-attr": "help-tooltip",
}
"""What axe finds and no template of ours can change: the rule, and what all places have in them."""

LEFT_OUT = {"exclude": [["#swagger-ui"]]}
"""What is wholly a package's: Swagger UI draws the description of the API by itself. Its page around that is ours."""


class Look(NamedTuple):
    """How pages are looked at."""

    width: int
    scheme: str
    language: str
    has_axe: bool = True


LOOKS = [
    Look(390, "dark", "zh-hans"),
    Look(640, "light", "en", has_axe=False),  # 1280 pixels at 200 %
    Look(1280, "light", "en"),
]


@pytest.fixture
def long_names(transactional_db: None, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The demonstration, and people, reasons and notes as long as they may be. Returns what stands in addresses."""
    monkeypatch.setattr("project.mailbox.file.path", lambda: tmp_path / "demo.mailbox")
    create_people()
    by = make_superuser("m" * LONGEST)
    person = make_user("w" * LONGEST, email=f"{'w' * 60}@{'x' * 60}.example.org", first_name="f" * LONGEST)
    person.fsm.lock(by=by, description="x" * 300)
    person.fsm.unlock(by=by)
    make_user("v" * LONGEST).fsm.lock(by=by, description="x" * 300)
    odd = make_user(ARABIC, first_name=FAMILY * 6, last_name=BACKWARDS, email="odd@example.com")
    odd.fsm.lock(by=by, description=f"{BACKWARDS} {FAMILY} {ACCENTS}" + "\u05dc" * 200)
    SavedView.objects.create(owner=User.objects.get(username="admin"), name=BACKWARDS + FAMILY, page="auth.user")
    UserFSM.objects.filter(user=person).bulk_transition("activate", by=by, description="y" * 300)
    scheduling.schedule("lock", person.fsm, at=timezone.now() + timedelta(days=1), by=by, description="z" * 300)
    invitations.invite(email=f"{'i' * 60}@example.org", username="i" * LONGEST, by=by)
    cursor = StreamCursor.objects.create(
        name="n" * 100, what="records", target=f"https://{'t' * 200}", last_error="e" * 300
    )
    event = {"key": 1, "event_id": "e" * 100, "answer": "a" * 300, "refused_at": timezone.now()}
    UndeliveredEvent.objects.create(cursor=cursor, **event)
    settings.DEBUG = True  # the mailbox is on a developer's machine alone
    return {**unserved.keys(), "long": person.pk, "odd": odd.pk}


@pytest.fixture
def walk(browser: Any, live_server: Any, context: Any, log_in: Any, long_names: dict[str, Any]) -> Any:
    """Opens every page in turn: `for name, page in walk(look)`."""
    longest = {
        f"{page}-{who}": f"/admin/auth/user/{{{who}}}/{path}/"
        for who in ("long", "odd")
        for page, path in (("person", "change"), ("history", "history"))
    }
    walks: Any = (
        (None, pages.STRANGER, steps.STRANGER),
        ("alice", pages.PERSON, steps.PERSONS),
        ("admin", pages.ADMIN | longest, steps.ADMINS),
    )

    def opened(look: Look) -> Iterator[tuple[str, Page]]:
        size = {"width": look.width, "height": 844}
        there = browser.new_context(base_url=live_server.url, viewport=size, color_scheme=look.scheme)
        there.add_cookies([{"name": "django_language", "value": look.language, "url": live_server.url}])
        page = there.new_page()
        for username, addresses, made in walks:
            if username:
                log_in(User.objects.get(username=username))
                there.add_cookies(context.cookies())
            for name, address in addresses.items():
                page.goto(address.format(**long_names))
                page.wait_for_function(pages.DRAWN)
                page.evaluate(OPENED)
                yield name, page
            for name, step in made.items():
                step(page, long_names)
                page.evaluate(OPENED)
                yield name, page
        for name, html in unserved.unserved(look.language):
            pages.serve(page, html)
            yield name, page
        there.close()

    return opened


def barriers(page: Page) -> list[str]:
    """What axe finds, without what is not ours."""
    found = []
    for violation in Axe().run(page, context=LEFT_OUT).response["violations"]:
        known = NOT_OURS.get(violation["id"])
        places = [each["html"][:200] for each in violation["nodes"] if not (known and known in each["html"])]
        found += [f"{violation['id']}: {place}" for place in places]
    return found


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: str(look.width))
def test_no_page_is_scrolled_sideways_and_none_has_barriers(walk: Any, look: Look) -> None:
    found = {}
    for name, page in walk(look):
        sideways = page.evaluate(SIDEWAYS)
        if problems := [*sideways, *(barriers(page) if look.has_axe else [])]:
            found[name] = problems
    assert found == {}
