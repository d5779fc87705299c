// What the figures were measured on.
import { cpus, release, totalmem } from "node:os";

export function machine() {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    date: new Date().toISOString(),
  };
}
