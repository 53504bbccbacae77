"""Refused transitions and readings: every id leads to what shares it."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from audit.context import acting_as
from audit.models import Reading, RecordRead, RefusedTransition
from tests.factories import make_superuser, make_user
from users.exceptions import TransitionRefused
from users.lifecycle import RefusalReason

pytestmark = pytest.mark.django_db

REFUSALS = "/admin/user_audit/refusedtransition/"
READS = "/admin/user_audit/recordread/"


@pytest.fixture
def refused(client: Client) -> RefusedTransition:
    """A refusal by another person, beside one of somebody else, and a superuser who looks."""
    client.force_login(make_superuser())
    ada, olga = make_user("ada"), make_superuser("olga")
    with acting_as(olga), pytest.raises(TransitionRefused):
        ada.fsm.activate(by=olga, description="to see what happens")
    with pytest.raises(TransitionRefused):
        make_user("iris").fsm.unlock(by="somebody")
    refusal = RefusedTransition.objects.get(username="ada")
    RefusedTransition.objects.filter(pk=refusal.pk).update(ip_address="192.0.2.7", request_id="f" * 32)
    refusal.refresh_from_db()
    return refusal


def links(text: str, page: str) -> Iterator[str]:
    """The links of a page that lead to this list with parameters."""
    return (link.replace("&amp;", "&") for link in re.findall(rf'href="({page}\?[^"]+)"', text))


def names(client: Client, url: str) -> list[str]:
    return [row.username for row in client.get(url).context["cl"].result_list]


def test_each_id_of_a_refusal_leads_to_the_refusals_that_share_it(client: Client, refused: RefusedTransition):
    page = client.get(f"{REFUSALS}{refused.pk}/change/").text

    found = set(links(page, REFUSALS))

    assert {link.partition("?")[2].partition("=")[0] for link in found} == {"user", "actor", "address", "request"}
    assert all(names(client, link) == ["ada"] for link in found)
    listed = client.get(REFUSALS).text
    assert set(links(listed, REFUSALS)) >= {link for link in found if "request=" not in link}


def test_a_refusal_leads_to_the_person_and_to_the_changes_of_the_account(client: Client, refused: RefusedTransition):
    page = client.get(f"{REFUSALS}{refused.pk}/change/").text

    assert reverse("admin:auth_user_change", args=(refused.user_id,)) in page
    assert f"/admin/user_audit/userstateaudit/?user={refused.user_id}" in page
    assert "to see what happens" in page


def test_refusals_are_filtered_by_the_transition_in_words(client: Client, refused: RefusedTransition):
    page = client.get(f"{REFUSALS}?transition=unlock")

    assert [row.username for row in page.context["cl"].result_list] == ["iris"]
    assert ">Reactivate</a>" in page.text
    assert names(client, f"{REFUSALS}?reason={RefusalReason.STATE}") == ["iris", "ada"]


def test_refusals_are_filtered_by_operations_that_are_no_transitions_too(client: Client, refused: RefusedTransition):
    RefusedTransition.objects.filter(pk=refused.pk).update(transition="keep_locked")

    assert "Lock indefinitely" in client.get(REFUSALS).text
    assert names(client, f"{REFUSALS}?transition=keep_locked") == ["ada"]


def test_a_parameter_that_refusals_do_not_have_is_dropped_and_named(client: Client, refused: RefusedTransition):
    page = client.get(f"{REFUSALS}?user=nonsense&name=ada", follow=True)

    assert page.redirect_chain[-1][0] == REFUSALS
    assert "“name” was left out" in page.text
    assert "“user” was left out" in page.text


def test_each_id_of_a_reading_leads_to_the_readings_that_share_it(client: Client):
    root = make_superuser()
    client.force_login(root)
    for name, address in (("olga", "192.0.2.7"), ("ivan", "192.0.2.8")):
        person = make_superuser(name)
        RecordRead.objects.create(
            what=Reading.LIST, rows=1, query="to=locked", ip_address=address, **_by(person), request_id=name * 8
        )

    page = client.get(f"{READS}{RecordRead.objects.get(ip_address='192.0.2.7').pk}/change/").text

    found = set(links(page, READS))
    assert len(found) == 3
    for link in found:
        assert [row.initiated_by for row in client.get(link).context["cl"].result_list] == ["olga"]


def _by(person):
    return {"actor_id": person.pk, "actor_kind": "user", "initiated_by": person.get_username()}
