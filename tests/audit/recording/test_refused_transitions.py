"""Refused transitions are evidence: they are kept whatever becomes of the transaction in which they were asked for."""

import pytest
from django.db import connection, transaction
from django.urls import reverse

from audit.context import acting_as
from audit.models import RefusedTransition
from tests.factories import make_superuser, make_user
from tests.staff import make_staff
from users.exceptions import TransitionRefused
from users.models import UserFSM
from users.states import State


def kept():
    columns = ("username", "transition", "state", "reason", "initiated_by", "actor_kind")
    return list(RefusedTransition.objects.order_by("pk").values_list(*columns))


@pytest.mark.django_db(transaction=True)
def test_a_refusal_by_the_state_names_who_asked_for_what():
    ada, root = make_user("ada"), make_superuser("root")

    with pytest.raises(TransitionRefused):
        ada.fsm.activate(by=root, description="again")

    assert kept() == [("ada", "activate", "active", "state", "root", "user")]
    assert RefusedTransition.objects.get().description == "again"


@pytest.mark.django_db(transaction=True)
def test_refusals_of_many_are_kept_one_by_one():
    people = [make_user(f"person{number}", state=State.LOCKED) for number in range(3)]

    outcome = UserFSM.objects.filter(user__in=people).bulk_transition("lock", by="job")

    assert len(outcome.refused) == 3
    assert [row[:4] for row in kept()] == [(f"person{number}", "lock", "locked", "state") for number in range(3)]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: the caller's transaction")
@pytest.mark.django_db(transaction=True)
def test_a_refusal_survives_the_callers_rollback():
    ada = make_user("ada")

    with pytest.raises(TransitionRefused), transaction.atomic():
        ada.fsm.activate()

    assert [row[:4] for row in kept()] == [("ada", "activate", "active", "state")]


@pytest.mark.django_db(transaction=True)
def test_a_loop_cannot_fill_the_disk(settings):
    settings.AUDIT_REFUSALS_PER_HOUR = 5
    ada = make_user("ada")

    with acting_as("a loop"):
        for _ in range(12):
            with pytest.raises(TransitionRefused):
                ada.fsm.activate()

    assert RefusedTransition.objects.count() == 5


@pytest.mark.django_db
def test_an_operation_without_its_permission_is_kept(client):
    person = make_user("person")
    client.force_login(make_staff("staff", "unlock_userfsm"))

    url = reverse("admin:auth_user_operation", args=(person.pk, "lock"))
    assert client.post(url, {"own_words": "because"}).status_code == 403

    assert kept() == [("person", "lock", "active", "permission", "staff", "user")]


@pytest.mark.django_db
def test_an_account_that_a_rule_protects_is_kept(client):
    root = make_superuser("root")
    client.force_login(root)

    client.post(reverse("admin:auth_user_operation", args=(root.pk, "lock")), {"own_words": "because"})

    assert kept() == [("root", "lock", "active", "protected", "root", "user")]


@pytest.mark.django_db
def test_auditors_see_them_and_nobody_changes_them(client):
    ada = make_user("ada")
    with pytest.raises(TransitionRefused):
        ada.fsm.activate(by="somebody")
    client.force_login(make_staff("auditor", "view_refusedtransition"))
    listed = reverse("admin:user_audit_refusedtransition_changelist")

    assert "somebody" in client.get(listed).text
    key = RefusedTransition.objects.get().pk
    assert (
        client.post(reverse("admin:user_audit_refusedtransition_delete", args=(key,)), {"post": "yes"}).status_code
        == 403
    )
    client.force_login(make_superuser())
    assert (
        client.post(reverse("admin:user_audit_refusedtransition_delete", args=(key,)), {"post": "yes"}).status_code
        == 403
    )


def test_the_title_of_a_refusal_says_the_operation_in_words():
    refused = [RefusedTransition(username="ada", transition=name) for name in ("lock", "keep_locked", "delete", "gone")]

    assert [str(each).partition(":")[0] for each in refused] == ["Lock", "Lock indefinitely", "Account deleted", "gone"]
