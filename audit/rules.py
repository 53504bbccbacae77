"""The rules that the database enforces, by name. `docs/refusals.md` shows what each rule stops."""

from __future__ import annotations

from django.db import models


class Rule(models.TextChoices):
    """
    A rule that holds whoever writes, through Django or not.

    The value is the name under which the database refuses, the label what is asked. The last three are constraints of
    the tables; the others are triggers (`audit.triggers`).
    """

    STATE_CHANGES_WITH_ITS_RECORD = (
        "state_changes_with_its_record",
        "a state changes by one version, and only with the record of this very change",
    )
    """The version goes up by one, and a record of that sequence has the old state, the new one and the lock's end."""

    STATE_KEEPS_ITS_USER = "state_keeps_its_user", "the key and the user of a state never change"
    """Otherwise a row could be moved to a user whose record fits."""

    STATE_BEGINS_WHERE_THE_RECORD_ENDS = (
        "state_begins_where_the_record_ends",
        "a new state carries the state and version of the last record of its user, which may be its birth",
    )
    """Otherwise DELETE and INSERT would be a way round, and an account could begin without a record."""

    STATE_ENDS_WITH_ITS_DEATH = (
        "state_ends_with_its_death",
        "a state is removed only with the record of the death of its account, or in declared maintenance",
    )
    """The record comes first, in the same transaction; without it, nobody would know who deleted an account."""

    LOCK_ENDS_AS_RECORDED = "lock_ends_as_recorded", "the end of a lock changes only with a transition"
    """Otherwise an administrator's lock could be made to expire, in the name of the system."""

    STATES_ARE_KEPT = "states_are_kept", "states go with their users, and are truncated in declared maintenance only"
    """PostgreSQL; SQLite has no TRUNCATE."""

    USER_KEEPS_THE_KEY = "user_keeps_the_key", "the key of a user never changes"
    """Otherwise two people could swap their accounts."""

    IS_ACTIVE_SAYS_THE_STATE = (
        "is_active_says_the_state",
        "is_active is what the state says; change it by a transition method, by bulk_transition or by save()",
    )
    """It is true exactly in `active`. Users without a state are not checked."""

    RECORD_FOLLOWS_FROM_THE_STATE = (
        "record_follows_from_the_state",
        "a record has the next sequence of its user, and starts from the state that the account is in, or is its birth",
    )
    """Otherwise a record of what never was could be put in, or the next true one find its place taken."""

    RECORD_COMES_WITH_ITS_CHANGE = (
        "record_comes_with_its_change",
        "a record is committed together with the change that it is of",
    )
    """PostgreSQL: a deferred constraint, asked at COMMIT."""

    RECORD_IS_NEVER_CHANGED = (
        "record_is_never_changed",
        "a record is never changed; what is personal can be blanked in declared maintenance only",
    )
    """See `audit.integrity.erasure`."""

    RECORD_IS_NEVER_REPLACED = "record_is_never_replaced", "a new record does not take the key of another"
    """SQLite, whose `INSERT OR REPLACE` deletes without asking the triggers of DELETE."""

    RECORD_IS_KEPT = "record_is_kept", "records are deleted in declared maintenance only"
    """See `audit.maintenance`."""

    ONE_PER_SEQUENCE = "userstateaudit_one_per_sequence", "a user has one record of each sequence"
    RECORDED_STATES_ARE_KNOWN = (
        "userstateaudit_states_are_known",
        "a record leads from a known state to a known state, or is a birth or a death",
    )
    STATE_IS_KNOWN = "userfsm_state_is_known", "a state is one of those that there are"

    @property
    def message(self) -> str:
        """What the database says when it refuses: name and label."""
        return f"{self.value}: {self.label}"
