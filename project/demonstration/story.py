"""How the story is told: beats in the order of their times, each made by the calls that real people cause."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Permission, User
from django.db import router
from django.test.utils import override_settings

from audit.models import UserStateAudit
from project.configuration import mailers
from project.demonstration.browsers import Browser
from project.demonstration.clock import Clock
from project.demonstration.people import ADMIN, SUPPORT_PERMISSIONS, Person, as_list
from users import invitations
from users.invitations import lists
from users.mail import delivery
from users.models import Mail, SavedView, SavedViewMail, UserFSM
from users.models.saved_view import Every
from users.operations import scheduling, transitioning


class QuickHasher(PBKDF2PasswordHasher):
    """Django's own, but quick: a random password of 72 bits cannot be guessed, however cheap a guess is."""

    iterations = 1000


@dataclass(slots=True)
class Story:
    """The beats, the clock, and the passwords by username."""

    passwords: dict[str, str]
    clock: Clock = field(default_factory=Clock)
    browsers: dict[tuple[str, str], Browser] = field(default_factory=dict)
    beats: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)

    def at(self, days: float, time: str, beat: Callable[..., object], *args: Any) -> None:
        """Let something happen at a time of day (`"09:30"`, UTC), this many days before today."""
        self.beats.append((self.clock.of_day(days, time), partial(beat, *args)))

    def just_now(self, minutes: float, beat: Callable[..., object], *args: Any) -> None:
        """Let something happen so many minutes ago."""
        self.beats.append((self.clock.begin - timedelta(minutes=minutes), partial(beat, *args)))

    def tell(self) -> None:
        """Let everything happen, each at its time, and send the emails about it. They go to the mailbox alone."""
        with override_settings(**_surroundings()), self.clock.in_use():
            for moment, beat in sorted(self.beats, key=lambda each: each[0]):
                self.clock.set_to(moment)
                beat()
                delivery.run(using=router.db_for_write(Mail))

    # What people do

    def browser(self, person: Person, agent: str = "") -> Browser:
        """The person's browser, or another one of theirs."""
        browser = self.browsers.setdefault((person.username, agent), Browser(person, agent=agent))
        browser.password = self.passwords[person.username]
        return browser

    def log_in(self, person: Person, agent: str = "") -> None:
        """Log in on the login page, in the person's browser or in another one."""
        self.browser(person, agent).log_in()

    def accept(self, person: Person) -> None:
        """Accept the invitation in the newest email."""
        self.browser(person).accept_invitation()

    def unlock(self, person: Person) -> None:
        """Use the link in the newest email."""
        self.browser(person).unlock()

    def change_password(self, person: Person) -> None:
        """Log in and change the password."""
        browser = self.browser(person)
        browser.log_in()
        self.passwords[person.username] = secrets.token_urlsafe(9)
        browser.change_password(self.passwords[person.username])

    def leave(self, person: Person) -> None:
        """Log in and deactivate one's own account."""
        browser = self.browser(person)
        browser.log_in()
        browser.leave()

    # What administrators do

    def install(self) -> None:
        """Create the first administrator, as `manage.py createsuperuser` does."""
        names = {"first_name": ADMIN.first_name, "last_name": ADMIN.last_name}
        User.objects.create_superuser(ADMIN.username, ADMIN.email, self.passwords[ADMIN.username], **names)

    def invite(self, person: Person) -> None:
        """Invite one person."""
        ada = self.browser(ADMIN)
        words: dict[str, Any] = {"first_name": person.first_name, "last_name": person.last_name, "by": ada.user}
        ada.does(partial(invitations.invite, email=person.email, username=person.username, **words))

    def invite_list(self, people: tuple[Person, ...]) -> None:
        """Invite people from a list."""
        ada = self.browser(ADMIN)
        ada.does(lambda: lists.invite_all(lists.read(as_list(people)), by=ada.user))

    def make_support(self, person: Person) -> None:
        """Let this person into the admin, with some of the permissions."""
        user = self.browser(person).user
        user.is_staff = True
        self.browser(ADMIN).does(partial(user.save, update_fields=["is_staff"]))
        user.user_permissions.set(Permission.objects.filter(codename__in=SUPPORT_PERMISSIONS))

    def operate(self, by: Person, name: str, person: Person, reason: str) -> None:
        """Make a transition, by the rules for administrators."""
        browser, user_id = self.browser(by), _fsm(person).user_id
        browser.does(partial(transitioning.move_one, name, user_id, by=browser.user, description=reason))

    def plan_end(self, person: Person, days: float, reason: str) -> None:
        """Schedule the deactivation of an account."""
        ada, at = self.browser(ADMIN), self.clock.now() + timedelta(days=days)
        words: dict[str, Any] = {"at": at, "by": ada.user, "description": reason}
        ada.does(partial(scheduling.schedule, "deactivate", _fsm(person), **words))

    def save_lockouts(self) -> None:
        """Save a view of the record for all administrators, and order an email of it every day."""
        ada = self.browser(ADMIN).user
        words = {"page": UserStateAudit._meta.label_lower, "query": "lock=automatic&days=2", "shared": True}
        view = SavedView.objects.create(owner=ada, name="Lockouts since yesterday", **words)
        SavedViewMail.objects.create(view=view, user=ada, every=Every.DAY)


def _fsm(person: Person) -> UserFSM:
    return UserFSM.objects.select_related("user").get(user__username=person.username)


def _surroundings() -> dict[str, Any]:
    hashers = [
        f"{__name__}.QuickHasher" if each.endswith(".PBKDF2PasswordHasher") else each
        for each in settings.PASSWORD_HASHERS
    ]
    return {
        "ALLOWED_HOSTS": ["*"],
        **mailers.settings_of({"EMAIL_BACKEND": "project.mailbox.Backend"}),
        "PASSWORD_HASHERS": hashers,
        "SECURE_SSL_REDIRECT": False,
        "USERS_MAIL_DELIVERY": "worker",
        "USERS_TRUSTED_PROXIES": 0,
    }
