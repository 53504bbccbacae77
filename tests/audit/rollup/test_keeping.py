"""The dashboard's numbers of the days that are over: when they are counted, used, thrown away, and compared."""

import io
import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from audit.administration import figures
from audit.administration.figures import Ranked
from audit.integrity import erasure
from audit.maintenance import declared
from audit.models import AccountTally, AddressTally, CountedPeriod, UserStateAudit
from audit.rollup import checking, counting, keeping
from tests.factories import make_superuser, make_user
from users.states import State

NOW = "2026-02-10 12:00Z"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def ago(**parts: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() - timedelta(**parts), tick=False)


def guess(username: str, address: str) -> None:
    for _ in range(5):
        Client(REMOTE_ADDR=address).post("/accounts/login/", {"username": username, "password": "wrong"})


def lives() -> None:
    """Lockouts and locks, some of them days ago, some today, by and at several addresses."""
    for number, (days, address) in enumerate(
        [
            (31, "192.0.2.1"),
            (29, "192.0.2.1"),
            (12, "192.0.2.1"),
            (3, "192.0.2.2"),
            (1, "2001:db8::1"),
            (0, "192.0.2.1"),
        ]
    ):
        with ago(days=days):
            name = f"person{number % 3}"
            user = make_user(f"person{number}", password="right")
            guess(user.username, address)
            if number % 2:
                user.fsm.unlock()
                user.fsm.lock(by=name)
    again = UserStateAudit.objects.get(username="person2", transition="lock").user
    again.fsm.unlock()
    guess("person2", "192.0.2.1")
    make_superuser("root").delete()


def everything() -> tuple[object, ...]:
    return (figures.changes(), figures.locked_most_often(), figures.addresses_with_most_failed_logins())


def test_the_dashboard_shows_the_same_with_counted_days_as_without():
    lives()
    counted_live = everything()
    assert keeping.keep() is not None
    assert AccountTally.objects.exists()
    assert AddressTally.objects.exists()
    assert everything() == counted_live
    assert figures.addresses_with_most_failed_logins()[0] == Ranked(
        "192.0.2.1", "192.0.2.1", locks=4, accounts=3, failed_logins=20
    )


def test_changes_after_the_counting_are_added():
    ada = make_user("ada")
    with ago(days=2):
        bob = make_user("bob")
        bob.fsm.lock()
        bob.fsm.unlock()
    keeping.keep()
    for fsm in (ada.fsm, ada.fsm, bob.fsm):
        fsm.lock()
        fsm.unlock()
    assert figures.locked_most_often() == [Ranked(ada.pk, "ada", 2), Ranked(bob.pk, "bob", 2)]
    assert figures.changes().flow["active", "lock"] == 4


def test_an_account_far_behind_in_the_counted_days_can_come_to_the_top(monkeypatch):
    monkeypatch.setattr(figures, "LENGTH", 1)
    with ago(days=2):
        first, second = make_user("first"), make_user("second")
        for fsm in (first.fsm, first.fsm, second.fsm):
            fsm.lock()
            fsm.unlock()
    keeping.keep()
    assert [each.name for each in figures.locked_most_often()] == ["first"]
    for _ in range(2):
        second.fsm.lock()
        second.fsm.unlock()
    assert figures.locked_most_often() == [Ranked(second.pk, "second", 3)]


def test_days_are_counted_once():
    lives()
    period = keeping.keep()
    assert keeping.keep() is None
    assert CountedPeriod.objects.get() == period


def test_the_next_day_is_counted_ten_minutes_after_its_end():
    keeping.keep()
    with time_machine.travel("2026-02-11 00:05Z", tick=False):
        keeping.keep()
        assert str(CountedPeriod.objects.get()) == "2026-01-13 to 2026-02-09 (UTC)"
        assert keeping.current("default") is not None
    with time_machine.travel("2026-02-11 00:10Z", tick=False):
        keeping.keep()
        assert str(CountedPeriod.objects.get()) == "2026-01-13 to 2026-02-10 (UTC)"


def test_numbers_of_yesterday_are_not_those_of_today():
    lives()
    keeping.keep()
    with time_machine.travel("2026-02-11 12:00Z", tick=False):
        assert keeping.current("default") is None
        counted_live = everything()
        keeping.keep()
        assert everything() == counted_live


def test_an_administrator_in_another_time_zone_gets_other_days():
    with ago(hours=13):  # 23:00 of the day before in London, 00:00 of this day in Berlin
        make_user("ada")
    keeping.keep()
    with timezone.override("Europe/Berlin"):
        assert keeping.current("default") is None
        assert list(figures.changes().a_day.values())[-2:] == [0, 2]
    assert list(figures.changes().a_day.values())[-2:] == [2, 0]


def test_days_with_a_change_of_the_clocks_are_counted_like_others(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with time_machine.travel("2026-03-29 12:00Z", tick=False):
        for hours in (10, 11, 12, 13, 14, 35, 36, 37, 38):
            with ago(hours=hours):
                make_user(f"person{hours}")
        with timezone.override("Europe/Berlin"):
            counted_live = everything()
            keeping.keep()
            assert everything() == counted_live
            assert not list(checking.findings("default"))


def test_a_record_that_comes_late_is_counted_by_the_next_run():
    keeping.keep()
    with ago(days=3):  # by a clock that is far behind
        make_user("ada").fsm.lock()
    assert figures.changes().flow["active", "lock"] == 0
    assert keeping.keep() is not None
    assert figures.changes().flow["active", "lock"] == 1


def test_an_erasure_throws_the_addresses_away_at_once():
    lives()
    keeping.keep()
    erasure.erase("person2", "asked for", using="default")
    assert not AddressTally.objects.exists()
    assert keeping.keep() is not None
    assert not list(checking.findings("default"))


def test_pruning_throws_them_away_and_the_next_run_counts_what_is_kept(tmp_path, settings):
    settings.AUDIT_RETENTION_MINIMUM = timedelta()
    lives()
    keeping.keep()
    call_command("audit_prune", before="2026-02-05", archive=tmp_path / "old.jsonl.gz", stdout=io.StringIO())
    assert not CountedPeriod.objects.exists()
    counted_live = everything()
    keeping.keep()
    assert everything() == counted_live


def verified() -> str:
    err = io.StringIO()
    try:
        call_command("audit_verify", stdout=err, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return err.getvalue()


def test_verification_finds_nothing_in_what_was_counted():
    lives()
    keeping.keep()
    assert "roll_up" not in verified()


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        (lambda: CountedPeriod.objects.update(changes=[]), "the changes of 2026-01-"),
        (lambda: CountedPeriod.objects.update(changes=[[1]]), "the changes, which cannot be read"),
        (lambda: CountedPeriod.objects.update(changes=7), "the changes, which cannot be read"),
        (lambda: AccountTally.objects.update(locks=9), "the locks of 4 account(s)"),
        (lambda: AccountTally.objects.all()[:1].get().delete(), "the locks of 1 account(s)"),
        (lambda: AddressTally.objects.filter(ip_address="192.0.2.1").update(accounts=9), "from 1 address(es)"),
        (lambda: CountedPeriod.objects.update(time_zone="Nowhere"), "unknown time zone: 'Nowhere'"),
    ],
)
def test_verification_finds_a_number_that_is_not_that_of_the_record(tampering, found: str):
    lives()
    keeping.keep()
    tampering()
    assert found in verified()


def test_verification_finds_a_record_that_went_behind_the_numbers():
    lives()
    keeping.keep()
    with declared("a test"):
        UserStateAudit._base_manager.filter(username="person3").delete()
    assert "the locks of 1 account(s)" in verified()


@pytest.mark.parametrize("garbage", [[[1]], 7, [["2026-01-13", "", "create", "x", 0]], {"a": 1}])
def test_numbers_that_cannot_be_read_are_no_error_but_counted_anew(garbage):
    lives()
    counted_live = everything()
    keeping.keep()
    CountedPeriod.objects.update(changes=garbage)
    assert everything() == counted_live
    assert keeping.keep() is not None


def test_the_line_of_cron_counts_and_says_so():
    out = io.StringIO()
    call_command("run_due", as_json=True, stdout=out)
    assert json.loads(out.getvalue())["dashboard"] == {"counted": 29}
    out = io.StringIO()
    call_command("run_due", as_json=True, stdout=out)
    assert json.loads(out.getvalue())["dashboard"] == {"counted": 0}


def test_a_failure_of_the_counting_is_told_at_the_end(monkeypatch):
    monkeypatch.setattr(keeping, "keep", lambda **_: 1 / 0)
    with pytest.raises(CommandError, match="1 could not be done"):
        call_command("run_due", stdout=io.StringIO())


def test_a_backup_in_json_brings_the_numbers_back(tmp_path):
    lives()
    keeping.keep()
    counted = everything()
    file = tmp_path / "numbers.json"
    call_command(
        "dumpdata", "user_audit.countedperiod", "user_audit.accounttally", "user_audit.addresstally", output=str(file)
    )
    CountedPeriod.objects.all().delete()
    call_command("loaddata", str(file), verbosity=0)
    assert everything() == counted
    assert keeping.keep() is None


def test_the_page_names_an_account_that_was_locked_today(admin_client: Client):
    keeping.keep()
    make_user("ada", state=State.LOCKED)
    assert "ada" in admin_client.get("/admin/user_audit/dashboard/").content.decode()


@pytest.mark.parametrize(
    "details", ['{"count": "many"}', '{"count": 1e300}', "[1]", '{"count": {}}', '{"count": -5}', "null"]
)
def test_figures_that_are_no_numbers_are_not_counted_and_stop_nothing(details, tamper, client, verify):
    lives()
    keeping.keep()
    before = dict(counting.lockouts(UserStateAudit.objects.all()).values_list("ip_address", "locks"))
    tamper("UPDATE user_audit_userstateaudit SET details = %s WHERE cause = 'failed_logins'", [details])
    client.force_login(make_superuser("admin"))

    assert client.get("/admin/user_audit/dashboard/").status_code == 200
    counted = list(counting.lockouts(UserStateAudit.objects.all()))
    assert {address: locks for address, _, locks, _ in counted} == before
    assert {failed_logins for _, failed_logins, _, _ in counted} == {0}
    assert {each["kind"] for each in verify().findings} <= {"edited", "unreadable", "roll_up"} != set()
