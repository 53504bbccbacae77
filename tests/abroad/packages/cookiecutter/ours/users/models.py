"""The user model of cookiecutter-django, for logins by email."""

from django.contrib.auth.models import AbstractUser
from django.db.models import CharField, EmailField
from django.urls import reverse

from tests.abroad.packages.cookiecutter.ours.users.managers import UserManager


class User(AbstractUser):
    name = CharField("Name of User", blank=True, max_length=255)
    first_name = None
    last_name = None
    email = EmailField("email address", unique=True)
    username = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    def get_absolute_url(self):
        return reverse("users:detail", kwargs={"pk": self.pk})
