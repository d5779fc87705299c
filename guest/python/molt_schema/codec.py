"""Payloads of one schema."""

from __future__ import annotations

from typing import Any

from .dataclass_values import convert
from .document import Document
from .limits import Limits
from .reader import Reader
from .writer import Writer


class Codec:
    """Encodes and decodes the payloads of a schema, given as the text of its document or as parsed JSON.

    Every method raises PayloadError for what the schema refuses.
    """

    def __init__(self, schema: str | bytes | dict[str, Any], limits: Limits = Limits()) -> None:
        self._document = Document(schema)
        self._limits = limits

    @property
    def id(self) -> str:
        return self._document.id

    def encode(self, value: Any) -> bytes:
        """The payload of a value."""
        writer = Writer(self._limits)
        self._document.type.write(writer, value, 0, self._document.lax)
        return writer.finish()

    def decode(self, payload: bytes | bytearray | memoryview, into: Any = None) -> Any:
        """The value of a payload; `into` is the dataclass, or other annotation, that it is to be.

        An alias that a module holds as text, as exported ones are, is `typing.ForwardRef("Pet", module="pets")`.
        """
        if isinstance(into, str):
            raise TypeError("into is text, which does not say what its names mean; give typing.ForwardRef(text, module=…)")
        reader = Reader(bytes(payload), self._limits)
        value = self._document.type.read(reader, 0)
        reader.finish()
        return value if into is None else convert(self._document.type, value, into)

    def from_json(self, json: Any) -> Any:
        """The value that a JSON face says, as `json.loads` gives it; `encode` checks it."""
        return self._document.type.from_json(json)

    def to_json(self, value: Any) -> Any:
        """The JSON face of a value that `decode` made."""
        return self._document.type.to_json(value)
