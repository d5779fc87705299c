"""The types that hold others: references, optionals, lists, maps, unions and records."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .errors import PayloadError, field_step, key_step
from .limits import Limits
from .reader import Reader, decode_utf8, unordered
from .scalars import INTEGER_TEXT, Integer, Json, Type, advice, check_size, mistyped
from .writer import Writer

_NONE = object()


class Tagged(NamedTuple):
    """A value of a union: the variant's name and what it holds."""

    tag: str
    value: Any


class Ref(Type):
    def __init__(self, name: str, definitions: Mapping[str, Type]) -> None:
        self.name, self.definitions = name, definitions

    def resolve(self) -> Type:
        return self.definitions[self.name].resolve()

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        self.resolve().write(writer, value, depth, lax)

    def read(self, reader: Reader, depth: int) -> Any:
        return self.resolve().read(reader, depth)

    def from_json(self, json: Any) -> Any:
        return self.resolve().from_json(json)

    def to_json(self, value: Any) -> Any:
        return self.resolve().to_json(value)


class Optional(Type):
    """A value or None; `fallback` is the default's JSON face where there is one."""

    def __init__(self, of: Type, fallback: Any = _NONE) -> None:
        self.of = of
        self.has_default = fallback is not _NONE
        self._fallback = fallback
        self._payload: bytes | None = None

    @property
    def default_payload(self) -> bytes | None:
        """The bytes of the default: a field with these is written as absent."""
        if self.has_default and self._payload is None:
            writer = Writer(Limits())
            self.of.write(writer, self.of.from_json(self._fallback), 0, lax=False)
            self._payload = writer.finish()
        return self._payload

    @property
    def absent(self) -> Any:
        """What an absent field reads as."""
        if not self.has_default:
            return None
        return self.of.read(Reader(self.default_payload or b"", Limits()), 0)

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if value is None:
            writer.nil()
        else:
            self.of.write(writer, value, depth, lax)

    def read(self, reader: Reader, depth: int) -> Any:
        return None if reader.nil() else self.of.read(reader, depth)

    def from_json(self, json: Any) -> Any:
        return None if json is None else self.of.from_json(json)

    def to_json(self, value: Any) -> Any:
        return None if value is None else self.of.to_json(value)


def _part(step: str, action: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return action(*arguments)
    except PayloadError as error:
        raise error.inside(step)


class List(Type):
    def __init__(self, items: Type, least: int | None, most: int | None) -> None:
        self.items, self.least, self.most = items, least, most

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if not isinstance(value, (list, tuple)):
            mistyped("a list", value)
        check_size(len(value), self.least, self.most, "items")
        writer.array(len(value), depth + 1)
        for index, item in enumerate(value):
            _part(f"[{index}]", self.items.write, writer, item, depth + 1, lax)

    def read(self, reader: Reader, depth: int) -> list[Any]:
        count = reader.array(depth + 1)
        check_size(count, self.least, self.most, "items")
        return [_part(f"[{index}]", self.items.read, reader, depth + 1) for index in range(count)]

    def from_json(self, json: Any) -> list[Any]:
        if not isinstance(json, list):
            mistyped("an array", json)
        return [_part(f"[{index}]", self.items.from_json, item) for index, item in enumerate(json)]

    def to_json(self, value: Sequence[Any]) -> list[Any]:
        return [self.items.to_json(item) for item in value]


class Map(Type):
    """A dict with str or int keys; `keys` is None for str."""

    def __init__(self, keys: Integer | None, values: Type, least: int | None, most: int | None) -> None:
        self.keys, self.values, self.least, self.most = keys, values, least, most

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if not isinstance(value, Mapping):
            mistyped("a dict", value)
        check_size(len(value), self.least, self.most, "entries")
        for key in value:
            if not isinstance(key, str if self.keys is None else int) or isinstance(key, bool):
                mistyped("a text as key" if self.keys is None else "an integer as key", key)
        writer.map(len(value), depth + 1)
        for key in sorted(value):
            if self.keys is None:
                writer.text(key)
            else:
                self.keys.write(writer, key, depth, lax=False)
            _part(key_step(key), self.values.write, writer, value[key], depth + 1, lax)

    def read(self, reader: Reader, depth: int) -> dict[Any, Any]:
        count = reader.map(depth + 1)
        check_size(count, self.least, self.most, "entries")
        members: dict[Any, Any] = {}
        last: Any = None
        for index in range(count):
            order: Any = reader.utf8() if self.keys is None else self.keys.read(reader, depth)
            key = decode_utf8(order) if self.keys is None else order
            if index and order <= last:
                unordered(key)
            last = order
            members[key] = _part(key_step(key), self.values.read, reader, depth + 1)
        return members

    def from_json(self, json: Any) -> dict[Any, Any]:
        if not isinstance(json, dict):
            mistyped("an object", json)
        members: dict[Any, Any] = {}
        for name, value in json.items():
            if self.keys is not None and not INTEGER_TEXT.fullmatch(name):
                mistyped("an integer as key", name)
            members[name if self.keys is None else int(name)] = _part(key_step(name), self.values.from_json, value)
        return members

    def to_json(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        return {str(key): self.values.to_json(item) for key, item in value.items()}


class Union(Type):
    def __init__(self, variants: Sequence[tuple[str, Type]]) -> None:
        self.variants = list(variants)
        self.indexes = {name: index for index, (name, _) in enumerate(variants)}

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        if not isinstance(value, tuple) or len(value) != 2:
            mistyped("Tagged(tag, value)", value)
        tag, held = value
        if tag not in self.indexes:
            raise PayloadError("unknown", f"{tag!r} is none of the variants there are{advice(str(tag), list(self.indexes))}")
        index = self.indexes[tag]
        writer.array(2, depth + 1)
        writer.integer(index)
        _part(field_step(tag), self.variants[index][1].write, writer, held, depth + 1, lax)

    def read(self, reader: Reader, depth: int) -> Tagged:
        if reader.array(depth + 1) != 2:
            raise PayloadError("mistyped", "a union has two items: the number of the variant and its value")
        tag, type = self.variants[reader.index(len(self.variants))]
        return Tagged(tag, _part(field_step(tag), type.read, reader, depth + 1))

    def from_json(self, json: Any) -> Tagged:
        if not isinstance(json, dict) or len(json) != 1:
            mistyped("an object with one key, the variant's name", json)
        ((tag, held),) = json.items()
        if tag not in self.indexes:
            raise PayloadError("unknown", f"there is no variant {tag!r}{advice(tag, list(self.indexes))}")
        return Tagged(tag, _part(field_step(tag), self.variants[self.indexes[tag]][1].from_json, held))

    def to_json(self, value: Tagged) -> dict[str, Any]:
        return {value.tag: self.variants[self.indexes[value.tag]][1].to_json(value.value)}


class Record(Type):
    """A dict by field name, or a dataclass with attributes of these names."""

    def __init__(self, fields: Sequence[tuple[str, Type]]) -> None:
        self.fields = list(fields)
        self.names = {name for name, _ in fields}

    def _values(self, value: Any) -> list[Any]:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return [getattr(value, name, None) for name in attribute_names(type(value), self.fields)]
        if not isinstance(value, Mapping):
            mistyped("a dict or a dataclass", value)
        self._check_names(value)
        return [value.get(name) for name, _ in self.fields]

    def _check_names(self, value: Mapping[str, Any]) -> None:
        for name in value:
            if name not in self.names:
                raise PayloadError("unknown", f"there is no field {name!r}{advice(str(name), [name for name, _ in self.fields])}")

    def write(self, writer: Writer, value: Any, depth: int, lax: bool) -> None:
        parts: list[bytes | None] = []
        for (name, declared), item in zip(self.fields, self._values(value)):
            parts.append(_part(field_step(name), self._field, writer, declared.resolve(), item, depth + 1, lax))
        while parts and parts[-1] is None:
            parts.pop()
        writer.array(len(parts), depth + 1)
        for part in parts:
            writer.out += b"\xc0" if part is None else part

    @staticmethod
    def _field(writer: Writer, type: Type, item: Any, depth: int, lax: bool) -> bytes | None:
        """The bytes of a field, or None when it is absent."""
        if item is None and not isinstance(type, Json):
            if isinstance(type, Optional):
                return None
            raise PayloadError("missing", "a required field is absent")
        part = Writer(writer.limits)
        type.write(part, item, depth, lax)
        payload = part.finish()
        return None if isinstance(type, Optional) and payload == type.default_payload else payload

    def read(self, reader: Reader, depth: int) -> dict[str, Any]:
        count = reader.array(depth + 1)
        if count > len(self.fields):
            raise PayloadError("unknown", f"{count} fields, the record has {len(self.fields)}")
        members: dict[str, Any] = {}
        for index, (name, declared) in enumerate(self.fields):
            members[name] = _part(field_step(name), self._read_field, reader, declared.resolve(), index, count, depth + 1)
        return members

    @staticmethod
    def _read_field(reader: Reader, type: Type, index: int, count: int, depth: int) -> Any:
        if not isinstance(type, Optional):
            if index >= count or (reader.peek() == 0xC0 and not isinstance(type, Json)):
                raise PayloadError("missing", "a required field is absent")
            return type.read(reader, depth)
        if index >= count:
            return type.absent
        if reader.peek() == 0xC0 and index == count - 1:
            raise PayloadError("non_canonical", "absent fields at the end are left out")
        if reader.nil():
            return type.absent
        start = reader.at
        value = type.of.read(reader, depth)
        if reader.data[start : reader.at] == type.default_payload:
            raise PayloadError("non_canonical", "a value that is the default is left out")
        return value

    def from_json(self, json: Any) -> dict[str, Any]:
        if not isinstance(json, dict):
            mistyped("an object", json)
        self._check_names(json)
        return {
            name: _part(field_step(name), type.from_json, json[name])
            for name, type in self.fields
            if name in json and (json[name] is not None or isinstance(type.resolve(), Json))
        }

    def to_json(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: type.to_json(value[name])
            for name, type in self.fields
            if value[name] is not None or isinstance(type.resolve(), Json)
        }


def attribute_names(cls: type, fields: Sequence[tuple[str, Type]]) -> list[str]:
    """The attributes of a dataclass for a record's fields: a field's own name, or what names it by metadata {"name": …}."""
    named = {field.metadata.get("name", field.name): field.name for field in dataclasses.fields(cls)}
    return [named.get(name, name) for name, _ in fields]
