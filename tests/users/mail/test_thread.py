import pytest
from django.db import connections

from users.mail.thread import Thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("fails", [False, True], ids=["after its task", "after an error"])
def test_the_thread_closes_the_connections_that_it_has_opened(monkeypatch, fails):
    opened, closed = [], []

    def task(using):
        connection = connections[using]
        connection.ensure_connection()
        monkeypatch.setattr(connection, "close", lambda: closed.append(connection))
        opened.append(connection)
        if fails:
            raise ZeroDivisionError

    thread = Thread(task)
    thread.wake("default")
    thread.wait(timeout=60)

    assert len(opened) == 1
    assert closed == opened
    opened[0].connection.close()
