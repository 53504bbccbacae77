"""
People as a database of before knows them: a table of everybody, one of those who log in, with their number for a name.

Whoever is made is inactive until somebody says otherwise, also by `create_superuser`; and the manager finds nobody who
is inactive.
"""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class Human(models.Model):
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=False, db_column="In Use")

    class Meta:
        db_table = "All Humans"


class WorkerManager(BaseUserManager):  # type: ignore[type-arg]  # generic in the stubs only
    def get_queryset(self):
        return super().get_queryset().filter(is_active=True)

    def create_user(self, number, password=None, **fields):
        user = self.model(number=number, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, number, password=None):
        return self.create_user(number, password, is_superuser=True)


class Worker(Human, AbstractBaseUser, PermissionsMixin):
    number = models.PositiveBigIntegerField(unique=True)

    objects = WorkerManager()
    everybody = models.Manager()
    USERNAME_FIELD = "number"

    def __str__(self):
        return str(self.number)

    @property
    def is_staff(self):
        return self.is_superuser
