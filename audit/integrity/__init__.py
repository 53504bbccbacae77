"""Tamper evidence: signatures, verification, checkpoints, archives and retention; see docs/evidence.md."""
