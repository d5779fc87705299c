// Server processes: started on free loopback ports, watched through /proc, ended by their id.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createServer, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const running = new Set();

// Clock ticks per second of /proc's times: fixed at 100 by Linux's user-space interface.
const ticksPerSecond = 100;

/** Starts a process that stopAll() ends. Its error output is kept for messages. */
export function start({ command, args, environment = {}, input = "ignore" }) {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: [input, "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors = (errors + text).slice(-4000)));
  child.errorText = () => errors.trim();
  child.ended = new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", (error) => {
      errors += error.message;
      resolve(-1);
    });
  });
  running.add(child);
  child.ended.then(() => running.delete(child));
  return child;
}

/** Ends a process and its descendants, and waits for the process. */
export async function stop(child) {
  end(child);
  await child.ended;
}

/** Ends every process that start() made. */
export function stopAll() {
  for (const child of running) end(child);
}

function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  for (const pid of family(child.pid).reverse()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until GET / is answered with 200; throws what the process said if it ends or is too slow. */
export async function ready(child, port, timeoutMs = 60_000) {
  const deadline = performance.now() + timeoutMs;
  let ended = false;
  child.ended.then(() => (ended = true));
  while (!(await answers(port))) {
    if (ended) throw new Error(`ended before it answered: ${child.errorText()}`);
    if (performance.now() > deadline) throw new Error(`no answer in ${timeoutMs} ms: ${child.errorText()}`);
    await delay(2);
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    socket.setTimeout(5000, () => done(false));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
    socket.once("connect", () => socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    socket.once("data", (data) => done(data.toString("latin1").startsWith("HTTP/1.1 200")));
    function done(value) {
      socket.destroy();
      resolve(value);
    }
  });
}

/** Seconds of processor time the process and its descendants, ended ones included, have used. */
export function processorSeconds(pid) {
  let ticks = 0;
  for (const member of family(pid)) {
    const fields = stat(member);
    if (fields) ticks += fields.user + fields.system + fields.endedChildren;
  }
  return ticks / ticksPerSecond;
}

/** Bytes of memory the process and its descendants hold now (VmRSS) or held at most (VmHWM). */
export function memoryBytes(pid, field) {
  let kibibytes = 0;
  for (const member of family(pid)) {
    try {
      const status = readFileSync(`/proc/${member}/status`, "latin1");
      kibibytes += Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
    } catch {
      // It has ended since it was listed.
    }
  }
  return kibibytes * 1024;
}

function family(root) {
  const children = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = stat(name);
    if (!fields) continue;
    if (!children.has(fields.parent)) children.set(fields.parent, []);
    children.get(fields.parent).push(Number(name));
  }
  const members = [root];
  for (const member of members) members.push(...(children.get(member) ?? []));
  return members;
}

function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      parent: Number(fields[1]),
      user: Number(fields[11]),
      system: Number(fields[12]),
      endedChildren: Number(fields[13]) + Number(fields[14]),
    };
  } catch {
    return undefined;
  }
}
