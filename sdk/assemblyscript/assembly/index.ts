export { Call, onCancel, onInit, onPoll, register } from "./module";
export { Reader } from "./reader";
export { CancelReason, Status } from "./status";
export { Writer } from "./writer";
export {
  Result,
  Limit,
  LogLevel,
  capabilityCall,
  capabilityCancel,
  limit,
  log,
  nowMs,
  randomBytes,
  streamClose,
  streamOpen,
  streamRead,
  streamWrite,
} from "./host";
