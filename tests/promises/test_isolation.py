"""P3: all that a test can set or observe belongs to one namespace, on one port, however many."""

from __future__ import annotations

from msgspec import UNSET
from tests.promises.live import Json, Live, Wire, run, stub, together

MANY = 1_000


def route(number: int, selector: int) -> tuple[str, dict[str, str]]:
    """Return target and headers that name namespace ``number`` by one of four selectors."""
    name = f"ns-{number}"
    return [
        (f"/~{name}/who", {}),
        ("/who", {"X-Mock-Namespace": name}),
        ("/who", {"baggage": f"a=1,mock.namespace={name}"}),
        ("/who", {"Host": f"{name}.mock.localhost:80"}),
    ][selector]


def test_a_thousand_namespaces_under_mixed_traffic_see_no_answer_of_another() -> None:
    async def scene(live: Live) -> None:
        for number in range(MANY):
            who = stub("who", "/who", response={"text": str(number)})
            await live.namespace(f"ns-{number}", stubs=[who], state={"n": number})

        async def ask(wire: Wire, first: int) -> None:
            for number in range(first, MANY, 16):
                for selector in range(4):
                    target, headers = route(number, selector)
                    answer = await wire.call("GET", target, headers)
                    assert (answer.status, answer.text) == (200, str(number)), (target, headers)

        wires = await live.wires(16)
        await together(ask(wire, first) for first, wire in enumerate(wires))
        listed = (await live.control("GET", "/namespaces"))["namespaces"]
        seen = {each["name"]: (each["counts"]["requests"], each["state"]) for each in listed}
        assert seen.pop("default") == (0, {})
        assert seen == {f"ns-{number}": (4, {"n": number}) for number in range(MANY)}

    run(scene)


def test_what_one_namespace_does_leaves_another_as_it_was() -> None:
    steps = [{"text": "1"}, {"text": "2"}]
    stubs = [stub("s", "/s", responses=steps), stub("n", "/n", set={"n": {"increment": 1}})]
    writes: list[tuple[str, str, Json]] = [
        ("PATCH", "/state", {"n": 99}),
        ("POST", "/stubs", stub("s", "/s", response={"text": "other"})),
        ("PUT", "/clock", {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}),
        ("POST", "/apply", {"settings": {"debug_headers": True, "unmatched": {"status": 299}}}),
        ("POST", "/snapshots", {"id": "s"}),
        ("POST", "/scopes", {"name": "inner"}),
        ("PUT", "/state", {}),
        ("DELETE", "/scopes/scope-1", UNSET),
        ("POST", "/reset", {}),
        ("POST", "/fork", {"name": "fork"}),
        ("POST", "/finish", {}),
    ]

    async def scene(live: Live) -> None:
        ns = await live.namespace("a", stubs=stubs)
        other = await live.namespace("b", stubs=stubs)
        wire = await live.wire()
        await wire.get("/~a/s")
        before = await shown(live, ns)
        for method, path, body in writes:
            for target in ("/~b/s", "/~b/n", "/~b/nothing"):
                await wire.get(target)
            await live.control(method, other + path, body)
        assert await shown(live, ns) == before
        assert (await wire.get("/~a/s")).text == "2"

    run(scene, stubs=[stub("base", "/base")])


async def shown(live: Live, ns: str) -> list[Json]:
    """Return all that the control API tells of a namespace, but its running clock."""
    paths = ("", "/stubs", "/state", "/sequences", "/requests", "/snapshots", "/scopes",
             "/verdict")  # fmt: skip
    documents = [await live.control("GET", ns + path) for path in paths]
    documents[0].pop("clock")
    return documents


def test_a_name_that_does_not_live_is_never_answered_by_another_namespace() -> None:
    async def scene(live: Live) -> None:
        wire = await live.wire()
        for selector in range(4):
            target, headers = route(7, selector)
            answer = await wire.call("GET", target, headers)
            assert (answer.status, answer.headers["x-mock-error"]) == (404, "unknown-namespace")
        default = await live.control("GET", "/namespaces/default")
        assert default["counts"]["requests"] == 0
        assert (await live.control("GET", "/orphans"))["total"] == 4

    run(scene, stubs=[stub("who", "/who"), stub("any", "/~ns-7/who")])
