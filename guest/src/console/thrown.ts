// What was thrown, as text for people.
import { ownKeys, stringSlice } from "../core/primordials.ts";
import { isDOMException } from "../clone/dom-exception.ts";
import { rendering } from "./console.ts";
import { isError } from "./exotic.ts";

const maximumLength = 16384;
const depth = 4;

/** The value with all it carries; undefined for an error whose name, message and stack say it all. No code of the guest runs. */
export function thrownText(value: unknown): string | undefined {
  if (isPlainError(value)) {
    return undefined;
  }
  const text = rendering().inspect(value, { depth });
  return text.length > maximumLength ? `${stringSlice(text, 0, maximumLength)}…` : text;
}

function isPlainError(value: unknown): boolean {
  if (!isDOMException(value) && !isError(value)) {
    return false;
  }
  const keys = ownKeys(value as object);
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] !== "stack" && keys[i] !== "message" && keys[i] !== "name") {
      return false;
    }
  }
  return true;
}
