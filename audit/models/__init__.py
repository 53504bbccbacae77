"""The models of this app, where Django looks for them."""

from audit.models.notes import AuditArchive, AuditCheckpoint, AuditFloor
from audit.models.record import UserStateAudit
from audit.models.stream import StreamCursor, UndeliveredEvent

__all__ = ["AuditArchive", "AuditCheckpoint", "AuditFloor", "StreamCursor", "UndeliveredEvent", "UserStateAudit"]
