"""Patterns, formats and decimals of the schema language: small grammars with one meaning in every language."""

from __future__ import annotations

import re
from decimal import Decimal

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_URI_CHARACTER = r"(?:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:{_URI_CHARACTER}*(?:#{_URI_CHARACTER}*)?")
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_DATE = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = re.compile(rf"{_CLOCK}:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-]{_CLOCK})")


def _is_hostname(text: str) -> bool:
    """RFC 1123, section 2.1, without a final dot."""
    return len(text) <= 253 and _HOSTNAME.fullmatch(text) is not None


def _is_email(text: str) -> bool:
    """RFC 5321, section 4.1.2: Dot-string @ Domain; no quoted strings, no address literals."""
    local, at, domain = text.rpartition("@")
    return bool(at) and 1 <= len(local) <= 64 and len(text) <= 254 and _LOCAL_PART.fullmatch(local) is not None and _is_hostname(domain)


def _groups(text: str, is_last: bool) -> int:
    """How many groups a part of an IPv6 address has, or -1 when it is none."""
    if text == "":
        return 0
    parts = text.split(":")
    count = len(parts)
    if is_last and _IPV4.fullmatch(parts[-1]):
        parts.pop()
        count += 1
    return count if all(_GROUP.fullmatch(part) for part in parts) else -1


def _is_ipv6(text: str) -> bool:
    """RFC 4291, section 2.2: "::" stands for at least one group, an IPv4 address for the last two; no zone."""
    before, gap, after = text.partition("::")
    if not gap:
        return _groups(text, is_last=True) == 8
    left, right = _groups(before, is_last=False), _groups(after, is_last=True)
    return left >= 0 and right >= 0 and left + right < 8


def _is_date(text: str) -> bool:
    """RFC 3339, section 5.6, full-date."""
    parts = _DATE.fullmatch(text)
    if parts is None:
        return False
    year, month, day = (int(part) for part in parts.groups())
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return day <= days[month - 1]


FORMATS = {
    "email": _is_email,
    "uri": lambda text: _URI.fullmatch(text) is not None,
    "hostname": _is_hostname,
    "ipv4": lambda text: _IPV4.fullmatch(text) is not None,
    "ipv6": _is_ipv6,
    "date": _is_date,
    "time": lambda text: _TIME.fullmatch(text) is not None,
}


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern in Python's syntax: `.` stops at every line terminator, `$` is the very end, classes are ASCII."""
    source = []
    in_class = False
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "\\" and position < len(pattern):
            escaped = pattern[position]
            position += 1
            source.append("\\" + escaped if escaped.isalnum() else re.escape(escaped))
        elif in_class:
            if character == "]":
                in_class = False
            # Doubled, these are reserved inside of Python's classes.
            source.append("\\" + character if character in "&~|" else character)
        elif character == "[":
            in_class = True
            negated = pattern[position : position + 1] == "^"
            position += negated
            source.append("[^" if negated else "[")
        else:
            source.append({"$": r"\Z", ".": r"[^\n\r\u2028\u2029]"}.get(character, character))
    return re.compile("".join(source), re.ASCII)


MOST_DIGITS = 28
_ANY_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_ONE_DECIMAL = re.compile(r"(?:-(?!0\Z))?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")


def judge_decimal(text: str) -> str:
    """canonical, other_form, too_long or no_number."""
    if not _ONE_DECIMAL.fullmatch(text):
        return "other_form" if _ANY_DECIMAL.fullmatch(text) else "no_number"
    whole, _, fraction = text.lstrip("-").partition(".")
    digits = len(fraction.lstrip("0")) if whole == "0" else len(whole) + len(fraction)
    return "too_long" if digits > MOST_DIGITS or len(fraction) > MOST_DIGITS else "canonical"


def decimal_text(value: Decimal) -> str | None:
    """The one text of a finite number, or None when it has too many digits."""
    if not value.is_finite() or (value != 0 and abs(value.adjusted()) > 2 * MOST_DIGITS):
        return None
    text = format(value, "f") if value != 0 else "0"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if judge_decimal(text) == "canonical" else None
