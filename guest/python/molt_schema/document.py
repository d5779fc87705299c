"""Reads a Schema IR document as far as a codec depends on it."""

from __future__ import annotations

import json
from typing import Any

from .containers import List, Map, Optional, Record, Ref, Union
from .errors import SchemaError, field_step
from .reader import SAFE
from .scalars import Bool, Bytes, DecimalNumber, Duration, Enum, Float, Integer, Json, Stream, Text, Timestamp, Type, Uuid
from .texts import FORMATS

_RANGES = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int53": (-SAFE, SAFE),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "timestamp": (-SAFE, SAFE),
    "duration": (-SAFE, SAFE),
}
_WIDE = ("int64", "uint64")
_COUNTS = ("minItems", "maxItems")
_LENGTHS = ("minLength", "maxLength")
_KEYS: dict[str, tuple[str, ...]] = {
    **{kind: ("ge", "le") for kind in (*_RANGES, "float32", "float64", "decimal")},
    "bool": (), "uuid": (), "json": (),
    "string": (*_LENGTHS, "pattern", "format"), "bytes": _LENGTHS,
    "list": ("items", *_COUNTS), "map": ("keys", "values", *_COUNTS),
    "record": ("fields",), "enum": ("values",), "union": ("variants",), "optional": ("of", "default"), "stream": ("of",), "ref": ("name",),
}


class Document:
    """A schema's id, coercion and type, with references in it resolved."""

    def __init__(self, source: str | bytes | dict[str, Any]) -> None:
        root = source
        if not isinstance(source, dict):
            try:
                root = json.loads(source)
            except ValueError as error:
                raise SchemaError(f"the schema is not JSON: {error}") from None
        if not isinstance(root, dict):
            raise _fault("$", "must be an object")
        _only(root, ("sir", "id", "doc", "coercion", "definitions", "type"), "$")
        if root.get("sir") != 1 or root["sir"] is True:
            raise _fault("$.sir", "must be 1")
        if not isinstance(root.get("id"), str):
            raise _fault("$.id", "must be a text such as schema://area/name/v1")
        if root.get("coercion", "strict") not in ("strict", "lax"):
            raise _fault("$.coercion", "must be strict or lax")
        self.id: str = root["id"]
        self.lax = root.get("coercion") == "lax"
        self._definitions: dict[str, Type] = {}
        self._refs: list[tuple[Ref, str]] = []
        for name, type in root.get("definitions", {}).items():
            self._definitions[name] = self._type(type, "$.definitions" + field_step(name))
        self.type = self._type(root.get("type"), "$.type")
        for ref, path in self._refs:
            self._check(ref, path)

    def _check(self, ref: Ref, path: str) -> None:
        seen: set[str] = set()
        found: Type = ref
        while isinstance(found, Ref):
            if found.name in seen:
                raise _fault(path, f"{found.name!r} has no finite value")
            seen.add(found.name)
            if found.name not in self._definitions:
                raise _fault(path, f"no definition is named {found.name!r}")
            found = self._definitions[found.name]

    def _type(self, source: Any, path: str) -> Type:
        node = {"kind": source} if isinstance(source, str) else source
        if not isinstance(node, dict):
            raise _fault(path, "must be a type")
        kind = node.get("kind")
        if not isinstance(kind, str) or kind not in _KEYS:
            raise _fault(path, f"{kind!r} is no kind of type")
        _only(node, (*_KEYS[kind], "kind"), path)
        if kind in _RANGES:
            least, most = _RANGES[kind]
            least, most = _bound(node, "ge", path, least), _bound(node, "le", path, most)
            if kind == "timestamp":
                return Timestamp(least, most)
            return Duration(least, most) if kind == "duration" else Integer(least, most, kind in _WIDE)
        if kind in ("float32", "float64"):
            return Float(kind == "float32", _bound(node, "ge", path, None), _bound(node, "le", path, None))
        return self._other(kind, node, path)

    def _other(self, kind: str, node: dict[str, Any], path: str) -> Type:
        match kind:
            case "bool":
                return Bool()
            case "uuid":
                return Uuid()
            case "json":
                return Json()
            case "decimal":
                return DecimalNumber(_text(node, "ge", path), _text(node, "le", path))
            case "string":
                form = _text(node, "format", path)
                if form is not None and form not in FORMATS:
                    raise _fault(f"{path}.format", f"{form!r} is no format")
                return Text(_count(node, "minLength", path), _count(node, "maxLength", path), _text(node, "pattern", path), form)
            case "bytes":
                return Bytes(_count(node, "minLength", path), _count(node, "maxLength", path))
            case "list":
                return List(self._type(node.get("items"), f"{path}.items"), _count(node, "minItems", path), _count(node, "maxItems", path))
            case "map":
                return self._map(node, path)
            case "record":
                return Record(self._members(node, "fields", path))
            case "union":
                return Union(self._members(node, "variants", path))
            case "enum":
                names = node.get("values")
                if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
                    raise _fault(f"{path}.values", "must be a list of names")
                return Enum(names)
            case "optional":
                of = self._type(node.get("of"), f"{path}.of")
                return Optional(of, node["default"]) if "default" in node else Optional(of)
            case "stream":
                self._type(node.get("of"), f"{path}.of")
                return Stream()
        name = node.get("name")
        if not isinstance(name, str):
            raise _fault(f"{path}.name", "must name a definition")
        ref = Ref(name, self._definitions)
        self._refs.append((ref, path))
        return ref

    def _map(self, node: dict[str, Any], path: str) -> Map:
        keys = node.get("keys")
        key_type = None
        if keys != "string":
            if keys not in _RANGES or keys in (*_WIDE, "timestamp", "duration"):
                raise _fault(f"{path}.keys", "must be string or an integer kind of at most 53 bits")
            key_type = Integer(*_RANGES[keys], wide=False)
        values = self._type(node.get("values"), f"{path}.values")
        return Map(key_type, values, _count(node, "minItems", path), _count(node, "maxItems", path))

    def _members(self, node: dict[str, Any], key: str, path: str) -> list[tuple[str, Type]]:
        source = node.get(key)
        if not isinstance(source, list):
            raise _fault(f"{path}.{key}", "must be a list")
        members: dict[str, Type] = {}
        for index, member in enumerate(source):
            at = f"{path}.{key}[{index}]"
            if not isinstance(member, dict):
                raise _fault(at, "must be an object")
            _only(member, ("name", "type", "doc", "deprecated"), at)
            name = member.get("name")
            if not isinstance(name, str) or not name or name in members:
                raise _fault(f"{at}.name", "must be a name that is not there already")
            members[name] = self._type(member.get("type"), f"{at}.type")
        return list(members.items())


def _fault(path: str, what: str) -> SchemaError:
    return SchemaError(f"the schema is faulty: {path}: {what}")


def _only(node: dict[str, Any], allowed: tuple[str, ...], path: str) -> None:
    for key in node:
        if key not in allowed:
            raise _fault(path + field_step(key), "is not a key that belongs here")


def _bound(node: dict[str, Any], key: str, path: str, default: Any) -> Any:
    value = node.get(key, default)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise _fault(f"{path}.{key}", "is no bound of this kind")
    return value


def _text(node: dict[str, Any], key: str, path: str) -> str | None:
    value = node.get(key)
    if value is not None and not isinstance(value, str):
        raise _fault(f"{path}.{key}", "must be a text")
    return value


def _count(node: dict[str, Any], key: str, path: str) -> int | None:
    value = node.get(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise _fault(f"{path}.{key}", "must be a count")
    return value
