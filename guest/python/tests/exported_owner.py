"""schema://acme/owner/v1, made by molt schema export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(kw_only=True)
class Dog:
    name: str
    friend: Pet | None = None


Pet: TypeAlias = 'tuple[Literal["cat"], PetCat] | tuple[Literal["guide dog"], Dog] | tuple[Literal["stray"], str] | tuple[Literal["pack"], list[Pet]]'


@dataclass(kw_only=True)
class PetCat:
    lives: int = 9
    """Int8."""


@dataclass(kw_only=True)
class Owner:
    pet: Pet
    pets: list[Pet]
    home: tuple[Literal["house"], OwnerHomeHouse] | tuple[Literal["boat"], OwnerHomeBoat] | None = None
    car: tuple[Literal["van"], OwnerCarVan] | None = None


@dataclass(kw_only=True)
class OwnerHomeHouse:
    rooms: int
    """Int8."""


@dataclass(kw_only=True)
class OwnerHomeBoat:
    masts: int
    """Int8."""


@dataclass(kw_only=True)
class OwnerCarVan:
    seats: int
    """Int8."""
