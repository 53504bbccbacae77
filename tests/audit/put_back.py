"""How somebody who deletes the newest record puts the account back, so that nothing but the record is missing."""

A_VERSION_BACK = (
    "version = version - 1, changed_at = (SELECT datetime FROM user_audit_userstateaudit AS record "
    "WHERE record.user_id = user_lifecycle_userfsm.user_id AND record.sequence = version - 1)"
)
"""The assignments of an UPDATE of the states, besides that of the state."""
