import pytest
from django.contrib.auth.models import User

from audit.integrity import journal


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_cannot_be_written_fails_no_transition(monkeypatch, caplog):
    def full(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(journal.logger, "info", full)
    user = User.objects.create_user("alice")

    user.fsm.activate()

    assert User.objects.get().is_active
    assert "no space left on device" in caplog.text
