"""Writes the one form of each value."""

from __future__ import annotations

import struct
from typing import Any

from .errors import PayloadError, key_step
from .limits import Limits
from .reader import SAFE


class Writer:
    def __init__(self, limits: Limits) -> None:
        self.out = bytearray()
        self.limits = limits

    def finish(self) -> bytes:
        if len(self.out) > self.limits.max_bytes:
            raise PayloadError("too_large", f"the payload is larger than the {self.limits.max_bytes} bytes allowed")
        return bytes(self.out)

    def nil(self) -> None:
        self.out.append(0xC0)

    def bool(self, value: bool) -> None:
        self.out.append(0xC3 if value else 0xC2)

    def integer(self, value: int) -> None:
        if -32 <= value < 0x80:
            self.out.append(value & 0xFF)
            return
        base, signed = (0xCC, False) if value >= 0 else (0xD0, True)
        for form in range(4):
            width = 1 << form
            fits = value < 1 << (8 * width) if value >= 0 else value >= -(1 << (8 * width - 1))
            if fits:
                self.out.append(base + form)
                self.out += value.to_bytes(width, "big", signed=signed)
                return

    def float32(self, value: float) -> None:
        self.out += b"\xca\x7f\xc0\x00\x00" if value != value else b"\xca" + struct.pack(">f", value)

    def float64(self, value: float) -> None:
        self.out += b"\xcb\x7f\xf8" + bytes(6) if value != value else b"\xcb" + struct.pack(">d", value)

    def text(self, value: str) -> None:
        try:
            raw = value.encode()
        except UnicodeEncodeError:
            raise PayloadError("mistyped", "the string holds half a character (a lone surrogate)") from None
        if len(raw) < 32:
            self.out.append(0xA0 | len(raw))
        else:
            self._head(0xD9, len(raw))
        self.out += raw

    def binary(self, value: bytes) -> None:
        self._head(0xC4, len(value))
        self.out += value

    def _head(self, form8: int, length: int) -> None:
        form = 0 if length < 0x100 else 1 if length < 0x10000 else 2
        self.out.append(form8 + form)
        self.out += length.to_bytes(1 << form, "big")

    def _count(self, fix: int, form16: int, count: int, depth: int) -> None:
        self.limits.check_depth(depth)
        self.limits.check_items(count)
        if count < 16:
            self.out.append(fix | count)
        elif count < 0x10000:
            self.out.append(form16)
            self.out += count.to_bytes(2, "big")
        else:
            self.out.append(form16 + 1)
            self.out += count.to_bytes(4, "big")

    def array(self, count: int, depth: int) -> None:
        self._count(0x90, 0xDC, count, depth)

    def map(self, count: int, depth: int) -> None:
        self._count(0x80, 0xDE, count, depth)

    def json(self, value: Any, depth: int) -> None:
        """Writes any JSON value that is in `depth` containers."""
        if value is None:
            self.nil()
        elif isinstance(value, bool):
            self.bool(value)
        elif isinstance(value, str):
            self.text(value)
        elif isinstance(value, int):
            if not -SAFE <= value <= SAFE:
                raise PayloadError("out_of_range", f"{value} is no integer that JSON keeps exactly")
            self.integer(value)
        elif isinstance(value, float):
            self._json_float(value)
        elif isinstance(value, (list, tuple)):
            self.array(len(value), depth + 1)
            for index, item in enumerate(value):
                self._part(item, f"[{index}]", depth + 1)
        elif isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise PayloadError("mistyped", f"{key!r} is no key of JSON")
            self.map(len(value), depth + 1)
            for key in sorted(value):
                self.text(key)
                self._part(value[key], key_step(key), depth + 1)
        else:
            raise PayloadError("mistyped", f"a {type(value).__name__} is no JSON value")

    def _json_float(self, value: float) -> None:
        if value != value or value in (float("inf"), float("-inf")):
            raise PayloadError("out_of_range", f"JSON has no {value}")
        if value.is_integer() and abs(value) <= SAFE:
            self.integer(int(value))
        else:
            self.float64(value)

    def _part(self, value: Any, step: str, depth: int) -> None:
        try:
            self.json(value, depth)
        except PayloadError as error:
            raise error.inside(step)
