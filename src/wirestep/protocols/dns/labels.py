"""Domain names as they stand in messages, with pointers (RFC 1035 sections 3.1 and 4.1.4)."""

from __future__ import annotations

from typing import NamedTuple

from wirestep.decode.cursor import Bits, Broken, Cursor, Short

ROOT = "<Root>"
MAX_NAME = 255
"""Bytes of a name, length bytes and the root's included (RFC 1035 section 2.3.4)."""
MAX_JUMPS = 64
"""Pointers followed for one name; an honest one needs one or two."""
LEAVES = ("dns.label.len", "dns.label", "dns.pointer.mark", "dns.pointer")
HEADER = 12
SPECIAL = b'"().;\\@$'
"""Bytes that a master file writes behind a backslash (RFC 1035 section 5.1)."""

Labels = tuple[bytes, ...]


class Name(NamedTuple):
    """A name: its labels from left to right, and what was wrong with it."""

    labels: Labels
    text: str
    """Readable and without a last dot; labels that are not UTF-8 have their bytes spelled out."""
    size: int
    """Bytes that it takes where it stands."""
    trouble: str = ""
    """Why it could not be read to its end; what was read is in `labels`."""

    def __str__(self) -> str:
        return self.text

    def master(self) -> str:
        """As a master file has it: bytes escaped, with a last dot (RFC 1035 section 5.1)."""
        return "".join(f"{escaped(label, SPECIAL)}." for label in self.labels) or "."


def escaped(data: bytes, special: bytes) -> str:
    r"""Bytes as text of a master file: \X for those in `special`, \DDD for unprintable ones."""
    out = []
    for byte in data:
        if byte in special:
            out.append("\\" + chr(byte))
        elif 0x20 < byte < 0x7F or (byte == 0x20 and special == b'"\\'):
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03d}")
    return "".join(out)


def readable(labels: Labels, trouble: str = "") -> str:
    """Labels with dots between them, as Wireshark writes a name."""
    text = b".".join(labels).decode("utf-8", "backslashreplace")
    if trouble:
        return f"{text}.<broken name>" if text else "<broken name>"
    return text or ROOT


class Names:
    """The names of one message. `base` is where its header starts, `stop` where it ends."""

    def __init__(self, cursor: Cursor, base: int) -> None:
        self.data, self.base, self.stop = cursor.data, base, cursor.stop
        self.troubled = False
        """Whether any name read was broken."""
        self._known: dict[int, tuple[Labels, str]] = {}
        """Good names and ends of names by where they start: each is walked once."""
        self._plain = not cursor.wants_any(LEAVES)

    def read(self, cursor: Cursor, field: str, found: Name | None = None) -> Name:
        """The name at the cursor, as a field whose children are its bytes.

        `found` is what `look` said of it, where that was asked already.

        Raises:
            Broken: it has a label of an unknown kind, so that nobody can tell where it ends.
            Short: it passes the cursor's end.
        """
        name = self.look(cursor.at, cursor.stop) if found is None else found
        if self._plain:
            cursor.worked(field, name.text)
            cursor.at += name.size
            self._remark(cursor, name)
            return name
        with cursor.group(field, name.size, name.text):
            self._leaves(cursor)
            self._remark(cursor, name)
        return name

    def _remark(self, cursor: Cursor, name: Name) -> None:
        if name.trouble:
            self.troubled = True
            cursor.note("broken", name.trouble)
        elif "\\" in name.text or name.text.count(".") >= len(name.labels) > 0:
            cursor.note("odd", f"labels with bytes that mislead; exactly: {name.master()}")

    def _leaves(self, cursor: Cursor) -> None:
        while cursor.left():
            size = cursor.peek(1)[0]
            if size >= 0xC0:
                place = int.from_bytes(cursor.peek(2), "big") & 0x3FFF
                known = self._known.get(self.base + place)
                shown = f"{place}: {known[1]}" if known is not None else ""
                cursor.bits(2, Bits("dns.pointer.mark", 2), Bits("dns.pointer", 14, shown=shown))
                return
            cursor.uint("dns.label.len", 1)
            cursor.text("dns.label", size)

    def look(self, start: int, stop: int) -> Name:
        """The name at `start`, which may take bytes up to `stop`; `read` says what is raised."""
        data, base = self.data, self.base
        if start + 1 < stop and data[start] >= 0xC0:
            target = base + ((data[start] & 0x3F) << 8 | data[start + 1])
            known = self._known.get(target)
            if known is not None and target < start:
                return Name(known[0], known[1], 2)
        labels: list[bytes] = []
        runs = [(start, 0)]
        at, limit, size, length, trouble = start, stop, 0, 1, ""
        while not trouble:
            count = data[at] if at < limit else -1
            end = at + 1 + count
            if count == 0:
                size = size or end - start
                break
            if 0 < count < 0x40 and end <= limit:
                length += 1 + count
                if length <= MAX_NAME:
                    labels.append(data[at + 1 : end])
                elif size:
                    break
                at = end
            elif count >= 0xC0 and at + 2 <= limit:
                size = size or at + 2 - start
                at = base + ((count & 0x3F) << 8 | data[at + 1])
                trouble = self._refused(at, runs)
                runs.append((at, len(labels)))
                limit = self.stop
            elif not size:
                raise _endless(count)
            else:
                trouble = str(_endless(count))
        if length > MAX_NAME:
            trouble = f"a name of more than {MAX_NAME} bytes"
        if trouble:
            return Name(tuple(labels), readable(tuple(labels), trouble), size, trouble)
        return self._learn(labels, runs, size)

    def _learn(self, labels: list[bytes], runs: list[tuple[int, int]], size: int) -> Name:
        for at, place in reversed(runs):
            part = tuple(labels[place:])
            text = readable(part)
            self._known[at] = part, text
        return Name(part, text, size)

    def _refused(self, target: int, runs: list[tuple[int, int]]) -> str:
        """Why a pointer may not be followed: each must go back, before all that was read so far."""
        if target < self.base + HEADER:
            return f"a pointer into the header, to byte {target - self.base}"
        if target >= self.stop:
            return f"a pointer to byte {target - self.base}, beyond the message's end"
        if target >= runs[-1][0]:
            kind = "that loops" if target == runs[-1][0] else "that does not go back"
            return f"a pointer {kind}, to byte {target - self.base}"
        if len(runs) > MAX_JUMPS:
            return f"more than {MAX_JUMPS} pointers for one name"
        return ""


def _endless(count: int) -> Broken:
    """What to raise for a label that nobody can find the end of."""
    if count < 0:
        return Short("a name does not end")
    if count < 0x40 or count >= 0xC0:
        return Short("a label passes the end")
    kind = "01" if count < 0x80 else "10"
    return Broken(f"a label of type {kind} (0x{count:02x}), which nobody uses")
