// JSON values as defaults: compared with what a guest gives, copied for a guest to have.
import { create, isArray, objectKeys } from "../core/primordials.ts";
import { newList } from "./lists.ts";
import type { JsonValue } from "./types.ts";

/** Whether a value is written as the same bytes as `json`. */
export function sameJson(value: unknown, json: JsonValue): boolean {
  if (typeof json !== "object" || json === null) return value === json;
  if (typeof value !== "object" || value === null || isArray(value) !== isArray(json)) return false;
  if (isArray(json)) {
    if ((value as unknown[]).length !== json.length) return false;
    for (let i = 0; i < json.length; i++) {
      if (!sameJson((value as unknown[])[i], json[i])) return false;
    }
    return true;
  }
  const keys = objectKeys(value);
  let written = 0;
  for (let i = 0; i < keys.length; i++) {
    const part = (value as Record<string, unknown>)[keys[i]];
    if (part === undefined) continue;
    written++;
    const wanted = json[keys[i]];
    if (wanted === undefined || !sameJson(part, wanted)) return false;
  }
  return written === objectKeys(json).length;
}

/** A copy whose objects have no prototype. */
export function copyJson(json: JsonValue): JsonValue {
  if (typeof json !== "object" || json === null) return json;
  if (isArray(json)) {
    const list = newList(json.length) as JsonValue[];
    for (let i = 0; i < list.length; i++) list[i] = copyJson(json[i]);
    return list;
  }
  const object = create(null) as Record<string, JsonValue>;
  const keys = objectKeys(json);
  for (let i = 0; i < keys.length; i++) object[keys[i]] = copyJson(json[keys[i]]);
  return object;
}
