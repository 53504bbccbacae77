"""From where a request comes."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.http import HttpRequest
from python_ipware import IpWare

from users import conf

FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"


def client_address(request: HttpRequest) -> str:
    """
    The client's address, or an empty text where the peer has none (a unix socket) or sent nonsense.

    It is the peer's own unless the peer is a proxy named in `USERS_TRUSTED_PROXIES`; then it is the last address in
    X-Forwarded-For that no trusted proxy vouches for (MDN, "Selecting an IP address"): what stands before that one
    can be written by anybody.
    """
    trusted = conf.trusted_proxies()
    if isinstance(trusted, int):
        return _address_before(request, proxies=trusted) or _address_before(request, proxies=0)
    networks = [ip_network(each) for each in trusted]
    hops, address = 0, _address_before(request, proxies=0)
    while address and any(ip_address(address) in network for network in networks):
        hops += 1
        earlier = _address_before(request, proxies=hops)
        if not earlier:
            break
        address = earlier
    return address


def _address_before(request: HttpRequest, *, proxies: int) -> str:
    peer = request.META.get("REMOTE_ADDR") or ""
    forwarded = request.META.get(FORWARDED_FOR, "") if proxies else ""
    chain = f"{forwarded},{peer}" if forwarded else peer
    found, _ = IpWare(precedence=(FORWARDED_FOR,), proxy_count=proxies).get_client_ip({FORWARDED_FOR: chain})
    return str(found) if found else ""
