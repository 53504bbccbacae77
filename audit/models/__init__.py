"""The models of this app."""

from audit.models.declarations import AuditDeclaration
from audit.models.notes import AuditArchive, AuditCheckpoint, AuditFloor
from audit.models.record import UserStateAudit

__all__ = ["AuditArchive", "AuditCheckpoint", "AuditDeclaration", "AuditFloor", "UserStateAudit"]
