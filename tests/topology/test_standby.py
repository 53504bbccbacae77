"""The site on a standby alone, as between the end of a primary and the promotion of its successor."""

from __future__ import annotations

import os

import httpx

from tests.topology.clusters import until
from tests.topology.conftest import TABLE
from tests.topology.site import is_logged_in, log_in, manage, two_servers


def test_it_says_that_it_is_read_only_and_never_fails(servers, primary, cache):
    standby = servers(f"alone-{os.urandom(3).hex()}", primary)
    with httpx.Client(timeout=60) as known:
        with two_servers(primary.url, CACHE_URL=cache) as sites:
            assert log_in(known, sites[0], "wanderer").status_code == 302
            written = primary.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0][0]
        until(lambda: standby.received() >= written, "the standby has the session")
        with two_servers(standby.url, CACHE_URL=cache) as sites, httpx.Client(timeout=60) as stranger:
            page = stranger.get(f"{sites[0]}/accounts/login/")
            answer = log_in(stranger, sites[0], "late")
            still = is_logged_in(known, sites[0])
            own_page = known.get(f"{sites[0]}/", follow_redirects=True)

    assert page.status_code == 200
    assert "read-only at the moment" in page.text
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    TABLE.setdefault("standby alone", {}).update(
        {
            "login": f"{answer.status_code}, and the page says why",
            "a session that was open": f"{still}, {own_page.status_code}",
        }
    )
    assert still
    assert own_page.status_code == 200


def test_a_stream_refuses_to_read_from_it(servers, primary):
    standby = servers(f"stream-{os.urandom(3).hex()}", primary)

    ended = manage(standby.url, "audit_stream", check=False)

    assert ended.returncode == 1
    assert "this database is a standby" in ended.stderr
