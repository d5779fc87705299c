"""What is wrong with a schema, a payload or a value."""

from __future__ import annotations

import json
import re

_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


class SchemaError(Exception):
    """A document that is no schema."""


class PayloadError(ValueError):
    """A payload, or a value to be made one, that the schema refuses.

    `kind` is one of unknown, missing, mistyped, out_of_range, too_large, too_deep, non_canonical, truncated and trailing, in every
    language; `path` says where, as `$.lines[3].qty`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self._steps: list[str] = []

    @property
    def path(self) -> str:
        return "$" + "".join(reversed(self._steps))

    def inside(self, step: str) -> PayloadError:
        """Adds the step that a container takes to the failed part; containers do so from the inside out."""
        self._steps.append(step)
        return self

    def __str__(self) -> str:
        return f"{self.path}: {self.detail} ({self.kind})"


def field_step(name: str) -> str:
    return f".{name}" if _WORD.fullmatch(name) else key_step(name)


def key_step(key: str | int) -> str:
    return f"[{json.dumps(str(key), ensure_ascii=False)}]"
