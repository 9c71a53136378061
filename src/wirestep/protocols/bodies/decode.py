"""Bodies that come by themselves, where a rule of the user says so: each unit is one."""

from __future__ import annotations

from collections.abc import Mapping

from wirestep.decode.bodies import read_body
from wirestep.decode.bodies_form import read_form
from wirestep.decode.bodies_json import read_json
from wirestep.decode.bodies_multipart import read_multipart
from wirestep.decode.bodies_reader import Reader
from wirestep.decode.contract import Reading, Stateless, Where
from wirestep.decode.cursor import Cursor

MAX_BRIEF = 60
"""Characters of the body that its line shows."""


class BodyDecoder(Stateless):
    """All there is, read by one reader."""

    reader: Reader
    name = ""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One body."""
        front = cursor.data[cursor.at : min(cursor.stop, cursor.at + MAX_BRIEF)]
        size = cursor.left()
        type(self).reader(cursor, "", self.parameters(cursor), _inner)
        brief = " ".join(front.decode("utf-8", "replace").split())
        return Reading(f"{self.name}, {size} bytes: {brief}", brief=brief)

    def parameters(self, cursor: Cursor) -> Mapping[str, str]:
        """What a Content-Type would say."""
        return {}


class JsonDecoder(BodyDecoder):
    """RFC 8259."""

    reader = staticmethod(read_json)
    name = "JSON"


class FormDecoder(BodyDecoder):
    """URL Standard."""

    reader = staticmethod(read_form)
    name = "Form"


class MultipartDecoder(BodyDecoder):
    """RFC 2046."""

    reader = staticmethod(read_multipart)
    name = "Multipart"

    def parameters(self, cursor: Cursor) -> Mapping[str, str]:
        """The boundary, from the first line."""
        line = cursor.data[cursor.at : cursor.stop].split(b"\n", 1)[0].strip()
        return {"boundary": line[2:].decode("latin-1")} if line.startswith(b"--") else {}


def _inner(cursor: Cursor, name: str, size: int, header: str) -> None:
    read_body(cursor, name, size, header, depth=1)
