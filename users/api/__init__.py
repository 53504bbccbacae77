"""
The HTTP API. Optional: add `users.api` and its packages (requirements-api.txt) to `INSTALLED_APPS`.

It calls `users.operations`, as the admin's pages do, so permissions, protections, reasons and counts are the same.
The API of the record builds on `accounts`, `conventions`, `openapi`, `serializers` and `urls`.
"""
