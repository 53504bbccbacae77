"""From where a request comes: the peer, and what proxies that the settings name say of whom they had it from."""

import pytest
from django.test import RequestFactory

import users.input.address
from users.input.address import client_address

NETWORKS = ["10.0.0.0/8", "2001:db8::/32"]
PROXY, CLIENT = "10.0.0.1", "203.0.113.9"


def address(*, peer=PROXY, forwarded=None):
    request = RequestFactory().get("/")
    request.META["REMOTE_ADDR"] = peer
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(request)


@pytest.mark.parametrize("forwarded", [None, "", CLIENT, f"{CLIENT}, 10.0.0.2", "nonsense"])
def test_by_default_the_address_is_the_peers_whatever_it_forwards(forwarded):
    assert address(peer="198.51.100.7", forwarded=forwarded) == "198.51.100.7"
    assert address(peer=PROXY, forwarded=forwarded) == PROXY


@pytest.mark.parametrize(
    ("peer", "recorded"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("fe80::1%" + "x" * 200, "fe80::1"),
        ("fe80::1%\x00", "fe80::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
        (None, ""),
        ("unix:", ""),
        ("nonsense", ""),
        ("\x00", ""),
        ("\ud800", ""),
        ("1" * 65536, ""),
    ],
)
@pytest.mark.parametrize("trusted", [0, 1, NETWORKS], ids=str)
def test_the_peers_address_is_plain_and_nonsense_is_none(settings, trusted, peer, recorded):
    settings.USERS_TRUSTED_PROXIES = trusted

    assert address(peer=peer) == recorded


def test_a_request_without_any_peer_has_no_address():
    request = RequestFactory().get("/")
    del request.META["REMOTE_ADDR"]

    assert client_address(request) == ""


@pytest.mark.parametrize(
    ("forwarded", "recorded"),
    [
        (CLIENT, CLIENT),
        (f"192.0.2.66, {CLIENT}", CLIENT),
        (f"192.0.2.66, 192.0.2.67 ,{CLIENT} ", CLIENT),
        (f"nonsense, {CLIENT}", CLIENT),
        (f"{CLIENT}:4711", CLIENT),
        (None, PROXY),
        ("", PROXY),
        ("192.0.2.66, nonsense", PROXY),
    ],
)
@pytest.mark.parametrize("trusted", [1, NETWORKS], ids=str)
def test_behind_one_proxy_it_is_the_address_that_the_proxy_saw(settings, trusted, forwarded, recorded):
    settings.USERS_TRUSTED_PROXIES = trusted

    assert address(forwarded=forwarded) == recorded


@pytest.mark.parametrize("trusted", [2, NETWORKS], ids=str)
def test_behind_two_proxies_it_is_the_address_that_the_outer_one_saw(settings, trusted):
    settings.USERS_TRUSTED_PROXIES = trusted

    assert address(forwarded=f"192.0.2.66, {CLIENT}, 10.0.0.2") == CLIENT


@pytest.mark.parametrize("trusted", [1, 2, NETWORKS], ids=str)
@pytest.mark.parametrize("opening", ['"', '"x', "for=", "\\", '192.0.2.68, "', '"192.0.2.68'])
def test_nobody_chooses_an_address_by_quoting_what_the_proxy_adds(settings, trusted, opening):
    settings.USERS_TRUSTED_PROXIES = trusted
    added = CLIENT if trusted != 2 else f"{CLIENT}, 10.0.0.2"

    assert address(forwarded=f"192.0.2.66, 192.0.2.67, {opening}, {added}") == CLIENT


def test_a_peer_outside_of_the_networks_is_not_believed(settings):
    settings.USERS_TRUSTED_PROXIES = NETWORKS

    assert address(peer="198.51.100.7", forwarded=CLIENT) == "198.51.100.7"


def test_the_last_untrusted_address_counts_where_people_come_from_the_proxies_network(settings):
    settings.USERS_TRUSTED_PROXIES = NETWORKS

    assert address(forwarded="10.7.7.7, 10.0.0.2") == "10.7.7.7"


def test_ipv6_proxies_are_known_by_their_network(settings):
    settings.USERS_TRUSTED_PROXIES = NETWORKS

    assert address(peer="2001:db8::1", forwarded=CLIENT) == CLIENT


def test_with_fewer_proxies_than_counted_it_is_the_peer(settings):
    settings.USERS_TRUSTED_PROXIES = 3

    assert address(forwarded=CLIENT) == PROXY


def test_a_proxy_on_a_unix_socket_is_counted(settings):
    settings.USERS_TRUSTED_PROXIES = 1

    assert address(peer="", forwarded=f"192.0.2.66, {CLIENT}") == CLIENT


@pytest.mark.parametrize("trusted", [1, NETWORKS], ids=str)
@pytest.mark.parametrize("flood", ["10.0.0.9,", ",", "fe80::1%eth0,", '"'])
def test_a_flood_of_hops_is_not_walked_through(settings, monkeypatch, trusted, flood):
    settings.USERS_TRUSTED_PROXIES = trusted
    looked_at: list[str] = []
    parsed = users.input.address._parsed

    def parsed_and_noted(text):
        looked_at.append(text)
        return parsed(text)

    monkeypatch.setattr(users.input.address, "_parsed", parsed_and_noted)

    address(forwarded=flood * 8000)

    assert len(looked_at) <= 40


def test_the_address_of_a_request_is_worked_out_once(settings, monkeypatch):
    settings.USERS_TRUSTED_PROXIES = NETWORKS
    request = RequestFactory().get("/", REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": CLIENT})
    assert client_address(request) == CLIENT

    monkeypatch.setattr(users.input.address, "_forwarded", None)
    assert client_address(request) == CLIENT


def test_an_object_that_is_no_request_has_no_address():
    assert client_address(object()) == ""  # type: ignore[arg-type]  # as Django's own tests call `authenticate`
