"""The record over HTTP, read-only; optional, as `users.api` is."""
