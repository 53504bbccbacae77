"""The data model and the API reference are complete, whatever is added to the code."""

import pytest
from django.apps import apps

from audit.models import UserStateAudit
from project.documents import data_model, reference
from project.documents.docstrings import below_attributes
from users.models import UserFSM
from users.models.querysets import BulkOutcome

MODELS = [
    model
    for label in ("user_lifecycle", "user_audit")
    for model in apps.get_app_config(label).get_models()
    if not model._meta.proxy
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_data_model_shows_every_column_of_every_table(model):
    page = data_model.page()
    section = page.partition(f"\n## {model.__name__}\n")[2].partition("\n## ")[0]

    assert f"Table `{model._meta.db_table}`." in section
    for field in model._meta.concrete_fields:
        assert f"\n| `{field.attname}` |" in section
    assert f"\n    {model.__name__} {{\n" in page


@pytest.mark.parametrize(
    "arrow",
    [
        pytest.param("User ||--o| UserFSM : user", id="one state for each user"),
        pytest.param("User ||..o{ UserStateAudit : user", id="records outlive the user"),
        pytest.param("User |o..o{ UserStateAudit : actor", id="an actor may be nobody"),
    ],
)
def test_the_diagram_tells_keys_with_a_constraint_from_those_without(arrow):
    assert f"    {arrow}\n" in data_model.page()


@pytest.mark.parametrize(
    "call",
    [
        "user.fsm.lock(*, by: By = None,",
        "UserFSM.objects.bulk_transition(name: str, *, by: By = None,",
        "users.invitations.invite(*, email: str,",
        "users.sessions.open_sessions(user: User)",
        "users.lifecycle.write_along(row: models.Model | RowValues)",
        "UserStateAudit.objects.of(user: AbstractBaseUser) -> Self",
        "UserStateAudit.objects.by(actor: ",
        "UserStateAudit.objects.between(start: datetime, end: datetime) -> Self",
        "UserStateAudit.objects.state_at(user: AbstractBaseUser, moment: datetime)",
        "with audit.context.acting_as(",
        "audit.context.carried(function: ",
        "with audit.maintenance.declared(reason: str,",
    ],
)
def test_the_reference_shows_how_to_call(call):
    assert f"```python\n{call}" in reference.page()


def test_the_reference_has_every_transition_method_and_every_question_of_ours():
    page = reference.page()

    for name in {each.name for each in UserFSM.transitions()}:
        assert f"\n### `{name}`\n" in page
    for queryset in (type(UserFSM.objects.all()), type(UserStateAudit.objects.transitions().all())):
        new = {name for name in vars(queryset) if not name.startswith("_") and not hasattr(queryset.__base__, name)}
        assert new
        for name in new:
            assert f"\n### `{name}`\n" in page


@pytest.mark.parametrize("section", reference.SECTIONS, ids=lambda section: section.title)
def test_everything_in_the_reference_has_a_docstring(section):
    assert [name for name, member in reference.members(section) if not member.__doc__] == []


def test_docstrings_below_attributes_are_found_in_classes_of_any_kind():
    assert below_attributes(BulkOutcome)["changed"]
    assert below_attributes(UserFSM)["failed_logins"]
    assert "protected_columns" in below_attributes(UserFSM)  # also of an abstract base
