"""Names in any script and direction leave the words around them where they are."""

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives

from tests.factories import make_user
from users.mail.names import isolated
from users.models import UserFSM

pytestmark = pytest.mark.django_db(transaction=True)

ARABIC = "ليلى"


@pytest.mark.parametrize("name", ["ada", "Ådå O’Neil", "李小龙", "Ελένη", ""])
def test_a_name_from_left_to_right_stays_as_it_is(name):
    assert isolated(name) == name


@pytest.mark.parametrize("name", [ARABIC, "דוד", "ada-ليلى"])
def test_a_name_from_right_to_left_is_kept_apart(name):
    assert isolated(name) == f"\u2068{name}\u2069"


@pytest.mark.parametrize("mark", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_name_cannot_turn_around_the_words_behind_it(mark):
    assert isolated(f"a{mark}da") == "ada"
    assert isolated(f"{ARABIC}{mark}") == f"\u2068{ARABIC}\u2069"


def test_an_email_keeps_the_name_apart_in_its_subject_its_text_and_its_html():
    make_user(ARABIC, email="layla@example.com", first_name=ARABIC).fsm.lock(by="system")

    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert message.subject == f"Your account \u2068{ARABIC}\u2069 was locked"
    assert f"Hello \u2068{ARABIC}\u2069," in str(message.body)
    assert f"Hello <bdi>{ARABIC}</bdi>," in html
    assert f"\u2068{ARABIC}\u2069" in html


def test_pages_keep_the_name_apart(client):
    user = make_user(ARABIC, first_name=ARABIC, email="layla@example.com")
    client.force_login(user)
    account = client.get("/accounts/").text

    assert f'<h2 id="me"><bdi>{ARABIC}</bdi></h2>' in account
    assert f"<dd><bdi>{ARABIC}</bdi></dd>" in account


def test_the_page_of_an_invitation_keeps_the_name_apart(client):
    UserFSM.objects.invite(email="layla@example.com", username=ARABIC, by="system")
    text = str(outbox.outbox[0].body)
    page = client.get(text[text.index("/accounts/invitation/") :].split(maxsplit=1)[0])

    assert f"<strong><bdi>{ARABIC}</bdi></strong>" in page.text
