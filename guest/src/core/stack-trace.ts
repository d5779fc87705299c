// The text of `error.stack`, without the frames of the runtime's own code. V8 asks for it when the property is read for the first
// time: throwing costs nothing. https://v8.dev/docs/stack-trace-api
import { append, List, toArray } from "./list.ts";
import { apply, stringStartsWith, uncurry } from "./primordials.ts";

interface CallSite {
  getFileName(): string | null | undefined;
  toString(): string;
}

type Prepare = (this: unknown, error: unknown, sites: CallSite[]) => unknown;

const V8Error = Error as unknown as { prepareStackTrace?: Prepare | undefined; stackTraceLimit?: number | undefined };
const ownNames = "molt:";
const errorToString = uncurry(Error.prototype.toString);

// The prototype of call sites has no name. A context that is being snapshotted takes no frames unless it is told to.
const { getFileName, toString } = (() => {
  const { stackTraceLimit } = V8Error;
  V8Error.stackTraceLimit = 1;
  V8Error.prepareStackTrace = (_, sites) => sites[0];
  const site = new Error().stack as unknown as CallSite;
  delete V8Error.prepareStackTrace;
  if (stackTraceLimit === undefined) {
    delete V8Error.stackTraceLimit;
  } else {
    V8Error.stackTraceLimit = stackTraceLimit;
  }
  return { getFileName: uncurry(site.getFileName), toString: uncurry(site.toString) };
})();

/**
 * What `stack` of an error is: what the worker's `Error.prepareStackTrace` makes of its frames, else V8's text of them. That
 * function is not asked about errors whose stack is read while it runs, as in V8.
 */
export function stackOf(error: unknown, sites: CallSite[], isNested: boolean): unknown {
  const own = new List<CallSite>();
  for (let i = 0; i < sites.length; i++) {
    const file: unknown = getFileName(sites[i]);
    if (typeof file !== "string" || !stringStartsWith(file, ownNames)) {
      append(own, sites[i]!);
    }
  }
  const prepare = isNested ? undefined : V8Error.prepareStackTrace;
  if (typeof prepare === "function") {
    return apply(prepare, Error, [error, toArray(own)]);
  }
  let text = headerOf(error);
  for (let i = 0; i < own.length; i++) {
    text += `\n    at ${toString(own[i])}`;
  }
  return text;
}

function headerOf(error: unknown): string {
  try {
    return errorToString(error);
  } catch (thrown) {
    try {
      return `<error: ${errorToString(thrown)}>`;
    } catch {
      return "<error>";
    }
  }
}
