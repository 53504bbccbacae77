"""Pages that a benchmark opens."""

from __future__ import annotations

from http import HTTPStatus

from django.test import Client


def open_page(client: Client, address: str) -> None:
    """Open a page; raises `RuntimeError` where it answers anything but 200."""
    response = client.get(address, secure=True)
    if response.status_code != HTTPStatus.OK:
        raise RuntimeError(f"{address} was answered {response.status_code}")
