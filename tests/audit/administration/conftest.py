"""Who looks at the record, and what there is to see."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.factories import make_superuser, make_user


@pytest.fixture
def auditor(db: None) -> User:
    user = make_user("auditor", is_staff=True)
    user.groups.add(Group.objects.get(name="auditor"))
    return user


@pytest.fixture
def auditor_client(auditor: User) -> Client:
    client = Client()
    client.force_login(auditor)
    return client


@pytest.fixture
def root_client(db: None) -> Client:
    client = Client()
    client.force_login(make_superuser())
    return client
