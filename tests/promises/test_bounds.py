"""P7: every limit has a number, and reaching it is visible, never silent."""

from __future__ import annotations

import pytest
from tests.promises.live import Json, Live, Wire, run, stub, together


def test_the_journal_drops_its_oldest_and_says_how_many() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(limits={"requests": 3})
        wire = await live.wire()
        for _ in range(5):
            await wire.get("/~a/x")
        page = await live.control("GET", f"{ns}/requests")
        assert [entry["number"] for entry in page["requests"]] == [3, 4, 5]
        assert page["evicted"] == 2
        counted = await live.control("POST", f"{ns}/requests/count", {"path": "/x"})
        assert counted == {"count": 3, "complete": False}
        later = await live.control("POST", f"{ns}/requests/count", {"path": "/x", "after": 2})
        assert later == {"count": 3, "complete": True}
        counts = (await live.control("GET", ns))["counts"]
        assert (counts["requests"], counts["recorded"], counts["evicted"]) == (5, 3, 2)

    run(scene)


def test_bytes_bound_the_journal_too() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(limits={"bytes": 20_000})
        wire = await live.wire()
        for _ in range(20):
            await wire.call("POST", "/~a/x", json="x" * 3_000)
        counts = (await live.control("GET", ns))["counts"]
        assert counts["requests"] == 20
        assert 0 < counts["bytes"] <= 20_000
        assert counts["recorded"] + counts["evicted"] == 20

    run(scene)


def test_all_journals_together_are_bounded_and_a_quiet_one_pays_nothing() -> None:
    async def scene(live: Live) -> None:
        quiet, loud = await live.namespace("quiet"), await live.namespace("loud")
        first = await live.wire()
        for n in range(10):
            await first.get(f"/~quiet/{n}")

        async def flood(wire: Wire) -> None:
            for _ in range(100):
                await wire.call("POST", "/~loud/x", json="x" * 3_000)

        await together(flood(wire) for wire in await live.wires(4))
        counts = [(await live.control("GET", ns))["counts"] for ns in (quiet, loud)]
        assert (counts[0]["recorded"], counts[0]["evicted"]) == (10, 0)
        assert counts[1]["recorded"] + counts[1]["evicted"] == 400
        assert counts[0]["bytes"] + counts[1]["bytes"] <= 200_000
        ended = await live.control("POST", f"{loud}/finish", {})
        assert [(each["kind"], each["count"]) for each in ended["verdict"]["problems"]] == [
            ("unmatched", 400)
        ]

    run(scene, server={"limits": {"journal_bytes": 200_000}})


def test_over_the_sequence_keys_a_request_is_told_and_takes_nothing() -> None:
    async def scene(live: Live) -> None:
        sequence = stub("s", "/s", responses=[{}], per="query.u")
        ns = await live.namespace(stubs=[sequence], limits={"sequence_keys": 2})
        wire = await live.wire()
        answers = [await wire.get(f"/~a/s?u={n}") for n in (1, 2, 3, 1)]
        assert [answer.status for answer in answers] == [200, 200, 503, 200]
        assert answers[2].headers["x-mock-error"] == "limit-reached"
        entry = await live.control("GET", f"{ns}/requests/3")
        assert (entry["error"], entry["stub"]) == ("limit-reached", None)

    run(scene)


@pytest.mark.parametrize(
    ("limit", "calls"),
    [
        ("stubs", [("POST", "/stubs", [stub(f"s{n}", "/s") for n in range(3)])]),
        ("stubs", [("PUT", "/stubs", [stub(f"s{n}", "/s") for n in range(3)])]),
        ("snapshots", [("POST", "/snapshots", {})] * 3),
        (
            "sequence_keys",
            [
                ("POST", "/stubs", stub("s", "/s", responses=[{}], per="query.u")),
                ("POST", "/apply", {"cursors": {"s": {"position": 1, "key": "1"}}}),
                ("POST", "/apply", {"cursors": {"s": {"position": 1, "key": "2"}}}),
                ("PUT", "/sequences/s", {"position": 1, "key": "3"}),
            ],
        ),
    ],
)
def test_a_control_call_over_a_limit_is_refused_and_names_it(
    limit: str, calls: list[tuple[str, str, Json]]
) -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(limits={limit: 2})
        for method, path, body in calls[:-1]:
            await live.control(method, ns + path, body)
        method, path, body = calls[-1]
        problem = await live.control(method, ns + path, body, expect=429)
        assert f"the limit '{limit}' is 2" in problem["detail"]

    run(scene)


def test_over_the_limit_of_namespaces_none_is_created() -> None:
    async def scene(live: Live) -> None:
        await live.namespace("a")
        problem = await live.control("POST", "/namespaces", {"name": "b"}, expect=429)
        assert "'server.limits.namespaces' is 2" in problem["detail"]
        await live.control("DELETE", "/namespaces/a")
        await live.namespace("b")

    run(scene, server={"limits": {"namespaces": 2}})


def test_orphans_are_bounded_and_counted() -> None:
    async def scene(live: Live) -> None:
        wire = await live.wire()
        for n in range(5):
            await wire.get(f"/~nobody/{n}")
        listed = await live.control("GET", "/orphans")
        assert [each["target"] for each in listed["orphans"]] == ["/~nobody/3", "/~nobody/4"]
        assert listed["total"] == 5

    run(scene, server={"limits": {"orphans": 2}})


def test_a_finished_namespace_is_told_of_until_it_is_forgotten() -> None:
    async def scene(live: Live) -> None:
        wire = await live.wire()
        for name in "ab":
            await live.control("POST", f"{await live.namespace(name)}/finish", {})
        codes = [(await wire.get(f"/~{name}/x")).headers["x-mock-error"] for name in "ab"]
        assert codes == ["unknown-namespace", "finished-namespace"]

    run(scene, server={"limits": {"finished": 1}})
