from django.apps import AppConfig


class UsersConfig(AppConfig):
    """An app labelled `users`, in a package of the project."""

    name = "tests.abroad.packages.cookiecutter.ours.users"
