"""Kinds of actors, impersonators, requests within requests, threads that do not carry the context."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.signing import TimestampSigner
from django.http import HttpResponse
from django.test import RequestFactory

from audit.context import acting_as, carried
from audit.middleware import RequestContextMiddleware
from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from users.actors import CLI, SYSTEM, ActorKind

pytestmark = pytest.mark.django_db

SWITCHING: dict[str, Callable[[str], dict[str, Any]]] = {
    "hijack": lambda key: {"hijack_history": [key, "999"]},
    "django_su": lambda key: {"exit_users_pk": [[key, "a.Backend"], ["999", "a.Backend"]]},
    "loginas": lambda key: {"loginas_from_user": TimestampSigner().sign(key)},
}
"""By package: what it notes in the session of somebody else."""


def newest(user):
    return UserStateAudit.objects.of(user).latest()


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def within():
    """Runs a function within a request, as its view: `within(request, function)`."""

    def run(request, function):
        def view(request):
            function()
            return HttpResponse()

        return RequestContextMiddleware(view)(request)

    return run


def request_of(user, **session):
    request: Any = RequestFactory().get("/")
    request.user, request.session = user, session
    return request


@pytest.mark.parametrize(
    ("by", "kind"),
    [
        (SYSTEM, ActorKind.SYSTEM),
        (CLI, ActorKind.CLI),
        ("CLI", ActorKind.NAMED),
        ("anonymous", ActorKind.NAMED),
        ("nightly job", ActorKind.NAMED),
        (None, ActorKind.CLI),
        (AnonymousUser(), ActorKind.ANONYMOUS),
    ],
)
def test_a_text_is_not_taken_for_somebody_else_of_that_name(ada, by, kind):
    ada.fsm.lock(by=by)

    assert newest(ada).actor_kind == kind


def test_a_user_called_cli_is_a_user(ada):
    cli = User.objects.create_user("CLI")

    ada.fsm.lock(by=cli)

    record = newest(ada)
    assert (record.initiated_by, record.actor_kind, record.actor_id) == ("CLI", ActorKind.USER, cli.pk)
    assert list(UserStateAudit.objects.by(CLI).filter(user_id=ada.pk, transition="lock")) == []


@pytest.mark.parametrize("by", [None, "given"], ids=["by the request", "by the call"])
def test_an_impersonator_is_named_too(ada, within, settings, by):
    root, victim = make_superuser("root"), make_user("victim")
    settings.AUDIT_IMPERSONATOR = "tests.audit.test_who_acted.root_impersonates"

    within(request_of(victim), lambda: ada.fsm.lock(by=by and victim))

    record = newest(ada)
    assert (record.initiated_by, record.impersonator_id, record.impersonator_name) == ("victim", root.pk, "root")


def root_impersonates(request):
    return User.objects.get(username="root")


def test_somebody_else_who_is_named_in_a_hijacked_request_is_not_impersonated(ada, within, settings):
    make_superuser("root")
    settings.AUDIT_IMPERSONATOR = "tests.audit.test_who_acted.root_impersonates"

    within(request_of(make_user("victim")), lambda: ada.fsm.lock(by=make_user("third")))

    assert newest(ada).impersonator_id is None


@pytest.mark.parametrize("package", SWITCHING)
def test_a_session_of_somebody_else_names_the_first_who_sat_down_in_it(ada, within, monkeypatch, package):
    root, victim = make_superuser("root"), make_user("victim")
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: name == package)

    within(request_of(victim, **SWITCHING[package](str(root.pk))), ada.fsm.lock)

    assert (newest(ada).initiated_by, newest(ada).impersonator_name) == ("victim", "root")


@pytest.mark.parametrize("package", SWITCHING)
def test_notes_in_a_session_mean_nothing_without_the_package(ada, within, package):
    root, victim = make_superuser("root"), make_user("victim")

    within(request_of(victim, **SWITCHING[package](str(root.pk))), ada.fsm.lock)

    assert newest(ada).impersonator_id is None


def test_a_forged_note_of_django_loginas_names_nobody(ada, within, monkeypatch):
    root, victim = make_superuser("root"), make_user("victim")
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: name == "loginas")

    within(request_of(victim, loginas_from_user=f"{root.pk}:1abc:forged"), ada.fsm.lock)

    assert newest(ada).impersonator_id is None


def test_django_impersonates_request_names_who_impersonates(ada, within, monkeypatch):
    root, victim = make_superuser("root"), make_user("victim")
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: name == "impersonate")
    request = request_of(victim)
    request.impersonator = root

    within(request, ada.fsm.lock)

    assert (newest(ada).initiated_by, newest(ada).impersonator_name) == ("victim", "root")


def test_after_a_request_within_a_request_the_outer_one_acts_again(ada, within):
    outer, inner = make_user("outer"), make_user("inner")
    bob = make_user("bob")

    def view():
        within(request_of(inner), bob.fsm.lock)
        ada.fsm.lock()

    within(request_of(outer), view)

    assert (newest(bob).initiated_by, newest(ada).initiated_by) == ("inner", "outer")
    assert RequestContextMiddleware.get_request() is None


def test_carried_takes_request_and_actor_along_into_an_executor():
    def who():
        from audit.context import actor

        return actor().name

    with acting_as("a job"), ThreadPoolExecutor(1) as executor:
        assert executor.submit(who).result() == "CLI"
        assert executor.submit(carried(who)).result() == "a job"


def test_the_single_transitions_of_a_job_share_an_id(ada):
    bob = make_user("bob")

    with acting_as("a job"):
        ada.fsm.lock()
        bob.fsm.lock()
    ada.fsm.unlock()

    assert newest(bob).request_id
    assert UserStateAudit.objects.get(user_id=ada.pk, transition="lock").request_id == newest(bob).request_id
    assert newest(ada).request_id == ""


def test_an_empty_text_names_nobody_also_within_acting_as(ada):
    with acting_as("a job"):
        ada.fsm.lock(by="")

    assert newest(ada).initiated_by == "a job"
