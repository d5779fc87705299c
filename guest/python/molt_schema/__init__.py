"""The payload codec of Molt's schemas for Python: deterministic MessagePack, one byte form per value.

    from molt_schema import Codec

    codec = Codec(open("order.sir.json").read())
    payload = codec.encode({"id": 7, "lines": []})
    order = codec.decode(payload)                # a dict
    order = codec.decode(payload, into=Order)    # or a dataclass

Values: int, float, bool, str, bytes, datetime (aware, in UTC), timedelta, uuid.UUID, Decimal; records are dicts or dataclasses, maps
dicts, enums their names, unions `Tagged(tag, value)`; an absent optional is None, or its default.
"""

from .codec import Codec
from .containers import Tagged
from .errors import PayloadError, SchemaError
from .limits import Limits

__all__ = ["Codec", "Limits", "PayloadError", "SchemaError", "Tagged"]
