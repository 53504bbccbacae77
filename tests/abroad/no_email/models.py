"""People who have a handle and a password, and no email address."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class PlayerManager(BaseUserManager):  # type: ignore[type-arg]  # generic in the stubs only
    def create_user(self, handle, password=None, **fields):
        user = self.model(handle=handle, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, handle, password=None):
        return self.create_user(handle, password, is_superuser=True)


class Player(AbstractBaseUser, PermissionsMixin):
    handle = models.SlugField(max_length=300, unique=True)
    is_active = models.BooleanField(default=True)

    objects = PlayerManager()
    USERNAME_FIELD = "handle"

    @property
    def is_staff(self):
        return self.is_superuser
