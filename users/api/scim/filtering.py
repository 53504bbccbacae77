"""A SCIM filter as a query of Django's, by scim2-filter-parser."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django_scim.exceptions import BadRequestError
from scim2_filter_parser.lexer import SCIMLexer
from scim2_filter_parser.parser import SCIMParser, SCIMParserError
from scim2_filter_parser.transpilers.django_q_object import Transpiler

from users.states import State

LONGEST = 1000
BOOLEANS = ("scim_active", "scim_email_primary")
"""The annotations of `described` that are true or false."""

Path = tuple[str, str | None, str | None]


class StrictTranspiler(Transpiler):  # type: ignore[misc]
    """Refuses attributes that it does not know; the library leaves them out, which finds more than was asked for."""

    def visit_AttrPath(self, node: Any) -> str:  # noqa: N802 - the library's name
        found: str | None = super().visit_AttrPath(node)
        if found is None:
            raise BadRequestError(f"There is no filter by {node.attr_name}.", scim_type="invalidFilter")
        return found

    def visit_AttrExpr(self, node: Any) -> Any:  # noqa: N802 - the library's name
        path, value = node.attr_path, node.comp_value
        is_boolean = isinstance(path.attr_name, str) and self.visit(path) in BOOLEANS
        # Compared with a text, everybody is found on PostgreSQL and nobody on SQLite.
        if is_boolean and value and not isinstance(self.visit(value), bool):
            raise BadRequestError(f"{path.attr_name} is true or false.", scim_type="invalidFilter")
        return super().visit_AttrExpr(node)


def described(users: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate users with the values that a filter may use beside their own columns."""
    closed = When(fsm__current_state=State.DEACTIVATED, then=Value(False))  # noqa: FBT003 - a value in SQL
    annotated: QuerySet[Any] = users.annotate(
        scim_active=Case(closed, default=Value(True), output_field=BooleanField()),  # noqa: FBT003
        scim_email_type=Value("work"),
        scim_email_primary=Value(True),  # noqa: FBT003
    )
    return annotated


def filtered(users: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Select the users that match a filter, from those of `described`; raises `BadRequestError` (RFC 7644)."""
    if len(text) > LONGEST or not text.isprintable():
        raise BadRequestError("The filter is too long, or no text.", scim_type="invalidFilter")
    try:
        tree = SCIMParser().parse(SCIMLexer().tokenize(text))
        query = StrictTranspiler(_paths()).transpile(tree)
        return users.filter(query if isinstance(query, Q) else Q(pk=None))
    except BadRequestError:
        raise
    except (SCIMParserError, RecursionError, ValueError, TypeError, AttributeError, NotImplementedError) as error:
        raise BadRequestError("The filter cannot be read.", scim_type="invalidFilter") from error


def _paths() -> dict[Path, str]:
    model: Any = get_user_model()
    email, names = model.get_email_field_name(), {field.name for field in model._meta.get_fields()}
    plain: dict[Path, str] = {
        ("id", None, None): "pk",
        ("userName", None, None): model.USERNAME_FIELD,
        ("externalId", None, None): "scim_identity__external_id",
        ("active", None, None): "scim_active",
        ("emails", None, None): email,
        ("emails", "value", None): email,
        ("emails", "type", None): "scim_email_type",
        ("emails", "primary", None): "scim_email_primary",
    }
    for attribute, field in (("givenName", "first_name"), ("familyName", "last_name")):
        if field in names:
            plain["name", attribute, None] = field
    core = "urn:ietf:params:scim:schemas:core:2.0:User"
    return plain | {(name, sub, core): field for (name, sub, _uri), field in plain.items()}
