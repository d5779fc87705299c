"""What a type of the schema language can do, and the scalar types.

A type writes a Python value, reads one back, and knows its JSON face. `write` takes the depth of the containers around the value, so
does `read`; `lax` is whether the schema takes "5" for 5.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import enum
import re
import struct
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NoReturn

from .errors import PayloadError
from .reader import SAFE, Reader
from .texts import FORMATS, compile_pattern, decimal_text, judge_decimal
from .writer import Writer

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
INTEGER_TEXT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER_TEXT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?Z")
_SPAN = re.compile(r"(-?)PT([0-9]+)(?:\.([0-9]{1,6}))?S")


def mistyped(expected: str, value: Any) -> NoReturn:
    raise PayloadError("mistyped", f"expected {expected}, found {'null' if value is None else 'a ' + type(value).__name__}")


def _check_range(value: Any, least: Any, most: Any) -> None:
    if (least is not None and not value >= least) or (most is not None and not value <= most):
        raise PayloadError("out_of_range", f"{value} is not within {'' if least is None else least}…{'' if most is None else most}")


def check_size(length: int, least: int | None, most: int | None, what: str) -> None:
    if (least is not None and length < least) or (most is not None and length > most):
        raise PayloadError("out_of_range", f"{length} {what} are not within {least or 0}…{'' if most is None else most}")


def advice(name: str, known: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


class Type:
    """Base of all types; a scalar's JSON face is its value unless it says otherwise."""

    def resolve(self) -> Type:
        return self

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        raise NotImplementedError

    def read(self, reader: Reader, depth: int) -> Any:
        raise NotImplementedError

    def from_json(self, json: Any) -> Any:
        """The value that a JSON face says; `write` checks it."""
        return json

    def to_json(self, value: Any) -> Any:
        return value


class Bool(Type):
    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if lax and not isinstance(value, bool):
            if value in ("true", "1") or (isinstance(value, int) and value == 1):
                value = True
            elif value in ("false", "0") or (isinstance(value, int) and value == 0):
                value = False
        if not isinstance(value, bool):
            mistyped("true or false", value)
        writer.bool(value)

    def read(self, reader: Reader, depth: int) -> bool:
        return reader.bool()


def _integer(value: Any, lax: bool) -> int:
    if lax and isinstance(value, str) and INTEGER_TEXT.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer() and lax:
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        mistyped("an integer", value)
    return value


class Integer(Type):
    def __init__(self, least: int, most: int, wide: bool) -> None:
        self.least, self.most, self.wide = least, most, wide

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        number = _integer(value, lax)
        _check_range(number, self.least, self.most)
        writer.integer(number)

    def read(self, reader: Reader, depth: int) -> int:
        value = reader.integer()
        _check_range(value, self.least, self.most)
        return value

    def from_json(self, json: Any) -> Any:
        return int(json) if self.wide and isinstance(json, str) and INTEGER_TEXT.fullmatch(json) else json

    def to_json(self, value: int) -> Any:
        return value if -SAFE <= value <= SAFE else str(value)


class Float(Type):
    def __init__(self, single: bool, least: float | None, most: float | None) -> None:
        self.single, self.least, self.most = single, least, most

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if lax and isinstance(value, str) and _NUMBER_TEXT.fullmatch(value):
            value = float(value)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            mistyped("a number", value)
        try:
            number = float(value)
            if self.single:
                number = struct.unpack(">f", struct.pack(">f", number))[0]
        except OverflowError:
            raise PayloadError("out_of_range", "the number is too large for the type") from None
        _check_range(number, self.least, self.most)
        (writer.float32 if self.single else writer.float64)(number)

    def read(self, reader: Reader, depth: int) -> float:
        value = reader.float32() if self.single else reader.float64()
        _check_range(value, self.least, self.most)
        return value

    def from_json(self, json: Any) -> Any:
        return float(json.replace("Infinity", "inf")) if isinstance(json, str) and json in ("NaN", "Infinity", "-Infinity") else json

    def to_json(self, value: float) -> Any:
        if value != value:
            return "NaN"
        return value if value not in (float("inf"), float("-inf")) else "Infinity" if value > 0 else "-Infinity"


class Text(Type):
    def __init__(self, least: int | None, most: int | None, pattern: str | None, form: str | None) -> None:
        self.least, self.most = least, most
        self.pattern = None if pattern is None else compile_pattern(pattern)
        self.form = form

    def _check(self, text: str) -> None:
        check_size(len(text), self.least, self.most, "characters")
        if self.form is not None and not FORMATS[self.form](text):
            raise PayloadError("out_of_range", f"the string is no {self.form}")
        if self.pattern is not None and not self.pattern.search(text):
            raise PayloadError("out_of_range", "the string does not match the pattern")

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if not isinstance(value, str):
            mistyped("a text", value)
        self._check(value)
        writer.text(value)

    def read(self, reader: Reader, depth: int) -> str:
        text = reader.text()
        self._check(text)
        return text


class Bytes(Type):
    def __init__(self, least: int | None, most: int | None) -> None:
        self.least, self.most = least, most

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            mistyped("bytes", value)
        raw = bytes(value)
        check_size(len(raw), self.least, self.most, "bytes")
        writer.binary(raw)

    def read(self, reader: Reader, depth: int) -> bytes:
        raw = reader.binary()
        check_size(len(raw), self.least, self.most, "bytes")
        return raw

    def from_json(self, json: Any) -> bytes:
        if isinstance(json, str):
            try:
                raw = base64.b64decode(json, validate=True)
                if base64.b64encode(raw).decode() == json:
                    return raw
            except (binascii.Error, ValueError):
                pass
        mistyped("bytes as base64", json)

    def to_json(self, value: bytes) -> str:
        return base64.b64encode(value).decode()


def _fraction(micros: int) -> str:
    return f".{micros:06}".rstrip("0") if micros else ""


class Timestamp(Type):
    """An aware datetime, which comes back in UTC; microseconds since the epoch are taken too."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise PayloadError("mistyped", "the datetime has no time zone")
            value = (value - _EPOCH) // _MICROSECOND
        micros = _integer(value, lax)
        _check_range(micros, self.least, self.most)
        writer.integer(micros)

    def read(self, reader: Reader, depth: int) -> datetime:
        micros = reader.integer()
        _check_range(micros, self.least, self.most)
        return _EPOCH + micros * _MICROSECOND

    def from_json(self, json: Any) -> datetime:
        parts = _MOMENT.fullmatch(json) if isinstance(json, str) else None
        if parts is None:
            mistyped("a time such as 2026-01-31T08:30:00Z", json)
        try:
            moment = datetime.strptime(parts[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
        except ValueError:
            mistyped("a time that exists", json)
        return moment + int((parts[2] or "").ljust(6, "0")) * _MICROSECOND

    def to_json(self, value: datetime) -> str:
        return f"{value:%Y-%m-%dT%H:%M:%S}{_fraction(value.microsecond)}Z"


class Duration(Type):
    """A timedelta; microseconds are taken too."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        micros = value // _MICROSECOND if isinstance(value, timedelta) else _integer(value, lax)
        _check_range(micros, self.least, self.most)
        writer.integer(micros)

    def read(self, reader: Reader, depth: int) -> timedelta:
        micros = reader.integer()
        _check_range(micros, self.least, self.most)
        return micros * _MICROSECOND

    def from_json(self, json: Any) -> int:
        parts = _SPAN.fullmatch(json) if isinstance(json, str) else None
        if parts is None:
            mistyped("a duration such as PT1.5S", json)
        micros = int(parts[2]) * 1_000_000 + int((parts[3] or "").ljust(6, "0"))
        return -micros if parts[1] else micros

    def to_json(self, value: timedelta) -> str:
        micros = value // _MICROSECOND
        seconds, rest = divmod(abs(micros), 1_000_000)
        return f"{'-' if micros < 0 else ''}PT{seconds}{_fraction(rest)}S"


_UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Uuid(Type):
    """A uuid.UUID; its text is taken too."""

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if isinstance(value, str) and _UUID_TEXT.fullmatch(value):
            value = uuid.UUID(value)
        if not isinstance(value, uuid.UUID):
            mistyped("a uuid", value)
        writer.binary(value.bytes)

    def read(self, reader: Reader, depth: int) -> uuid.UUID:
        raw = reader.binary()
        if len(raw) != 16:
            raise PayloadError("out_of_range", f"a uuid is 16 bytes, not {len(raw)}")
        return uuid.UUID(bytes=raw)

    def to_json(self, value: uuid.UUID) -> str:
        return str(value)


class DecimalNumber(Type):
    """A decimal.Decimal; its text and an int are taken too."""

    def __init__(self, least: str | None, most: str | None) -> None:
        self.least = None if least is None else Decimal(least)
        self.most = None if most is None else Decimal(most)

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if isinstance(value, str) and judge_decimal(value) != "no_number":
            value = Decimal(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        elif lax and isinstance(value, float):
            value = Decimal(repr(value))
        if not isinstance(value, Decimal):
            mistyped("a decimal", value)
        text = decimal_text(value)
        if text is None:
            raise PayloadError("out_of_range", "a decimal has at most 28 digits, and at most 28 behind the point")
        _check_range(value, self.least, self.most)
        writer.text(text)

    def read(self, reader: Reader, depth: int) -> Decimal:
        text = reader.text()
        match judge_decimal(text):
            case "other_form":
                raise PayloadError("non_canonical", "a decimal has no zeros that do not count, and 0 no sign")
            case "too_long":
                raise PayloadError("out_of_range", "a decimal has at most 28 digits, and at most 28 behind the point")
            case "no_number":
                raise PayloadError("mistyped", "the string is no decimal")
        value = Decimal(text)
        _check_range(value, self.least, self.most)
        return value

    def to_json(self, value: Decimal) -> str | None:
        return decimal_text(value)


class Json(Type):
    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        writer.json(value, depth)

    def read(self, reader: Reader, depth: int) -> Any:
        return reader.json(depth)


class Enum(Type):
    """A name; a member of an enum.Enum whose value is the name is taken too."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self.indexes = {name: index for index, name in enumerate(names)}

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        name = value.value if isinstance(value, enum.Enum) else value
        if not isinstance(name, str):
            mistyped("a name", value)
        if name not in self.indexes:
            raise PayloadError("unknown", f"{name!r} is none of the names there are{advice(name, self.names)}")
        writer.integer(self.indexes[name])

    def read(self, reader: Reader, depth: int) -> str:
        return self.names[reader.index(len(self.names))]


class Stream(Integer):
    """The handle of a stream."""

    def __init__(self) -> None:
        super().__init__(0, 2**32 - 1, wide=False)
