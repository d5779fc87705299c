import { strict as assert } from "node:assert";
import { httpRow } from "../http-row.mjs";

const items = Array.from({ length: 13 }, (_, index) => ({
  sku: `SKU-${1000 + index * 37}`,
  name: `Article number ${index + 1}`,
  quantity: (index % 5) + 1,
  price: 4.95 + index * 3,
}));
const body = JSON.stringify({ id: "ord_01J9Z8", customer: { name: "Ada Example", city: "London" }, items });

export default httpRow({
  name: "json",
  order: 20,
  title: "a JSON body of about 1 KB parsed, another built from it",
  worker: "json.js",
  request: { method: "POST", body, contentType: "application/json" },
  check: async (response) => {
    const answer = await response.json();
    assert.equal(answer.lines.length, items.length);
    assert.equal(answer.total, Math.round(items.reduce((sum, { quantity, price }) => sum + quantity * price, 0) * 100) / 100);
  },
});
