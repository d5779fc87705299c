// A worker of about 200 KB with the shape bundled code has: entities, validators, reducers, formatters, routes, message
// tables. The same text on every run: names and numbers come from a generator with a fixed seed.

const size = 200 * 1024;
const nouns = ["account", "address", "basket", "booking", "campaign", "card", "channel", "comment", "contract", "coupon", "customer",
  "delivery", "device", "document", "event", "folder", "group", "image", "invoice", "item", "journey", "label", "ledger", "message",
  "order", "page", "payment", "policy", "product", "profile", "project", "question", "receipt", "report", "review", "session",
  "shipment", "store", "subscription", "task", "team", "ticket", "token", "transfer", "user", "vendor", "visit", "voucher"];
const fields = ["id", "name", "status", "amount", "currency", "email", "phone", "city", "country", "quantity", "price", "weight", "note",
  "reference", "created", "updated", "owner", "score", "priority", "language"];
const words = ["the", "request", "was", "accepted", "because", "its", "value", "is", "within", "allowed", "range", "please", "check",
  "again", "later", "could", "not", "be", "found", "for", "this", "account", "must", "contain", "at", "least", "one", "entry"];

/** The source text: an ES module whose default export answers GET with JSON. */
export function bundle() {
  const random = generator(0x5eed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const parts = [prelude];
  let length = prelude.length + ending.length;
  for (let index = 0; length < size; index++) {
    const part = section(index, random, pick);
    parts.push(part);
    length += part.length;
  }
  parts.push(ending);
  return parts.join("\n");
}

function section(index, random, pick) {
  const noun = nouns[index % nouns.length];
  const type = noun[0].toUpperCase() + noun.slice(1) + index;
  const own = fields.filter(() => random() < 0.5).slice(0, 8);
  if (own.length < 3) own.push("kind", "origin", "total");
  const limit = () => 1 + Math.floor(random() * 900);
  const sentence = () => Array.from({ length: 6 + Math.floor(random() * 8) }, () => pick(words)).join(" ");
  const actions = ["create", "rename", "close", "merge"].map((verb) => `${verb}_${noun}_${index}`);
  return `
// ${type}
var ${type} = class _${type} extends Entity {
  static kind = "${noun}";
  constructor(values) {
    super(values);
${own.map((field) => `    this.${field} = values.${field} ?? null;`).join("\n")}
  }
  static parse(input) {
    const errors = validate${type}(input);
    if (errors.length > 0) throw new ValidationError("${noun}", errors);
    return new _${type}(input);
  }
  get title() {
    return [${own.slice(0, 3).map((field) => `this.${field}`).join(", ")}].filter((part) => part != null).join(" / ");
  }
  with(changes) {
    return new _${type}({ ...this, ...changes, revision: this.revision + 1 });
  }
  toJSON() {
    return { kind: "${noun}", revision: this.revision, ${own.map((field) => `${field}: this.${field}`).join(", ")} };
  }
};
function validate${type}(input) {
  const errors = [];
  if (typeof input !== "object" || input === null) return [{ path: "", message: messages${type}.shape }];
${own.map((field, position) => position % 2
    ? `  if (input.${field} !== undefined && String(input.${field}).length > ${limit()}) errors.push({ path: "${field}", message: messages${type}.long, limit: ${limit()} });`
    : `  if (typeof input.${field} === "number" && (input.${field} < -${limit()} || input.${field} > ${limit()}000)) errors.push({ path: "${field}", message: messages${type}.range });`).join("\n")}
  return errors;
}
function reduce${type}(state, action) {
  switch (action.type) {
    case "${actions[0]}":
      return { ...state, items: [...state.items, ${type}.parse(action.values)], count: state.count + 1 };
    case "${actions[1]}":
      return { ...state, items: state.items.map((item) => item.id === action.id ? item.with({ name: action.name }) : item) };
    case "${actions[2]}": {
      const items = state.items.filter((item) => item.id !== action.id);
      return items.length === state.items.length ? state : { ...state, items, count: items.length };
    }
    case "${actions[3]}":
      return action.others.reduce((merged, other) => reduce${type}(merged, { type: "${actions[0]}", values: other }), state);
    default:
      return state;
  }
}
async function handle${type}(context) {
  const limit = clamp(Number(context.query.get("limit") ?? ${limit()}), 1, ${limit()});
  const list = Array.from({ length: Math.min(limit, 5) }, (_, position) => ({ id: position, name: "${noun} " + position, amount: position * ${limit() / 10} }));
  const state = list.reduce((current, values) => reduce${type}(current, { type: "${actions[0]}", values }), { items: [], count: 0 });
  return context.json({ count: state.count, titles: state.items.map((item) => item.title), items: state.items });
}
var messages${type} = {
  shape: "${sentence()}",
  long: "${sentence()}",
  range: "${sentence()}",
  hint: "${sentence()}",
};
router.on("GET", /^\\/${noun}-${index}(?:\\/(?<id>[a-z0-9]+))?$/, handle${type});
catalogue.set("${noun}-${index}", { type: ${type}, validate: validate${type}, reduce: reduce${type}, messages: messages${type} });`;
}

const prelude = `var ValidationError = class extends Error {
  constructor(kind, errors) {
    super("invalid " + kind + ": " + errors.map(({ path, message }) => path + " " + message).join("; "));
    this.errors = errors;
  }
};
var Entity = class {
  constructor(values) {
    this.revision = values.revision ?? 0;
  }
};
var Router = class {
  #routes = [];
  on(method, pattern, handler) {
    this.#routes.push({ method, pattern, handler });
    return this;
  }
  find(method, path) {
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const match = route.pattern.exec(path);
      if (match) return { handler: route.handler, params: match.groups ?? {} };
    }
    return undefined;
  }
};
function clamp(value, low, high) {
  return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : low;
}
var router = new Router();
var catalogue = new Map();`;

const ending = `
var main_default = {
  async fetch(request) {
    const url = new URL(request.url);
    const summary = { kinds: catalogue.size, checked: 0, faults: 0 };
    let index = 0;
    for (const entry of catalogue.values()) {
      if (index++ % 8 !== 0) continue;
      summary.checked++;
      summary.faults += entry.validate({ id: index, name: "n".repeat(index), amount: index * 100 }).length;
    }
    const found = router.find("GET", url.searchParams.get("path") ?? "/order-24");
    const context = { query: url.searchParams, params: found.params, json: (value) => Response.json({ ...summary, result: value }) };
    return found.handler(context);
  },
};
export { main_default as default };
`;

function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
