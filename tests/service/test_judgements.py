"""Verdicts as the control API tells them: of stubs, with what came instead, live and after the end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.server.world import World, document

PAY = {"name": "pay", "request": {"method": "POST", "path": "/payments"}, "expect": 2}


def world(*stubs: Any, **settings: Any) -> World:
    made = World({"settings": settings})
    made.call("POST", "/namespaces", {"name": "Shop", "stubs": [PAY, *stubs]})
    return made


def verdict(made: World) -> Any:
    return made.call("GET", "/namespaces/Shop/verdict")


def problem(found: Any, kind: str) -> Any:
    (one,) = [each for each in found["problems"] if each["kind"] == kind]
    return one


def test_an_unmet_stub_is_told_with_what_came_instead() -> None:
    made = world()
    made.send("POST", "/~Shop/payments")
    made.send("POST", "/~Shop/payment?to=x")
    found = verdict(made)
    assert problem(found, "unmet") == {
        "kind": "unmet",
        "effect": "fail",
        "count": 1,
        "requests": [],
        "stubs": [
            {
                "stub": "pay",
                "layer": "own",
                "request": "POST /payments",
                "expected": {"at_least": 2, "at_most": 2},
                "actual": 1,
                "requests": [1],
                "detail": None,
                "nearest": [
                    {
                        "number": 2,
                        "request": "#2 POST /payment?to=x -> 404 no-match",
                        "differences": [
                            {"field": "path", "expected": "/payments", "actual": "/payment"}
                        ],
                    }
                ],
            }
        ],
    }
    assert found["report"].startswith("Namespace 'Shop' (")


def test_what_another_stub_answered_instead_is_told() -> None:
    made = world({"name": "all", "priority": 1})
    made.send("POST", "/~Shop/payments")
    (stub,) = problem(verdict(made), "unmet")["stubs"]
    assert [each["differences"] for each in stub["nearest"]] == [
        [{"field": "stub", "expected": "'pay'", "actual": "'all'"}]
    ]


def test_what_is_to_be_hidden_is_hidden_in_it() -> None:
    made = world(redact=["query.token"])
    made.send("POST", "/~Shop/payment?token=very-secret")
    (stub,) = problem(verdict(made), "unmet")["stubs"]
    assert "very-secret" not in str(stub)
    exported = made.call("GET", "/namespaces/Shop/export")
    assert "very-secret" not in str(exported["verdict"])


def test_a_finished_namespace_keeps_its_verdict_though_its_requests_are_dropped() -> None:
    made = world(verdict={"late": "fail", "unmet": "warn"})
    made.send("POST", "/~Shop/payment")
    ended = made.call("POST", "/namespaces/Shop/finish")
    space = made.store.lives.kept(ended["id"])
    assert space is not None
    assert space.space is not None
    space.space.journal.evict(0, 0, keep=0)
    again = made.call("POST", "/namespaces/Shop/finish")
    assert again["verdict"] == ended["verdict"]
    made.send("GET", "/~Shop/late")
    late = made.call("GET", f"/namespaces/{ended['id']}/verdict")
    assert problem(late, "late")["effect"] == "fail"
    assert made.call("GET", f"/namespaces/{ended['id']}")["finished"]["passed"] is False


def test_a_scope_that_is_closed_tells_what_its_stubs_missed() -> None:
    made = world()
    opened = made.call("POST", "/namespaces/Shop/scopes")
    made.call("POST", "/namespaces/Shop/stubs", {**PAY, "name": "again", "expect": 1})
    made.send("GET", "/~Shop/payments")
    closed = made.call("DELETE", f"/namespaces/Shop/scopes/{opened['id']}")
    (stub,) = problem(closed["verdict"], "unmet")["stubs"]
    assert (stub["stub"], stub["nearest"][0]["differences"][0]["field"]) == ("again", "method")


@pytest.mark.parametrize(
    ("changes", "effect"),
    [
        ([], "fail"),
        ([{"verdict": {"unmet": "warn"}}], "warn"),
        ([{"verdict": {"unmet": "warn"}}, {"verdict": {"unused": "ignore"}}], "warn"),
        ([{"verdict": {"unmet": "ignore"}}, {"verdict": {"unmet": "fail"}}], "fail"),
    ],
)
def test_effects_change_while_it_lives_kind_by_kind(changes: list[Any], effect: str) -> None:
    made = world(verdict={"unmatched": "ignore"})
    for settings in changes:
        made.call("POST", "/namespaces/Shop/apply", {"settings": settings})
    made.send("GET", "/~Shop/x")
    found = verdict(made)
    assert [(each["kind"], each["effect"]) for each in found["problems"]] == [("unmet", effect)]
    shown = made.call("GET", "/namespaces/Shop")["settings"]["verdict"]
    assert shown["unmatched"] == "ignore"


def test_effects_of_config_sets_and_namespace_lie_on_each_other() -> None:
    made = World(
        {
            "settings": {"verdict": {"late": "fail", "unmet": "fail"}},
            "sets": {
                "one": {"settings": {"verdict": {"unmet": "warn", "unused": "fail"}}},
                "two": {"settings": {"verdict": {"errors": "ignore"}, "delay": 0}},
            },
        }
    )
    own = {"verdict": {"unused": "ignore"}}
    shown = made.call("POST", "/namespaces", {"sets": ["one", "two"], "settings": own})
    assert shown["settings"]["verdict"] == {
        "late": "fail",
        "unmet": "warn",
        "unused": "ignore",
        "errors": "ignore",
    }
    changed = made.call("POST", f"/namespaces/{shown['name']}/apply", {"sets": ["two", "one"]})
    assert changed["namespace"]["settings"]["verdict"]["unused"] == "fail"


@pytest.mark.parametrize("given", [[], "fail", {"unmte": "fail"}, {"unmet": "fial"}, {"late": 1}])
def test_a_wrong_effect_is_refused_and_changes_nothing(given: Any) -> None:
    made = world()
    before = made.call("GET", "/namespaces/Shop")
    reply = made.reply(
        "POST",
        "/__mock/v1/namespaces/Shop/apply",
        json.dumps({"settings": {"verdict": given}}).encode(),
    )
    assert reply.response.status == 422
    assert document(reply.response)["errors"][0]["pointer"].startswith("/settings/verdict")
    assert made.call("GET", "/namespaces/Shop") == before


def test_ambiguous_requests_are_looked_for_when_it_is_asked_for() -> None:
    made = world(
        {"name": "one", "request": {"path": "/a"}},
        {"name": "two", "request": {"path": "/a"}},
        verdict={"ambiguous": "fail", "unmet": "ignore", "unused": "ignore"},
    )
    made.send("GET", "/~Shop/a")
    found = verdict(made)
    assert [each["number"] for each in problem(found, "ambiguous")["requests"]] == [1]
    ended = made.call("POST", "/namespaces/Shop/finish")
    assert ended["verdict"]["problems"] == found["problems"]
    listed = made.call("GET", "/namespaces?finished=true")["namespaces"]
    assert [each["finished"]["passed"] for each in listed] == [False]
