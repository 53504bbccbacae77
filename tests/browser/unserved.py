"""What pages of the demonstration need that only the project itself knows: keys for addresses, and what none shows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.test import RequestFactory
from django.test.utils import override_settings
from django.utils import translation

from audit.models import RefusedTransition, UserStateAudit
from users.invitations import inviting
from users.links import password
from users.login.answers import too_many_logins
from users.login.recovery import unlock_link
from users.mail import composing
from users.models import Mail, ScheduledChange


def keys() -> dict[str, Any]:
    """Return what stands in the addresses: keys of rows, and the addresses behind the links of emails."""
    people = {user.username: user for user in User.objects.select_related("fsm")}
    lena, iris, rita = people["lena"], people["iris"], people["rita"]
    links = {"unlock": unlock_link.url(lena.fsm), "invitation": inviting.link(iris.fsm), "reset": password.url(rita)}
    return {
        **{name: user.pk for name, user in people.items()},
        **{name: urlsplit(url).path for name, url in links.items()},
        "scheduled": ScheduledChange.objects.get(user=people["arthur"]).pk,
        "email": Mail.objects.latest("pk").pk,
        "record": UserStateAudit.objects.filter(user=lena).latest("pk").pk,
        "refusal": RefusedTransition.objects.latest("pk").pk,
    }


def unserved(language: str) -> Iterator[tuple[str, str]]:
    """Yield name and HTML of what no address shows: the pages of failures and refusals, and an email of each kind."""
    with translation.override(language), override_settings(USERS_LANGUAGE_OF=lambda user: language):
        context = {"stylesheet": static("user_lifecycle/pages.css"), "start": "/"}
        for name, template in (("failure", "500.html"), ("read-only", "503.html")):
            yield name, render_to_string(template, context)
        for name in ("400", "403", "404"):
            yield name, render_to_string(f"{name}.html", request=RequestFactory().get("/"))
        yield "too-many-logins", too_many_logins(RequestFactory().get("/"), seconds=600).content.decode()
        latest = {mail.kind: mail for mail in Mail.objects.select_related("email").order_by("pk")}
        for kind, mail in latest.items():
            yield f"email-{kind}", composing.render("html", mail.email.context["mail"])


def write(folder: Path) -> None:
    """Write `unserved` in each language, and the keys, into files for another process."""
    (folder / "keys.json").write_text(json.dumps(keys()))
    for language, _name in settings.LANGUAGES:
        (folder / language).mkdir()
        for name, html in unserved(language):
            (folder / language / f"{name}.html").write_text(html)
