"""Values that Python has and the vectors do not."""

import enum
import unittest
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from molt_schema import Codec, Limits, PayloadError, SchemaError, Tagged


def codec(type: Any, coercion: str = "strict", **limits: int) -> Codec:
    return Codec({"sir": 1, "id": "schema://test/values/v1", "coercion": coercion, "type": type}, Limits(**limits))


def record(**fields: Any) -> dict[str, Any]:
    return {"kind": "record", "fields": [{"name": name, "type": type} for name, type in fields.items()]}


def optional(of: Any, **default: Any) -> dict[str, Any]:
    return {"kind": "optional", "of": of, **default}


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


@dataclass
class Line:
    sku: str
    qty: int = 1


@dataclass
class Order:
    id: uuid.UUID
    lines: list[Line]
    colour: Colour
    by_name: dict[str, Line] = field(metadata={"name": "by name"})
    note: str | None = None


LINE = record(sku="string", qty=optional("int32", default=1))
ORDER = {
    "kind": "record",
    "fields": [
        {"name": "id", "type": "uuid"},
        {"name": "lines", "type": {"kind": "list", "items": LINE}},
        {"name": "colour", "type": {"kind": "enum", "values": ["red", "green"]}},
        {"name": "by name", "type": {"kind": "map", "keys": "string", "values": LINE}},
        {"name": "note", "type": optional("string")},
    ],
}


class ValueTests(unittest.TestCase):
    def refuses(self, kind: str, path: str, type: Any, value: Any, coercion: str = "strict") -> PayloadError:
        with self.assertRaises(PayloadError) as raised:
            codec(type, coercion).encode(value)
        self.assertEqual((raised.exception.kind, raised.exception.path), (kind, path))
        return raised.exception

    def test_dataclasses_come_back_as_dataclasses(self) -> None:
        order = Order(uuid.UUID(int=7), [Line("a", 2), Line("b")], Colour.GREEN, {"x": Line("c", 3)})
        orders = codec(ORDER)
        payload = orders.encode(order)
        self.assertEqual(orders.decode(payload, into=Order), order)
        self.assertEqual(orders.encode(orders.decode(payload)), payload)

    def test_times_and_decimals_are_python_values(self) -> None:
        moment = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
        value = {"at": moment, "took": timedelta(milliseconds=-1500), "price": Decimal("1.50")}
        types = codec(record(at="timestamp", took="duration", price="decimal"))
        decoded = types.decode(types.encode(value))
        self.assertEqual(decoded, value)
        self.assertEqual(str(decoded["price"]), "1.5")
        self.refuses("mistyped", "$", "timestamp", datetime(2026, 1, 1))
        self.refuses("out_of_range", "$", "decimal", Decimal("1" * 29))
        self.refuses("out_of_range", "$", "decimal", Decimal("NaN"))

    def test_integers_are_not_booleans_or_floats(self) -> None:
        self.refuses("mistyped", "$", "int8", True)
        self.refuses("mistyped", "$", "int8", 5.0)
        self.refuses("out_of_range", "$", "int8", 128)
        self.refuses("mistyped", "$", "bool", 1)

    def test_lax_takes_what_says_the_same(self) -> None:
        lax = codec(record(i="int32", f="float64", b="bool", d="decimal"), "lax")
        self.assertEqual(lax.decode(lax.encode({"i": "5", "f": "2.5", "b": "true", "d": 1.25})), {"i": 5, "f": 2.5, "b": True, "d": Decimal("1.25")})
        self.assertEqual(lax.decode(lax.encode({"i": 5.0, "f": 2, "b": 0, "d": "1"}))["i"], 5)
        self.refuses("mistyped", "$", "string", 5, "lax")

    def test_paths_lead_to_what_is_wrong(self) -> None:
        order = {"id": uuid.UUID(int=7), "lines": [{"sku": "a"}, {"sku": 5}], "colour": "red", "by name": {}}
        self.refuses("mistyped", "$.lines[1].sku", ORDER, order)
        self.refuses("missing", "$.lines", ORDER, {"id": uuid.UUID(int=7)})
        error = self.refuses("unknown", "$", record(quantity="int8"), {"quantiy": 1})
        self.assertEqual(str(error), "$: there is no field 'quantiy'; did you mean 'quantity'? (unknown)")

    def test_unions_are_tagged(self) -> None:
        union = codec({"kind": "union", "variants": [{"name": "a", "type": "int8"}, {"name": "b", "type": "string"}]})
        self.assertEqual(union.decode(union.encode(Tagged("b", "x"))), ("b", "x"))
        self.refuses("unknown", "$", {"kind": "union", "variants": [{"name": "a", "type": "int8"}]}, Tagged("c", 1))

    def test_defaults_are_absent(self) -> None:
        defaults = codec(record(a=optional("bytes", default="AQI="), b=optional("float64", default=-0.0)))
        self.assertEqual(defaults.decode(b"\x90"), {"a": b"\x01\x02", "b": -0.0})
        self.assertEqual(defaults.encode({"a": b"\x01\x02"}), b"\x90")
        self.assertEqual(defaults.encode({"b": 0.0}).hex(), "92c0cb0000000000000000")

    def test_strings_hold_whole_characters(self) -> None:
        self.refuses("mistyped", "$", "string", "\ud800")

    def test_limits_are_kept(self) -> None:
        small = {"max_bytes": 10, "max_items": 2}
        strings = codec({"kind": "list", "items": "string"}, **small)
        for value in (["a", "b", "c"], ["x" * 20]):
            with self.assertRaises(PayloadError) as raised:
                strings.encode(value)
            self.assertEqual(raised.exception.kind, "too_large")
        with self.assertRaises(PayloadError) as raised:
            codec("json").decode(b"\x91" * 65 + b"\xc0")
        self.assertEqual((raised.exception.kind, raised.exception.path), ("too_deep", "$" + "[0]" * 64))

    def test_faulty_documents_say_where(self) -> None:
        for type, message in (
            ("int31", "the schema is faulty: $.type: 'int31' is no kind of type"),
            ({"kind": "ref", "name": "X"}, "the schema is faulty: $.type: no definition is named 'X'"),
            ({"kind": "bytes", "maxLen": 1}, "the schema is faulty: $.type.maxLen: is not a key that belongs here"),
        ):
            with self.assertRaises(SchemaError) as raised:
                codec(type)
            self.assertEqual(str(raised.exception), message)


if __name__ == "__main__":
    unittest.main()
