// The error of a capability call. It is a TypeError, as the failure of a fetch is.
import { defineProperty } from "../core/primordials.ts";

export type CapabilityFamily = "validation" | "runtime" | "cancellation";

export const Status = { ok: 0, invalidInput: 1, decodeError: 2, encodeError: 3, cancelled: 4, timeout: 5, denied: 6, internal: 7 } as const;

function familyOf(status: number): CapabilityFamily {
  switch (status) {
    case Status.cancelled: return "cancellation";
    case Status.timeout: case Status.internal: return "runtime";
    default: return "validation";
  }
}

export class CapabilityError extends TypeError {
  /** 1 invalid input, 2 decode error, 3 encode error, 4 cancelled, 5 timeout, 6 capability denied, 7 internal. */
  readonly status: number;
  readonly family: CapabilityFamily;
  readonly capability: string;
  readonly operation: string;

  constructor(status: number, capability: string, operation: string, message: string) {
    super(message);
    this.status = status;
    this.family = familyOf(status);
    this.capability = capability;
    this.operation = operation;
  }
}

defineProperty(CapabilityError.prototype, "name", { value: "CapabilityError", writable: true, configurable: true });
