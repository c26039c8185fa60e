"""The fields of a message: many values a name, names in any case, order and case kept."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Tuple


class Headers(Mapping[str, str]):
    """A mapping over the fields of a message.

    `headers[name]` finds a field in any case. Where a name stands more than once its values are joined
    by ", " (RFC 9110 §5.2); `all` gives them one by one, as Set-Cookie needs. `raw` is the list of
    (name, value) pairs as they stand in the message.
    """

    __slots__ = ("raw", "_index")

    def __init__(self, raw: Iterable[Tuple[str, str]] = ()) -> None:
        self.raw: List[Tuple[str, str]] = list(raw)
        self._index: Optional[Dict[str, List[str]]] = None

    def all(self, name: str) -> List[str]:
        """Every value of the name, in order; empty when there is none."""
        return list(self._by_name().get(name.lower(), ()))

    def _by_name(self) -> Dict[str, List[str]]:
        index = self._index
        if index is None:
            index = {}
            for name, value in self.raw:
                index.setdefault(name.lower(), []).append(value)
            self._index = index
        return index

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._by_name()[name.lower()])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_name()

    def __iter__(self) -> Iterator[str]:
        """The names, each once and as it was first written."""
        seen = set()
        for name, _ in self.raw:
            if name.lower() not in seen:
                seen.add(name.lower())
                yield name

    def __len__(self) -> int:
        return len(self._by_name())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers):
            return self._by_name() == other._by_name()
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Headers({self.raw!r})"
