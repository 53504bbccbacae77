"""People who use the same link, or leave, at the same moment."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone

from audit.models import UserStateAudit
from tests.factories import make_superuser
from tests.threads import at_once
from users import invitations
from users.exceptions import InvitationNotValid, LastActiveSuperuser, NotInvited
from users.models import UserFSM
from users.people import leaving
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_many_who_invite_the_same_person_at_once_one_does_and_the_others_are_told():
    invite = partial(UserFSM.objects.invite, email="alice@example.com", username="alice", by="system")

    outcomes = at_once(*[invite] * 6)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["User"] + ["ValidationError"] * 5
    assert len(mail.outbox) == 1


def test_one_of_many_who_use_an_invitation_at_once_sets_the_password():
    user = UserFSM.objects.invite(email="alice@example.com", username="alice", by="system")
    token = str(mail.outbox[0].body).split("/accounts/invitation/")[1].split("/")[0]
    passwords = [f"password number {n}" for n in range(8)]

    outcomes = at_once(*(partial(invitations.accept, token, password) for password in passwords))

    refused = [isinstance(outcome, InvitationNotValid) for outcome in outcomes]
    assert sorted(refused) == [False] + [True] * 7
    assert UserStateAudit.objects.transitions().of(user).count() == 1
    assert User.objects.get().check_password(passwords[refused.index(False)])


def user_of(username):
    return User.objects.get(username=username)


def test_a_link_is_accepted_or_replaced_and_none_is_left_over():
    for number in range(5):
        mail.outbox.clear()
        user = UserFSM.objects.invite(email=f"a{number}@example.com", username=f"a{number}", by="system")
        token = str(mail.outbox[0].body).split("/accounts/invitation/")[1].split("/")[0]

        accepted, resent = at_once(
            partial(invitations.accept, token, "correct horse battery"), partial(invitations.resend, user)
        )

        # Until the email with the new link is sent, the old one works; then the new one no longer does.
        assert isinstance(accepted, InvitationNotValid) != (user_of(f"a{number}").fsm.current_state == State.ACTIVE)
        assert resent is None or isinstance(resent, NotInvited)
        if not isinstance(accepted, InvitationNotValid):
            for message in mail.outbox:
                with pytest.raises(InvitationNotValid):
                    invitations.find(str(message.body).split("/accounts/invitation/")[1].split("/")[0])


def test_many_who_ask_for_a_new_link_at_once_make_one_mail():
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
        UserFSM.objects.invite(email="alice@example.com", username="alice", by="system")

    at_once(*[partial(invitations.ask_anew, "alice@example.com")] * 6)

    assert len(mail.outbox) == 2


def test_superusers_who_leave_at_once_leave_one_behind():
    superusers = [make_superuser(f"root{number}") for number in range(4)]

    outcomes = at_once(*(partial(leaving.leave, user) for user in superusers))

    assert sum(isinstance(outcome, LastActiveSuperuser) for outcome in outcomes) == 1
    assert UserFSM.objects.in_state(State.ACTIVE).count() == 1
