"""
SCIM 2.0 for identity providers: users come and go by RFC 7644. Optional, as the API is.

django-scim2 provides the views, the schemas and the errors. It leaves to us who may do what, how a filter becomes a
query that the database answers page by page, PATCH in the shapes that identity providers send, and that `active` is a
transition and no column.
"""
