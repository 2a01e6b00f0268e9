"""Names of sets that are not there: each is told, with what was meant."""

from __future__ import annotations

from tests.engine.reading import assert_findings, reported

from pymockapi.engine.set_names import check_sets, no_set
from pymockapi.model.reader import Findings


def test_each_name_that_is_no_sets_is_told_with_the_nearest() -> None:
    found = reported(check_sets, ("down", "dwn", "zzz"), "/sets", {"down": 1})
    assert_findings(
        found,
        ("/sets/1", "there is no set 'dwn'; did you mean 'down'?"),
        ("/sets/2", "there is no set 'zzz'; sets: down"),
    )


def test_of_very_many_names_the_first_are_told_the_nearest() -> None:
    found = reported(check_sets, ("dwn",) * 30, "", {"down": 1})
    hinted = [message for _, message in found if "did you mean" in message]
    assert (len(found), len(hinted)) == (30, 10)
    assert found[29][1] == "there is no set 'dwn'; sets: down"


def test_of_very_many_sets_the_first_are_listed() -> None:
    assert (
        no_set("zzz", [], Findings())
        == "there is no set 'zzz'; the config has no sets, or the server was given none (mock_api_config, serve FILE)"
    )
    told = no_set("zzz", [f"s{number}" for number in range(1_025)], Findings())
    assert told.endswith(", s19 and 1,005 more")
