"""The models of this app."""

from audit.models.notes import AuditArchive, AuditCheckpoint, AuditFloor
from audit.models.record import UserStateAudit

__all__ = ["AuditArchive", "AuditCheckpoint", "AuditFloor", "UserStateAudit"]
