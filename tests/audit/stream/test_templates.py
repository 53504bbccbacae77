"""A line by a template is the line that the format's own function writes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import UserStateAudit
from audit.stream.formats import FORMATS, ecs, ocsf
from audit.stream.formats.templates import DETAILS, _mark
from users.causes import Cause
from users.states import State

WRITTEN_BY = {
    "ocsf": ocsf.account_change,
    "ocsf-user-management": ocsf.user_management,
    "ecs": ecs.line,
}
EVENT = "changes-1-0123456789ab"

texts = st.sampled_from(
    [
        "",
        "ada",
        "bob",
        "100 %",
        "%s %(a)d",
        'a "b" \\',
        "two\nlines",
        "ä 名 😀",
        "a\x01b",
        "\ue00000\ue001",
        _mark(DETAILS),
    ]
)
moments = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
keys = st.one_of(st.none(), st.integers(1, 10**9))
records = st.builds(
    UserStateAudit,
    user_id=st.integers(1, 10**9),
    username=texts,
    sequence=st.integers(0, 9),
    transition=st.sampled_from(["create", "lock", "unlock", "delete", "unknown", "\ue00003\ue001"]),
    cause=st.sampled_from(["", Cause.FAILED_LOGINS.value, Cause.REQUEST.value]),
    start_state=st.sampled_from(["", State.ACTIVE.value]),
    end_state=st.sampled_from(["", State.LOCKED.value]),
    datetime=st.one_of(st.none(), moments),
    locked_until=st.one_of(st.none(), moments),
    actor_id=keys,
    actor_kind=st.sampled_from(["", "user"]),
    initiated_by=texts,
    impersonator_id=keys,
    impersonator_name=texts,
    description=texts,
    ip_address=st.sampled_from(["", "CLI", "192.0.2.1", "192.0.2.01", "2001:DB8::1", "::ffff:192.0.2.1", "1\x00"]),
    user_agent=texts,
    request_id=texts,
    signature=texts,
    details=st.sampled_from(
        [
            {},
            {"count": 5, "addresses": ["192.0.2.1"]},
            {"count": 0},
            {"count": True},
            {"count": "5"},
            {"a": ""},
            {"a": {"b": ""}, "c": "%d \x01 \ue001"},
        ]
    ),
)


@pytest.mark.parametrize("name", WRITTEN_BY)
@settings(max_examples=400, deadline=None)
@given(record=records)
def test_a_line_by_a_template_is_that_of_the_format(name, record):
    assert FORMATS[name].line("changes", record, EVENT) == WRITTEN_BY[name]("changes", record, EVENT)
