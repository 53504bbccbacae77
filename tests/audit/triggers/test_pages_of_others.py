"""Pages of other packages that write `is_active` in bulk."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import path

from audit.exceptions import IsActiveRefused
from tests.factories import make_user
from tests.truth import assert_true_record
from users.states import State

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def deactivate_everybody(request):
    with transaction.atomic():
        User.objects.update(is_active=False)
    return HttpResponse("done")


urlpatterns = [path("deactivate-everybody/", deactivate_everybody)]


def test_a_page_that_updates_is_active_answers_403_and_changes_nothing(client):
    ada = make_user("ada")

    assert client.post("/deactivate-everybody/").status_code == 403

    assert assert_true_record(ada).state == State.ACTIVE


def test_code_that_expects_an_integrity_error_gets_one():
    make_user("ada")

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        User.objects.update(is_active=False)

    assert isinstance(refusal.value, IsActiveRefused)
