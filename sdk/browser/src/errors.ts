// How a call of a plugin can end badly.

/** What a step of dispatch found, and after the call the name of the module's status. */
export type PluginErrorCode =
  | "ManifestInvalid"
  | "ModuleInvalid"
  | "FunctionNotFound"
  | "SchemaRequired"
  | "SchemaNotFound"
  | "SchemaMismatch"
  | "InvalidPayload"
  | "CapabilityDenied"
  | "InvalidInput"
  | "DecodeError"
  | "EncodeError"
  | "Cancelled"
  | "Timeout"
  | "Internal";

export type ErrorFamily = "validation" | "runtime" | "cancellation";

/** The numbers that cross the boundary. */
export const Status = {
  ok: 0,
  invalidInput: 1,
  decodeError: 2,
  encodeError: 3,
  cancelled: 4,
  timeout: 5,
  capabilityDenied: 6,
  internal: 7,
} as const;

/** Why a call is cancelled, as a module sees it. */
export const CancelReason = { cpu: 1, memory: 2, user: 3, disconnect: 4, deadline: 5, revoked: 6 } as const;

const names: readonly PluginErrorCode[] = [
  "Internal", "InvalidInput", "DecodeError", "EncodeError", "Cancelled", "Timeout", "CapabilityDenied", "Internal",
];

const statusOfCode: Partial<Record<PluginErrorCode, number>> = {
  DecodeError: Status.decodeError,
  EncodeError: Status.encodeError,
  Cancelled: Status.cancelled,
  Timeout: Status.timeout,
  CapabilityDenied: Status.capabilityDenied,
  Internal: Status.internal,
};

/** A plugin that cannot be loaded, or a call that did not end with a result. */
export class PluginError extends Error {
  override readonly name = "PluginError";
  readonly code: PluginErrorCode;
  /** 1 to 7; see `Status`. */
  readonly status: number;

  constructor(code: PluginErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = statusOfCode[code] ?? Status.invalidInput;
  }

  get family(): ErrorFamily {
    if (this.status === Status.cancelled) return "cancellation";
    return this.status === Status.timeout || this.status === Status.internal ? "runtime" : "validation";
  }
}

/** The error for a status that a module or a capability ended with. A number that is no status is the module's fault. */
export function errorOfStatus(status: number, message: string): PluginError {
  const code = names[status];
  if (code === undefined) return new PluginError("Internal", `The module ended a call with ${status}, which is no status.`);
  return new PluginError(code, message === "" ? `The call ended with status ${status} (${code}).` : message);
}
