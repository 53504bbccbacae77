"""Django's documentation's own example of a user model, and a UUID for its key; no groups, no date of joining."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class PersonManager(BaseUserManager):  # type: ignore[type-arg]  # generic in the stubs only
    def create_user(self, email, date_of_birth, password=None):
        user = self.model(email=self.normalize_email(email), date_of_birth=date_of_birth)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, date_of_birth, password=None):
        user = self.create_user(email, date_of_birth=date_of_birth, password=password)
        user.is_admin = True
        user.save(using=self._db)
        return user


class Person(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True)
    date_of_birth = models.DateField()
    left = models.DateField(null=True)
    is_active = models.BooleanField(default=True, null=True)  # type: ignore[assignment]  # as databases of before
    is_admin = models.BooleanField(default=False)

    objects = PersonManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["date_of_birth"]

    def has_perm(self, perm, obj=None):
        return self.is_admin

    def has_perms(self, perms, obj=None):
        return self.is_admin

    def has_module_perms(self, app_label):
        return self.is_admin

    @property
    def is_staff(self):
        return self.is_admin
