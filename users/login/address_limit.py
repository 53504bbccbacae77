"""
One address that tries many names: so many failed logins in a window, and then it has to wait.

THE PLACES. Each failure takes one of as many places in the cache as the limit has; a place is free again when the
window since it was taken has passed. `cache.add` is atomic in all of Django's caches that are shared, while `incr` in
the database's is a read and a write, and forgets when the key expires. So the limit is exact in any of them, for any
window, and the last place says when the next will be free. It has nothing to do with the locks of accounts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from math import ceil
from typing import ParamSpec, TypeVar

from django.core.cache import BaseCache, caches

from users import conf

logger = logging.getLogger("users.address_limit")

IPV6_NETWORK = 64
"""Bits of an IPv6 address that are counted together: whoever has one address has all of its network."""

P = ParamSpec("P")
T = TypeVar("T")


def _open_when_broken(ask: Callable[P, T]) -> Callable[P, T | None]:
    """A cache that is down keeps nobody out: what holds then is the limit of each account."""

    def asked(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return ask(*args, **kwargs)
        except Exception:  # each cache has errors of its own
            logger.exception("the limit for addresses does not hold: its cache does not answer")
            return None

    return asked


@_open_when_broken
def retry_after(address: str) -> int | None:
    """In how many seconds this address may try to log in again; None: now."""
    places = _places(address)
    taken: dict[str, float] = _cache().get_many(places)
    if not places or len(taken) < len(places):
        return None
    return max(1, ceil(min(taken.values()) - time.time()))


@_open_when_broken
def count(address: str) -> None:
    """Count a failed login from this address, unless it is exempt or has no place left."""
    places, cache = _places(address), _cache()
    taken = cache.get_many(places)
    seconds = conf.lockout_address_window().total_seconds()
    for place in places:
        if place not in taken and cache.add(place, time.time() + seconds, timeout=ceil(seconds)):
            return


def _cache() -> BaseCache:
    return caches[conf.lockout_cache()]


def _places(address: str) -> list[str]:
    if not address or _is_exempt(address):
        return []
    key = f"users.address_limit.{_counted_as(address)}"
    return [f"{key}.{place}" for place in range(conf.lockout_address_limit() or 0)]


def _is_exempt(address: str) -> bool:
    ip = _address(address)
    return ip.is_loopback or any(ip in ip_network(network) for network in conf.lockout_trusted_networks())


def _counted_as(address: str) -> str:
    ip = _address(address)
    if isinstance(ip, IPv6Address):
        ip = IPv6Network((ip, IPV6_NETWORK), strict=False).network_address
    return str(ip)


def _address(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address)
    return getattr(ip, "ipv4_mapped", None) or ip
