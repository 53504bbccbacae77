"""What the tests of any project do: accounts made for a class or a test, logins, a live server, flushes."""

from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client, LiveServerTestCase, TestCase, TransactionTestCase

PASSWORD = "right and long"


class Shared(TestCase):
    """Accounts made once for the class; each test changes its own copies, and all is undone."""

    @classmethod
    def setUpTestData(cls):
        cls.ada = User.objects.create_user("ada", "ada@example.com", PASSWORD)
        cls.root = User.objects.create_superuser("root", "root@example.com", PASSWORD)

    def test_one_leaves(self):
        self.ada.is_active = False
        self.ada.save()
        assert self.ada.fsm.current_state == "deactivated"

    def test_one_is_locked(self):
        assert self.ada.is_active
        self.ada.fsm.lock(by=self.root)
        assert not User.objects.get(pk=self.ada.pk).is_active

    def test_one_is_as_before(self):
        assert self.ada.fsm.current_state == "active"
        assert self.client.login(username="ada", password=PASSWORD)

    def test_somebody_is_deleted_after_an_error_that_is_undone(self):
        with self.assertRaises(ZeroDivisionError), transaction.atomic():  # noqa: PT027 - not everybody has pytest
            User.objects.get(pk=self.ada.pk).delete()
            raise ZeroDivisionError
        self.ada.delete()
        assert not User.objects.filter(username="ada").exists()

    def test_effects_of_the_commit_run_where_the_test_asks_for_them(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.ada.fsm.lock(by=self.root)

    def test_a_forced_login_ends_with_the_state(self):
        self.client.force_login(self.ada)
        assert self.client.get("/people/").status_code == 200
        self.ada.fsm.lock(by=self.root)
        assert self.client.get("/people/").status_code == 302


class Flushed(TransactionTestCase):
    """All tables are emptied after each test, and people get the same keys again."""

    reset_sequences = True

    def test_first(self):
        assert User.objects.count() == 0
        User.objects.create_user("ada", "ada@example.com", PASSWORD).fsm.lock(by="system")

    def test_second(self):
        assert User.objects.count() == 0
        ada = User.objects.create_user("ada", "ada@example.com", PASSWORD)
        assert ada.fsm.current_state == "active"
        ada.fsm.lock(by="system")

    def test_many_at_once(self):
        User.objects.bulk_create([User(username=str(each)) for each in range(5)])
        assert {user.fsm.current_state for user in User.objects.all()} == {"active"}


class Restored(TransactionTestCase):
    """Rows from migrations are put back before each test."""

    serialized_rollback = True

    def test_first(self):
        User.objects.create_user("ada", "ada@example.com", PASSWORD).fsm.lock(by="system")

    def test_second(self):
        User.objects.create_user("ada", "ada@example.com", PASSWORD).fsm.lock(by="system")


class Served(LiveServerTestCase):
    """A server in another thread."""

    def test_somebody_logs_in(self):
        User.objects.create_user("ada", "ada@example.com", PASSWORD)
        cookies = CookieJar()
        browser = build_opener(HTTPCookieProcessor(cookies))
        page = f"{self.live_server_url}/people/login/"
        browser.open(page).read()
        token = {cookie.name: cookie.value for cookie in cookies}["csrftoken"]
        data = urlencode({"username": "ada", "password": PASSWORD, "csrfmiddlewaretoken": token})
        answer = browser.open(f"{page}?next=/people/", data.encode())
        assert "ada@example.com" in answer.read().decode()

    def test_nobody_is_left_of_the_other_test(self):
        assert not Client().login(username="ada", password=PASSWORD)
