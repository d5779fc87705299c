"""How large payloads may be."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import PayloadError


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 16 * 1024 * 1024
    """Bytes of a whole payload."""
    max_depth: int = 64
    """Containers within each other."""
    max_items: int = 1_000_000
    """Items of one container."""

    def check_depth(self, depth: int) -> None:
        if depth > self.max_depth:
            raise PayloadError("too_deep", f"more than {self.max_depth} containers within each other")

    def check_items(self, count: int) -> None:
        if count > self.max_items:
            raise PayloadError("too_large", f"{count} items are more than the {self.max_items} allowed")
