"""Where a reader of events is, and what it asks for when it comes back."""

from __future__ import annotations

import json

import pytest
from tests.client.fake_feed import Json, message

from pymockapi import MockApiError
from pymockapi.client.following import Following, is_one_of


def take(following: Following, *messages: Json) -> list[str]:
    found = [following.take(json.dumps(each)) for each in messages]
    return [f"{each.seq} {each.kind}" for each in found if each is not None]


def asked(following: Following) -> dict[str, Json]:
    return {key: value for key, value in following.query().items() if value is not None}


def test_a_reader_of_what_is_to_come_goes_on_after_what_it_was_told() -> None:
    following = Following(types=["request", "stubs.changed"])
    assert asked(following) == {"types": "request,stubs.changed"}
    assert take(following, message("open", 7)) == []
    assert asked(following) == {"types": "request,stubs.changed", "seq": 7, "id": "n1"}
    assert take(following, message("request.received", 8)) == ["8 request.received"]
    assert asked(following)["seq"] == 8


def test_after_a_request_is_asked_only_as_long_as_no_event_is_known() -> None:
    following = Following(after=3)
    assert asked(following) == {"after": 3}
    take(following, message("open", 5))
    assert asked(following) == {"seq": 5, "id": "n1"}


def test_what_was_taken_is_not_taken_again() -> None:
    following = Following(seq=3)
    events = [message("request.received", seq) for seq in (3, 4, 5)]
    assert take(following, message("open", 3), *events) == [
        "4 request.received",
        "5 request.received",
    ]
    assert take(following, message("open", 5), *events) == []


def test_what_is_missing_is_an_event_of_its_own() -> None:
    following = Following(seq=3)
    lagged = message("lagged", 9, **{"from": 4, "to": 9, "count": 6})
    event = following.take(json.dumps(lagged))
    assert event is not None
    assert (event.kind, event.lost, str(event)) == (
        "lagged",
        6,
        "9  lagged  6 events are missing, 4 to 9",
    )
    assert following.seq == 9


def test_a_watch_is_asked_for_again_with_the_time_that_is_left_until_it_is_answered() -> None:
    following = Following()
    watch = following.watch({"expect": [], "within": 9}, None, until=110.0)
    timeless = following.watch({"expect": []}, "mine", until=None)
    assert json.loads(following.command(watch, 103.0)) == {
        "watch": {"id": "watch-1", "expect": [], "within": 7.0}
    }
    assert json.loads(following.command(watch, 120.0))["watch"]["within"] == 0.0
    assert json.loads(following.command(timeless, 0.0)) == {"watch": {"id": "mine", "expect": []}}
    passed = message("watch.passed", 0, watch="watch-1", verification={})
    assert take(following, passed, passed) == ["0 watch.passed"]
    assert list(following.watches) == ["mine"]


def test_a_watch_that_waits_has_its_id_for_itself() -> None:
    following = Following()
    following.watch({}, "a", None)
    with pytest.raises(ValueError, match="watch 'a' has no answer yet"):
        following.watch({}, "a", None)
    assert take(following, message("watch.removed", 0, watch="a")) == []
    assert following.watch({}, "a", None) == "a"


def test_an_error_is_raised_as_a_refused_call_is() -> None:
    following = Following()
    following.watch({}, "a", None)
    error = message(
        "error", 0, watch="a", code="invalid", detail="No.", suggestions=["b"],
        errors=[{"pointer": "/watch/id", "message": "no"}],
    )  # fmt: skip
    with pytest.raises(MockApiError) as failure:
        take(following, error)
    assert (failure.value.code, failure.value.suggestions) == ("invalid", ("b",))
    assert [each.pointer for each in failure.value.errors] == ["/watch/id"]
    assert following.watches == {}


@pytest.mark.parametrize(
    ("types", "fits"),
    [
        ("request.received", True),
        ("request", True),
        ("request.", True),
        ("request.*", True),
        ("stubs, request", True),
        (["stubs", "request.received"], True),
        ("req", False),
        ("request.answered", False),
    ],
)
def test_events_are_named_as_on_the_server(types: str | list[str], fits: bool) -> None:
    assert is_one_of("request.received", types) is fits
