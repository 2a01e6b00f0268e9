"""What each event tells, as its readers see it, and what it keeps to itself."""

from __future__ import annotations

import gc
import json
import weakref
from typing import Any, Final

import pytest
from tests.service.readers import reader, run
from tests.service.timers import Scene, breathe

from pymockapi.model.errors import Unreadable
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.request import Request

CONFIG: Final = {
    "stubs": [
        {
            "name": "pay", "request": {"method": "POST", "path": "/pay"}, "after_last": "fail",
            "responses": [{"status": 201, "set": {"paid": True, "n": {"increment": 1}}}], "set": {"n": 1},
        },
        {"name": "order", "request": {"path": "/orders/{id}"}},
    ],
    "sets": {"down": {"stubs": [{"name": "x"}], "state": {"mode": "down"}}},
    "namespaces": {"shop": {}},
}  # fmt: skip
AT: Final = "2030-03-17T17:46:40.000000Z"
REQUEST: Final = {
    "method": "GET", "path": "/x", "stub": None, "step": None, "hit": None, "status": 404,
    "error": "no-match", "fault": None, "phase": "received", "took_ms": None,
}  # fmt: skip


def told(scene: Scene) -> list[dict[str, Any]]:
    """Return what happened in ``shop`` since it began, without what every message has."""
    found = reader(scene, "shop", seq="1").take()
    identity = scene.world.store.readable("shop").id
    for number, each in enumerate(found, found[0]["seq"]):
        frame = [each.pop(name) for name in ("seq", "namespace", "id")]
        assert frame == [number, "shop", identity]
    return found


def test_a_request_that_a_stub_answers_is_told_with_what_it_changed() -> None:
    async def work(scene: Scene) -> None:
        handle = scene.world.reply("POST", "/~shop/pay?token=1").handle
        assert isinstance(handle, Exchange)
        scene.world.real_ns += 1_500_000
        scene.world.store.progress(handle, Phase.SENDING, 5)
        scene.world.store.progress(handle, Phase.ANSWERED, 9)
        request = {
            "number": 1, "method": "POST", "path": "/pay", "stub": "pay", "step": 1, "hit": 1,
            "status": 201, "error": None, "fault": None,
        }  # fmt: skip
        assert told(scene) == [
            {"event": "request.received", "at": AT, **request, "phase": "received", "took_ms": None},
            {"event": "state.changed", "at": AT, "number": 1, "change": "request",
             "keys": ["n", "paid"], "count": 2},
            {"event": "sequence.exhausted", "at": AT, "number": 1, "stub": "pay"},
            {"event": "request.answered", "at": AT.replace("000000Z", "001500Z"), **request,
             "phase": "answered", "took_ms": 1.5},
        ]  # fmt: skip

    run(work, CONFIG)


def test_a_request_that_a_behaviour_answers_is_told_with_its_name_and_no_stub() -> None:
    async def work(scene: Scene) -> None:
        for _ in range(2):
            scene.world.send("GET", "/~shop/orders/7")
        first, second = told(scene)
        assert "behaviour" not in first
        found = [second[key] for key in ("event", "behaviour", "stub", "status", "error")]
        assert found == ["request.received", "once", None, 429, None]

    once = {"limit": {"requests": 1, "per": "1h"}}
    run(work, {**CONFIG, "behaviours": {"once": once}, "settings": {"behaviour": "once"}})


def test_a_sequence_past_its_end_still_received_its_request() -> None:
    async def work(scene: Scene) -> None:
        await scene.send()
        for _ in range(2):
            scene.world.send("POST", "/~shop/pay")
        last = told(scene)[-1]
        assert (last["event"], last["status"], last["error"], last["step"]) == (
            "request.received", 599, "sequence-exhausted", None,
        )  # fmt: skip

    run(work, CONFIG)


def test_a_request_that_no_stub_answers_is_told_so() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/~shop/x?secret=1")
        assert told(scene) == [{"event": "request.unmatched", "at": AT, "number": 1, **REQUEST}]

    run(work, CONFIG)


@pytest.mark.parametrize("phase", [Phase.REFUSED, Phase.INCOMPLETE])
def test_a_request_that_could_not_be_read_is_told_with_its_phase(phase: Phase) -> None:
    async def work(scene: Scene) -> None:
        head = b"GET /~shop/x HTTP/1.1\r\nHost: a\r\n\r\n"
        asked = Request("GET", "/~shop/x", head, b"", "c")
        scene.world.application.refuse(asked, phase, Unreadable("too bad"))
        status = 400 if phase is Phase.REFUSED else None
        assert told(scene) == [
            {"event": "request.unmatched", "at": AT, "number": 1, **REQUEST,
             "error": "unreadable", "status": status, "phase": phase.value}
        ]  # fmt: skip

    run(work, CONFIG)


@pytest.mark.parametrize("phase", [Phase.ABORTED, Phase.FAILED])
def test_an_answer_that_never_left_is_told_so(phase: Phase) -> None:
    async def work(scene: Scene) -> None:
        handle = scene.world.reply("GET", "/~shop/x").handle
        scene.world.real_ns += 2_000_000
        scene.world.store.progress(handle, phase, 0)  # type: ignore[arg-type]
        last = told(scene)[-1]
        assert last == {
            "event": "request.aborted", "at": AT.replace("000000Z", "002000Z"), "number": 1, **REQUEST,
            "phase": phase.value, "took_ms": 2.0,
        }  # fmt: skip

    run(work, CONFIG)


@pytest.mark.parametrize(("fault", "status"), [("reset", None), ("truncated", 201)])
def test_an_answer_that_a_fault_befell_is_told_with_it(fault: str, status: int | None) -> None:
    async def work(scene: Scene) -> None:
        stub = {"name": "f", "request": {"path": "/f"}, "response": {"status": 201, "fault": fault}}
        await scene.control("POST", "/namespaces/shop/stubs", stub)
        handle = scene.world.reply("GET", "/~shop/f").handle
        scene.world.store.progress(handle, Phase.FAILED, 0)  # type: ignore[arg-type]
        last = told(scene)[-1]
        assert (last["event"], last["phase"]) == ("request.aborted", "failed")
        assert (last["fault"], last["status"], last["error"]) == (fault, status, None)

    run(work, CONFIG)


def test_an_event_tells_of_its_moment_however_late_it_is_read() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "shop")
        handle = scene.world.reply("GET", "/~shop/orders/7").handle
        await breathe()
        (early,) = reads.take()
        scene.world.real_ns += 5_000_000
        scene.world.store.progress(handle, Phase.ANSWERED, 9)  # type: ignore[arg-type]
        assert reader(scene, "shop", seq="1").take()[0] == early

    run(work, CONFIG)


def test_of_a_request_that_is_no_longer_recorded_the_number_and_the_kind_remain() -> None:
    async def work(scene: Scene) -> None:
        first = scene.world.reply("GET", "/~shop/orders/7").handle
        second = scene.world.reply("GET", "/~shop/y").handle
        scene.world.store.progress(first, Phase.ANSWERED, 9)  # type: ignore[arg-type]
        scene.world.store.progress(second, Phase.FAILED, 9)  # type: ignore[arg-type]
        await scene.control("POST", "/namespaces/shop/reset", {"only": ["requests"]})
        gone = dict.fromkeys(REQUEST)
        assert told(scene) == [
            {"event": "request.received", "at": None, "number": 1, **gone, "phase": "received"},
            {"event": "request.unmatched", "at": AT, "number": 2, **gone, "phase": "received"},
            {"event": "request.answered", "at": None, "number": 1, **gone, "phase": "answered"},
            {"event": "request.aborted", "at": AT, "number": 2, **gone, "phase": "failed"},
            {"event": "namespace.reset", "at": AT, "parts": ["requests"]},
        ]  # fmt: skip

    run(work, CONFIG)


NAMES: Final = [f"s{number}" for number in range(12)]


@pytest.mark.parametrize(
    ("method", "path", "body", "events"),
    [
        ("POST", "/stubs", {"name": "s"}, [("stubs.changed", {"change": "defined", "stubs": ["s"], "count": 1})]),
        ("POST", "/stubs", [{"name": name} for name in NAMES],
         [("stubs.changed", {"change": "defined", "stubs": NAMES[:8], "count": 12})]),
        ("POST", "/stubs", [{"name": f"s{number}"} for number in range(300)],
         [("stubs.changed", {"change": "defined", "stubs": NAMES[:8], "count": 300})]),
        ("PUT", "/stubs", [{"name": "s"}], [("stubs.changed", {"change": "replaced", "stubs": ["s"], "count": 1})]),
        ("PUT", "/stubs", [{"name": f"s{number}"} for number in range(300)],
         [("stubs.changed", {"change": "replaced", "stubs": NAMES[:8], "count": 300})]),
        ("DELETE", "/stubs/pay", None, [("stubs.changed", {"change": "removed", "stubs": ["pay"], "count": 1})]),
        ("DELETE", "/stubs", None, [("stubs.changed", {"change": "removed"})]),
        ("PATCH", "/state", {"a": 1, "b": None}, [("state.changed", {"change": "merged", "keys": ["a", "b"], "count": 2})]),
        ("PUT", "/state", {"a": 1}, [("state.changed", {"change": "replaced", "keys": ["a"], "count": 1})]),
        ("POST", "/apply", {"sets": ["down"]},
         [("state.changed", {"change": "sets", "keys": ["mode"], "count": 1}),
          ("stubs.changed", {"change": "sets", "sets": ["down"], "count": 1})]),
        ("POST", "/reset", {"only": ["state", "clock"]},
         [("state.changed", {"change": "reset"}), ("namespace.reset", {"parts": ["clock", "state"]})]),
        ("POST", "/reset", {"only": ["stubs", "sequences"]},
         [("stubs.changed", {"change": "reset"}), ("namespace.reset", {"parts": ["sequences", "stubs"]})]),
        ("POST", "/verify", {"expect": [{"id": "a", "stub": "pay"}, {"id": "b", "stub": "pay", "times": 0}]},
         [("verification.failed", {"complete": True, "reason": None, "cursor": "CURSOR", "failed": ["a"], "count": 1})]),
        ("POST", "/verify", {"expect": [], "nothing_else": True},
         [("verification.passed", {"complete": True, "reason": None, "cursor": "CURSOR", "failed": [], "count": 0})]),
    ],
)  # fmt: skip
def test_a_control_call_is_told_with_what_it_changed(
    method: str, path: str, body: Any, events: list[tuple[str, dict[str, Any]]]
) -> None:
    async def work(scene: Scene) -> None:
        if path == "/verify":
            assert "report" in await scene.settled("shop", **body)
        else:
            await scene.control(method, f"/namespaces/shop{path}", body)
        cursor = f"{scene.world.store.known('shop').id}:0"
        expected = [
            {"event": kind, "at": AT, **facts, **({"cursor": cursor} if "cursor" in facts else {})}
            for kind, facts in events
        ]
        assert told(scene) == expected

    run(work, CONFIG)


def test_a_snapshot_that_is_restored_and_a_scope_that_is_closed_are_told() -> None:
    async def work(scene: Scene) -> None:
        await scene.control("POST", "/namespaces/shop/snapshots", {"id": "s"})
        await scene.control("POST", "/namespaces/shop/snapshots/s/restore")
        assert told(scene) == [
            {"event": "stubs.changed", "at": AT, "change": "restored"},
            {"event": "state.changed", "at": AT, "change": "restored"},
        ]

    run(work, CONFIG)


def test_a_new_config_is_told_to_the_namespaces_that_follow_it() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "default")
        await scene.control("PUT", "/config", {"version": 1, "state": {"a": 1}})
        assert [(each["event"], each["change"]) for each in reads.take()] == [
            ("stubs.changed", "config"), ("state.changed", "config"),
        ]  # fmt: skip

    run(work)


@pytest.mark.parametrize(
    ("redact", "path"),
    [
        ([], "/orders/s3cret"),
        (["query.id", "header.x"], "/orders/s3cret"),
        (["params.id"], "/orders/redacted-"),
        (["params.other"], "/orders/s3cret"),
        (["path"], "redacted-"),
    ],
)
def test_paths_keep_the_secrets_that_settings_name(redact: list[str], path: str) -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/~shop/orders/s3cret", "/~shop/unknown/s3cret")
        first, second = told(scene)
        assert first["path"].startswith(path)
        assert ("s3cret" in first["path"]) is ("s3cret" in path)
        assert second["path"].startswith("redacted-" if redact == ["path"] else "/unknown/s3cret")

    run(work, {**CONFIG, "settings": {"redact": redact}})


def test_no_event_tells_headers_bodies_queries_or_values() -> None:
    async def work(scene: Scene) -> None:
        scene.world.send(
            "POST", "/~shop/pay?q=s3cret", b'{"p":"s3cret"}', Authorization="Bearer s3cret"
        )
        await scene.control("PATCH", "/namespaces/shop/state", {"token": "s3cret"})
        assert "s3cret" not in json.dumps(told(scene))

    run(work, CONFIG)


def test_the_feed_of_the_server_keeps_no_namespace_alive() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, None)
        await scene.control("POST", "/namespaces", {"name": "gone"})
        await scene.send("/~gone/x")
        space = weakref.ref(scene.world.store.known("gone"))
        await scene.control("DELETE", "/namespaces/gone")
        scene.world.store.discarded.clear()
        gc.collect()
        assert space() is None
        created, request, deleted = reads.take()
        assert (request["namespace"], request["number"], request["at"]) == ("gone", 1, AT)
        assert (request["path"], deleted["requests"]) == (None, 1)
        assert created["id"] == deleted["id"]

    run(work)


def test_the_feed_of_the_server_tells_of_answers_as_a_namespace_does() -> None:
    async def work(scene: Scene) -> None:
        reads, own = reader(scene, None), reader(scene, "shop")
        handle = scene.world.reply("POST", "/~shop/pay").handle
        scene.world.real_ns += 1_000_000
        scene.world.store.progress(handle, Phase.ANSWERED, 9)  # type: ignore[arg-type]
        theirs = [{**each, "seq": None} for each in reads.take()]
        assert theirs == [{**each, "seq": None} for each in own.take()]

    run(work, CONFIG)
