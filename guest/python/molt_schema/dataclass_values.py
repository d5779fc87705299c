"""Turns decoded values into dataclasses and enums, as annotations say."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from typing import Any

from .containers import List, Map, Optional, Record, Tagged, Union, attribute_names
from .scalars import Type


def convert(declared: Type, value: Any, annotation: Any) -> Any:
    """`value`, read as `declared`, as what `annotation` asks for: a dataclass or enum, or a list, dict or optional of such."""
    declared = declared.resolve()
    annotation = _without_none(annotation)
    if value is None:
        return None
    if isinstance(declared, Optional):
        return convert(declared.of, value, annotation)
    if isinstance(declared, Record) and dataclasses.is_dataclass(annotation):
        return _record(declared, value, annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return annotation(value)
    arguments = typing.get_args(annotation)
    if isinstance(declared, List) and arguments:
        return [convert(declared.items, item, arguments[0]) for item in value]
    if isinstance(declared, Map) and len(arguments) == 2:
        return {key: convert(declared.values, item, arguments[1]) for key, item in value.items()}
    if isinstance(declared, Union):
        return _variant(declared, value, annotation)
    return value


def _record(declared: Record, value: dict[str, Any], cls: Any) -> Any:
    hints = typing.get_type_hints(cls)
    attributes = attribute_names(cls, declared.fields)
    return cls(**{
        attribute: convert(type, value[name], hints[attribute])
        for (name, type), attribute in zip(declared.fields, attributes)
        if attribute in hints
    })


def _variant(declared: Union, value: Tagged, annotation: Any) -> Tagged:
    """A variant's dataclass is the one of the annotation's alternatives that has the variant's name."""
    held = dict(declared.variants)[value.tag]
    for choice in typing.get_args(annotation):
        if getattr(choice, "__name__", "").lower() == value.tag.replace("_", "").lower():
            return Tagged(value.tag, convert(held, value.value, choice))
    return value


def _without_none(annotation: Any) -> Any:
    """`X` of `X | None`."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        choices = [choice for choice in typing.get_args(annotation) if choice is not types.NoneType]
        if len(choices) == 1:
            return choices[0]
    return annotation
