"""How a namespace behaves: what is answered instead of stubs, and what is counted, recorded, judged."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.world import World, code, document, request

from pymockapi.model.clock import SECOND_NS
from pymockapi.server.own_answers import OwnAnswers
from pymockapi.server.request_log import LOG, LoggedApplication

NS: Final = "/namespaces/default"
FROZEN: Final = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}
STEPS: Final = {
    "name": "steps",
    "request": {"path": "/steps"},
    "responses": [{"text": "one"}, {"text": "two"}],
    "set": {"asked": {"increment": 1}},
}


def stub(path: str, **rest: Any) -> dict[str, Any]:
    return {"name": path.strip("/"), "request": {"path": path}, "response": {"text": "ok"}, **rest}


def behaving(behaviour: Any, *stubs: dict[str, Any], **config: Any) -> World:
    world = World(config)
    world.call(
        "POST",
        f"{NS}/apply",
        {
            "stubs": list(stubs) or [stub("/a")],
            "settings": {"behaviour": behaviour},
            "clock": FROZEN,
        },
    )
    return world


def behave(world: World, behaviour: Any, ns: str = NS) -> None:
    world.call("POST", f"{ns}/apply", {"settings": {"behaviour": behaviour}})


def statuses(world: World, count: int, path: str = "/a") -> list[int]:
    return [world.send("GET", path).status for _ in range(count)]


# Each profile.


def test_what_is_down_answers_nothing_itself() -> None:
    world = behaving("down")
    response = world.send("GET", "/a")
    assert (response.status, document(response)) == (503, {"error": "service unavailable"})
    assert code(response) is None
    assert statuses(world, 5) == [503] * 5


def test_what_recovers_fails_so_often_and_then_never() -> None:
    assert statuses(behaving("recovering"), 6) == [503, 503, 503, 200, 200, 200]


def test_what_is_slow_delays_stubs_that_have_no_delay_of_their_own() -> None:
    world = behaving("slow", stub("/a"), stub("/own", response={"delay": "10ms"}))
    delays = [world.delay("GET", "/a") for _ in range(20)]
    assert all(1 <= each <= 3 for each in delays)
    assert len(set(delays)) == 20
    assert world.delay("GET", "/own") == 0.01


def test_a_delay_that_is_set_goes_before_that_of_the_behaviour() -> None:
    world = behaving({"delay": "1s"})
    assert world.delay("GET", "/a") == 1.0
    world.call("POST", f"{NS}/apply", {"settings": {"delay": "2s"}})
    assert world.delay("GET", "/a") == 2.0
    world.call("POST", f"{NS}/reset", {"only": ["settings"]})
    assert world.delay("GET", "/a") == 0
    behave(world, {"delay": "1s"})
    behave(world, None)
    assert world.delay("GET", "/a") == 0


def test_a_fault_befalls_answers_unless_the_stub_or_the_settings_say_otherwise() -> None:
    world = behaving({"fault": "reset"}, stub("/a"), stub("/own", response={"fault": "none"}))

    def fault(path: str) -> Any:
        dispatch = world.reply("GET", path).dispatch
        return None if dispatch is None else dispatch.fault

    assert (fault("/a"), fault("/own")) == ("reset", None)
    world.call("POST", f"{NS}/apply", {"settings": {"fault": "none"}})
    assert fault("/a") is None
    world.call("POST", f"{NS}/reset", {"only": ["settings"]})
    behave(world, {"like": "slow", "fault": {"kind": "hang", "probability": 1}})
    assert fault("/a") == "hang"


def test_what_is_like_a_faulty_one_can_leave_the_fault_out() -> None:
    world = World({"stubs": [stub("/a")], "behaviours": {"bad": {"fault": "reset", "delay": 1}}})
    behave(world, {"like": "bad", "fault": "none"})
    dispatch = world.reply("GET", "/a").dispatch
    assert dispatch is not None
    assert (dispatch.delay_s, dispatch.fault) == (1.0, None)


def test_a_flaky_service_fails_one_request_in_five() -> None:
    found = statuses(behaving("flaky"), 1_000)
    assert set(found) == {200, 503}
    assert 150 < found.count(503) < 250


def test_over_the_limit_it_tells_after_how_many_seconds_to_try_again() -> None:
    world = behaving("rate-limited")
    assert statuses(world, 10) == [200] * 10
    refused = world.send("GET", "/a")
    assert (refused.status, document(refused)) == (429, {"error": "too many requests"})
    assert dict(refused.headers)["Retry-After"] == "60"
    world.call("PUT", f"{NS}/clock", {"advance": "59500ms"})
    assert dict(world.send("GET", "/a").headers)["Retry-After"] == "1"
    world.call("PUT", f"{NS}/clock", {"advance": "500ms"})
    assert statuses(world, 11) == [200] * 10 + [429]


def test_a_window_begins_with_the_first_request_in_it() -> None:
    world = behaving({"limit": {"requests": 1, "per": "10s"}})
    statuses(world, 1)
    world.call("PUT", f"{NS}/clock", {"advance": "25s"})
    assert statuses(world, 2) == [200, 429]
    assert dict(world.send("GET", "/a").headers)["Retry-After"] == "10"
    world.call("PUT", f"{NS}/clock", {"advance": "-1h"})
    assert statuses(world, 2) == [200, 429]


def test_on_real_time_the_limit_follows_it() -> None:
    world = behaving({"limit": {"requests": 1, "per": "10s"}})
    world.call("PUT", f"{NS}/clock", {"mode": "real"})
    assert statuses(world, 2) == [200, 429]
    world.real_ns += 10 * SECOND_NS
    assert statuses(world, 1) == [200]


def test_the_answers_may_be_any_and_keep_their_own_headers() -> None:
    limit = {"headers": {"retry-after": "never"}, "reason": "Slow Down", "text": "x", "delay": 3}
    world = behaving({"limit": {"requests": 0, "per": 1, "response": limit}})
    reply = world.reply("GET", "/a")
    response = reply.response
    assert response.headers[1:] == (("retry-after", "never"),)
    assert (response.reason, response.body) == ("Slow Down", b"x")
    assert reply.dispatch is not None
    assert reply.dispatch.delay_s == 3
    behave(world, {"limit": {"requests": 0, "per": 1, "response": {"delay": 3}}})
    reply = world.reply("GET", "/a")
    assert reply.dispatch is not None
    assert (reply.response.head.endswith(b"Retry-After: 1\r\nContent-Length: 0\r\n"),
            reply.dispatch.delay_s) == (True, 3)  # fmt: skip


def test_failures_may_be_templates() -> None:
    answer = {"template": True, "json": {"path": "{{ request.path }}"}}
    world = behaving({"failures": {"first": 1, "response": answer}})
    assert document(world.send("GET", "/a")) == {"path": "/a"}


def test_a_request_over_the_limit_reaches_nothing_that_could_fail() -> None:
    both = {"limit": {"requests": 2, "per": "1m"}, "failures": {"first": 3}}
    world = behaving(both)
    assert statuses(world, 3) == [503, 503, 429]
    world.call("PUT", f"{NS}/clock", {"advance": "1m"})
    assert statuses(world, 3) == [503, 200, 429]


# What it leaves alone.


def test_no_turn_hit_or_state_is_taken_by_what_never_reached_the_stub() -> None:
    world = behaving("recovering", STEPS)
    texts = [world.send("GET", "/steps").body for _ in range(5)]
    assert texts[3:] == [b"one", b"two"]
    assert world.call("GET", f"{NS}/state") == {"asked": 2}
    assert world.call("GET", f"{NS}/stubs/steps")["hits"] == 2


def test_what_no_stub_would_answer_is_told_as_ever_and_counts_nowhere() -> None:
    once = stub("/once", times=1)
    over = {**STEPS, "name": "over", "request": {"path": "/over"}, "after_last": "pass"}
    world = behaving({"failures": {"first": 1}}, stub("/a"), once, over)
    assert world.send("GET", "/nowhere").status == 404
    assert statuses(world, 1, "/once") == [503]
    assert statuses(world, 2, "/once") == [200, 404]
    assert statuses(world, 3, "/over") == [200, 200, 404]
    assert statuses(world, 1) == [200]


def test_what_is_behind_a_stub_that_is_over_is_subject_too() -> None:
    first = {**stub("/a"), "name": "first", "times": 1, "priority": 1}
    world = behaving(None, stub("/a"), first)
    statuses(world, 1)
    behave(world, "down")
    assert statuses(world, 1) == [503]
    assert world.call("GET", f"{NS}/stubs/first")["hits"] == 1


# What is told.


def test_the_record_names_the_behaviour_and_no_stub() -> None:
    world = behaving("rate-limited")
    statuses(world, 11)
    passed, refused = world.entries()[9:]
    assert "behaviour" not in passed
    assert (refused["behaviour"], refused["stub"], refused["error"]) == ("rate-limited", None, None)
    assert (refused["number"], refused["hit"], refused["response"]["status"]) == (11, None, 429)
    matched = world.call("GET", f"{NS}/requests?matched=false")
    assert matched["requests"] == []
    explained = world.call("GET", f"{NS}/requests/11/explain")
    assert (explained["behaviour"], explained["stub"]) == ("rate-limited", "a")


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def test_the_log_names_it() -> None:
    world = World()
    site = world.site
    application = LoggedApplication(site.store, site.store.configuration.server, None, OwnAnswers())
    behaving_now = {"stubs": [stub("/a")], "settings": {"behaviour": "down"}}
    world.call("POST", f"{NS}/apply", behaving_now)
    handler = Kept()
    LOG.addHandler(handler)
    LOG.setLevel(logging.DEBUG)
    try:
        application.answer(request("GET", "/a"))
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(logging.NOTSET)
    fields: dict[str, Any] = handler.records[0].__dict__["fields"]
    assert (fields["behaviour"], fields["status"]) == ("down", 503)
    assert "stub" not in fields


def test_one_without_a_name_is_told_as_inline() -> None:
    world = behaving({"failures": {"probability": 1}})
    statuses(world, 1)
    assert world.entries()[0]["behaviour"] == "inline"


def test_verdicts_find_nothing_wrong_with_what_the_test_asked_for() -> None:
    world = behaving("recovering")
    statuses(world, 4)
    found = world.call("GET", f"{NS}/verdict")
    assert (found["passed"], found["problems"]) == (True, [])


def test_verifications_count_the_calls_and_stubs_their_answers() -> None:
    world = behaving("recovering")
    statuses(world, 4)
    expected = [
        {"request": {"path": "/a"}, "times": 4},
        {"stub": "a", "times": 1},
        {"request": {"path": "/a"}, "answered": {"status": 503}, "times": 3},
    ]
    assert world.call("POST", f"{NS}/verify", {"expect": expected})["passed"]
    missed = world.call("POST", f"{NS}/verify", {"expect": [{"stub": "a", "times": 2}]})
    assert "behaviour 'recovering'" in str(missed)


def test_what_a_stub_expects_is_not_met_by_what_never_reached_it() -> None:
    world = behaving("down", stub("/a", expect=1))
    statuses(world, 3)
    problems = world.call("GET", f"{NS}/verdict")["problems"]
    assert [each["kind"] for each in problems] == ["unmet"]


def test_har_names_the_behaviour() -> None:
    world = behaving("down")
    statuses(world, 1)
    told = world.call("GET", f"{NS}/export?format=har")["log"]["entries"][0]
    assert told["comment"].endswith("by behaviour 'down'")


# Counters.


def test_the_same_again_goes_on_and_another_begins_anew() -> None:
    world = behaving("recovering")
    statuses(world, 2)
    behave(world, "recovering")
    world.call("POST", f"{NS}/apply", {"settings": {"debug_headers": True}})
    assert statuses(world, 2) == [503, 200]
    behave(world, {"like": "recovering", "failures": {"first": 1}})
    assert statuses(world, 2) == [503, 200]
    behave(world, None)
    behave(world, "recovering")
    assert statuses(world, 4) == [503, 503, 503, 200]


def test_a_reset_of_sequences_begins_anew_and_one_of_settings_ends_it() -> None:
    world = behaving("recovering")
    statuses(world, 4)
    world.call("POST", f"{NS}/reset", {"only": ["state", "requests", "clock"]})
    assert statuses(world, 1) == [200]
    world.call("POST", f"{NS}/reset", {"only": ["sequences"]})
    assert statuses(world, 4) == [503, 503, 503, 200]
    world.call("POST", f"{NS}/reset", {"only": ["settings"]})
    assert statuses(world, 1) == [200]


def test_a_snapshot_a_scope_and_a_fork_hold_the_counters() -> None:
    world = World()
    made = {"name": "n", "stubs": [stub("/a")], "settings": {"behaviour": "recovering"}}
    world.call("POST", "/namespaces", made)
    ns = "/namespaces/n"
    statuses(world, 1, "/~n/a")
    kept = world.call("POST", f"{ns}/snapshots", {"id": "s"})["id"]
    scope = world.call("POST", f"{ns}/scopes")["id"]
    world.call("POST", f"{ns}/fork", {"name": "f"})
    assert statuses(world, 3, "/~n/a") == [503, 503, 200]
    assert statuses(world, 3, "/~f/a") == [503, 503, 200]
    world.call("POST", "/namespaces/f/reset")
    assert statuses(world, 3, "/~f/a") == [503, 503, 200]
    world.call("POST", f"{ns}/snapshots/{kept}/restore")
    assert statuses(world, 3, "/~n/a") == [503, 503, 200]
    behave(world, "down", ns)
    world.call("DELETE", f"{ns}/scopes/{scope}")
    assert statuses(world, 3, "/~n/a") == [503, 503, 200]
    world.call("POST", f"{ns}/reset")
    assert statuses(world, 4, "/~n/a") == [503, 503, 503, 200]


# Who chooses.


def test_a_tag_chooses_it() -> None:
    world = World(
        {
            "stubs": [stub("/a")],
            "tags": {"@limited": {"settings": {"behaviour": "rate-limited"}}},
            "behaviours": {"rate-limited": {"limit": {"requests": 1, "per": "1m"}}},
        }
    )
    world.call("POST", "/namespaces", {"name": "n", "tags": ["@limited"]})
    assert statuses(world, 2, "/~n/a") == [200, 429]
    assert statuses(world, 2) == [200, 200]


def test_a_set_brings_it_and_takes_it_along() -> None:
    world = World({"stubs": [stub("/a")], "sets": {"off": {"settings": {"behaviour": "down"}}}})
    world.call("POST", f"{NS}/apply", {"sets": ["off"]})
    assert statuses(world, 1) == [503]


@pytest.mark.parametrize("given", ["flakey", {"like": "flakey"}])
def test_an_unknown_name_changes_nothing_and_is_told_with_the_nearest(given: Any) -> None:
    world = behaving("down")
    refused = [
        world.reply("POST", f"/__mock/v1{path}", body).response
        for path, body in (
            (f"{NS}/apply", _json({"settings": {"behaviour": given}})),
            ("/namespaces", _json({"name": "n", "settings": {"behaviour": given}})),
        )
    ]
    refused += [
        world.reply("PUT", f"/__mock/v1{path}", body).response
        for path, body in (
            ("/sets/s", _json({"settings": {"behaviour": given}})),
            ("/tags", _json({"@t": {"settings": {"behaviour": given}}})),
        )
    ]
    for response in refused:
        assert response.status == 422
        assert "did you mean 'flaky'?" in str(document(response)["errors"])
    assert statuses(world, 1) == [503]


def _json(data: Any) -> bytes:
    return json.dumps(data).encode()


def test_a_new_config_means_what_it_says_by_a_name_and_a_lost_one_stays() -> None:
    def config(first: int | None) -> dict[str, Any]:
        own = {} if first is None else {"bad": {"failures": {"first": first}}}
        return {"version": 1, "stubs": [stub("/a")], "behaviours": own}

    world = World(config(1))
    behave(world, "bad")
    assert statuses(world, 2) == [503, 200]
    put(world, config(1))
    assert statuses(world, 1) == [200]
    put(world, config(2))
    assert statuses(world, 3) == [503, 503, 200]
    put(world, config(None))
    assert statuses(world, 1) == [200]
    world.call("POST", f"{NS}/reset", {"only": ["sequences"]})
    assert statuses(world, 3) == [503, 503, 200]


def put(world: World, config: dict[str, Any]) -> None:
    response = world.reply("PUT", "/__mock/v1/config", _json(config), {"If-Match": "*"}).response
    assert response.status == 200, response


# Chance.

asked = st.lists(st.sampled_from(["/a", "/b", "/~other/a"]), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(asked)
def test_which_requests_fail_follows_from_the_seed_and_the_stub_alone(paths: list[str]) -> None:
    def answers(sent: list[str]) -> list[int]:
        world = behaving("flaky", stub("/a"), stub("/b"))
        flaky = {"name": "other", "stubs": [stub("/a")], "settings": {"behaviour": "flaky"}}
        world.call("POST", "/namespaces", flaky)
        found = [(path, world.send("GET", path).status) for path in sent]
        return [status for path, status in found if path == "/a"]

    assert answers(paths) == answers([path for path in paths if path == "/a"])


def test_the_seed_decides() -> None:
    def failing(seed: int) -> list[int]:
        world = World()
        made = {"name": "n", "seed": seed, "stubs": [stub("/a")]}
        world.call("POST", "/namespaces", {**made, "settings": {"behaviour": "flaky"}})
        return statuses(world, 30, "/~n/a")

    assert failing(1) == failing(1)
    assert failing(1) != failing(2)
