"""The names of live namespaces as host labels, which have no case (RFC 9110, section 4.2.3)."""

from __future__ import annotations


class HostLabels:
    """Of names that differ in case only, a label that is none of them means the newest."""

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, name: str) -> None:
        self._names.setdefault(name.lower(), []).append(name)

    def remove(self, name: str) -> None:
        names = self._names[name.lower()]
        names.remove(name)
        if not names:
            del self._names[name.lower()]

    def find(self, label: str) -> str | None:
        """Return the name that ``label`` means, in any case."""
        names = self._names.get(label.lower())
        return names[-1] if names else None
