"""What is left of ended namespaces, found by name and, for hosts, in any case."""

from __future__ import annotations

from pymockapi.store.lives import Ended, Lives, Orphan


def ended(name: str, identity: str, reason: str = "finished") -> Ended:
    return Ended(name, identity, reason, None, 0, {})


def test_a_host_label_finds_an_ended_namespace_in_any_case() -> None:
    lives = Lives(finished=9, orphans=9, events=9)
    lives.end(ended("Test-A", "n1"))
    found = lives.last_called("test-a", "host")
    assert found is not None
    assert found.id == "n1"
    assert lives.last_called("test-a", "header") is None


def test_the_exact_name_goes_before_one_in_another_case() -> None:
    lives = Lives(finished=9, orphans=9, events=9)
    lives.end(ended("a", "n1"))
    lives.end(ended("A", "n2"))
    found = lives.last_called("a", "host")
    assert found is not None
    assert found.id == "n1"


def test_what_is_forgotten_by_name_is_forgotten_by_label() -> None:
    lives = Lives(finished=1, orphans=9, events=9)
    lives.end(ended("A", "n1"))
    lives.end(ended("B", "n2"))
    assert lives.last_called("a", "host") is None
    assert lives.last_called("b", "host") is not None


def test_those_deleted_push_out_none_of_those_finished() -> None:
    lives = Lives(finished=1, orphans=9, events=9)
    lives.end(ended("A", "n1"))
    for n in range(5):
        lives.end(ended("B", f"b{n}", "deleted"))
    assert [each.id for each in lives.finished()] == ["n1"]
    assert lives.meant("A") is lives.meant("n1")
    assert lives.meant("B") is None


def test_what_is_forgotten_holds_nothing_though_orphans_know_its_owner() -> None:
    lives = Lives(finished=1, orphans=9, events=9)
    first = ended("A", "n1")
    lives.end(first)
    lives.add_orphan(Orphan(0, "A", "path", "GET", "/", "", "finished-namespace", first))
    assert (len(first.late), first.late_total) == (1, 1)
    lives.end(ended("B", "n2"))
    assert (len(first.late), first.late_total, first.space) == (0, 1, None)
