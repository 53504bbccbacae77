"""Requests in the shapes that Okta and Microsoft Entra ID document, as data."""

from typing import Any

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

# developer.okta.com, "Okta and SCIM Version 2.0": the profile of a new user, with a password that nobody is to use.
OKTA_CREATE: dict[str, Any] = {
    "schemas": [CORE],
    "userName": "test.user@okta.local",
    "name": {"givenName": "Test", "familyName": "User"},
    "emails": [{"primary": True, "value": "test.user@okta.local", "type": "work"}],
    "displayName": "Test User",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}

# learn.microsoft.com, "Develop and plan provisioning for a SCIM endpoint": Create User.
ENTRA_CREATE: dict[str, Any] = {
    "schemas": [CORE, ENTERPRISE],
    "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    "userName": "Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1",
    "active": True,
    "emails": [
        {
            "primary": True,
            "type": "work",
            "value": "Test_User_fd0ea19b-0777-472c-9f96-4f70d2226f2e@testuser.com",
        }
    ],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
    "roles": [],
}


def patch(*operations: Any) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


DEACTIVATIONS = {
    "Okta": patch({"op": "replace", "value": {"active": False}}),
    "Entra ID": patch({"op": "Replace", "path": "active", "value": False}),
    "Entra ID, booleans as texts": patch({"op": "Replace", "path": "active", "value": "False"}),
    "Entra ID, an object without a path": patch({"op": "replace", "value": {"active": "False"}}),
    "with the name of the schema": patch({"op": "replace", "path": f"{CORE}:active", "value": False}),
    "add": patch({"op": "Add", "path": "active", "value": "false"}),
}

REACTIVATIONS = {
    "Okta": patch({"op": "replace", "value": {"active": True}}),
    "Entra ID": patch({"op": "Replace", "path": "active", "value": True}),
    "Entra ID, booleans as texts": patch({"op": "Add", "path": "active", "value": "True"}),
}

# Entra ID, "Update User [Multi-valued properties]" and "[Single-valued properties]", and what its clients send.
RENAMINGS = {
    "Entra ID, paths": patch(
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@example.com"},
        {"op": "Replace", "path": "name.familyName", "value": "Lovelace"},
    ),
    "Entra ID, keys that are paths": patch(
        {"op": "replace", "value": {"name.familyName": "Lovelace", 'emails[type eq "work"].value': "new@example.com"}}
    ),
    "Okta, an object": patch(
        {
            "op": "replace",
            "value": {
                "name": {"familyName": "Lovelace"},
                "emails": [{"value": "new@example.com", "type": "work", "primary": True}],
            },
        }
    ),
    "with what nobody stores here": patch(
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "R&D"},
        {"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": "425-555-0100"},
        {"op": "replace", "path": "displayName", "value": "Ada"},
        {"op": "replace", "path": "emails", "value": [{"value": "new@example.com"}]},
        {"op": "replace", "path": "name", "value": {"familyName": "Lovelace"}},
    ),
}

# One address is kept: the one for work, or the primary one.
ADDRESSES_THAT_ARE_NOT_KEPT = {
    "a path": patch({"op": "Replace", "path": 'emails[type eq "home"].value', "value": "home@example.com"}),
    "a path, as an object": patch({"op": "add", "path": 'emails[type eq "home"]', "value": {"value": "h@example.com"}}),
    "a key that is a path": patch({"op": "replace", "value": {'emails[type eq "other"].value': "home@example.com"}}),
    "not the primary one": patch({"op": "replace", "path": "emails[primary eq false].value", "value": "h@example.com"}),
    "one more in a list": patch({"op": "add", "path": "emails", "value": [{"type": "home", "value": "h@example.com"}]}),
    "removed": patch({"op": "remove", "path": 'emails[type eq "home"]'}),
}

ADDRESSES_THAT_ARE_KEPT = {
    "for work": patch({"op": "replace", "path": 'emails[Type EQ "Work"].value', "value": "new@example.com"}),
    "primary": patch({"op": "replace", "path": 'emails[primary eq "True"].value', "value": "new@example.com"}),
    "both": patch(
        {"op": "add", "path": 'emails[type eq "work" and primary eq true].value', "value": "new@example.com"}
    ),
    "for work in a list": patch(
        {
            "op": "replace",
            "path": "emails",
            "value": [{"type": "home", "value": "h@example.com"}, {"type": "work", "value": "new@example.com"}],
        }
    ),
    "the only one": patch({"op": "replace", "path": "emails", "value": [{"type": "home", "value": "new@example.com"}]}),
}

NONSENSE = {
    "no operations": ({"schemas": [PATCH]}, "invalidSyntax"),
    "operations that are none": ({"schemas": [PATCH], "Operations": "x"}, "invalidSyntax"),
    "an operation that is none": (patch("x"), "invalidSyntax"),
    "an unknown operation": (patch({"op": "explode", "path": "active", "value": True}), "invalidSyntax"),
    "a value without a path": (patch({"op": "replace", "value": "x"}), "invalidSyntax"),
    "no boolean": (patch({"op": "replace", "path": "active", "value": "maybe"}), "invalidValue"),
    "a boolean that is null": (patch({"op": "replace", "path": "active", "value": None}), "mutability"),
    "a name that is a number": (patch({"op": "replace", "path": "userName", "value": 7}), "invalidValue"),
    "a name with NUL": (patch({"op": "replace", "path": "userName", "value": "a\x00b"}), "invalidValue"),
    "a name that is empty": (patch({"op": "replace", "path": "userName", "value": ""}), "invalidValue"),
    "a name that is too long": (patch({"op": "replace", "path": "userName", "value": "x" * 300}), "invalidValue"),
    "an address that is none": (patch({"op": "replace", "path": "emails", "value": "x"}), "invalidValue"),
    "a path that is none": (patch({"op": "replace", "path": "[[", "value": "x"}), "invalidPath"),
    "a condition that is none": (patch({"op": "add", "path": 'emails[type eq "work].value'}), "invalidFilter"),
    "a condition on more": (patch({"op": "add", "path": 'emails[value eq "a"].value', "value": "b"}), "invalidFilter"),
    "a path that is a number": (patch({"op": "replace", "path": 7, "value": "x"}), "invalidPath"),
    "nothing to remove": (patch({"op": "remove"}), "noTarget"),
    "a name removed": (patch({"op": "remove", "path": "userName"}), "mutability"),
    "active removed": (patch({"op": "remove", "path": "active"}), "mutability"),
    "an identifier that is too long": (patch({"op": "add", "path": "externalId", "value": "x" * 300}), "invalidValue"),
}
