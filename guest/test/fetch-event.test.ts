import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest, settled, text } from "./harness.ts";

const textHeaders = "content-type\ntext/plain;charset=UTF-8";

test("bind_WhenDefaultExportHasHandlers_NamesThem", () => {
  assert.equal(new Guest().bind("{ default: { fetch() {}, scheduled() {}, other() {} } }"), "fetch,scheduled");
});

test("bind_WhenNoHandlersAndAFetchListener_NamesFetch", () => {
  const guest = new Guest();
  guest.run("addEventListener('fetch', () => {})");
  assert.equal(guest.bind("{}"), "fetch");
});

test("bind_WhenNothingToRun_NamesNothing", () => {
  assert.equal(new Guest().bind("{ default: {} }"), "");
  assert.equal(new Guest().bind("{ default: { fecth() {}, b: 1 } }"), "?fecth,?b");
  assert.equal(new Guest().bind("{ default: {}, works: { test() {} } }"), "test");
});

test("fetch_WhenHandlerReturnsText_RespondsInOneCall", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Response('Hello') } } }");
  guest.entry.fetch(1, "GET\nhttp://localhost/", 0, undefined);
  assert.deepEqual(guest.calls, [{ name: "respond", args: [1, 200, undefined, textHeaders, 1, "Hello", false] }]);
  await settled();
  assert.equal(guest.calls.length, 1);
});

test("fetch_WhenHandlerIsAsync_RespondsAfterMicrotasks", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch() { await null; return new Response('a', { status: 201, statusText: 'Made', headers: { 'X-A': ' b ' } }) } } }");
  await guest.fetch(4);
  assert.deepEqual(guest.calls, [{ name: "respond", args: [4, 201, "Made", "x-a\nb\ncontent-type\ntext/plain;charset=UTF-8", 1, "a", false] }]);
});

test("fetch_WhenBodyIsBytes_PassesBytes", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Response(new Uint8Array([1, 2, 3])) } } }");
  await guest.fetch(1);
  const [, status, , headers, kind, body] = guest.named("respond")[0]!;
  assert.deepEqual([status, headers, kind, [...body]], [200, "", 2, [1, 2, 3]]);
});

test("fetch_WhenBodyIsNull_RespondsWithoutBody", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Response(null, { status: 204 }) } } }");
  await guest.fetch(1);
  assert.deepEqual(guest.named("respond"), [[1, 204, undefined, "", 0, undefined, false]]);
});

test("fetch_WhenMethodIsHead_LeavesTheLengthToTheHost", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Response('abc') } } }");
  await guest.fetch(1, "HEAD\nhttp://localhost/");
  assert.deepEqual(guest.named("respond"), [[1, 200, undefined, textHeaders, 1, "abc", false]]);
});

test("fetch_WhenHandlerThrows_Fails", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { throw new RangeError('no') } } }");
  await guest.fetch(1);
  const [event, error, pending] = guest.named("fail")[0]!;
  assert.deepEqual([event, error.name, error.message, pending], [1, "RangeError", "no", false]);
});

test("fetch_WhenHandlerRejects_Fails", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch() { throw 7 } } }");
  await guest.fetch(1);
  assert.deepEqual(guest.named("fail"), [[1, 7, false, false]]);
});

test("fetch_WhenResultIsNoResponse_FailsWithTypeError", async () => {
  for (const result of ["'text'", "undefined", "{ status: 200 }", "Promise.resolve(1)"]) {
    const guest = new Guest();
    guest.bind(`{ default: { fetch() { return ${result} } } }`);
    await guest.fetch(1);
    assert.match(String(guest.named("fail")[0]![1]), /TypeError: Incorrect type for Promise/);
  }
});

test("fetch_WhenThenableIsReturned_Follows", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return { then(resolve) { resolve(new Response('t')) } } } } }");
  await guest.fetch(1);
  assert.equal(guest.named("respond")[0]![5], "t");
});

test("fetch_WhenResponseIsReturnedTwice_FailsTheSecondTime", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return (globalThis.saved ??= new Response('once')) } } }");
  await guest.fetch(1);
  await guest.fetch(2);
  assert.equal(guest.named("respond").length, 1);
  assert.match(guest.named("fail")[0]![1].message, /Body has already been used/);
});

test("fetch_WhenResponseIsAnError_Fails", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return Response.error() } } }");
  await guest.fetch(1);
  assert.equal(guest.named("fail")[0]![1].name, "TypeError");
});

test("request_WhenRead_ComesFromThePackedHead", async () => {
  const guest = new Guest();
  guest.bind(`{ default: { async fetch(request) {
    return Response.json([request.method, request.url, [...request.headers], request.headers.get('X-One'), request.redirect, request.body === null])
  } } }`);
  await guest.fetch(1, "PURGE\nhttp://h/p?q=1\nx-one\n1\naccept\n*/*\nx-one\n2");
  assert.deepEqual(JSON.parse(guest.named("respond")[0]![5]), [
    "PURGE", "http://h/p?q=1", [["accept", "*/*"], ["x-one", "1, 2"]], "1, 2", "manual", true,
  ]);
});

test("request_WhenHeadersAreChanged_Throws", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(request) { request.headers.set('a', 'b') } } }");
  await guest.fetch(1);
  assert.match(String(guest.named("fail")[0]![1]), /TypeError: Can't modify immutable headers/);
});

test("request_WhenBodyIsBytes_ReadsDirectly", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch(request) { const used = request.bodyUsed; const body = await request.json(); return Response.json([used, body, request.bodyUsed]) } } }");
  await guest.fetch(1, "POST\nhttp://h/", 2, guest.bytes('{"a":[1]}'));
  assert.deepEqual(JSON.parse(guest.named("respond")[0]![5]), [false, { a: [1] }, true]);
  assert.equal(guest.named("bodyRead").length, 0);
});

test("request_WhenBodyIsAStream_ReadsChunksFromTheHost", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch(request) { return new Response(await request.text()) } } }");
  await guest.fetch(9, "POST\nhttp://h/", 3);
  for (const chunk of [guest.bytes("héllo ").slice(0, 2), guest.bytes("héllo ").slice(2), null]) {
    const [call, rid] = guest.named("bodyRead").at(-1)!;
    assert.equal(rid, 9);
    await guest.enter("settle", call, chunk);
  }
  assert.equal(guest.named("respond")[0]![5], "héllo ");
  assert.equal(guest.named("bodyRead").length, 3);
});

test("request_WhenBodyReadFails_Rejects", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch(request) { await request.text() } } }");
  await guest.fetch(1, "POST\nhttp://h/", 3);
  await guest.enter("settleError", guest.named("bodyRead")[0]![0], "TypeError", "gone");
  assert.equal(String(guest.named("fail")[0]![1]), "TypeError: gone");
});

test("response_WhenRequestBodyIsPassedThrough_PumpsHostToHost", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(request) { return new Response(request.body) } } }");
  await guest.fetch(3, "POST\nhttp://h/", 3);
  assert.deepEqual(guest.named("respond"), [[3, 200, undefined, "", 3, undefined, true]]);
  const chunk = guest.bytes("chunk");
  await guest.enter("settle", guest.named("bodyRead")[0]![0], chunk);
  const [write, rid, written] = guest.named("bodyWrite")[0]!;
  assert.equal(rid, 3);
  assert.equal(written, chunk);
  assert.equal(guest.named("bodyRead").length, 1, "the next read waits for the write");
  await guest.enter("settle", write);
  await guest.enter("settle", guest.named("bodyRead")[1]![0], null);
  assert.deepEqual(guest.calls.slice(-2), [{ name: "bodyEnd", args: [3] }, { name: "eventDone", args: [3] }]);
});

test("response_WhenBodyIsAGuestStream_WritesWithBackpressure", async () => {
  const guest = new Guest();
  guest.bind(`{ default: { fetch() {
    globalThis.pulls = 0;
    return new Response(new ReadableStream({ pull(c) { pulls++; if (pulls > 3) c.close(); else c.enqueue(new TextEncoder().encode('p' + pulls)) } }, { highWaterMark: 0 }))
  } } }`);
  await guest.fetch(1);
  const seen: string[] = [];
  for (let i = 0; i < 3; i++) {
    assert.equal(guest.named("bodyWrite").length, i + 1);
    assert.equal(guest.run("pulls"), i + 1);
    const [call, , bytes] = guest.named("bodyWrite")[i]!;
    seen.push(text(bytes));
    await guest.enter("settle", call);
  }
  assert.deepEqual(seen, ["p1", "p2", "p3"]);
  assert.deepEqual(guest.calls.slice(-2).map((call) => call.name), ["bodyEnd", "eventDone"]);
});

test("response_WhenStreamErrors_AbortsAndReports", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Response(new ReadableStream({ pull() { throw new Error('midway') } })) } } }");
  await guest.fetch(1);
  assert.deepEqual(guest.named("bodyAbort"), [[1, "midway"]]);
  assert.equal(guest.named("report")[0]![2].message, "midway");
  assert.deepEqual(guest.named("eventDone"), [[1]]);
});

test("response_WhenStreamGivesText_AbortsWithTypeError", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Response(new ReadableStream({ start(c) { c.enqueue('text') } })) } } }");
  await guest.fetch(1);
  assert.match(guest.named("bodyAbort")[0]![1], /^This TransformStream is being used as a byte stream, but received a string/);
});

test("response_WhenMemoryBodyWasOnlyLookedAt_IsSentWithoutStreaming", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { const r = new Response('abc'); r.body; return r } } }");
  await guest.fetch(1);
  const [, , , , kind, body] = guest.named("respond")[0]!;
  assert.deepEqual([kind, text(body)], [2, "abc"]);
});

test("waitUntil_WhenPending_DelaysEventDone", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(r, e, ctx) { ctx.waitUntil(new Promise((resolve) => { globalThis.finish = resolve })); return new Response('x') } } }");
  await guest.fetch(1);
  assert.equal(guest.named("respond")[0]![6], true);
  assert.equal(guest.named("eventDone").length, 0);
  guest.run("finish()");
  await settled();
  assert.deepEqual(guest.named("eventDone"), [[1]]);
});

test("waitUntil_WhenRejected_ReportsAndEnds", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(r, e, ctx) { ctx.waitUntil(Promise.reject(new Error('late'))); return new Response('x') } } }");
  await guest.fetch(1);
  const [event, kind, error] = guest.named("report")[0]!;
  assert.deepEqual([event, kind, error.message], [1, "waitUntil", "late"]);
  assert.deepEqual(guest.named("eventDone"), [[1]]);
});

test("waitUntil_WhenHandlerFails_StillKeepsTheEventOpen", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(r, e, ctx) { ctx.waitUntil(new Promise((resolve) => { globalThis.finish = resolve })); throw new Error('x') } } }");
  await guest.fetch(1);
  assert.equal(guest.named("fail")[0]![2], true);
  guest.run("finish()");
  await settled();
  assert.deepEqual(guest.named("eventDone"), [[1]]);
});

test("ctx_WhenMethodsAreDetached_Throws", async () => {
  const guest = new Guest();
  const names = await guest.eval(`
    const errors = [];
    for (const call of [() => (0, ctx.waitUntil)(1), () => (0, ctx.passThroughOnException)(), () => new ctx.constructor()]) {
      try { call() } catch (error) { errors.push(error.name + ': ' + error.message) }
    }
    return errors`);
  assert.deepEqual(names, ["TypeError: Illegal invocation", "TypeError: Illegal invocation", "TypeError: Illegal constructor"]);
});

test("ctx_WhenPassThroughOnException_TellsTheHost", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(r, e, ctx) { ctx.passThroughOnException(); throw new Error() } } }");
  await guest.fetch(8);
  assert.deepEqual(guest.calls.map((call) => call.name), ["passThrough", "fail"]);
  assert.deepEqual(guest.named("passThrough"), [[8]]);
});

test("env_WhenBound_HasTheVariables", async () => {
  const guest = new Guest();
  guest.env = { NAME: "v", LIST: [1] };
  guest.bind("{ default: { fetch(r, env) { return Response.json([env.NAME, env.LIST, Object.getPrototypeOf(env) === Object.prototype]) } } }");
  await guest.fetch(1);
  assert.equal(guest.named("respond")[0]![5], '["v",[1],true]');
  assert.equal(guest.entry.builtins["cloudflare:workers"].env.NAME, "v");
});

test("entrypoint_WhenDefaultExportIsAClass_IsInstantiatedPerEvent", async () => {
  const guest = new Guest();
  guest.env = { A: 1 };
  (guest.context as any).workers = guest.entry.builtins["cloudflare:workers"];
  assert.equal(guest.bind("{ default: class extends workers.WorkerEntrypoint { fetch(request) { return Response.json([this.env.A, request.method, typeof this.ctx.waitUntil]) } } }"), "fetch");
  await guest.fetch(1);
  assert.equal(guest.named("respond")[0]![5], '[1,"GET","function"]');
});

test("serviceWorker_WhenRespondWith_Responds", async () => {
  const guest = new Guest();
  guest.run("addEventListener('fetch', (event) => { event.waitUntil(null); event.respondWith(Promise.resolve(new Response(event.request.url))) })");
  guest.bind("{}");
  await guest.fetch(2, "GET\nhttp://sw/x");
  assert.equal(guest.named("respond")[0]![5], "http://sw/x");
});

test("serviceWorker_WhenNobodyResponds_Fails", async () => {
  const guest = new Guest();
  guest.run("addEventListener('fetch', () => {})");
  guest.bind("{}");
  await guest.fetch(2);
  assert.match(String(guest.named("fail")[0]![1]), /No event listener called respondWith/);
});

test("serviceWorker_WhenRespondWithIsLate_Throws", async () => {
  const guest = new Guest();
  guest.run(`addEventListener('fetch', (event) => {
    event.respondWith(new Promise((resolve) => queueMicrotask(() => {
      try { event.respondWith(1) } catch (error) { resolve(new Response(error.name)) }
    })))
  })`);
  guest.bind("{}");
  await guest.fetch(2);
  assert.equal(guest.named("respond")[0]![5], "InvalidStateError");
});

test("test_WhenMethodPasses_Responds200", async () => {
  const guest = new Guest();
  guest.env = { A: 1 };
  guest.bind("{ default: {}, named: { async test(controller, env, ctx) { if (env.A !== 1 || !ctx) throw new Error() } } }");
  await guest.enter("test", 5, "named");
  assert.deepEqual(guest.named("respond"), [[5, 200, undefined, "", 0, undefined, false]]);
});

test("test_WhenShortTimersAreLeft_RespondsOnceTheyRan", async () => {
  const guest = new Guest();
  guest.bind(`{ default: { test() {
    setInterval(() => {}, 1); setTimeout(() => {}, 1001); clearTimeout(setTimeout(() => {}, 900));
    setTimeout(() => {}, 5); setTimeout(async () => { await scheduler.wait(7); console.log('late') }, 10);
  } } }`);
  await guest.enter("test", 5, "default");
  const delays = (): number[] => guest.named("timerStart").map((args) => args[2]);
  assert.deepEqual(delays(), [1, 1001, 900, 5, 10, 10]);
  for (const id of [4, 5, 6]) await guest.enter("timer", id);
  assert.deepEqual(delays().slice(6), [7, 7]);
  assert.deepEqual(guest.named("respond"), []);
  for (const id of [7, 8]) await guest.enter("timer", id);
  assert.deepEqual(guest.named("log"), [[5, "log", "late"]]);
  assert.equal(guest.named("respond").length, 1);
  assert.deepEqual(guest.named("timerClear"), [[3], [1], [2]]);
});

test("test_WhenTimersGoOn_RespondsAfterAboutASecond", async () => {
  const guest = new Guest();
  guest.bind("{ default: { test() { (function again() { setTimeout(again, 400) })() } } }");
  await guest.enter("test", 5, "default");
  for (const id of [1, 2, 3, 4]) await guest.enter("timer", id);
  assert.deepEqual(guest.named("timerStart").map((args) => args[2]), [400, 400, 400, 400, 400]);
  assert.equal(guest.named("respond").length, 1);
});

test("test_WhenMethodThrowsOrIsMissing_Fails", async () => {
  const guest = new Guest();
  guest.bind("{ default: { test() { throw new Error('bad') } }, other: {} }");
  await guest.enter("test", 5, "default");
  await guest.enter("test", 6, "other");
  await guest.enter("test", 7, "absent");
  assert.deepEqual(guest.named("fail").map(([event, error]) => [event, error.message]), [
    [5, "bad"], [6, "The export 'other' has no test() method."], [7, "The worker has no export named 'absent'."],
  ]);
});

test("abort_WhenHandlerWaits_RejectsReadsAndSignals", async () => {
  const guest = new Guest();
  guest.bind(`{ default: { async fetch(request) {
    request.signal.addEventListener('abort', () => console.log('aborted: ' + request.signal.reason.message));
    try { await request.text() } catch (error) { console.log(error.name) }
    try { await fetch('http://x/') } catch (error) { console.log(error.message) }
    return new Response('late');
  } } }`);
  await guest.fetch(1, "POST\nhttp://h/", 3);
  await guest.enter("abort", 1, "The client disconnected");
  assert.deepEqual(guest.named("log").map((args) => args[2]), ["aborted: The client disconnected", "AbortError", "The client disconnected"]);
  assert.deepEqual(guest.named("respond"), []);
  assert.deepEqual(guest.named("eventDone"), []);
});

test("abort_WhenStreaming_CancelsTheGuestStream", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1)) }, cancel(reason) { console.log('cancelled ' + reason.message) } })) } } }");
  await guest.fetch(1);
  await guest.enter("abort", 1, "The client disconnected");
  assert.deepEqual(guest.named("log"), [[1, "log", "cancelled The client disconnected"]]);
  assert.equal(guest.named("bodyAbort").length, 0);
});

test("abort_WhenResponseComesLater_CancelsItsStream", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch(request) { await request.text().catch(() => {}); return new Response(new ReadableStream({ cancel(reason) { console.log(reason.name) } })) } } }");
  await guest.fetch(1, "POST\nhttp://h/", 3);
  await guest.enter("abort", 1, "gone");
  assert.deepEqual(guest.named("log"), [[1, "log", "AbortError"]]);
  assert.deepEqual(guest.named("respond"), []);
});

test("abort_WhenEventIsUnknown_DoesNothing", async () => {
  const guest = new Guest();
  await guest.enter("abort", 77, "x");
  assert.deepEqual(guest.calls, []);
});

test("settle_WhenCallIsUnknown_DoesNothing", async () => {
  const guest = new Guest();
  await guest.enter("settle", 99, null);
  await guest.enter("settleError", 99, "TypeError", "x");
  assert.deepEqual(guest.calls, []);
});

test("frame_WhenEventsInterleave_KeepsTheirOwnNumbers", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch(request) { await request.text(); console.log(request.url); return new Response() } } }");
  await guest.fetch(1, "POST\nhttp://one/", 3);
  await guest.fetch(2, "POST\nhttp://two/", 3);
  const [first, second] = guest.named("bodyRead");
  await guest.enter("settle", second![0], null);
  await guest.enter("settle", first![0], null);
  assert.deepEqual(guest.named("log"), [[2, "log", "http://two/"], [1, "log", "http://one/"]]);
});

test("topLevel_WhenDoingIo_Throws", () => {
  const guest = new Guest();
  for (const code of ["setTimeout(() => {}, 1)", "crypto.randomUUID()", "crypto.getRandomValues(new Uint8Array(1))", "new Response(new FormData())"]) {
    assert.throws(() => guest.run(code), /Disallowed operation called within global scope/);
  }
});

test("disconnect_WhenWaitUntilGoesOn_AbortsTheRequestAndReportsTheEnd", async () => {
  const guest = new Guest();
  guest.bind(`{ default: { fetch(request, env, ctx) {
    request.signal.addEventListener('abort', () => console.log('aborted'));
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 5)).then(() => console.log('worked')));
    return new Promise(() => {});
  } } }`);
  await guest.enter("fetch", 1, "GET\nhttp://h/", 0, undefined);
  await guest.enter("disconnect", 1, "The client disconnected");
  assert.deepEqual(guest.named("eventDone"), []);
  await guest.enter("timer", guest.named("timerStart")[0]![1]);
  assert.deepEqual(guest.named("log").map((args) => args[2]), ["aborted", "worked"]);
  assert.deepEqual(guest.named("eventDone"), [[1]]);
  assert.deepEqual(guest.named("respond"), []);
});

test("disconnect_WhenNothingGoesOn_EndsTheEvent", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { return new Promise(() => {}) } } }");
  await guest.enter("fetch", 1, "GET\nhttp://h/", 0, undefined);
  await guest.enter("disconnect", 1, "The client disconnected");
  assert.deepEqual(guest.named("eventDone"), [[1]]);
});
