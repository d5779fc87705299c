"""The codec against the vectors that every language is tested with."""

import json
import unittest
from pathlib import Path

from molt_schema import Codec, PayloadError

TEXT = (Path(__file__).parents[3] / "tests/vectors/schema-codec.json").read_text(encoding="utf-8")
VECTORS = json.loads(TEXT)


def number(digits: str) -> int | float:
    """A number as JavaScript has it: -0, and what is no safe integer, are floats."""
    return float(digits) if digits == "-0" or abs(int(digits)) > 2**53 - 1 else int(digits)


FACES = json.loads(TEXT, parse_int=number)


class VectorTests(unittest.TestCase):
    def test_cases_encode_decode_and_have_their_json_face(self) -> None:
        for vector, faces in zip(VECTORS, FACES):
            codec = Codec(vector["schema"])
            for case in faces["cases"]:
                with self.subTest(schema=codec.id, hex=case["hex"]):
                    payload = bytes.fromhex(case["hex"])
                    value = codec.decode(payload)
                    self.assertEqual(codec.encode(value).hex(), case["hex"])
                    self.assertEqual(codec.encode(codec.from_json(case["json"])).hex(), case["hex"])
                    self.assertEqual(codec.to_json(value), case["json"])

    def test_refused_payloads_have_their_kind_and_path(self) -> None:
        for vector in VECTORS:
            codec = Codec(vector["schema"])
            for refused in vector["refused"]:
                with self.subTest(schema=codec.id, hex=refused["hex"]):
                    with self.assertRaises(PayloadError) as raised:
                        codec.decode(bytes.fromhex(refused["hex"]))
                    self.assertEqual((raised.exception.kind, raised.exception.path), (refused["kind"], refused["path"]))

    def test_cut_short_payloads_are_truncated_or_another_value(self) -> None:
        for vector in VECTORS:
            codec = Codec(vector["schema"])
            for case in vector["cases"]:
                payload = bytes.fromhex(case["hex"])
                for length in range(len(payload)):
                    with self.subTest(schema=codec.id, hex=case["hex"], length=length):
                        with self.assertRaises(PayloadError):
                            codec.decode(payload[:length])


if __name__ == "__main__":
    unittest.main()
