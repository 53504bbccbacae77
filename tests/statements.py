"""What a call sends to the database."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from users.models import UserFSM

OF_TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def statements_of(call: Callable[[], Any]) -> list[str]:
    """Return the statements of this call without those of transactions. Content types are known before."""
    for model in (UserFSM, get_user_model()):
        ContentType.objects.get_for_model(model)
    with CaptureQueriesContext(connection) as captured:
        call()
    # Many rows at once are shown as "3 times: INSERT ...".
    texts = [str(each["sql"]).split(" times: ")[-1] for each in captured]
    return [text for text in texts if not text.upper().startswith(OF_TRANSACTIONS)]
