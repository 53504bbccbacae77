"""Records of every kind, as transitions write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from audit.models import Reading, RecordRead, RefusedTransition, SchedulingNote, Step, UserStateAudit
from tests.factories import make_superuser, make_user
from users.causes import Cause
from users.states import State


def every_kind_of_record() -> list[Any]:
    """Live a life that makes every transition, by users and others, with and without what is optional."""
    admin = make_superuser("admin")
    ada = make_user("ada", state=State.INVITED)
    ada.fsm.activate(by=ada, cause=Cause.INVITATION_ACCEPTED)
    ada.fsm.lock(by=admin, description='"; DROP\n\t<script> \u2028 é 用户', until=timezone.now() + timedelta(hours=1))
    ada.fsm.unlock(by="a nightly job")
    ada.fsm.deactivate()
    ada.fsm.reactivate(by=admin)
    bob = make_user("bob")
    bob.delete()
    records = list(UserStateAudit.objects.order_by("pk"))
    return [*records, *of_format_1(), _lockout(ada.pk), _impersonated(ada.pk, admin.pk)]


def _lockout(user_id: Any) -> UserStateAudit:
    return UserStateAudit(
        pk=10**6,
        user_id=user_id,
        username="ada",
        sequence=9,
        transition="lock",
        cause=Cause.FAILED_LOGINS,
        start_state="active",
        end_state="locked",
        locked_until=timezone.now(),
        actor_kind="anonymous",
        initiated_by="anonymous",
        details={"count": 5, "addresses": {"192.0.2.7": 5}},
        ip_address="192.0.2.7",
        user_agent="Mozilla/5.0",
        request_id="abc-1",
        signature="2.00000000.ab",
    )


def _impersonated(user_id: Any, impersonator_id: Any) -> UserStateAudit:
    return UserStateAudit(
        pk=10**6 + 1,
        user_id=user_id,
        username="ada",
        sequence=10,
        transition="unlock",
        cause=Cause.REQUEST,
        start_state="locked",
        end_state="active",
        actor_id=user_id,
        actor_kind="user",
        initiated_by="ada",
        impersonator_id=impersonator_id,
        impersonator_name="admin",
        ip_address="2001:db8::7",
        signature="2.00000000.cd",
    )


def of_format_1() -> list[UserStateAudit]:
    """Records from before causes, kinds of actors, details and times in milliseconds: by a user, and by nobody."""
    moment = datetime(2025, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    common = {"user_id": 7, "username": "ada", "datetime": moment, "signature": "1.00000000.ef"}
    return [
        UserStateAudit(
            pk=3,
            sequence=1,
            transition="lock",
            start_state="active",
            end_state="locked",
            actor_id=3,
            initiated_by="admin",
            description="5 failed logins from 192.0.2.7",
            ip_address="192.0.2.7",
            user_agent="Mozilla/5.0",
            **common,
        ),
        UserStateAudit(
            pk=4,
            sequence=2,
            transition="unlock",
            start_state="locked",
            end_state="active",
            initiated_by="CLI",
            ip_address="CLI",
            **common,
        ),
    ]


def refusals() -> list[RefusedTransition]:
    """Refused transitions, by a user and by nobody, of a known and an unknown name."""
    common = {"user_id": 7, "username": "ada", "state": "deactivated", "reason": "state", "datetime": timezone.now()}
    return [
        RefusedTransition(
            pk=1,
            transition="unlock",
            actor_kind="user",
            actor_id=3,
            initiated_by="admin",
            ip_address="192.0.2.7",
            user_agent="curl",
            request_id="r-1",
            description="please",
            left_out=True,
            **common,
        ),
        RefusedTransition(
            pk=2, transition="no such transition", actor_kind="cli", initiated_by="CLI", ip_address="CLI", **common
        ),
    ]


def reads() -> list[RecordRead]:
    """An export that came to its end, one that did not, and a page."""
    common = {"actor_kind": "user", "actor_id": 3, "initiated_by": "auditor", "datetime": timezone.now()}
    return [
        RecordRead(
            pk=1, what=Reading.EXPORT, query="to=locked", rows=12, ip_address="192.0.2.7", user_agent="x", **common
        ),
        RecordRead(pk=2, what=Reading.EXPORT, query="", rows=None, ip_address="CLI", **common),
        RecordRead(pk=3, what=Reading.RECORD, query="", rows=1, ip_address="2001:db8::1", **common),
    ]


def steps() -> list[SchedulingNote]:
    """Every step of scheduled changes, with and without what is optional."""
    now = timezone.now()
    common = {"change": 5, "user_id": 7, "username": "ada", "datetime": now, "at": now + timedelta(days=90)}
    by_user = {"actor_kind": "user", "actor_id": 3, "initiated_by": "admin", "ip_address": "192.0.2.7"}
    by_system = {"actor_kind": "system", "initiated_by": "system", "ip_address": "CLI"}
    return [
        SchedulingNote(
            pk=1,
            what=Step.SCHEDULED,
            transition="lock",
            until=now + timedelta(days=91),
            description="on leave",
            details={"ticket": "H-1"},
            user_agent="curl",
            request_id="r-1",
            signature="2.00000000.ab",
            **common,
            **by_user,
        ),
        SchedulingNote(pk=2, what=Step.CANCELLED, transition="lock", **common, **by_user),
        SchedulingNote(pk=3, what=Step.DONE, transition="deactivate", **common, **by_system),
        SchedulingNote(
            pk=4, what=Step.REFUSED, transition="deactivate", description="the last one", **common, **by_system
        ),
    ]
