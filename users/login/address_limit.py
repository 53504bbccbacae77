"""
The limit for addresses: after a number of failed logins within a window, an address has to wait.

It is independent of the locks of accounts. `users.login.attempts` does the counting.
"""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.http import HttpRequest

from users.conf import conf
from users.input.address import counted_address
from users.login import attempts, outcomes, this_request

IPV6_NETWORK = 64
"""The prefix length of IPv6 addresses that count together, because a client owns its whole network."""


def retry_after(request: HttpRequest) -> int | None:
    """Return the seconds until this address may try to log in again, or None if it may now."""
    place = place_of(request)
    return None if place is None else attempts.wait(**place._asdict())


def place_of(request: HttpRequest | None) -> attempts.Place | None:
    """Return where the failed logins of this address are counted, or None if it has no limit."""
    limit = conf.lockout_address_limit
    if request is None or limit is None:
        return None
    key = key_of(counted_address(request))
    return attempts.Place(key, limit, conf.lockout_address_window) if key else None


def count(request: HttpRequest) -> None:
    """Count a failed login from this address, or note that it is over the limit."""
    place = place_of(request)
    if place is not None:
        outcomes.committed_in_any_case(partial(_take, place), using=place.database)


def _take(place: attempts.Place) -> None:
    note_wait(attempts.take(**place._asdict()))


def note_wait(seconds: int | None) -> None:
    """Let the middleware answer that this address has to wait, whatever the view returns."""
    logins = this_request.current()
    if seconds is not None and logins is not None:
        logins.wait = seconds


def key_of(address: str, *, prefix: str = "login") -> str:
    """Return the key under which an address is counted, empty for exempt or missing addresses."""
    if not address:
        return ""
    ip = _parsed(address)
    if any(ip in ip_network(network) for network in conf.lockout_trusted_networks):
        return ""
    return f"{prefix}:{_counted_as(ip)}"


def _counted_as(ip: IPv4Address | IPv6Address) -> str:
    if isinstance(ip, IPv6Address) and not ip.is_loopback:
        return str(IPv6Network((ip, IPV6_NETWORK), strict=False).network_address)
    return str(ip)


def _parsed(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address)
    return getattr(ip, "ipv4_mapped", None) or ip
