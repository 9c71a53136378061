"""The users of the lab's site: a small collection with the manners of a REST interface."""

from __future__ import annotations

import json

SEEDED = (
    ("Ada Lovelace", 1815),
    ("Emmy Noether", 1882),
    ("Alan Turing", 1912),
)
MOST = 1000
"""A collection that strangers may add to has an end."""


class Refused(Exception):
    """What was asked cannot be done: a status, a sentence, and fields of the answer."""

    def __init__(self, status: int, text: str, *fields: tuple[str, str]) -> None:
        super().__init__(text)
        self.status, self.text, self.fields = status, text, fields


class Users:
    """The collection of one site; numbers are given in order and never again."""

    def __init__(self) -> None:
        self._users: dict[int, dict[str, object]] = {
            number: {"id": number, "name": name, "born": born}
            for number, (name, born) in enumerate(SEEDED, 1)
        }
        self._next = len(SEEDED) + 1

    def all(self) -> list[dict[str, object]]:
        """Every user, the oldest number first."""
        return list(self._users.values())

    def get(self, number: int) -> dict[str, object]:
        """One user. Raises Refused (404)."""
        if number not in self._users:
            raise Refused(404, f"There is no user {number}.")
        return self._users[number]

    def add(self, body: bytes) -> dict[str, object]:
        """A new user from JSON. Raises Refused (400, 422, 507)."""
        if len(self._users) >= MOST:
            raise Refused(507, f"There is room for {MOST} users.")
        user = {"id": self._next, **_read(body)}
        self._users[self._next] = user
        self._next += 1
        return user

    def change(self, number: int, body: bytes, whole: bool) -> dict[str, object]:
        """Replace a user (PUT), or only what is named (PATCH). Raises Refused (400, 404, 422)."""
        before = self.get(number)
        values = _read(body, needed=whole)
        kept = {} if whole else before
        self._users[number] = {**kept, "id": number, **values}
        return self._users[number]

    def remove(self, number: int) -> None:
        """Forget a user. Raises Refused (404)."""
        self.get(number)
        del self._users[number]


def _read(body: bytes, needed: bool = True) -> dict[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(said, dict):
        raise Refused(422, "A user is a JSON object.")
    name, born = said.get("name"), said.get("born")
    if needed and not isinstance(name, str):
        raise Refused(422, 'A user has a "name", which is a text.')
    values: dict[str, object] = {}
    if isinstance(name, str):
        values["name"] = name[:100]
    if isinstance(born, int):
        values["born"] = max(-9999, min(born, 9999))
    return values
