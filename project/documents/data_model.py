"""The data model, as a diagram and as tables, from the models themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model
from django.db import models
from django_fsm_log.models import StateLog

from project.documents import markdown
from project.documents.docstrings import below_attributes
from project.documents.tables import APPS, GENERATED, INDEX

Model = type[models.Model]
Field: TypeAlias = "models.Field[Any, Any]"
Key = models.ForeignKey  # one-to-one keys are foreign keys too

LINES = (
    "A solid line is a foreign key with a constraint in the database. A dotted line is a key without one: the row\n"
    "outlives the user it names."
)

STRANGERS = (
    "The user model is the project's own; the diagram shows the columns that the apps use. `StateLog` belongs to\n"
    "django-fsm-log and names the state row by its content type and key."
)


def page() -> str:
    """All models of the apps, with what they point to."""
    return markdown.page(
        [
            GENERATED,
            "# Data model",
            INDEX,
            LINES,
            _diagram(),
            STRANGERS,
            *(_section(model) for model in _own_models()),
        ]
    )


def _own_models() -> list[Model]:
    found = [model for config in _own_apps() for model in config.get_models()]
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def _own_apps() -> list[AppConfig]:
    """The apps in `APPS` and the ones inside of them, in that order."""
    own = [config for config in apps.get_app_configs() if config.name.split(".")[0] in APPS]
    return sorted(own, key=lambda config: (APPS.index(config.name.split(".")[0]), config.name))


def _diagram() -> str:
    drawn = [get_user_model(), *_own_models(), StateLog]
    lines = ["erDiagram"]
    for model in drawn:
        lines += [f"    {model.__name__} {{", *(f"        {_column(field)}" for field in _drawn_fields(model)), "    }"]
    lines += [f"    {line}" for model in drawn for line in _arrows(model, among=drawn)]
    return "\n".join(["```mermaid", *lines, "```"])


def _drawn_fields(model: Model) -> list[Field]:
    fields: list[Field] = list(model._meta.concrete_fields)
    if model is not get_user_model():
        return fields
    used = {"is_active", getattr(model, "USERNAME_FIELD", ""), getattr(model, "EMAIL_FIELD", "")}
    return [field for field in fields if field.primary_key or field.name in used]


def _column(field: Field) -> str:
    marks = (
        ["PK"] * field.primary_key + ["FK"] * isinstance(field, Key) + ["UK"] * (field.unique and not field.primary_key)
    )
    return " ".join([_type(field), field.column or field.attname, ",".join(marks)]).strip()


def _arrows(model: Model, *, among: Iterable[Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        if isinstance(field, Key) and field.related_model in among:
            one = "|o" if field.null else "||"
            many = "o|" if field.unique else "o{"
            line = "--" if getattr(field, "db_constraint", True) else ".."
            yield f"{field.related_model.__name__} {one}{line}{many} {model.__name__} : {field.name}"


def _section(model: Model) -> str:
    described = below_attributes(model)
    rows = (
        (f"`{field.attname}`", _type(field) + " or null" * field.null, _meaning(field, described))
        for field in model._meta.concrete_fields
    )
    return "\n\n".join(
        [
            f"## {model.__name__}",
            markdown.paragraphs(model.__doc__),
            f"Table `{model._meta.db_table}`.",
            markdown.table(("column", "type", "meaning"), rows),
        ]
    )


def _type(field: Field) -> str:
    target: Field = field.target_field if isinstance(field, Key) else field
    kind = target.get_internal_type().removesuffix("Field").lower()
    if kind.endswith(("integer", "auto")):
        return "integer"
    return "text" if kind == "char" else kind


def _meaning(field: Field, described: dict[str, str]) -> str:
    texts = (str(field.verbose_name), described.get(field.name, ""), str(field.help_text))
    return ": ".join(text for text in texts if text)
