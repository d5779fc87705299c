import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

function guestWithHooks(): Guest {
  const guest = new Guest();
  (guest.context as any).hooks = guest.entry.builtins["node:async_hooks"];
  guest.run("globalThis.als = new hooks.AsyncLocalStorage()");
  return guest;
}

test("AsyncLocalStorage_WhenRun_FollowsPromises", async () => {
  assert.deepEqual(await guestWithHooks().eval("const a = als.run(1, async () => { await null; return als.getStore() }); return [als.getStore() === undefined, await a, als.getStore() === undefined, als.run(2, (x) => [als.getStore(), x], 3)]"), [true, 1, true, [2, 3]]);
});

test("AsyncLocalStorage_WhenNested_RestoresTheOuterValue", async () => {
  assert.deepEqual(await guestWithHooks().eval("const b = new hooks.AsyncLocalStorage(); return als.run(1, () => b.run(2, () => [als.getStore(), b.getStore(), als.exit(() => als.getStore() === undefined), als.run(5, () => als.getStore()), als.getStore()]))"), [1, 2, true, 5, 1]);
});

test("AsyncLocalStorage_WhenTimerFires_HasItsValue", async () => {
  const guest = guestWithHooks();
  guest.bind("{ default: { fetch() { return als.run('v', () => new Promise((resolve) => setTimeout(() => resolve(new Response(als.getStore())), 5))) } } }");
  await guest.fetch(1);
  await guest.enter("timer", 1);
  assert.equal(guest.named("respond")[0]![5], "v");
});

test("AsyncLocalStorage_WhenUsedAtTopLevel_Works", () => {
  assert.equal(guestWithHooks().run("als.run(7, () => als.getStore())"), 7);
});

test("AsyncLocalStorage_WhenSnapshotCrossesEvents_KeepsTheRunningEvent", async () => {
  const guest = guestWithHooks();
  guest.bind("{ default: { fetch(request) { if (!globalThis.snap) { als.run('first', () => { globalThis.snap = hooks.AsyncLocalStorage.snapshot() }); return new Response() } return snap(() => { console.log(als.getStore()); return new Response() }) } } }");
  await guest.fetch(1);
  await guest.fetch(2);
  assert.deepEqual(guest.named("log"), [[2, "log", "first"]]);
});

test("AsyncLocalStorage_WhenBoundOrEntered_KeepsTheValue", async () => {
  assert.deepEqual(await guestWithHooks().eval("const f = als.run(1, () => hooks.AsyncLocalStorage.bind(function (a) { return [als.getStore(), a, this.t] })); const r = als.run(2, () => new hooks.AsyncResource('T')); als.enterWith(9); return [f.call({ t: 3 }, 4), r.runInAsyncScope(() => als.getStore()), als.getStore(), (als.disable(), als.getStore() === undefined)]"),
    [[1, 4, 3], 2, 9, true]);
});

test("AsyncLocalStorage_WhenDefaultIsGiven_IsUsedOutside", async () => {
  assert.deepEqual(await guestWithHooks().eval("const s = new hooks.AsyncLocalStorage({ defaultValue: 'd', name: 'n' }); return [s.getStore(), s.name, s.run('x', () => s.getStore())]"), ["d", "n", "x"]);
});
