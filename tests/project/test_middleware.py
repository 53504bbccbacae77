import pytest

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", "text/plain"])
def test_what_browsers_send_passes(client, db, content_type):
    assert client.generic("POST", "/accounts/login/", b"username=a", content_type=content_type).status_code == 200


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "utf-16", "latin-1", "nonsense"])
def test_forms_in_another_encoding_are_refused(client, charset):
    answer = client.generic("POST", "/accounts/login/", b"x=1", content_type=f"{FORM}; charset={charset}")

    assert answer.status_code == 400


@pytest.mark.parametrize("address", ["/accounts/%00/", "/?%00", "/accounts/login/?next=%00"])
def test_nul_in_an_address_is_refused(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.parametrize("cookie", ["sessionid=a\x00bcdefgh", r'sessionid="abcdefgh\000"', 'x\x00="a"'])
def test_nul_in_a_cookie_is_refused(client, cookie):
    assert client.get("/accounts/login/", headers={"Cookie": cookie}).status_code == 400
