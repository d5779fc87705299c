"""Reads the forms of MessagePack that payloads have, refusing all but the one form of each value."""

from __future__ import annotations

import struct
from typing import Any, NoReturn

from .errors import PayloadError, key_step
from .limits import Limits

SAFE = 2**53 - 1


class Reader:
    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.at = 0
        self.limits = limits
        if len(data) > limits.max_bytes:
            raise PayloadError("too_large", f"{len(data)} bytes are more than the {limits.max_bytes} allowed")

    def finish(self) -> None:
        left = len(self.data) - self.at
        if left:
            raise PayloadError("trailing", f"{left} bytes follow the value")

    def peek(self) -> int:
        """The next byte, or -1 at the end."""
        return self.data[self.at] if self.at < len(self.data) else -1

    def byte(self) -> int:
        if self.at >= len(self.data):
            self._truncated()
        self.at += 1
        return self.data[self.at - 1]

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            self._truncated()
        self.at += count
        return self.data[self.at - count : self.at]

    def nil(self) -> bool:
        """Whether there is a nil, which is then read."""
        if self.peek() != 0xC0:
            return False
        self.at += 1
        return True

    def bool(self) -> bool:
        first = self.byte()
        if first not in (0xC2, 0xC3):
            mistyped("true or false", first)
        return first == 0xC3

    def integer(self) -> int:
        first = self.byte()
        if first < 0x80:
            return first
        if first >= 0xE0:
            return first - 256
        if not 0xCC <= first <= 0xD3:
            mistyped("an integer", first)
        width = 1 << (first & 3)
        signed = first >= 0xD0
        value = int.from_bytes(self.take(width), "big", signed=signed)
        if signed:
            is_shortest = value < (-32 if width == 1 else -(1 << (4 * width - 1)))
        else:
            is_shortest = value >= (128 if width == 1 else 1 << (4 * width))
        if not is_shortest:
            raise PayloadError("non_canonical", "the integer is not in its shortest form")
        return value

    def float(self, first: int, form: str, nan: bytes) -> float:
        found = self.byte()
        if found != first:
            mistyped("a float64" if first == 0xCB else "a float32", found)
        raw = self.take(struct.calcsize(form))
        value: float = struct.unpack(form, raw)[0]
        if value != value and raw != nan:
            raise PayloadError("non_canonical", "a NaN other than the one allowed")
        return value

    def float32(self) -> float:
        return self.float(0xCA, ">f", b"\x7f\xc0\x00\x00")

    def float64(self) -> float:
        return self.float(0xCB, ">d", b"\x7f\xf8" + bytes(6))

    def _length(self, first: int, form8: int, most: int, what: str) -> int:
        form = first - form8
        if not 0 <= form <= 2:
            mistyped(what, first)
        length = int.from_bytes(self.take(1 << form), "big")
        if length <= (most, 0xFF, 0xFFFF)[form]:
            raise PayloadError("non_canonical", "the length is not in its shortest form")
        return length

    def utf8(self) -> bytes:
        first = self.byte()
        length = first & 31 if first & 0xE0 == 0xA0 else self._length(first, 0xD9, 31, "a string")
        return self.take(length)

    def text(self) -> str:
        return decode_utf8(self.utf8())

    def binary(self) -> bytes:
        return self.take(self._length(self.byte(), 0xC4, -1, "bytes"))

    def _count(self, fix: int, form16: int, bytes_each: int, depth: int, what: str) -> int:
        first = self.byte()
        if first & 0xF0 == fix:
            count = first & 15
        elif first in (form16, form16 + 1):
            count = int.from_bytes(self.take(2 if first == form16 else 4), "big")
            if count <= (15 if first == form16 else 0xFFFF):
                raise PayloadError("non_canonical", "the number of items is not in its shortest form")
        else:
            mistyped(what, first)
        self.limits.check_depth(depth)
        self.limits.check_items(count)
        if count * bytes_each > len(self.data) - self.at:
            self._truncated()
        return count

    def array(self, depth: int) -> int:
        return self._count(0x90, 0xDC, 1, depth, "an array")

    def map(self, depth: int) -> int:
        return self._count(0x80, 0xDE, 2, depth, "a map")

    def index(self, count: int) -> int:
        index = self.integer()
        if not 0 <= index < count:
            raise PayloadError("unknown", f"{index} is none of the {count} there are")
        return index

    def json(self, depth: int) -> Any:
        """Any JSON value that is in `depth` containers."""
        first = self.peek()
        if first == 0xC0:
            self.at += 1
            return None
        if first in (0xC2, 0xC3):
            return self.bool()
        if first == 0xCB:
            return _json_float(self.float64())
        if first & 0xE0 == 0xA0 or 0xD9 <= first <= 0xDB:
            return self.text()
        if first & 0xF0 == 0x90 or first in (0xDC, 0xDD):
            return self._json_array(depth + 1)
        if first & 0xF0 == 0x80 or first in (0xDE, 0xDF):
            return self._json_object(depth + 1)
        value = self.integer()
        if not -SAFE <= value <= SAFE:
            raise PayloadError("out_of_range", f"{value} is no integer that JSON keeps exactly")
        return value

    def _json_array(self, depth: int) -> list[Any]:
        items: list[Any] = []
        for index in range(self.array(depth)):
            try:
                items.append(self.json(depth))
            except PayloadError as error:
                raise error.inside(f"[{index}]")
        return items

    def _json_object(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        last = b""
        for index in range(self.map(depth)):
            raw = self.utf8()
            key = decode_utf8(raw)
            if index and raw <= last:
                unordered(key)
            last = raw
            try:
                members[key] = self.json(depth)
            except PayloadError as error:
                raise error.inside(key_step(key))
        return members

    def _truncated(self) -> NoReturn:
        raise PayloadError("truncated", "the payload ends within the value")


def _json_float(value: float) -> float:
    if value != value or value in (float("inf"), float("-inf")):
        raise PayloadError("out_of_range", f"JSON has no {value}")
    if value.is_integer() and abs(value) <= SAFE:
        raise PayloadError("non_canonical", f"{value} is written as an integer")
    return value


def decode_utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise PayloadError("mistyped", "the string is not UTF-8") from None


def mistyped(expected: str, first: int) -> NoReturn:
    raise PayloadError("mistyped", f"expected {expected}, found a value that starts with 0x{first:02x}")


def unordered(key: str | int) -> NoReturn:
    raise PayloadError("non_canonical", "keys ascend, each once").inside(key_step(key))
