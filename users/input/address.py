"""The address of the client that sent a request."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address, ip_network
from itertools import dropwhile, pairwise
from typing import Any, NamedTuple

from django.http import HttpRequest
from python_ipware import IpWare

from users.conf import conf

FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"

FARTHEST_HOP = 32
"""The maximum number of proxies to follow. A client can write as many as fit into the header."""

# Parses one address at a time. If it gets the whole header, a quotation mark from the client hides what the proxies
# append, and the client chooses the address (python-ipware 4.1.1).
_one_address = IpWare(precedence=(FORWARDED_FOR,), proxy_count=0)


class Addresses(NamedTuple):
    """The addresses of a request. Either may be empty."""

    client: str
    counted: str


def client_address(request: HttpRequest) -> str:
    """
    Return the client's address, or an empty text if the peer has none (a Unix socket) or sent an invalid one.

    It is the peer's own address, unless the peer is a proxy in `USERS_TRUSTED_PROXIES`. In that case it is the last
    address in X-Forwarded-For that is not a trusted proxy (MDN, "Selecting an IP address"). Anybody can write what
    stands before that one.
    """
    return _addresses_of(request).client


def counted_address(request: HttpRequest) -> str:
    """
    Return the address under which attempts are counted, also behind an unnamed proxy on this host.

    Without `USERS_TRUSTED_PROXIES`, everybody behind such a proxy would share one address (loopback, or none for a
    socket). The last entry of X-Forwarded-For is the one that this proxy wrote. If that is loopback too, another proxy
    on this host wrote the one before. The record does not use it, because other processes on the host can write the
    header, and an unconfigured proxy passes on the client's header.
    """
    return _addresses_of(request).counted


def _addresses_of(request: HttpRequest) -> Addresses:
    """Work them out when they are first asked for, and keep them on the request."""
    known: Addresses | None = getattr(request, "users_addresses", None)
    if known is None:
        client = _client_address(request)
        known = Addresses(client, _counted_address(request, client))
        with suppress(AttributeError):  # of an object that is no request and holds no attributes
            request.users_addresses = known  # type: ignore[attr-defined]
    return known


def _meta(request: HttpRequest) -> dict[str, Any]:
    # `authenticate` takes any object as the request, and hands it to receivers.
    return getattr(request, "META", {})


def _client_address(request: HttpRequest) -> str:
    peer = _parsed(_meta(request).get("REMOTE_ADDR") or "")
    trusted = conf.trusted_proxies
    if not trusted:
        return peer
    hops = [peer, *_forwarded(request)]
    if isinstance(trusted, int):
        return hops[trusted] if trusted < len(hops) and hops[trusted] else peer
    networks = [ip_network(each) for each in trusted]
    for nearer, farther in pairwise(hops):
        if not (nearer and farther and any(ip_address(nearer) in network for network in networks)):
            return nearer
    return hops[-1]


def is_from_trusted_proxy(request: HttpRequest) -> bool:
    """Whether this request came through a proxy in `USERS_TRUSTED_PROXIES`, so that its headers are believed."""
    trusted = conf.trusted_proxies
    if isinstance(trusted, int):
        return trusted > 0
    peer = _parsed(_meta(request).get("REMOTE_ADDR") or "")
    return bool(peer) and any(ip_address(peer) in ip_network(each) for each in trusted)


def _forwarded(request: HttpRequest) -> list[str]:
    """The addresses that the proxies report, nearest first. An invalid one becomes an empty text."""
    texts: list[str] = _meta(request).get(FORWARDED_FOR, "").rsplit(",", FARTHEST_HOP)[-FARTHEST_HOP:]
    return [_parsed(text) for text in reversed(texts)]


def _parsed(text: str) -> str:
    found, _ = _one_address.get_client_ip({FORWARDED_FOR: text})
    # Drop the zone of a link-local address: it can be any text and means nothing on another machine.
    return str(found).partition("%")[0] if found else ""


def _counted_address(request: HttpRequest, peer: str) -> str:
    if conf.trusted_proxies or (peer and not ip_address(peer).is_loopback):
        return peer
    hops = dropwhile(lambda hop: hop != "" and ip_address(hop).is_loopback, _forwarded(request))
    return next(hops, "") or peer
