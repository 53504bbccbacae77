import pytest
from django.contrib.auth.models import User, UserManager
from django.core.exceptions import ValidationError
from django.forms import modelform_factory

from tests.factories import make_user
from users.input import mailbox


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("ada@example.com", "ada@example.com"),
        (" ada@EXAMPLE.com ", "ada@example.com"),
        ("Ada@example.com", "Ada@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@faß.example", "ada@xn--fa-hia.example"),
        ("ada@例子。测试", "ada@xn--fsqu00a.xn--0zwm56d"),
        ("", ""),
    ],
)
def test_an_address_has_one_form(typed, normal):
    assert mailbox.normal_form(typed) == normal


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "a da@example.com",
        "ada\u200b@example.com",
        "ada@exam\u00adple.com",
        "ada@example.com\u202e",
        "ada\x00@example.com",
        '"ada,mallory@example.org,x"@example.com',
        "ada@\ud800.example",
        "\u017fam@example.com",  # a long s, which Django takes for an s in the other case
        "\u212aim@example.com",  # the sign of Kelvin
        "ada@" + "ü" * 100 + ".example",
        "ada@" + "u" * 10_000,
    ],
)
def test_a_text_that_is_no_address_or_hides_something_is_refused(address):
    with pytest.raises(ValidationError):
        mailbox.normal_form(address)


def test_the_case_is_as_the_manager_keeps_it(monkeypatch):
    monkeypatch.setattr(UserManager, "normalize_email", classmethod(lambda cls, email: email.lower()))

    assert mailbox.normal_form("Ada@Example.com") == "ada@example.com"


@pytest.mark.django_db
class TestUsers:
    @pytest.mark.parametrize("typed", ["ada@bücher.example", "ADA@xn--bcher-kva.example"])
    @pytest.mark.parametrize("stored", ["ada@bücher.example", "ada@xn--bcher-kva.example"])
    def test_a_person_is_found_by_either_form_in_whichever_it_is_stored(self, typed, stored):
        make_user("ada")
        User.objects.update(email=stored)

        assert User.objects.get(mailbox.having(typed)).username == "ada"

    @pytest.mark.parametrize("nothing", ["", "nonsense", "\x00", "ada@\ud800"])
    def test_a_text_that_is_no_address_finds_nobody(self, nothing):
        make_user("ada")

        assert not User.objects.filter(mailbox.having(nothing)).exists()

    def test_an_address_is_saved_in_its_normal_form(self):
        User.objects.create_user("ada", "ada@Bücher.example")
        User.objects.bulk_create([User(username="bob", email="bob@Bücher.example")])

        assert set(User.objects.values_list("email", flat=True)) == {
            "ada@xn--bcher-kva.example",
            "bob@xn--bcher-kva.example",
        }

    def form(self, user, address):
        return modelform_factory(User, fields=["email"])({"email": address}, instance=user)

    @pytest.mark.parametrize("address", ["ADA@bücher.example", "ada@xn--bcher-kva.example"])
    def test_a_form_refuses_a_mailbox_that_another_account_has(self, address, settings):
        make_user("ada", email="ada@bücher.example")
        bob = make_user("bob")

        form = self.form(bob, address)
        assert form.errors == {"email": ["An account with this address already exists."]}

        settings.USERS_SHARED_MAILBOXES = True
        assert self.form(bob, address).is_valid()

    def test_a_form_keeps_an_address_that_two_accounts_had_before(self):
        ada, _bob = (make_user(name, email="both@example.com") for name in ("ada", "bob"))

        assert self.form(ada, "both@example.com").is_valid()

    def test_a_form_refuses_an_address_with_an_invisible_character(self):
        assert not self.form(make_user("ada"), "ada\u200b@example.com").is_valid()
        with pytest.raises(ValidationError, match="cannot be seen"):
            User(username="bob", email="bob@exam\u200bple.com").full_clean(exclude=["password"])

    def test_a_form_takes_no_address_at_all(self):
        make_user("ada", email="")

        assert self.form(make_user("bob", email="bob@example.com"), "").is_valid()
