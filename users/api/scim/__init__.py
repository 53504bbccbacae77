"""
SCIM 2.0 for identity providers: users come and go by RFC 7644. Optional, as the API is.

django-scim2 provides the views, the schemas and the errors. This package adds the permissions, filters as queries that
the database answers page by page, PATCH in the shapes that identity providers send, and `active` as a transition
instead of a column.
"""
