"""Digest credentials: the examples of the RFCs, and what other clients send."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.requests import accepts, differences, make_request, pattern_findings

from pymockapi.engine.matching.digest import digest_credentials
from pymockapi.model.request import Request

_RFC = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html",'
    ' algorithm={}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,'
    ' cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="{}",'
    ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)  # RFC 7616, section 3.9.1
MD5 = _RFC.format("MD5", "8ca523f5e9506fed4657c9700eebdbec")
SHA256 = _RFC.format("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")
OLD = (
    'Digest username="Mufasa", realm="testrealm@host.com", uri="/dir/index.html",'
    ' nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", response="{}"'
)


def request_with(*credentials: str) -> Request:
    return make_request(headers=[("Authorization", each) for each in credentials])


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def session_offer() -> str:
    secret = md5(f"{md5('u:r:p')}:n:c")
    response = md5(f"{secret}:n:00000001:c:auth:{md5('GET:/')}")
    return (
        f'Digest username="u", realm="r", uri="/", nonce="n", cnonce="c", nc=00000001, qop="auth",'
        f' algorithm=MD5-sess, response="{response.upper()}"'
    )


def fits(digest: Any, *credentials: str) -> bool:
    return accepts({"auth": {"digest": digest}}, request_with(*credentials))


_OLD_RESPONSE = md5(
    f"{md5('Mufasa:testrealm@host.com:Circle Of Life')}:dcd98b7102dd2f0e8b11d0f600bfb0c093"
    f":{md5('GET:/dir/index.html')}"
)


@pytest.mark.parametrize(
    ("credentials", "password"),
    [
        (MD5, "Circle of Life"),
        (SHA256, "Circle of Life"),
        (OLD.format(_OLD_RESPONSE), "Circle Of Life"),
        (session_offer(), "p"),
    ],
)
def test_the_password_is_verified(credentials: str, password: str) -> None:
    assert fits({"password": password}, credentials)
    assert not fits({"password": "other"}, credentials)


def test_sha_512_256_is_verified() -> None:
    def sha(text: str) -> str:
        return hashlib.new("sha512_256", text.encode()).hexdigest()

    response = sha(f"{sha('u:r:p')}:n:{sha('GET:/')}")
    offer = f'Digest username="u", realm="r", uri="/", nonce="n", algorithm=SHA-512-256, response="{response}"'
    assert fits({"password": "p"}, offer)


@pytest.mark.parametrize("change", [("qop=auth", "qop=auth-int"), ("MD5", "MD4"), ("8ca5", "8ca6")])
def test_what_cannot_be_verified_has_no_password(change: tuple[str, str]) -> None:
    assert not fits({"password": "Circle of Life"}, MD5.replace(*change))


@pytest.mark.parametrize(
    "digest",
    [
        {"username": "Mufasa"},
        {"realm": {"ends_with": "example.org"}, "uri": "/dir/index.html", "qop": "auth"},
        {"algorithm": "MD5", "nc": "00000001", "opaque": {"present": True}},
        {"present": True},
        {"username": {"present": True}, "password": "Circle of Life"},
    ],
)
def test_an_offer_fits(digest: Any) -> None:
    assert fits(digest, MD5)
    assert fits(digest, "Bearer x", MD5)


@pytest.mark.parametrize(
    ("credentials", "username"),
    [
        (r'digest username="a \"b\"", realm=r', 'a "b"'),
        ("DIGEST username*=UTF-8''J%C3%A4s%C3%B8n, realm=r", "Jäsøn"),
        ('Digest  username="a, b=c" ,realm=x', "a, b=c"),
    ],
)
def test_quoted_parts_are_read(credentials: str, username: str) -> None:
    assert fits({"username": username}, credentials)


@pytest.mark.parametrize(
    "credentials", ["Digest", 'Digest username="a', "Basic dTpw", "Digest a b"]
)
def test_what_is_no_digest_is_missing(credentials: str) -> None:
    assert not fits({"present": True}, credentials)
    assert fits({"absent": True}, credentials)


def test_all_is_asked_of_one_offer() -> None:
    offers = ('Digest username="a", realm="x"', 'Digest username="b", realm="y"')
    assert fits({"username": "b", "realm": "y"}, *offers)
    assert not fits({"username": "a", "realm": "y"}, *offers)


def test_what_differs_is_told_and_the_password_never_is() -> None:
    pattern = {"auth": {"digest": {"username": "Scar", "password": "secret"}}}
    assert differences(pattern, request_with(MD5)) == [
        ("auth.digest.username", 'equal to "Scar"', '"Mufasa"'),
        ("auth.digest.password", "the one that is given", "another one, or none that is verified"),
    ]


def test_no_offer_is_told() -> None:
    pattern = {"auth": {"digest": {"username": "Scar"}}}
    assert differences(pattern, make_request()) == [
        ("auth.digest", 'username equal to "Scar"', "missing")
    ]
    assert differences({"auth": {"digest": {"absent": True}}}, request_with(MD5)) == [
        ("auth.digest", "absent", "there")
    ]
    assert differences({"auth": {"basic": {"present": True}}}, make_request()) == [
        ("auth.basic", "present", "missing")
    ]


def test_that_no_offer_of_several_fits_is_told() -> None:
    pattern = {"auth": {"digest": {"username": "Scar", "password": "p"}}}
    assert differences(pattern, request_with(MD5, SHA256)) == [
        (
            "auth.digest",
            'username equal to "Scar", password the one that is given',
            "2 offers, none of which fits",
        )
    ]


@pytest.mark.parametrize(
    ("digest", "at", "message"),
    [
        ("x", "", "expected an object, got a string"),
        ({}, "", "expected at least one of username, "),
        ({"user": "a"}, "/user", "did you mean 'username'?"),
        ({"password": 1}, "/password", "expected a string, got a number"),
        ({"absent": True, "realm": "a"}, "", "an offer that is absent has nothing else"),
        ({"present": "yes"}, "/present", "expected true or false"),
    ],
)
def test_a_mistake_is_told_where_it_is(digest: Any, at: str, message: str) -> None:
    ((pointer, text),) = pattern_findings({"auth": {"digest": digest}})
    assert pointer == f"/auth/digest{at}"
    assert message in text


@pytest.mark.parametrize("scheme", ["basic", "bearer", "digest"])
def test_each_scheme_has_presence(scheme: str) -> None:
    sent = {"basic": "Basic dTpw", "bearer": "Bearer t", "digest": MD5}
    for name, value in sent.items():
        request = request_with(value)
        assert accepts({"auth": {scheme: {"present": True}}}, request) == (name == scheme)
        assert accepts({"auth": {scheme: {"absent": True}}}, request) == (name != scheme)


@pytest.mark.parametrize("asked", [{"username": "u"}, {"present": True}])
@pytest.mark.parametrize("sent", ["Basic !!", "basic dTp", "Basic dQ=="])
def test_basic_credentials_that_cannot_be_read_are_told_as_such(asked: Any, sent: str) -> None:
    ((_, _, actual),) = differences({"auth": {"basic": asked}}, request_with(sent))
    assert actual == "no valid Basic credentials"


@given(st.text(max_size=100))
def test_nothing_raises(text: str) -> None:
    printable = "".join(char for char in text if char.isprintable())
    digest_credentials(request_with(f"Digest {printable}"))
