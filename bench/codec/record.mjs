// What is encoded: records with whole numbers, floats, texts of 5 to 30 characters of which some are not ASCII, booleans, a uuid, a
// time, an enum, two optional fields and a short list.

export const schema = {
  sir: 1,
  id: "schema://bench/shipment/v1",
  type: {
    kind: "record",
    fields: [
      { name: "id", type: "uuid" },
      { name: "number", type: "uint32" },
      { name: "customer", type: "string" },
      { name: "email", type: "string" },
      { name: "street", type: "string" },
      { name: "city", type: "string" },
      { name: "country", type: "string" },
      { name: "createdAt", type: "timestamp" },
      { name: "status", type: { kind: "enum", values: ["open", "packed", "shipped", "delivered", "returned"] } },
      { name: "paid", type: "bool" },
      { name: "gift", type: "bool" },
      { name: "items", type: "int32" },
      { name: "balance", type: "int53" },
      { name: "priority", type: "int8" },
      { name: "total", type: "float64" },
      { name: "weight", type: "float64" },
      { name: "latitude", type: "float64" },
      { name: "tags", type: { kind: "list", items: "string" } },
      { name: "note", type: { kind: "optional", of: "string" } },
      { name: "reference", type: { kind: "optional", of: "string" } },
    ],
  },
};

const customers = ["Zoë Müller", "Alexander Fitzgerald", "María José García", "Ngọc Trần", "Hannah Schmidt", "Oluwaseun Adeyemi", "Søren Kierkegaard", "John Smith"];
const streets = ["12 Long Meadow Lane", "Hauptstraße 7", "221B Baker Street", "Calle de Alcalá 44", "5 Rue de la Paix", "Kungsgatan 3", "700 Market Street", "Harbour Road 118"];
const cities = ["Zürich", "Berlin", "London", "Madrid", "Paris", "Stockholm", "San Francisco", "Wellington"];
const countries = ["Switzerland", "Germany", "United Kingdom", "Spain", "France", "Sweden", "United States", "New Zealand"];
const statuses = ["open", "packed", "shipped", "delivered", "returned"];
const tags = ["fragile", "express", "signed", "heavy", "returns"];

/** The records: the same on every run. */
export function records(count) {
  const random = generator(0x5eed);
  const below = (limit) => Math.floor(random() * limit);
  const digits = (length) => Array.from({ length }, () => below(16).toString(16)).join("");
  return Array.from({ length: count }, (_, i) => ({
    id: `${digits(8)}-${digits(4)}-7${digits(3)}-a${digits(3)}-${digits(12)}`,
    number: 40_000 + below(60_000),
    customer: customers[i % 8],
    email: `customer${below(100_000)}@example.com`,
    street: streets[below(8)],
    city: cities[i % 8],
    country: countries[i % 8],
    createdAt: 1_763_700_000_000_000 + below(1_000_000_000),
    status: statuses[below(5)],
    paid: random() < 0.8,
    gift: random() < 0.1,
    items: 1 + below(40),
    balance: below(2_000_000_000) * 1000 - 1_000_000_000_000,
    priority: below(7) - 3,
    total: below(100_000) / 100,
    weight: below(20_000) / 1000,
    latitude: random() * 180 - 90,
    tags: tags.slice(0, 1 + below(4)),
    note: random() < 0.5 ? "leave at the front door" : undefined,
    reference: `INV-2026-${below(1_000_000)}`,
  }));
}

/** Numbers from 0 to below 1, from a seed (xorshift32). */
function generator(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
