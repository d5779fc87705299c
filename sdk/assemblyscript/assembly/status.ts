/** How a call ended. */
export namespace Status {
  export const Ok: i32 = 0;
  export const InvalidInput: i32 = 1;
  export const DecodeError: i32 = 2;
  export const EncodeError: i32 = 3;
  export const Cancelled: i32 = 4;
  export const Timeout: i32 = 5;
  export const CapabilityDenied: i32 = 6;
  export const Internal: i32 = 7;
}

/** Why a host cancels a task, and a module a call of its own. */
export namespace CancelReason {
  export const Cpu: u32 = 1;
  export const Memory: u32 = 2;
  export const User: u32 = 3;
  export const Disconnect: u32 = 4;
  export const Deadline: u32 = 5;
  export const Revoked: u32 = 6;
}
