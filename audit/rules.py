"""The rules that the database enforces, by name. `docs/refusals.md` shows what each rule stops."""

from __future__ import annotations

from django.db import models


class Rule(models.TextChoices):
    """
    A rule that the database enforces against every writer, with or without Django.

    The value is the name with which the database refuses, and the label explains it. `ONE_PER_SEQUENCE` and those after
    it are constraints of the tables; the others are triggers (`audit.triggers`).
    """

    STATE_CHANGES_WITH_ITS_RECORD = (
        "state_changes_with_its_record",
        "a state changes by one version at a time, together with the record of that change",
    )
    """The version goes up by one, and a record of that sequence has the two states, the lock's end and the time."""

    STATE_KEEPS_ITS_USER = "state_keeps_its_user", "the key and the user of a state never change"
    """Otherwise a row could be moved to a user with a matching record."""

    STATE_BEGINS_WHERE_THE_RECORD_ENDS = (
        "state_begins_where_the_record_ends",
        "a new state row has the state and version of the last record of its user, which may be the birth",
    )
    """Otherwise DELETE and INSERT would bypass the rules, and an account could begin without a record."""

    STATE_ENDS_WITH_ITS_DEATH = (
        "state_ends_with_its_death",
        "a state is deleted only with the record of its death, in maintenance or with AUDIT_RECORDS_DELETABLE in tests",
    )
    """The record comes first, in the same transaction. Otherwise nobody would know who deleted an account."""

    LOCK_ENDS_AS_RECORDED = "lock_ends_as_recorded", "the end of a lock changes only with a transition"
    """Otherwise an administrator's lock could be made to expire, and the system would be recorded as the actor."""

    CHANGED_AT_AS_RECORDED = (
        "changed_at_as_recorded",
        "the time since when an account has been in its state is that of its last record",
    )
    """
    If it is not known, it can be filled in from the record. Otherwise an account could seem to have been locked for
    long.
    """

    STATES_ARE_KEPT = (
        "states_are_kept",
        "state rows are truncated only in declared maintenance, or with AUDIT_RECORDS_DELETABLE in tests",
    )
    """Only PostgreSQL; SQLite has no TRUNCATE."""

    USER_KEEPS_THE_KEY = "user_keeps_the_key", "the key of a user never changes"
    """Otherwise two people could swap their accounts."""

    IS_ACTIVE_SAYS_THE_STATE = (
        "is_active_says_the_state",
        "is_active agrees with the state; change it with a transition method, bulk_transition or save()",
    )
    """It is true exactly in `active`. Users without a state are not checked."""

    RECORD_FOLLOWS_FROM_THE_STATE = (
        "record_follows_from_the_state",
        "a record has the next sequence of its user and starts in the current state of the account, or is its birth",
    )
    """Otherwise a false record could be inserted, or take the place of the next true one."""

    RECORD_COMES_WITH_ITS_CHANGE = (
        "record_comes_with_its_change",
        "a record is committed together with its change",
    )
    """Only PostgreSQL: a deferred constraint, checked at COMMIT."""

    RECORD_IS_NEVER_CHANGED = (
        "record_is_never_changed",
        "a record is never changed; personal data can be blanked only in declared maintenance",
    )
    """See `audit.integrity.erasure`."""

    RECORD_IS_NEVER_REPLACED = "record_is_never_replaced", "a new record does not replace another one"
    """Only SQLite, where `INSERT OR REPLACE` deletes without firing DELETE triggers."""

    RECORD_IS_KEPT = (
        "record_is_kept",
        "records are deleted only in declared maintenance, or with AUDIT_RECORDS_DELETABLE in tests",
    )
    """See `audit.maintenance`."""

    STEP_IS_NEVER_CHANGED = (
        "step_is_never_changed",
        "the note of a step of a scheduled change is never changed; personal data can be blanked in maintenance",
    )
    STEP_IS_NEVER_REPLACED = "step_is_never_replaced", "a new note of a step does not replace another one"
    """Only SQLite, as above."""

    STEP_IS_KEPT = (
        "step_is_kept",
        "notes of steps are deleted only in declared maintenance, or with AUDIT_RECORDS_DELETABLE in tests",
    )
    """Otherwise the row of a scheduled change could go together with its notes."""

    ONE_PER_SEQUENCE = "userstateaudit_one_per_sequence", "a user has one record for each sequence"
    RECORDED_STATES_ARE_KNOWN = (
        "userstateaudit_states_are_known",
        "a record leads from a known state to a known state, or is a birth or a death",
    )
    RECORDED_TIMES_ARE_SANE = (
        "userstateaudit_times_are_sane",
        "the times of a record can be read, and are between 1970 and 2200",
    )
    RECORDED_VALUES_ARE_TEXT = "userstateaudit_values_are_text", "names, words and signatures are texts"
    """Only SQLite, which keeps any value in any column. The next rule is for SQLite as well."""

    RECORDED_SEQUENCE_IS_A_NUMBER = "userstateaudit_sequence_is_a_number", "a sequence is a whole number"
    STATE_TIMES_ARE_SANE = (
        "userfsm_times_are_sane",
        "the times of an account can be read, and are between 1970 and 2200",
    )
    STATE_IS_KNOWN = "userfsm_state_is_known", "a state is one of the known states"

    @property
    def message(self) -> str:
        """The error message of the database: name and label."""
        return f"{self.value}: {self.label}"
