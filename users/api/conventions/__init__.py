"""
Conventions of all endpoints: permissions and conditions of a request, problem details, repeated requests, pages.

`audit.api` uses it too.
"""
