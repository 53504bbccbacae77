"""How long the login page takes to refuse, by why it refuses: what a stranger with a stopwatch could learn."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test import Client, override_settings

from benchmarks.accounts import people
from benchmarks.measuring.harness import MILLISECONDS, Result, contest, hand_in
from tests.factories import make_user
from users.models import UserFSM
from users.states import State

ROUNDS = 11
PASSWORD = "correct horse"  # noqa: S105 - of people who do not exist
WRONG = "a wrong password"
REFUSED = {
    WRONG: ("active", "wrong"),
    "an unknown name": ("nobody", "wrong"),
    "no name at all": ("\0", "wrong"),
    "locked, a wrong password": ("locked", "wrong"),
    "locked, the right password": ("locked", PASSWORD),
    "invited, the right password": ("invited", PASSWORD),
    "deactivated, the right password": ("deactivated", PASSWORD),
}


@override_settings(USERS_LOCKOUT_FAILURE_LIMIT=10**6, USERS_LOCKOUT_ADDRESS_LIMIT=10**6)
def main() -> None:
    people.migrate()
    for state in State:
        make_user(state.value, state=state, password=PASSWORD)
    client = Client(SERVER_NAME="localhost")
    reasons = {reason: refusal(client, *credentials) for reason, credentials in REFUSED.items()}
    times = contest(reasons, rounds=ROUNDS, calls=1, measure=MILLISECONDS)
    if UserFSM.objects.get(user__username="active").failed_logins_untold != ROUNDS + 1:
        raise RuntimeError("not each wrong password has counted")
    hand_in(
        [
            Result(
                title="A refused login",
                database=connection.vendor,
                unit="login",
                measure=MILLISECONDS,
                against=WRONG,
                **times,
                rounds=ROUNDS,
                note="The hasher is Django's own, as in production.",
            )
        ]
    )


def refusal(client: Client, username: str, password: str) -> Callable[[], None]:
    """Post the login page's form; raises `RuntimeError` where it does not refuse."""

    def call() -> None:
        page = client.post("/accounts/login/", {"username": username, "password": password}, secure=True)
        if page.status_code != 200 or "Please enter a correct" not in page.text:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{username!r} was not refused")

    return call
