"""
The models of this app, the queryset of records, and the indexes that Django lacks.

Others import the models from here. `querysets` and `notes` are for their types, `indexes` is for migrations.
"""

from audit.models.dashboard import Dashboard
from audit.models.declarations import AuditDeclaration
from audit.models.notes import AuditArchive, AuditCheckpoint, AuditErasure, AuditFloor
from audit.models.period import AccountTally, AddressTally, CountedPeriod
from audit.models.record import UserStateAudit
from audit.models.record_read import Reading, RecordRead
from audit.models.refused_transition import RefusedTransition
from audit.models.scheduling_note import SchedulingNote, Step
from audit.models.stream import StreamCursor, UndeliveredEvent

__all__ = [
    "AccountTally",
    "AddressTally",
    "AuditArchive",
    "AuditCheckpoint",
    "AuditDeclaration",
    "AuditErasure",
    "AuditFloor",
    "CountedPeriod",
    "Dashboard",
    "Reading",
    "RecordRead",
    "RefusedTransition",
    "SchedulingNote",
    "Step",
    "StreamCursor",
    "UndeliveredEvent",
    "UserStateAudit",
]
