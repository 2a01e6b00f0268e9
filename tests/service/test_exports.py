"""Exports in every format: redacted, in slices, of a live namespace or a finished one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.world import World, code, document
from tests.service.between import Between

from pymockapi.api.rows import BY_NAME
from pymockapi.model.exchange import Exchange
from pymockapi.model.request import Request
from pymockapi.service.evidence import FORMATS, SLICE
from pymockapi.store.held import Held

ROOT: Final = "/__mock/v1"
SECRETS: Final = ("s3cr3t-token", "qwertz-key", "zzz999", "hunter22", "abcdef123")
CONFIG: Final = {
    "settings": {"redact": ["query.key", "body.$.password"]},
    "stubs": [
        {
            "name": "login",
            "request": {"path": "/login", "headers": {"authorization": "Bearer s3cr3t-token"}},
            "responses": [
                {"headers": {"set-cookie": "sid=abcdef123; Path=/"}, "json": {"ok": True}}
            ],
            "set": {"token": {"from": "bearer"}},
        }
    ],
}


@pytest.fixture
def world() -> World:
    made = World(CONFIG)
    made.call("POST", "/namespaces", {"name": "a", "labels": {"test": "t"}, "seed": 7})
    made.send(
        "POST", "/~a/login?key=qwertz-key", b'{"password": "hunter22"}',
        authorization="Bearer s3cr3t-token", cookie="sid=zzz999",
    )  # fmt: skip
    made.send("GET", "/~a/login", authorization="Bearer wrong-token")
    return made


def exported(world: World, query: str = "", ns: str = "a") -> bytes:
    response = world.send("GET", f"{ROOT}/namespaces/{ns}/export{query}")
    assert response.status == 200
    return response.body


def test_a_bundle_tells_all_of_a_namespace(world: World) -> None:
    bundle = json.loads(exported(world))
    assert (bundle["format"], bundle["version"], bundle["redacted"]) == (
        "pymockapi-bundle",
        1,
        True,
    )
    assert (bundle["namespace"], bundle["seed"], bundle["labels"]) == ("a", 7, {"test": "t"})
    assert [layer["name"] for layer in bundle["layers"]] == ["base", "own"]
    assert bundle["layers"][0]["stubs"][0]["hits"] == 1
    assert bundle["sequences"][0]["cursors"][0]["position"] == 1
    assert [each["number"] for each in bundle["requests"]] == [1, 2]
    assert bundle["verdict"]["problems"][0]["requests"][0]["number"] == 2
    assert bundle["requests"][1]["explanation"]["candidates"][0]["stub"] == "login"
    assert (bundle["finished"], bundle["total"], bundle["evicted"]) == (None, 2, 0)


def test_a_bundle_of_a_finished_one_tells_its_end(world: World) -> None:
    ended = world.call("POST", "/namespaces/a/finish", {"status": "failed"})
    world.send("GET", "/~a/late")
    bundle = json.loads(exported(world, ns=ended["id"]))
    assert (bundle["finished"]["status"], bundle["finished"]["passed"]) == ("failed", False)
    assert (bundle["late_total"], bundle["late"][0]["target"]) == (1, "/~a/late")
    assert bundle["in_flight"] == [1, 2]


@pytest.mark.parametrize("query", ["", *(f"?format={name}" for name in FORMATS)])
def test_no_secret_is_in_an_export(world: World, query: str) -> None:
    expect = [{"request": {"path": "/login", "query": {"key": "qwertz-key"}}, "times": 5}]
    world.call("POST", "/namespaces/a/verify", {"expect": expect})
    text = exported(world, query).decode()
    assert [secret for secret in (*SECRETS, "wrong-token") if secret in text] == []


def test_redaction_can_be_turned_off(world: World) -> None:
    text = exported(world, "?redact=false").decode()
    assert [secret for secret in SECRETS if secret not in text] == []
    assert not json.loads(text)["redacted"]


def lines(world: World, query: str = "") -> list[Any]:
    return [json.loads(line) for line in exported(world, f"?format=ndjson{query}").splitlines()]


def test_a_line_of_ndjson_stands_alone(world: World) -> None:
    world.reply("GET", "/~a/login", headers={"x-request-id": "r1"})
    found = lines(world)
    assert [each["number"] for each in found] == [1, 2, 3]
    for each in found:
        assert (each["namespace"], each["labels"]) == ("a", {"test": "t"})
        assert each["id"] == json.loads(exported(world))["id"]
        assert "explanation" not in each
    assert found[2]["correlation"] == {"x-request-id": "r1"}


def test_a_line_of_ndjson_ends_where_every_reader_thinks_so(world: World) -> None:
    body = "a\x85b\u2028c\u2029d\x1ce"
    world.send("POST", "/~a/breaks", body.encode())
    text = exported(world, "?format=ndjson").decode()
    assert len(text.splitlines()) == 3
    assert lines(world)[2]["body"]["text"] == body


def test_the_lines_of_ndjson_are_the_requests_of_a_bundle(world: World) -> None:
    for query in ("", "&redact=false"):
        requests = json.loads(exported(world, f"?{query}"))["requests"]
        requests[1].pop("explanation")
        of = {"namespace": "a", "id": "n2-f0f0f0", "labels": {"test": "t"}}
        assert lines(world, query) == [{**of, **each} for each in requests]


def test_a_label_that_is_a_secret_of_a_later_request_is_redacted_in_every_line() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "labels": {"user": "hunter22"}})
    world.send("GET", "/~a/x")
    world.send("GET", "/~a/x", authorization="Bearer hunter22")
    for name in FORMATS:
        assert b"hunter22" not in exported(world, f"?format={name}")


@pytest.mark.parametrize("name", ["text", "junit"])
def test_a_report_quotes_no_secret_of_a_request_that_it_does_not_list(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("pymockapi.service.evidence.MAX_LISTED", 1)
    world = World({"settings": {"redact": ["query.key"]}, "namespaces": {"a": {}}})
    world.send("GET", "/~a/paid/qwertz-key?key=qwertz-key")
    world.send("GET", "/~a/other")
    verified(world, nothing_else=True)
    shown = exported(world, f"?format={name}").decode()
    assert "/paid/redacted-" in shown
    assert "qwertz" not in shown


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("json", "application/json"),
        ("har", "application/json"),
        ("ndjson", "application/x-ndjson"),
        ("junit", "application/xml"),
        ("text", "text/plain; charset=utf-8"),
    ],
)
def test_every_format_has_its_media_type(world: World, name: str, media: str) -> None:
    response = world.send("GET", f"{ROOT}/namespaces/a/export?format={name}")
    assert dict(response.headers)["Content-Type"] == media
    assert media in (BY_NAME["export"].media, *BY_NAME["export"].other_media)


def verified(world: World, *expect: Any, **more: Any) -> Any:
    return world.call("POST", "/namespaces/a/verify", {"expect": list(expect), **more})


def cases(world: World, ns: str = "a") -> dict[str, str | None]:
    """Return the kinds of the failures of a JUnit report, by the names of its cases."""
    suite = ElementTree.fromstring(exported(world, "?format=junit", ns))
    failures = {each.get("name"): each.find("failure") for each in suite.iter("testcase")}
    return {str(name): None if at is None else at.get("type") for name, at in failures.items()}


def test_what_was_verified_is_in_bundle_junit_and_text(world: World) -> None:
    verified(world, {"stub": "login", "times": 1}, {"request": {"path": "/x"}}, order="strict")
    bundle = json.loads(exported(world))
    (found,) = bundle["verifications"]
    assert (found["passed"], found["times"], found["order"]) == (
        False,
        1,
        "strict: login, then ANY /x",
    )
    assert [(each["what"], each["passed"]) for each in found["results"]] == [
        ("stub 'login' (ANY /login)", True), ("ANY /x", False),
    ]  # fmt: skip
    assert cases(world) == {
        "stub 'login' (ANY /login): once": None,
        "ANY /x: once": "unmet",
        "order strict: login, then ANY /x": "order",
        "nothing else": "unexpected",
        "every request is answered by a stub": "unmatched",
        "the mock has to fail no request": None,
    }
    assert found["diverged"] == "expected ANY /x, got #2 GET /login -> 404 no-match"
    page = exported(world, "?format=text").decode()
    assert "Verified:\n  ok     stub 'login' (ANY /login): once\n  FAILED ANY /x: once\n" in page
    assert found["report"] in page


def test_what_stubs_expect_is_in_bundle_and_junit(world: World) -> None:
    for name, expect in (("paid", 2), ("never", 0), ("any", {"optional": True})):
        stub = {"name": name, "request": {"path": f"/{name}"}, "expect": expect}
        world.call("POST", "/namespaces/a/stubs", stub)
    world.send("GET", "/~a/paid")
    bundle = json.loads(exported(world))
    assert [(each["stub"], each["actual"], each["passed"]) for each in bundle["expectations"]] == [
        ("paid", 1, False), ("never", 0, True), ("any", 0, True),
    ]  # fmt: skip
    assert bundle["effects"]["unmet"] == "fail"
    found = cases(world)
    assert found["stub 'paid' (ANY /paid) answers 2 times"] == "unmet"
    assert found["stub 'never' (ANY /never) never answers"] is None
    assert not [name for name in found if "'any'" in name]


def test_what_many_stubs_expect_is_told_of_each(world: World) -> None:
    stubs = [{"name": f"s{n}", "request": {"path": f"/s{n}"}, "expect": 1} for n in range(100)]
    world.call("POST", "/namespaces/a/stubs", stubs)
    assert len(json.loads(exported(world))["expectations"]) == 100
    assert sum(kind == "unmet" for kind in cases(world).values()) == 100


def test_asking_until_it_is_fulfilled_leaves_one_that_passed(world: World) -> None:
    for _ in range(3):
        verified(world, {"request": {"path": "/poll"}, "times": 3})
        world.send("GET", "/~a/poll")
    verified(world, {"request": {"path": "/poll"}, "times": 3}, within=0)
    (found,) = json.loads(exported(world))["verifications"]
    assert (found["passed"], found["times"], found["until"]) == (True, 4, 5)
    assert next(iter(cases(world).values())) is None


def test_other_questions_are_other_verifications(world: World) -> None:
    login = {"request": {"path": "/login"}}
    asked: list[dict[str, Any]] = [
        {}, {"order": "subsequence"}, {"nothing_else": True}, {"after": 1},
        {"nothing_else": True, "ignore": [{"path": "/x"}]},
    ]  # fmt: skip
    for each in asked:
        verified(world, login, **each)
    verified(world, {"request": {"path": "/other"}})
    verified(world, order="any", nothing_else=True)
    assert len(json.loads(exported(world))["verifications"]) == 7


def test_a_cursor_and_its_number_ask_the_same(world: World) -> None:
    cursor = verified(world, {"stub": "login"})["cursor"]
    for after in (cursor, 2):
        verified(world, {"stub": "login", "times": 0}, after=after)
    assert len(json.loads(exported(world))["verifications"]) == 2


def test_an_order_by_pairs_is_told_by_its_pairs(world: World) -> None:
    expect = [{"id": "b", "stub": "login"}, {"id": "a", "request": {"path": "/x"}}]
    verified(world, *expect, order=[["a", "b"]])
    assert "order a before b" in cases(world)


def test_one_that_was_refused_is_not_remembered(world: World) -> None:
    body = json.dumps({"expect": [{"stub": "unknown"}]}).encode()
    assert world.reply("POST", f"{ROOT}/namespaces/a/verify", body).response.status == 422
    assert json.loads(exported(world))["verifications"] == []


def test_a_reset_forgets_what_was_verified_and_a_finish_keeps_it(world: World) -> None:
    verified(world, {"stub": "login"})
    world.call("POST", "/namespaces/a/reset", {"only": ["state", "stubs"]})
    assert len(json.loads(exported(world))["verifications"]) == 1
    world.call("POST", "/namespaces/a/reset", {"only": ["requests"]})
    assert json.loads(exported(world))["verifications"] == []
    verified(world, {"request": {"path": "/x"}, "times": 0})
    identity = world.call("POST", "/namespaces/a/finish", {})["id"]
    world.call("POST", f"/namespaces/{identity}/verify", {"expect": [{"stub": "login"}]})
    assert [each["passed"] for each in json.loads(exported(world, "", identity))["verifications"]] == [
        True, False,
    ]  # fmt: skip


def test_verifications_that_are_forgotten_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pymockapi.store.verified.MAX_VERIFICATIONS", 1)
    for times in (1, 2, 3):
        verified(world, {"stub": "login", "times": times})
    assert json.loads(exported(world))["verifications_dropped"] == 2
    assert (
        "\n  2 that were asked earlier are forgotten\n" in exported(world, "?format=text").decode()
    )


HEADS: Final = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=20)
ODD: Final = st.fixed_dictionaries(
    {
        "target": st.text(
            st.characters(max_codepoint=255, exclude_characters=" \r\n\0?#"), max_size=15
        ),
        "query": HEADS.map(lambda text: text.replace(" ", "+")),
        "name": st.sampled_from(
            ["x-odd", "traceparent", "cookie", "authorization", "host", "content-type"]
        ),
        "value": HEADS,
        "body": st.binary(max_size=30),
    }
)


@settings(max_examples=40, deadline=None)
@given(odd=st.lists(ODD, max_size=4), label=st.text(max_size=10), redact=st.booleans())
def test_whatever_came_every_export_can_be_read(
    odd: list[dict[str, Any]], label: str, redact: bool
) -> None:
    world = World({"settings": {"redact": ["query.a", "body", "header.x-odd"]}})
    world.call(
        "POST",
        "/namespaces",
        {"name": "a", "labels": {"test": label.encode("utf-8", "replace").decode()}},
    )
    for each in odd:
        target = f"/~a/{each['target']}?{each['query']}".encode("latin-1")
        head = b"POST %b HTTP/1.1\r\n%b: %b\r\n\r\n" % (
            target, each["name"].encode(), each["value"].encode("latin-1"),
        )  # fmt: skip
        told = target.decode("utf-8", "surrogateescape")
        world.application.answer(Request("POST", told, head, each["body"]))
    verified(world, {"request": {"path": "/x"}}, nothing_else=True)
    also = f"&redact={str(redact).lower()}"
    assert len(json.loads(exported(world, f"?format=json{also}"))["requests"]) == len(odd)
    assert len(json.loads(exported(world, f"?format=har{also}"))["log"]["entries"]) == len(odd)
    assert len(lines(world, also)) == len(odd)
    suite = ElementTree.fromstring(exported(world, f"?format=junit{also}"))[0]
    assert len(list(suite.iter("testcase"))) == int(str(suite.get("tests")))
    assert exported(world, f"?format=text{also}").decode()


def test_a_har_log_has_every_exchange(world: World) -> None:
    log = json.loads(exported(world, "?format=har"))["log"]
    assert [entry["response"]["status"] for entry in log["entries"]] == [200, 404]
    assert "namespace 'a'" in log["comment"].lower()


def test_a_page_of_text_reads_well_at_100_columns(world: World) -> None:
    world.send("GET", "/~a/" + "x" * 300)
    world.call("POST", "/namespaces/a/finish", {"status": "failed"})
    identity = world.call("GET", "/namespaces?finished=true")["namespaces"][0]["id"]
    world.send("GET", "/~a/late")
    page = exported(world, "?format=text", identity).decode().splitlines()
    assert max(map(len, page)) <= 100
    assert page[0] == f"Namespace 'a' ({identity}): failed"
    assert "label:      test=t" in page
    assert any("#2" in line and "-> 404 no-match" in line for line in page)
    assert any(line.startswith("end:        finished with status 'failed' at ") for line in page)
    assert page[-1].endswith("GET /~a/late")


def test_a_har_log_tells_by_which_http_a_request_came(world: World) -> None:
    for line in (b"GET /~a/login HTTP/1.0", b"GET /~a/login"):
        world.application.answer(Request("GET", "/~a/login", line + b"\r\n\r\n"))
    entries = json.loads(exported(world, "?format=har"))["log"]["entries"]
    versions = [
        (each["request"]["httpVersion"], each["response"]["httpVersion"]) for each in entries
    ]
    assert versions[1:] == [
        ("HTTP/1.1", "HTTP/1.1"),
        ("HTTP/1.0", "HTTP/1.1"),
        ("HTTP/1.1", "HTTP/1.1"),
    ]


def test_an_empty_namespace_has_an_export(world: World) -> None:
    world.call("POST", "/namespaces", {"name": "b"})
    assert json.loads(exported(world, "", "b"))["requests"] == []
    assert json.loads(exported(world, "?format=har", "b"))["log"]["entries"] == []
    assert "0 recorded requests" in exported(world, "?format=text", "b").decode()


def test_an_export_tells_what_a_limit_dropped() -> None:
    world = World({"settings": {"limits": {"requests": 2}}})
    for n in range(5):
        world.send("GET", f"/{n}")
    text = exported(world, "?format=text", "default").decode()
    assert "dropped:    3 requests, by a limit of the journal" in text
    assert json.loads(exported(world, "", "default"))["evicted"] == 3


@pytest.mark.parametrize("query", ["?format=xml", "?redact=no"])
def test_an_unknown_format_is_refused(world: World, query: str) -> None:
    refused = world.send("GET", f"{ROOT}/namespaces/a/export{query}")
    assert refused.status == 422
    assert document(refused)["errors"][0]["pointer"] in ("/format", "/redact")
    assert code(world.send("GET", f"{ROOT}/namespaces/x/export")) == "unknown-namespace"


def test_traffic_goes_on_between_slices_and_what_comes_meanwhile_is_not_in_it() -> None:
    slices = 0

    def pause() -> Awaitable[None]:
        return between()

    async def between() -> None:
        nonlocal slices
        slices += 1
        await asyncio.sleep(0)
        busy.send("GET", "/~a/meanwhile")

    world = busy = World({"namespaces": {"a": {}}}, pause)
    for n in range(60):
        world.send("GET", f"/~a/{n}")
    bundle: Any = json.loads(exported(world))
    assert slices >= 7
    assert [each["number"] for each in bundle["requests"]] == list(range(1, 61))
    explained = ["explanation" in each for each in bundle["requests"]]
    assert explained == [True] * 50 + [False] * 10


def test_a_reset_during_an_export_takes_nothing_from_it() -> None:
    async def between() -> None:
        await asyncio.sleep(0)
        busy.store.clear_requests("a")

    world = busy = World({"namespaces": {"a": {}}}, between)
    for n in range(60):
        world.send("GET", f"/~a/{n}")
    log = json.loads(exported(world, "?format=har"))["log"]
    assert len(log["entries"]) == 60


def test_reports_are_made_in_slices_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pymockapi.service.sheets.PIECE", 100)
    between = Between()
    world = World({"namespaces": {"a": {}}}, between.pause)
    stubs = [{"name": f"s{n}", "request": {"path": f"/s{n}"}, "expect": 1} for n in range(40)]
    world.call("POST", "/namespaces/a/stubs", stubs)
    for n in range(5):
        verified(world, {"request": {"path": f"/{n}"}, "times": 0})
    for n in range(20):
        world.send("GET", f"/~a/{n}")
    before = between.slices
    between.wait = before + 1  # while the requests are gone through
    between.action = lambda: world.store.clear_requests("a")
    assert len(cases(world)) == 40 + 5 + 2
    assert between.slices > before + 45
    assert between.action is None
    assert len(json.loads(exported(world))["verifications"]) == 0


@pytest.mark.parametrize("form", ["text", "junit"])
def test_a_report_of_many_verifications_is_put_together_line_by_line(form: str) -> None:
    between = Between()
    world = World({"namespaces": {"a": {}}}, between.pause)
    for n in range(20):
        verified(world, *[{"request": {"path": f"/{n}/{each}"}, "times": 0} for each in range(10)])
    before = between.slices
    assert "/19/9" in exported(world, f"?format={form}").decode()
    assert between.slices > before + 200


@pytest.mark.parametrize("form", FORMATS)
def test_no_turn_of_an_export_looks_at_every_request(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is recorded is neither copied nor gone through at once, however much it is."""
    looked, most = 0, 0
    take = Held.take

    def counted(held: Held, number: int) -> Exchange | None:
        nonlocal looked
        looked += 1
        return take(held, number)

    async def between() -> None:
        nonlocal looked, most
        most, looked = max(most, looked), 0
        await asyncio.sleep(0)

    monkeypatch.setattr(Held, "take", counted)
    world = World({"namespaces": {"a": {}}}, between)
    for n in range(600):
        world.send("GET", f"/~a/{n}")
    exported(world, f"?format={form}")
    assert 0 < most <= SLICE


def test_a_long_export_comes_in_lines_and_pieces_that_are_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pymockapi.service.sheets.PIECE", 10)
    world = World({"namespaces": {"a": {}}})
    for n in range(20):
        world.send("GET", f"/~a/{n}")
    assert [each["number"] for each in lines(world)] == list(range(1, 21))
    assert len(json.loads(exported(world))["requests"]) == 20
    assert len(json.loads(exported(world, "?format=har"))["log"]["entries"]) == 20
    assert len(cases(world)) == 2


def test_no_secret_leaves_by_a_404_a_verdict_a_report_or_a_late_request() -> None:
    redact = [
        "query.token",
        "body.$.card.number",
        "body.$..pin",
        "params.user",
        "header.x-request-id",
    ]
    card = {"number": 4000123412341234}
    stubs = [
        {"name": "pay", "request": {"method": "POST", "path": "/pay", "body": {
            "json_contains": {"card": card}}}, "expect": 1},
        {"name": "user", "request": {"path": "/users/{user}", "headers": {"a": "b"}}},
        {"name": "cookies", "request": {"path": "/c", "headers": {"cookie": "sid=wantedsid"}}},
    ]  # fmt: skip
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "stubs": stubs, "settings": {"redact": redact}})
    body = b'{"card": {"number": 4111111111111111}, "list": [{"pin": "my-pin"}]}'
    told = [
        world.send("POST", "/~a/pay?token=my-token", body).body.decode(),
        world.send("GET", "/~a/users/my-user").body.decode(),
        world.send("GET", "/~a/c", cookie="sid=my-sid").body.decode(),
    ]
    near = {"expect": [{"request": {"path": "/pay", "body": {"json": {"list": []}}}}]}
    told.append(json.dumps(world.call("POST", "/namespaces/a/verify", near)))
    told.append(json.dumps(world.call("GET", "/namespaces/a/verdict")))
    ended = world.call("POST", "/namespaces/a/finish", {})
    told.append(json.dumps(ended["verdict"]))
    world.send("GET", "/~a/c?token=my-late-token", x_request_id="my-late-id")
    told.append(json.dumps(world.call("GET", f"/namespaces/{ended['id']}/verdict")))
    told += [exported(world, f"?format={each}", ended["id"]).decode() for each in FORMATS]
    secrets = ("4111111111111111", "my-", "4000123412341234", "wantedsid")
    for text in told:
        assert not [secret for secret in secrets if secret in text], text


@pytest.mark.parametrize("effect", ["ignore", "fail"])
@pytest.mark.parametrize("wait", [1, 3])
@pytest.mark.parametrize("form", ["json", "junit", "text"])
def test_a_reset_during_an_export_leaves_verdict_and_requests_of_one_moment(
    form: str, wait: int, effect: str
) -> None:
    between = Between()
    stubs = [{"name": "pay", "request": {"path": "/pay"}, "expect": 2}]
    made = {
        "name": "a", "state": {"k": 1}, "stubs": stubs, "settings": {"verdict": {"ambiguous": effect}}
    }  # fmt: skip
    world = World(None, between.pause)
    world.call("POST", "/namespaces", made)
    for path in ("/pay", *["/missing"] * 30):
        world.send("GET", f"/~a{path}")
    before = between.slices
    between.wait = before + wait
    between.action = lambda: world.begin_call("POST", "/namespaces/a/reset", {"only": ["requests"]})
    text = exported(world, f"?format={form}").decode()
    assert between.action is None
    if form == "json":
        bundle = json.loads(text)
        told = {each["kind"]: each["count"] for each in bundle["verdict"]["problems"]}
        (stands,) = bundle["expectations"]
        seen = len(bundle["requests"]), bundle["total"], told, stands["actual"]
        whole = (31, 31, {"unmatched": 30, "unmet": 1}, 1)
        assert seen in (whole, (0, 0, {"unmet": 1}, 0))  # which only a search for rivals may see
        assert seen == whole or effect == "fail"
    else:
        assert ("30 requests that no stub answered" in text) == ("31 recorded requests" in text)


@pytest.mark.parametrize(
    ("per", "redact"),
    [("bearer", []), ("header.cookie", []), ("query.token", ["query.token"]),
     ("params.user", ["params.user"]), ("path", ["params.user"]), ("body", ["body.$.pin"])],
)  # fmt: skip
def test_no_secret_leaves_by_the_cursors_of_a_sequence(per: str, redact: list[str]) -> None:
    stub = {"name": "q", "request": {"path": "/q/{user}"}, "responses": [{}, {}, {}], "per": per}
    asked = {"redact": redact, "verdict": {"sequence_left": "fail"}}
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "stubs": [stub], "settings": asked})
    world.send(
        "POST", "/~a/q/my-secret?token=my-secret", b'{"pin": "my-secret"}',
        authorization="Bearer my-secret", cookie="my-secret=my-secret",
    )  # fmt: skip
    told = [json.dumps(world.call("GET", "/namespaces/a/verdict")["problems"][0]["stubs"])]
    world.call("DELETE", "/namespaces/a/requests")
    told += [exported(world, f"?format={each}").decode() for each in FORMATS]
    for text in told:
        assert "my-secret" not in text, text


def test_a_key_that_is_no_utf_8_is_told_by_a_verdict() -> None:
    stub = {"name": "q", "request": {"path": "/q"}, "responses": [{}, {}], "per": "query.k"}
    asked = {"verdict": {"sequence_left": "fail"}}
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "stubs": [stub], "settings": asked})
    world.send("GET", "/~a/q?k=%ff%00\x1b]]>")
    told = world.call("GET", "/namespaces/a/verdict")["problems"][0]["stubs"][0]["detail"]
    assert "for '\ufffd" in told
    for each in FORMATS:
        assert exported(world, f"?format={each}")


@pytest.mark.parametrize("change", ["delete", "redefine", "finish"])
def test_a_capture_stays_secret_when_its_stub_is_another(change: str) -> None:
    stub: dict[str, Any] = {"name": "user", "request": {"path": "/users/{user}/x"}}
    world = World()
    asked = {"redact": ["params.user"]}
    world.call("POST", "/namespaces", {"name": "a", "stubs": [stub], "settings": asked})
    world.send("GET", "/~a/users/my-name/x")
    world.send("GET", "/~a/users/7q/x")
    ns = "a"
    if change == "delete":
        world.call("DELETE", "/namespaces/a/stubs/user")
    elif change == "redefine":
        world.call("PUT", "/namespaces/a/stubs/user", {"request": {"path": "/members/{id}"}})
    else:
        ns = world.call("POST", "/namespaces/a/finish", {})["id"]
        world.send("GET", "/~a/users/my-late/x")
    told = [exported(world, f"?format={each}", ns).decode() for each in FORMATS]
    told.append(json.dumps(world.call("GET", f"/namespaces/{ns}/verdict")))
    for text in told:
        assert not [each for each in ("my-", "/7q/") if each in text], text


def test_a_token_is_hidden_in_the_answer_that_gave_it() -> None:
    login = {
        "name": "login",
        "request": {"path": "/login"},
        "response": {"json": {"t": "my-token-1"}},
    }
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "stubs": [login]})
    world.send("POST", "/~a/login")
    world.send("GET", "/~a/orders", authorization="Bearer my-token-1")
    for each in FORMATS:
        assert b"my-token-1" not in exported(world, f"?format={each}")


@pytest.mark.parametrize("form", FORMATS)
def test_a_body_nested_as_deep_as_json_is_read_spoils_no_export(form: str) -> None:
    world = World({"settings": {"redact": ["query.key", "body.$..pin"]}, "namespaces": {"a": {}}})
    world.send("POST", "/~a/x?key=hunter22", b"[" * 700 + b'{"pin": "hunter22"}' + b"]" * 700)
    assert b"hunter22" not in exported(world, f"?format={form}")


def test_layers_and_cursors_of_a_bundle_are_those_of_the_moment_of_its_requests() -> None:
    between = Between()
    world = World(None, between.pause)
    stub = {"name": "q", "request": {"path": "/q"}, "responses": [{}, {}, {}]}
    world.call("POST", "/namespaces", {"name": "a", "stubs": [stub], "settings": {"seed": 3}})
    for _ in range(20):
        world.send("GET", "/~a/q")
    between.wait = between.slices + 1
    between.action = lambda: world.begin_call("PUT", "/namespaces/a/stubs", [])
    bundle = json.loads(exported(world))
    assert between.action is None
    (own,) = [each for each in bundle["layers"] if each["name"] == "own"]
    assert [(each["name"], each["hits"]) for each in own["stubs"]] == [("q", 20)]
    assert [each["stub"] for each in bundle["sequences"]] == ["q"]
