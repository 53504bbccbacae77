"""
Failed logins and their limits, known devices, ways back into an account, and notices about logins.

The pages of people use `forms`, `known_devices`, `recovery` and `answers`. Cron lifts expired locks by `lockout`, and
refusals are kept by `outcomes`, whatever becomes of the request's transaction. `this_request` tells others whether a
request is going on.
"""
