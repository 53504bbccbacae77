"""The one-to-one key of `UserFSM`. `user.fsm` always finds a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import get_user_model
from django.db import models, router
from django.db.models.fields.related_descriptors import ReverseOneToOneDescriptor

from users.lifecycle import assignment
from users.rows import birth
from users.rows.birth import Stage
from users.rows.provisioning import provision, provision_new

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


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
        if birth.stage(instance) is Stage.INSERTED:  # a receiver of `post_save` asks before ours was called
            provision_new(cast("User", instance), using=using)
        # Read again: the instance may be stale, or the user deleted.
        elif fresh := get_user_model()._base_manager.using(using).filter(pk=instance.pk).first():
            provision([fresh], using=using)
            if not assignment.is_assigned(instance):
                assignment.show(instance, is_active=fresh.is_active)
        self.related.delete_cached_value(instance)


class UserKey(models.OneToOneField[Any, Any]):
    """A `OneToOneField` to the user model with `ProvisioningDescriptor` on the user's side."""

    related_accessor_class = ProvisioningDescriptor
