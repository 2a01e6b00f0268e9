"""Settings, limits, clocks, leases, labels and the server's part: every key, good and bad."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.engine.reading import assert_findings, read_well, reported

from pymockapi.engine.settings import (
    read_clock,
    read_labels,
    read_lease,
    read_limits,
    read_names,
    read_port,
    read_seed,
    read_server,
    read_settings,
    read_state,
)
from pymockapi.model.changes import SetClock
from pymockapi.model.clock import SECOND_NS
from pymockapi.model.reader import Findings
from pymockapi.model.settings import (
    NamespaceLimits,
    NamespaceSettings,
    ServerLimits,
    ServerSettings,
)
from pymockapi.model.stub import Json


def test_nothing_given_means_the_shipped_settings() -> None:
    assert read_well(read_settings, {}) == NamespaceSettings()
    assert read_well(read_limits, {}) == NamespaceLimits()
    assert read_well(read_server, {}) == ServerSettings()


def test_settings_have_what_is_given() -> None:
    settings = read_well(
        read_settings,
        {
            "unmatched": {"status": 418},
            "delay": "20ms",
            "debug_headers": True,
            "seed": 7,
            "limits": {"requests": 5},
        },
    )
    assert settings.unmatched.status == 418
    assert (settings.delay, settings.debug_headers, settings.seed) == (0.02, True, 7)
    assert settings.limits == NamespaceLimits(requests=5)
    assert read_well(read_settings, {"unmatched": None}).unmatched is None
    assert settings.rewrite_location
    assert not read_well(read_settings, {"rewrite_location": False}).rewrite_location


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], [("", "expected an object, got a list")]),
        ({"dealy": 1}, [("/dealy", "did you mean 'delay'?")]),
        ({"unmatched": 1}, [("/unmatched", "expected an object, got a number")]),
        ({"unmatched": {"stats": 1}}, [("/unmatched/stats", "did you mean 'status'?")]),
        ({"delay": "x"}, [("/delay", "expected a duration")]),
        (
            {"rewrite_location": "no"},
            [("/rewrite_location", "expected true or false, got a string")],
        ),
        ({"debug_headers": "yes"}, [("/debug_headers", "expected true or false, got a string")]),
        ({"seed": -1}, [("/seed", "from 0 to 9223372036854775807, got -1")]),
        ({"limits": {"request": 1}}, [("/limits/request", "did you mean 'requests'?")]),
        (
            {"delay": -1, "debug_headers": 0, "seed": "x", "limits": []},
            [
                ("/delay", "got -1"),
                ("/debug_headers", "got a number"),
                ("/seed", "got a string"),
                ("/limits", "got a list"),
            ],
        ),
    ],
)
def test_everything_wrong_in_settings_is_reported(
    data: Json, expected: list[tuple[str, str]]
) -> None:
    assert_findings(reported(read_settings, data), *expected)


@pytest.mark.parametrize("name", ["requests", "bytes", "stubs", "sequence_keys", "snapshots"])
def test_every_limit_of_a_namespace_is_a_number_of_at_least_one(name: str) -> None:
    assert getattr(read_well(read_limits, {name: 1}), name) == 1
    assert_findings(reported(read_limits, {name: 0}), (f"/{name}", "from 1 to"))
    assert_findings(reported(read_limits, {name: 2**60}), (f"/{name}", "from 1 to"))


@pytest.mark.parametrize(
    "name",
    [
        "namespaces",
        "ports",
        "body",
        "head",
        "connections",
        "inflight_bytes",
        "journal_bytes",
        "finished",
        "finished_events",
        "orphans",
    ],
)
def test_every_limit_of_the_server_is_a_number_of_at_least_one(name: str) -> None:
    server = read_well(read_server, {"limits": {name: 7}})
    assert getattr(server.limits, name) == 7
    assert_findings(reported(read_server, {"limits": {name: 0}}), (f"/limits/{name}", "from 1"))


def test_the_server_has_what_is_given() -> None:
    server = read_well(
        read_server,
        {"on_missing": "reject", "path_prefix": "ns-", "seed": 3, "default_lease": "10m"},
    )
    assert server == ServerSettings("reject", "ns-", 3, 600.0, ServerLimits())


@pytest.mark.parametrize(
    ("given", "prefix"), [("~", "~"), ("!", "!"), ("ns:", "ns:"), (False, None)]
)
def test_the_path_prefix_can_be_changed_or_turned_off(given: Json, prefix: str | None) -> None:
    assert read_well(read_server, {"path_prefix": given}).path_prefix == prefix


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, [("", "expected an object, got null")]),
        ({"on_mising": 1}, [("/on_mising", "did you mean 'on_missing'?")]),
        ({"on_missing": "refuse"}, [("/on_missing", "expected one of default, reject")]),
        ({"path_prefix": ""}, [("/path_prefix", "got ''")]),
        ({"path_prefix": "/x"}, [("/path_prefix", "got '/x'")]),
        ({"path_prefix": "é"}, [("/path_prefix", "got 'é'")]),
        ({"path_prefix": True}, [("/path_prefix", "or false for none, got a boolean")]),
        ({"path_prefix": None}, [("/path_prefix", "got null")]),
        ({"seed": 2**63}, [("/seed", "from 0 to")]),
        ({"default_lease": 0}, [("/default_lease", "longer than 0 seconds")]),
        ({"limits": 1}, [("/limits", "expected an object")]),
        ({"cors": {"origins": []}}, [("/cors/origins", "'cors: false' says so")]),
        ({"corse": {}}, [("/corse", "did you mean 'cors'?")]),
    ],
)
def test_everything_wrong_in_the_server_part_is_reported(
    data: Json, expected: list[tuple[str, str]]
) -> None:
    assert_findings(reported(read_server, data), *expected)


@pytest.mark.parametrize(("given", "lease_s"), [("10m", 600.0), (1.5, 1.5), ("720h", 2_592_000.0)])
def test_a_lease_is_a_duration_of_at_most_thirty_days(given: Json, lease_s: float) -> None:
    assert read_well(read_lease, given) == lease_s


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (0, "a lease is longer than 0 seconds"),
        ("0s", "a lease is longer than 0 seconds"),
        ("721h", "from 0 to 720h, got 721h"),
        (math.nan, "expected a duration from 0"),
        (None, "expected a duration"),
        ("soon", "got 'soon'"),
        (True, "got a boolean"),
    ],
)
def test_a_wrong_lease_is_reported_once(given: Json, part: str) -> None:
    assert_findings(reported(read_lease, given, "/lease"), ("/lease", part))


def test_what_is_wrong_elsewhere_hides_no_wrong_lease_and_no_empty_clock() -> None:
    found = Findings()
    found.add("/elsewhere", "wrong")
    read_lease(0, "/lease", found)
    read_clock({}, "/clock", found)
    assert [each.pointer for each in found.items] == ["/elsewhere", "/lease", "/clock"]


@pytest.mark.parametrize(
    ("given", "text"),
    [("x", "x"), (1, "1"), (1.5, "1.5"), (True, "true"), (False, "false"), ("", "")],
)
def test_labels_are_text(given: Json, text: str) -> None:
    assert read_well(read_labels, {"k": given}) == {"k": text}


@pytest.mark.parametrize("given", [None, [], {}])
def test_a_label_that_is_no_scalar_is_reported(given: Json) -> None:
    assert_findings(reported(read_labels, {"k": given}, "/l"), ("/l/k", "expected a string, got"))


def test_state_is_an_object_of_any_values() -> None:
    state = {"a": [1, None], "b": {"c": 1}}
    read = read_well(read_state, state)
    assert read == state
    assert read is not state
    assert_findings(reported(read_state, [], "/s"), ("/s", "expected an object, got a list"))


def test_names_are_a_list_of_names() -> None:
    assert read_well(read_names, ["a", "b-1"]) == ("a", "b-1")
    assert_findings(reported(read_names, "a", "/s"), ("/s", "expected a list, got a string"))
    assert_findings(
        reported(read_names, ["a b", 1], "/s"), ("/s/0", "is no name"), ("/s/1", "a string")
    )


def test_a_seed_is_a_whole_number() -> None:
    assert read_well(read_seed, 2**63 - 1) == 2**63 - 1
    assert read_well(read_seed, 7.0) == 7
    assert_findings(reported(read_seed, 0.5, "/seed"), ("/seed", "whole number"))


@pytest.mark.parametrize(
    ("data", "change"),
    [
        ({"mode": "frozen"}, SetClock(frozen=True)),
        ({"mode": "real"}, SetClock(frozen=False)),
        ({"now": "1970-01-01T00:00:01Z"}, SetClock(now_ns=SECOND_NS)),
        ({"now": "1970-01-01"}, SetClock(now_ns=0)),
        ({"now": "1970-01-01T01:00:00+01:00"}, SetClock(now_ns=0)),
        ({"advance": "15m"}, SetClock(advance_ns=900 * SECOND_NS)),
        ({"advance": "-2s"}, SetClock(advance_ns=-2 * SECOND_NS)),
        ({"advance": -0.5}, SetClock(advance_ns=-SECOND_NS // 2)),
        ({"advance": 3}, SetClock(advance_ns=3 * SECOND_NS)),
        (
            {"mode": "frozen", "now": "1970-01-01T00:00:02Z", "advance": 1},
            SetClock(True, 2 * SECOND_NS, SECOND_NS),
        ),
    ],
)
def test_a_clock_is_set_by_mode_time_and_step(data: Json, change: SetClock) -> None:
    assert read_well(read_clock, data) == change


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [("", "expected at least one of mode, now, advance")]),
        ([], [("", "expected an object, got a list")]),
        ({"mod": 1}, [("/mod", "did you mean 'mode'?")]),
        ({"mode": "frosen"}, [("/mode", "did you mean 'frozen'?")]),
        ({"now": "tomorrow"}, [("/now", "an instant such as 2030-01-01T00:00:00Z")]),
        ({"now": "1969-12-31T23:59:59Z"}, [("/now", "from 1970 to 9999")]),
        ({"now": 5}, [("/now", "got a number")]),
        ({"advance": "x"}, [("/advance", "expected a duration")]),
        ({"advance": None}, [("/advance", "got null")]),
        ({"advance": True}, [("/advance", "got a boolean")]),
        ({"advance": "999999999h"}, [("/advance", "from 0 to")]),
    ],
)
def test_everything_wrong_in_a_clock_is_reported(
    data: Json, expected: list[tuple[str, str]]
) -> None:
    assert_findings(reported(read_clock, data), *expected)


def test_settings_are_values() -> None:
    values: list[Any] = [NamespaceSettings(), NamespaceLimits(), ServerSettings(), ServerLimits()]
    for value in values:
        with pytest.raises(AttributeError):
            value.limits = 1


def test_labels_and_names_are_few() -> None:
    labels = {f"l{n}": "v" for n in range(101)}
    assert_findings(reported(read_labels, labels), ("", "at most 100 labels"))
    assert_findings(reported(read_names, ["a"] * 1_001), ("", "at most 1,000 names"))


@pytest.mark.parametrize("data", [None, 0, 1, 65_535])
def test_a_port_is_a_number_or_none(data: Json) -> None:
    assert read_well(read_port, data) == data


@pytest.mark.parametrize("data", [-1, 65_536, 1.5, "80", True, []])
def test_what_is_no_port_is_reported(data: Json) -> None:
    assert_findings(reported(read_port, data, "/port"), ("/port", "expected a whole number"))
