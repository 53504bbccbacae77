"""The models of this app, where Django looks for them."""

from audit.models.declarations import AuditDeclaration
from audit.models.notes import AuditArchive, AuditCheckpoint, AuditFloor
from audit.models.record import UserStateAudit

__all__ = ["AuditArchive", "AuditCheckpoint", "AuditDeclaration", "AuditFloor", "UserStateAudit"]
