"""Proof that the record was not touched: signatures, verification, checkpoints and archives; see docs/evidence.md."""
