"""A user as SCIM describes one."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django_scim.adapters import SCIMUser
from django_scim.constants import SchemaURI

from users import mail
from users.api.models import ScimIdentity
from users.api.scim import attributes, patching, provisioning
from users.rows.user_model import login_name
from users.states import State


class Account(SCIMUser):  # type: ignore[misc]
    """
    The adapter that django-scim2's views work with.

    `active` is false for deactivated accounts alone. A locked or invited person is still a member of the organisation,
    and an identity provider that saw `false` would try to open the account.
    """

    id_field = "pk"
    url_name = "scim:users"

    def __init__(self, obj: Any, request: Any = None) -> None:
        super().__init__(obj, request)
        self.obj: Any = obj
        self.wanted: patching.Wanted = {}

    def to_dict(self) -> dict[str, Any]:
        """The representation of RFC 7643, 4.1, with the attributes that the request asks for."""
        user, email = self.obj, mail.address_of(self.obj)
        name = {"givenName": getattr(user, "first_name", ""), "familyName": getattr(user, "last_name", "")}
        name["formatted"] = " ".join(filter(None, name.values()))
        identity: ScimIdentity | None = getattr(user, "scim_identity", None)
        described = {
            "schemas": [SchemaURI.USER],
            "id": self.id,
            "userName": login_name(user),
            "name": name,
            "displayName": name["formatted"] or login_name(user),
            "emails": [{"value": email, "type": "work", "primary": True}] if email else [],
            "active": user.fsm.current_state != State.DEACTIVATED,
            "meta": self.meta,
        }
        described |= {"externalId": identity.external_id} if identity else {}
        return attributes.selected(described, self.request.GET)

    @property
    def meta(self) -> dict[str, Any]:
        """Type, place and version; the version counts transitions, not other changes."""
        joined = getattr(self.obj, "date_joined", None)
        created = {"created": joined.isoformat()} if joined else {}
        return {"resourceType": "User", **created, "location": self.location}

    @property
    def location(self) -> str:
        return str(self.request.build_absolute_uri(reverse(self.url_name, kwargs={"uuid": self.id})))

    def validate_dict(self, d: Any) -> None:
        """`from_dict` validates."""

    def from_dict(self, d: Any) -> None:
        """Take the values of a POST or PUT. PUT clears the attributes that it leaves out, but never `active`."""
        wanted = patching.of_resource(d)
        if self.obj.pk is not None:
            wanted = {"givenName": "", "familyName": ""} | wanted
        self.wanted = wanted

    def save(self) -> None:
        """Carry it out."""
        if self.obj.pk is None:
            self.obj = provisioning.create(self.wanted, by=self.request.user)
        else:
            provisioning.update(self.obj, self.wanted, by=self.request.user)

    def delete(self) -> None:
        provisioning.remove(self.obj, by=self.request.user)

    def handle_operations(self, operations: Any) -> None:
        """Carry out a PATCH."""
        provisioning.update(self.obj, patching.of_operations(operations), by=self.request.user)
