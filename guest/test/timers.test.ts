import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

test("setTimeout_WhenDue_RunsWithArgumentsInItsEvent", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Promise((resolve) => setTimeout((a, b) => { console.log(a + b); resolve(new Response('t')) }, 50, 1, 2)) } } }");
  await guest.fetch(6);
  assert.deepEqual(guest.named("timerStart"), [[6, 1, 50, false]]);
  await guest.enter("timer", 1);
  assert.deepEqual(guest.named("log"), [[6, "log", "3"]]);
  assert.equal(guest.named("respond").length, 1);
});

test("setTimeout_WhenDelayIsOdd_IsNormalized", async () => {
  const guest = new Guest();
  await guest.eval("setTimeout(() => {}); setTimeout(() => {}, -5); setTimeout(() => {}, NaN); setTimeout(() => {}, 1e12); setTimeout(() => {}, '7')");
  assert.deepEqual(guest.named("timerStart").map((args) => args[2]), [0, 0, 0, 2147483647, 7]);
});

test("setTimeout_WhenHandlerIsText_Throws", async () => {
  await assert.rejects(new Guest().eval("setTimeout('code')"), /parameter 1 is not of type 'Function'/);
});

test("clearTimeout_WhenPending_TellsTheHostOnce", async () => {
  const guest = new Guest();
  await guest.eval("const id = setTimeout(() => {}, 9); clearTimeout(id); clearTimeout(id); clearTimeout(undefined); clearInterval('x'); return typeof id");
  assert.deepEqual(guest.named("timerClear"), [[1]]);
});

test("setInterval_WhenCleared_StopsRunning", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Promise((resolve) => { let n = 0; const id = setInterval(() => { if (++n === 2) { clearInterval(id); resolve(new Response(String(n))) } }, 5) }) } } }");
  await guest.fetch(1);
  assert.deepEqual(guest.named("timerStart"), [[1, 1, 5, true]]);
  await guest.enter("timer", 1);
  await guest.enter("timer", 1);
  await guest.enter("timer", 1);
  assert.equal(guest.named("respond")[0]![5], "2");
});

test("timer_WhenCallbackThrows_IsReported", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(r, e, ctx) { ctx.waitUntil(new Promise(() => {})); setTimeout(() => { throw new Error('tick') }); return new Response() } } }");
  await guest.fetch(3);
  await guest.enter("timer", 1);
  const [event, kind, error] = guest.named("report")[0]!;
  assert.deepEqual([event, kind, error.message], [3, "timer", "tick"]);
});

test("timer_WhenEventEnds_IsDropped", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { setTimeout(() => console.log('never'), 5); return new Response() } } }");
  await guest.fetch(1);
  assert.deepEqual(guest.named("timerClear"), [[1]]);
  await guest.enter("timer", 1);
  assert.deepEqual(guest.named("log"), []);
});

test("schedulerWait_WhenDue_Resolves", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch() { await scheduler.wait(20); return new Response('waited') } } }");
  await guest.fetch(1);
  await guest.enter("timer", 1);
  assert.equal(guest.named("respond")[0]![5], "waited");
});

test("schedulerWait_WhenSignalAborts_RejectsAndClears", async () => {
  const guest = new Guest();
  const reason = await guest.eval("const c = new AbortController(); const p = scheduler.wait(20, { signal: c.signal }); c.abort('stop'); try { await p } catch (e) { return e }");
  assert.equal(reason, "stop");
  assert.deepEqual(guest.named("timerClear"), [[1]]);
});

test("queueMicrotask_WhenItThrows_IsReported", async () => {
  const guest = new Guest();
  await guest.eval("queueMicrotask(() => { throw new Error('micro') }); await null; await null");
  assert.deepEqual(guest.named("report").map(([, kind, error]) => [kind, error.message]), [["microtask", "micro"]]);
});

test("queueMicrotask_WhenNoFunction_Throws", () => {
  assert.throws(() => new Guest().run("queueMicrotask(1)"), { name: "TypeError" });
});
