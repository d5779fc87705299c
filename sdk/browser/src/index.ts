/** Molt's edge tier in a page: the same module, manifest and schemas as on a server. */
export { loadPlugin, Plugin } from "./plugin.ts";
export type { CallOptions, PluginLimits, PluginOptions, PluginResult } from "./plugin.ts";
export { offer } from "./capabilities.ts";
export type { Offer, OfferedOperation } from "./capabilities.ts";
export { CancelReason, PluginError, Status } from "./errors.ts";
export type { ErrorFamily, PluginErrorCode } from "./errors.ts";
export { readManifest } from "./manifest.ts";
export type { PluginExport, PluginManifest, PluginSchema } from "./manifest.ts";
export { PayloadError } from "./codec.ts";
