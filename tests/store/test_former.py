"""What is remembered of stubs that are no longer in force."""

from __future__ import annotations

from tests.engine.requests import make_request
from tests.store.worlds import stub_of

from pymockapi.store.former import MAX_TEMPLATES, FormerStubs


def test_names_stay_for_ever_and_the_newest_templates() -> None:
    former = FormerStubs()
    former.note([stub_of("plain", "/a"), *(stub_of(f"s{n}", f"/{n}/{{id}}") for n in range(1_001))])
    assert MAX_TEMPLATES == 1_000
    assert len(former.names) == 1_002
    assert former.captures(make_request("GET", "/0/7")) == []
    assert former.captures(make_request("GET", "/1/7")) == [{"id": "7"}]
    assert former.captures(make_request("GET", "/1000/7")) == [{"id": "7"}]
