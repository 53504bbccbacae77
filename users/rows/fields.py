"""The one-to-one key of `UserFSM`. `user.fsm` always finds a row."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, router
from django.db.models.fields.related_descriptors import ReverseOneToOneDescriptor

from users.rows.provisioning import provision


class ProvisioningDescriptor(ReverseOneToOneDescriptor):  # type: ignore[type-arg]  # generic in the stubs only
    """`user.fsm`. It creates the row of a user who was created without signals (`bulk_create`, SQL)."""

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        try:
            return super().__get__(instance, cls)
        except self.RelatedObjectDoesNotExist:
            if instance is None or instance.pk is None:
                raise
            self._provision(instance)
            return super().__get__(instance, cls)

    def _provision(self, instance: models.Model) -> None:
        using = router.db_for_write(self.related.related_model, instance=instance)
        # Read again: the instance may be stale, or the user deleted.
        if fresh := get_user_model()._base_manager.using(using).filter(pk=instance.pk).first():
            provision([fresh], using=using)
            instance.is_active = fresh.is_active  # type: ignore[attr-defined]
        self.related.delete_cached_value(instance)


class UserKey(models.OneToOneField[Any, Any]):
    """A `OneToOneField` to the user model with `ProvisioningDescriptor` on the user's side."""

    related_accessor_class = ProvisioningDescriptor
