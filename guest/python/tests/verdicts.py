"""Says of payloads what the codec says of them: "ok" where they decode and encode to the same bytes, else the kind and path of the fault.

Reads [{schema, payloads: [hex]}] from standard input and writes [[verdict]].
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from molt_schema import Codec, PayloadError  # noqa: E402


def verdict(codec: Codec, payload: bytes) -> str:
    try:
        value = codec.decode(payload)
    except PayloadError as error:
        return f"{error.kind} {error.path}"
    again = codec.encode(value)
    return "ok" if again == payload else f"other bytes: {again.hex()}"


def main() -> None:
    answers = []
    for case in json.load(sys.stdin):
        codec = Codec(case["schema"])
        answers.append([verdict(codec, bytes.fromhex(payload)) for payload in case["payloads"]])
    json.dump(answers, sys.stdout)


main()
