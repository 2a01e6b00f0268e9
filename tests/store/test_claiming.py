"""Claims against a naive twin: the same stub, step, hit, key and state, whatever went before."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.stateful import invariant
from tests.engine.requests import make_request
from tests.store.scenario import Scenario
from tests.store.twin import Outcome, Twin, Used

from pymockapi.engine.configuration import Configuration
from pymockapi.model.changes import Change, NamespaceSpec
from pymockapi.model.plan import Grant


class ClaimsAsTheTwin(Scenario):
    twin: Twin
    kept: Twin

    def begun(self) -> None:
        self.twin = Twin(self.bench.store.configuration, {"n": 0}, told=self.bench.space.told)
        self.twin.origin = self.twin.copy()

    def asked(self, target: str) -> Grant:
        expected = self.twin.claim(make_request("GET", target))
        grant = super().asked(target)
        entry = grant.exchange
        got = Outcome(entry.stub, entry.step, entry.hit, entry.key, entry.error)
        assert got == expected
        return grant

    def done(self, change: Change) -> None:
        self.twin.change(change)

    def snapshotted(self) -> None:
        self.kept = self.twin.copy()

    def restored(self) -> None:
        self.kept.catch_up(self.twin)
        origin = self.twin.origin
        self.twin = self.kept.copy(self.twin.scopes)
        self.twin.origin = origin

    def scope_opened(self) -> None:
        self.twin.scopes.append(self.twin.copy())

    def scopes_closed(self, place: int) -> None:
        scope, origin = self.twin.scopes[place], self.twin.origin
        scope.catch_up(self.twin)
        self.twin = scope.copy(self.twin.scopes[:place])
        self.twin.origin = origin

    def reloaded(
        self, project: Configuration, old: NamespaceSpec | None, new: NamespaceSpec
    ) -> None:
        self.twin.follow(project, old, new)

    @invariant()
    def state_stubs_and_counters_are_those_of_the_twin(self) -> None:
        if not hasattr(self, "twin"):
            return
        space = self.bench.space
        assert space.state == self.twin.state
        in_force = [stub for _, stub in space.stubs()]
        assert [stub.name for stub in in_force] == list(self.twin.in_force())
        used = {
            name: Used(cell.hits, cell.cursors)
            for name, cell in space.cells.items()
            if cell.hits or any(cell.cursors.values())
        }
        assert used == {
            name: used
            for name, used in self.twin.used.items()
            if used.hits or any(used.cursors.values())
        }
        keyed = [cell for cell in space.cells.values() if cell.stub.per is not None]
        assert space.key_count == sum(len(cell.cursors) for cell in keyed)


TestClaimsAsTheTwin = ClaimsAsTheTwin.TestCase
TestClaimsAsTheTwin.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
