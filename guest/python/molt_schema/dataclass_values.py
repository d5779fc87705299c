"""Turns decoded values into dataclasses and enums, as annotations say."""

from __future__ import annotations

import dataclasses
import enum
import sys
import types
import typing
from typing import Any

from .containers import List, Map, Optional, Record, Tagged, Union, attribute_names
from .scalars import Type


def convert(declared: Type, value: Any, annotation: Any) -> Any:
    """`value`, read as `declared`, as what `annotation` asks for: a dataclass or enum, or a list, dict or optional of such."""
    declared = declared.resolve()
    annotation = _without_none(_resolved(_without_none(annotation)))
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
    hints = _hints(cls)
    attributes = attribute_names(cls, declared.fields)
    return cls(**{
        attribute: convert(type, value[name], hints[attribute])
        for (name, type), attribute in zip(declared.fields, attributes)
        if attribute in hints
    })


def _variant(declared: Union, value: Tagged, annotation: Any) -> Tagged:
    """What a variant holds is what the alternative `tuple[Literal["tag"], X]` says, or the alternative that is a class of the variant's name."""
    held = dict(declared.variants)[value.tag]
    for choice in _alternatives(annotation):
        arguments = typing.get_args(choice)
        if typing.get_origin(choice) is tuple and len(arguments) == 2:
            if typing.get_origin(arguments[0]) is typing.Literal and value.tag in typing.get_args(arguments[0]):
                return Tagged(value.tag, convert(held, value.value, arguments[1]))
        elif getattr(choice, "__name__", "").lower() == value.tag.replace("_", "").lower():
            return Tagged(value.tag, convert(held, value.value, choice))
    return value


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return typing.get_args(annotation) if typing.get_origin(annotation) in (typing.Union, types.UnionType) else (annotation,)


def _without_none(annotation: Any) -> Any:
    """`X` of `X | None`."""
    choices = [choice for choice in _alternatives(annotation) if choice is not types.NoneType]
    return choices[0] if len(choices) == 1 else annotation


def _hints(cls: Any) -> dict[str, Any]:
    names = getattr(sys.modules.get(cls.__module__), "__dict__", {})
    aliases = _aliases(names)
    if not aliases:
        return typing.get_type_hints(cls)
    own = {name: value for name, value in vars(cls).items() if name not in names}
    return typing.get_type_hints(cls, localns={**own, **aliases})


def _aliases(names: dict[str, Any]) -> dict[str, typing.ForwardRef]:
    """The aliases that a module holds as text, as exported ones are: as text they could not be part of `X | None`."""
    declared = names.get("__annotations__", {})
    return {
        name: typing.ForwardRef(text, module=names["__name__"])
        for name, text in names.items()
        if isinstance(text, str) and declared.get(name) in ("TypeAlias", "typing.TypeAlias", typing.TypeAlias)
    }


def _resolved(annotation: Any) -> Any:
    """What a reference to an alias stands for; one that is inside itself is still a reference when its hints are resolved."""
    if not isinstance(annotation, typing.ForwardRef) or annotation.__forward_module__ is None:
        return annotation
    names = vars(sys.modules[annotation.__forward_module__])
    holder = types.SimpleNamespace(__annotations__={"alias": annotation.__forward_arg__})
    return typing.get_type_hints(holder, names, _aliases(names))["alias"]
