"""The values of settings of the record that would pass for a default, or fail only in a request, are said."""

import pytest
from django.core import checks


def complaints():
    return [message for message in checks.run_checks(tags=["audit"], databases=[]) if message.id == "audit.E012"]


@pytest.mark.parametrize(
    ("name", "nonsense", "sense"),
    [
        ("LOG_READS", "everything", "all"),
        ("LOG_READS", [], "exports"),
        ("REFUSALS_PER_HOUR", 0, 1),
        ("REFUSALS_PER_HOUR", "1000", 1000),
        ("IMPERSONATOR", "audit.impersonation.by_nobody", "audit.impersonation.by_known_packages"),
        ("IMPERSONATOR", None, "audit.impersonation.by_known_packages"),
        ("IMPERSONATOR", "nonsense", "audit.impersonation.of"),
        ("REQUEST_ID_HEADER", "X Request", "Request-Id"),
        ("REQUEST_ID_HEADER", None, "X-Request-ID"),
        ("REPLICA", "standby", "default"),
        ("REPLICA", {}, None),
        ("STREAM_CA_FILE", "/no/such/file.pem", __file__),
        ("STREAM_CA_FILE", 5, None),
    ],
)
def test_a_value_that_makes_no_sense_is_said_with_what_to_write(settings, name, nonsense, sense):
    setattr(settings, f"AUDIT_{name}", nonsense)
    (message,) = complaints()
    assert message.msg == f"AUDIT_{name} is {nonsense!r}"
    assert message.hint

    setattr(settings, f"AUDIT_{name}", sense)
    assert complaints() == []


@pytest.mark.parametrize("name", ["STREAM_AUTHORIZATION", "STREAM_WEBHOOK_SECRET"])
@pytest.mark.parametrize("nonsense", [b"Bearer secret", "Bearer\nsecret", None])
def test_secrets_are_one_line_and_not_repeated(settings, name, nonsense):
    setattr(settings, f"AUDIT_{name}", nonsense)
    (message,) = complaints()
    assert "secret" not in message.msg

    setattr(settings, f"AUDIT_{name}", "Bearer secret")
    assert complaints() == []
