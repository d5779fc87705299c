"""Payloads as the dataclasses that `molt schema export --to python` writes; exported_owner.py is such a file as it is."""

import typing
import unittest

import exported_owner as exported
from molt_schema import Codec

PET = {"kind": "ref", "name": "pet"}


def record(**fields: typing.Any) -> dict[str, typing.Any]:
    return {"kind": "record", "fields": [{"name": name, "type": type} for name, type in fields.items()]}


def union(**variants: typing.Any) -> dict[str, typing.Any]:
    return {"kind": "union", "variants": [{"name": name, "type": type} for name, type in variants.items()]}


def optional(of: typing.Any, **default: typing.Any) -> dict[str, typing.Any]:
    return {"kind": "optional", "of": of, **default}


def codec(type: typing.Any) -> Codec:
    definitions = {
        "pet": union(cat=record(lives=optional("int8", default=9)), **{"guide dog": {"kind": "ref", "name": "dog"}}, stray="string", pack={"kind": "list", "items": PET}),
        "dog": record(name="string", friend=optional(PET)),
    }
    return Codec({"sir": 1, "id": "schema://acme/owner/v1", "definitions": definitions, "type": type})


OWNER = record(
    pet=PET,
    pets={"kind": "list", "items": PET},
    home=optional(union(house=record(rooms="int8"), boat=record(masts="int8"))),
    car=optional(union(van=record(seats="int8"))),
)
CAT = ("cat", exported.PetCat(lives=7))
DOG = ("guide dog", exported.Dog(name="Rex", friend=CAT))


class ExportedTests(unittest.TestCase):
    def decodes(self, owner: exported.Owner) -> None:
        owners = codec(OWNER)
        self.assertEqual(owners.decode(owners.encode(owner), into=exported.Owner), owner)

    def test_variants_that_are_records_come_back_as_dataclasses(self) -> None:
        self.decodes(exported.Owner(pet=CAT, pets=[DOG, ("stray", "Tom"), CAT], home=("boat", exported.OwnerHomeBoat(masts=2))))

    def test_a_union_of_one_variant_is_no_less_a_union(self) -> None:
        self.decodes(exported.Owner(pet=CAT, pets=[], car=("van", exported.OwnerCarVan(seats=8))))

    def test_a_union_inside_itself_comes_back_at_every_depth(self) -> None:
        self.decodes(exported.Owner(pet=("pack", [("pack", [("pack", [CAT, DOG])]), DOG]), pets=[]))

    def test_an_alias_is_named_by_its_module(self) -> None:
        pets = codec(PET)
        pack = ("pack", [CAT, DOG])
        self.assertEqual(pets.decode(pets.encode(pack), into=typing.ForwardRef("Pet", module="exported_owner")), pack)
        with self.assertRaises(TypeError) as raised:
            pets.decode(pets.encode(pack), into=exported.Pet)
        self.assertEqual(str(raised.exception), "into is text, which does not say what its names mean; give typing.ForwardRef(text, module=…)")


if __name__ == "__main__":
    unittest.main()
