"""Versions: every control write counts, traffic does not, and a stale ``If-Match`` changes nothing."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.api.live import UNSET, Answer, Live

from pymockapi.api.rows import ROWS

WRITES: Final[dict[str, tuple[str, str, Any]]] = {
    "replace_namespace": ("PUT", "", {}),
    "delete_namespace": ("DELETE", "", UNSET),
    "reset_namespace": ("POST", "/reset", UNSET),
    "finish_namespace": ("POST", "/finish", UNSET),
    "close_scope": ("DELETE", "/scopes/scope-1", UNSET),
    "restore_snapshot": ("POST", "/snapshots/kept/restore", UNSET),
    "define_stubs": ("POST", "/stubs", {}),
    "replace_stubs": ("PUT", "/stubs", []),
    "delete_stubs": ("DELETE", "/stubs", UNSET),
    "put_stub": ("PUT", "/stubs/s", {}),
    "delete_stub": ("DELETE", "/stubs/s", UNSET),
    "apply": ("POST", "/apply", {"state": {}}),
    "merge_state": ("PATCH", "/state", {}),
    "replace_state": ("PUT", "/state", {}),
    "set_sequence": ("PUT", "/sequences/s", {"position": 1}),
    "set_clock": ("PUT", "/clock", {"mode": "frozen"}),
}
ENDS: Final = frozenset({"replace_namespace", "delete_namespace", "finish_namespace"})


@pytest.fixture
def ns(live: Live) -> str:
    name = live.create(stubs=[{"name": "s", "responses": [{}, {}]}], clock={"mode": "frozen"})
    live.call("POST", f"/namespaces/{name}/snapshots", {"id": "kept"})
    live.call("POST", f"/namespaces/{name}/scopes")
    return name


def write(live: Live, ns: str, name: str, if_match: str | None) -> Answer:
    method, path, body = WRITES[name]
    headers = {} if if_match is None else {"If-Match": if_match}
    return live.call(method, f"/namespaces/{ns}{path}", body, headers)


def test_the_conditional_rows_are_those_tested_here() -> None:
    """The config's own rows are tested in ``test_configs``."""
    assert set(WRITES) == {r.name for r in ROWS if r.conditional and "{namespace}" in r.path}


@pytest.mark.parametrize("name", WRITES)
def test_a_stale_version_is_412_and_changes_nothing(live: Live, ns: str, name: str) -> None:
    live.call("PATCH", f"/namespaces/{ns}/state", {"moved": True})
    before = live.call("GET", f"/namespaces/{ns}").json
    answer = write(live, ns, name, '"1"')
    assert (answer.status, answer.code) == (412, "stale-version")
    assert live.call("GET", f"/namespaces/{ns}").json == before


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("form", ['"{}"', "{}", 'W/"{}"', "*"])
def test_the_present_version_lets_a_write_pass(live: Live, ns: str, name: str, form: str) -> None:
    version = live.call("GET", f"/namespaces/{ns}").version
    assert write(live, ns, name, form.format(version)).status < 300


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("text", ["x", '"', "-1", '"1", "2"', "1.0", "9" * 20])
def test_an_if_match_that_is_no_version_is_422(live: Live, ns: str, name: str, text: str) -> None:
    answer = write(live, ns, name, text)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/If-Match")


@pytest.mark.parametrize("name", [name for name in WRITES if name not in ENDS])
def test_a_write_raises_the_version_by_one_and_tells_it(live: Live, ns: str, name: str) -> None:
    before = live.call("GET", f"/namespaces/{ns}").version
    answer = write(live, ns, name, None)
    assert answer.version == before + 1
    assert live.call("GET", f"/namespaces/{ns}").json["version"] == before + 1


def test_neither_traffic_nor_reading_changes_the_version(live: Live, ns: str) -> None:
    for path in ("", "/stubs", "/state", "/sequences", "/clock", "/requests", "/snapshots"):
        live.call("GET", f"/namespaces/{ns}{path}")
    live.send("GET", f"/~{ns}/s")
    live.call("POST", f"/namespaces/{ns}/match", {})
    live.call("DELETE", f"/namespaces/{ns}/requests")
    assert live.call("GET", f"/namespaces/{ns}").version == 1


def test_replacing_what_is_not_there_with_a_version_is_412(live: Live) -> None:
    answer = live.call("PUT", "/namespaces/new-here", {}, {"If-Match": '"1"'})
    assert (answer.status, answer.code) == (412, "stale-version")
    assert live.call("GET", "/namespaces/new-here").status == 404


def test_a_refused_write_leaves_the_version(live: Live, ns: str) -> None:
    assert live.call("POST", f"/namespaces/{ns}/stubs", [{}, {"x": 1}]).status == 422
    assert (
        live.call(
            "POST", f"/namespaces/{ns}/apply", {"state": {"a": 1}, "remove_stubs": ["none"]}
        ).status
        == 404
    )
    after = live.call("GET", f"/namespaces/{ns}").json
    assert (after["version"], after["state"], after["counts"]["stubs"]) == (1, {}, 1)
