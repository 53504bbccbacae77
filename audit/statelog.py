"""A storage backend for django-fsm-log, so that the lifecycle writes `StateLog` rows with the state."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType, ContentTypeManager
from django_fsm_log.backends import SimpleBackend
from django_fsm_log.models import StateLog

from audit import context
from users import lifecycle
from users.input.text import storable
from users.lifecycle import RowValues
from users.models import UserFSM


class UnitOfWorkBackend(SimpleBackend):  # type: ignore[misc]
    """
    A storage backend for `DJANGO_FSM_LOG_STORAGE_METHOD`.

    It hands rows for `UserFSM` to the open unit of work, with the same actor as our own record. For models of other
    apps it is django-fsm-log's `SimpleBackend`, which inserts immediately and leaves a row behind if the transition is
    not saved.
    """

    @staticmethod
    def post_transition_callback(
        sender: Any, instance: Any, name: str, source: Any, target: Any, **kwargs: Any
    ) -> None:
        """Receiver of `post_transition`, connected by django-fsm-log for all senders."""
        ignored = getattr(settings, "DJANGO_FSM_LOG_IGNORED_MODELS", ())
        if not isinstance(instance, UserFSM):
            SimpleBackend.post_transition_callback(sender, instance, name, source, target, **kwargs)
        elif f"{sender.__module__}.{sender.__qualname__}" not in ignored:
            lifecycle.write_along(_row(instance, name, source, target, kwargs["method_kwargs"]))


def _row(fsm: UserFSM, name: str, source: str, target: str, method_kwargs: dict[str, Any]) -> RowValues:
    now = lifecycle.underway(fsm)
    return RowValues.of(
        StateLog,
        timestamp=now.moment,
        by_id=context.actor(method_kwargs.get("by")).user_id,
        source_state=source,
        state=target,
        transition=name,
        content_type_id=_content_types(now.using).get_for_model(fsm).pk,
        object_id=fsm.pk,
        description=storable(method_kwargs["description"]) if method_kwargs.get("description") else None,
    )


@cache
def _content_types(using: str) -> ContentTypeManager:
    """Return the content types of this database, cached."""
    return ContentType.objects.db_manager(using)
