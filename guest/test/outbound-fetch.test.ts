import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest, text } from "./harness.ts";

function started(code: string): Promise<Guest> {
  const guest = new Guest();
  guest.bind(`{ default: { async fetch(request, env, ctx) { ${code} } } }`);
  return guest.fetch(1, "POST\nhttp://in/", 3).then(() => guest);
}

test("fetch_WhenGivenAUrl_SendsThePackedHead", async () => {
  const guest = await started("await fetch('http://out/p?q#frag', { headers: { B: '2' }, redirect: 'manual' })");
  assert.deepEqual(guest.named("fetch"), [[1, 1, "", "GET\nhttp://out/p?q\nmanual\nb\n2", 0, undefined]]);
});

test("fetch_WhenAnswered_GivesAnImmutableResponse", async () => {
  const guest = await started("const r = await fetch('http://out/'); let e; try { r.headers.set('a', 'b') } catch (x) { e = x.name } return Response.json([r.status, r.statusText, r.url, r.redirected, r.ok, [...r.headers], e, r.body])");
  await guest.enter("settle", guest.named("fetch")[0]![0], "404\nNot Found\nhttp://out/final\n1\nx-a\n1\nset-cookie\nc", 0);
  assert.deepEqual(JSON.parse(guest.named("respond")[0]![5]), [404, "Not Found", "http://out/final", true, false, [["set-cookie", "c"], ["x-a", "1"]], "TypeError", null]);
});

test("fetch_WhenReturned_PassesHeadersAndStreamsThrough", async () => {
  const guest = await started("return fetch('http://out/')");
  await guest.enter("settle", guest.named("fetch")[0]![0], "200\n\nhttp://out/\n0\nx-a\n1\nx-a\n2", 50);
  assert.deepEqual(guest.named("respond"), [[1, 200, undefined, "x-a\n1\nx-a\n2", 3, undefined, true]]);
  const [read, rid] = guest.named("bodyRead")[0]!;
  assert.equal(rid, 50);
  await guest.enter("settle", read, guest.bytes("z"));
  assert.equal(text(guest.named("bodyWrite")[0]![2]), "z");
});

test("fetch_WhenItFails_RejectsWithTheNamedError", async () => {
  const guest = await started("try { await fetch('http://out/') } catch (e) { return new Response(String(e instanceof TypeError) + e.message) }");
  await guest.enter("settleError", guest.named("fetch")[0]![0], "TypeError", "refused");
  assert.equal(guest.named("respond")[0]![5], "truerefused");
});

test("fetch_WhenBodyIsText_SendsItAtOnce", async () => {
  const guest = await started("await fetch('http://out/', { method: 'POST', body: 'data' })");
  assert.deepEqual(guest.named("fetch")[0]!.slice(3), ["POST\nhttp://out/\nfollow\ncontent-type\ntext/plain;charset=UTF-8", 1, "data"]);
});

test("fetch_WhenIncomingRequestIsForwarded_StreamsTheBody", async () => {
  const guest = new Guest();
  guest.onCall = (name) => (name === "fetch" ? 70 : undefined);
  guest.bind("{ default: { fetch: (request) => fetch(request) } }");
  await guest.fetch(1, "POST\nhttp://in/x\naccept\n*/*", 3);
  assert.deepEqual(guest.named("fetch")[0]!.slice(3, 5), ["POST\nhttp://in/x\nmanual\naccept\n*/*", 3]);
  await guest.enter("settle", guest.named("bodyRead")[0]![0], guest.bytes("up"));
  const [write, rid, chunk] = guest.named("bodyWrite")[0]!;
  assert.deepEqual([rid, text(chunk)], [70, "up"]);
  await guest.enter("settle", write);
  await guest.enter("settle", guest.named("bodyRead")[1]![0], null);
  assert.deepEqual(guest.named("bodyEnd"), [[70]]);
});

test("fetch_WhenUploadFails_RejectsWithTheCause", async () => {
  const guest = new Guest();
  guest.onCall = (name) => (name === "fetch" ? 70 : undefined);
  guest.bind("{ default: { async fetch() { try { await fetch('http://o/', { method: 'POST', body: new ReadableStream({ pull() { throw new Error('source') } }) }) } catch (e) { return new Response(e.message) } } } }");
  await guest.fetch(1);
  assert.deepEqual(guest.named("bodyAbort"), [[70, "source"]]);
  assert.equal(guest.named("respond")[0]![5], "source");
});

test("fetch_WhenSignalIsAborted_NeverStarts", async () => {
  const guest = await started("try { await fetch('http://out/', { signal: AbortSignal.abort('no') }) } catch (e) { return new Response(e) }");
  assert.deepEqual(guest.named("fetch"), []);
  assert.equal(guest.named("respond")[0]![5], "no");
});

test("fetch_WhenSignalIsAborted_UsesAndCancelsTheBody", async () => {
  const guest = await started(`
    const log = [], signal = AbortSignal.abort('no');
    const stream = fetch('http://out/', { method: 'POST', signal, body: new ReadableStream({ cancel(reason) { log.push(reason) } }) }).catch((e) => log.push('caught ' + e));
    log.push('called');
    const text = new Request('http://out/', { method: 'POST', signal, body: 'x' });
    await Promise.allSettled([stream, fetch(text)]);
    return new Response([...log, text.bodyUsed].join())`);
  assert.deepEqual(guest.named("fetch"), []);
  assert.equal(guest.named("respond")[0]![5], "no,called,caught no,true");
});

test("fetch_WhenSignalAbortsLater_CancelsTheCall", async () => {
  const guest = await started("const c = new AbortController(); const p = fetch('http://out/', { signal: c.signal }); c.abort(); try { await p } catch (e) { return new Response(e.name) }");
  assert.deepEqual(guest.named("fetchAbort"), [[1]]);
  assert.equal(guest.named("respond")[0]![5], "AbortError");
  await guest.enter("settle", 1, "200\n\nu\n0", 0);
});

test("fetch_WhenSignalAbortsDuringTheBody_FailsTheRead", async () => {
  const guest = await started("const c = new AbortController(); const r = await fetch('http://out/', { signal: c.signal }); c.abort('cut'); try { await r.text() } catch (e) { return new Response(e) }");
  await guest.enter("settle", guest.named("fetch")[0]![0], "200\n\nu\n0", 5);
  assert.deepEqual(guest.named("bodyCancel"), [[5, "cut"]]);
  assert.equal(guest.named("respond")[0]![5], "cut");
});

test("fetch_WhenArgumentsAreInvalid_Rejects", async () => {
  const guest = await started("const names = []; for (const args of [[], ['nope'], ['http://a', { method: 'a b' }]]) await fetch(...args).catch((e) => names.push(e.name)); return Response.json(names)");
  assert.equal(guest.named("respond")[0]![5], '["TypeError","TypeError","TypeError"]');
});

test("fetch_WhenBodyIsCancelled_TellsTheHost", async () => {
  const guest = await started("const r = await fetch('http://out/'); await r.body.cancel('enough'); return new Response()");
  await guest.enter("settle", guest.named("fetch")[0]![0], "200\n\nu\n0", 5);
  assert.deepEqual(guest.named("bodyCancel"), [[5, "enough"]]);
});
