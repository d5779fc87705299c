import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const evaluate = (code: string): Promise<any> => new Guest().eval(code);

test("ReadableStream_WhenRead_GivesChunksThenDone", async () => {
  assert.deepEqual(await evaluate("const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close() } }); const r = s.getReader(); return [await r.read(), await r.read(), await r.read(), await r.closed === undefined]"),
    [{ value: 1, done: false }, { value: 2, done: false }, { done: true }, true]);
});

test("ReadableStream_WhenPulled_RespectsHighWaterMark", async () => {
  assert.deepEqual(await evaluate("let n = 0; const s = new ReadableStream({ pull(c) { c.enqueue(n++) } }, { highWaterMark: 3 }); await scheduler.wait; await null; await null; await null; await null; await null; await null; await null; await null; const before = n; const r = s.getReader(); await r.read(); await null; await null; return [before, n]"), [3, 4]);
});

test("ReadableStream_WhenSizeIsGiven_CountsIt", async () => {
  assert.deepEqual(await evaluate("let d; new ReadableStream({ start(c) { c.enqueue('abc'); d = c.desiredSize } }, { highWaterMark: 10, size: (x) => x.length }); return [d, new ByteLengthQueuingStrategy({ highWaterMark: 4 }).size(new Uint8Array(9)), new CountQueuingStrategy({ highWaterMark: 4 }).highWaterMark]"), [7, 9, 4]);
});

test("ReadableStream_WhenErrored_RejectsReads", async () => {
  assert.deepEqual(await evaluate("const s = new ReadableStream({ start(c) { c.enqueue(1); c.error('bad') } }); const r = s.getReader(); return [await r.read().catch((e) => e), await r.closed.catch((e) => e)]"), ["bad", "bad"]);
});

test("ReadableStream_WhenCancelled_TellsTheSource", async () => {
  assert.deepEqual(await evaluate("let why; const s = new ReadableStream({ cancel(reason) { why = reason } }); const r = s.getReader(); await r.cancel('r'); return [why, (await r.read()).done]"), ["r", true]);
});

test("ReadableStream_WhenLocked_RefusesOthers", async () => {
  assert.deepEqual(await evaluate(`
    const s = new ReadableStream(); const r = s.getReader(); const out = [s.locked];
    for (const f of [() => s.getReader(), () => s.tee(), () => s.values(), () => s.pipeThrough(new TransformStream())]) try { f() } catch (e) { out.push(e.name) }
    out.push(await s.cancel().catch((e) => e.name), await s.pipeTo(new WritableStream()).catch((e) => e.name));
    r.releaseLock(); out.push(s.locked, await r.read().catch((e) => e.name));
    return out`), [true, "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", false, "TypeError"]);
});

test("ReadableStream_WhenReleasedWhileReading_RejectsTheRead", async () => {
  assert.equal(await evaluate("const s = new ReadableStream(); const r = s.getReader(); const p = r.read(); r.releaseLock(); return await p.catch((e) => e.name)"), "TypeError");
});

test("ReadableStream_WhenIterated_EndsAndUnlocks", async () => {
  assert.deepEqual(await evaluate("const s = ReadableStream.from(['a', Promise.resolve('b')]); const out = []; for await (const c of s) out.push(c); return [out, s.locked]"), [["a", "b"], false]);
});

test("ReadableStream_WhenIterationBreaks_CancelsUnlessPrevented", async () => {
  assert.deepEqual(await evaluate(`
    const log = []; const make = () => new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2) }, cancel() { log.push('cancel') } });
    for await (const c of make()) break;
    const kept = make(); for await (const c of kept.values({ preventCancel: true })) break;
    log.push((await kept.getReader().read()).value);
    return log`), ["cancel", 2]);
});

test("ReadableStreamFrom_WhenAsyncGenerator_PullsLazilyAndReturns", async () => {
  assert.deepEqual(await evaluate("const log = []; async function* g() { try { yield 1; yield 2 } finally { log.push('finally') } } const r = ReadableStream.from(g()).getReader(); log.push((await r.read()).value); await r.cancel(); return log"), [1, "finally"]);
});

test("ReadableStreamFrom_WhenNotIterable_Throws", async () => {
  assert.equal(await evaluate("try { ReadableStream.from(5) } catch (e) { return e.name }"), "TypeError");
});

test("tee_WhenRead_BothGetEverything", async () => {
  assert.deepEqual(await evaluate("const [a, b] = ReadableStream.from([1, 2]).tee(); const read = async (s) => { const out = []; for await (const c of s) out.push(c); return out }; return await Promise.all([read(a), read(b)])"), [[1, 2], [1, 2]]);
});

test("tee_WhenBytes_BranchesAreIndependentByteStreams", async () => {
  assert.deepEqual(await evaluate(`
    const [a, b] = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2])); c.close() } }).tee();
    const one = (await a.getReader().read()).value; one[0] = 9;
    const r = b.getReader({ mode: 'byob' });
    const two = (await r.read(new Uint8Array(1))).value, three = (await r.read(new Uint8Array(5))).value, end = await r.read(new Uint8Array(4));
    return [[...one], [...two], [...three], end.done, end.value.byteLength]`), [[9, 2], [1], [2], true, 0]);
});

test("tee_WhenBothAreCancelled_CancelsTheSourceOnce", async () => {
  assert.deepEqual(await evaluate("let why; const [a, b] = new ReadableStream({ cancel(r) { why = r } }).tee(); const p = a.cancel('x'); await b.cancel('y'); await p; return why"), ["x", "y"]);
});

test("tee_WhenSourceErrors_ErrorsBoth", async () => {
  assert.deepEqual(await evaluate("const [a, b] = new ReadableStream({ start(c) { c.error('e') } }).tee(); return [await a.getReader().read().catch((e) => e), await b.getReader().read().catch((e) => e)]"), ["e", "e"]);
});

test("tee_WhenABranchIsReadIntoAView_TheSourceFillsThatView", async () => {
  for (const [into, from] of [["a", "b"], ["b", "a"]]) {
    assert.deepEqual(await evaluate(`
      let wanted;
      const [a, b] = new ReadableStream({ type: 'bytes', pull(c) { wanted = c.byobRequest.view.byteLength; c.byobRequest.view.set([1, 2]); c.byobRequest.respond(2) } }).tee();
      const filled = (await ${into}.getReader({ mode: 'byob' }).read(new Uint16Array(4))).value;
      const copied = (await ${from}.getReader().read()).value;
      copied[0] = 9;
      return [wanted, filled.constructor.name, filled.length, filled[0], [...copied]]`), [8, "Uint16Array", 1, 0x201, [9, 2]]);
  }
});

test("tee_WhenBytesAreReadBothWays_KeepsTheirOrder", async () => {
  assert.deepEqual(await evaluate(`
    let n = 0;
    const [a, b] = new ReadableStream({ type: 'bytes', pull(c) { if (n === 4) { c.close(); c.byobRequest?.respond(0) } else c.enqueue(new Uint8Array([n++])) } }).tee();
    const all = async (stream, views) => {
      const out = [];
      for (let i = 0; ; i++) {
        const reader = views(i) ? stream.getReader({ mode: 'byob' }) : stream.getReader();
        const { value, done } = await (views(i) ? reader.read(new Uint8Array(1)) : reader.read());
        reader.releaseLock();
        if (done) return out;
        out.push(...value);
      }
    };
    return await Promise.all([all(a, (i) => i % 2 === 0), all(b, (i) => i % 3 === 0)])`), [[0, 1, 2, 3], [0, 1, 2, 3]]);
});

test("tee_WhenBytesEndWhileBothReadIntoViews_EndsBoth", async () => {
  assert.deepEqual(await evaluate(`
    let controller;
    const [a, b] = new ReadableStream({ type: 'bytes', start(c) { controller = c } }).tee();
    const reads = [a, b].map((s) => s.getReader({ mode: 'byob' }).read(new Uint8Array(3)));
    for (let i = 0; i < 9; i++) await null;
    controller.close(); controller.byobRequest.respond(0);
    return (await Promise.all(reads)).map(({ value, done }) => [value.byteLength, done])`), [[0, true], [0, true]]);
});

test("tee_WhenBytesEndInsideAnElement_TheOtherBranchStillEnds", async () => {
  assert.deepEqual(await evaluate(`
    const [a, b] = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1])); c.close() } }).tee();
    const wide = a.getReader({ mode: 'byob' }).read(new Uint16Array(1)).catch((e) => e.name);
    const reader = b.getReader();
    return [await wide, [...(await reader.read()).value], (await reader.read()).done]`), ["TypeError", [1], true]);
});

test("byteStream_WhenByobRequestIsFilled_ReadsInto", async () => {
  assert.deepEqual(await evaluate(`
    const s = new ReadableStream({ type: 'bytes', pull(c) { const v = c.byobRequest.view; v[0] = 42; c.byobRequest.respond(1) } });
    const r = s.getReader({ mode: 'byob' }); const buffer = new Uint8Array(4);
    const { value } = await r.read(buffer);
    return [[...value], buffer.byteLength, value.buffer.byteLength]`), [[42], 0, 4]);
});

test("byteStream_WhenMinIsGiven_WaitsForIt", async () => {
  assert.deepEqual(await evaluate(`
    let n = 0; const s = new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array([++n])) } });
    const { value } = await s.getReader({ mode: 'byob' }).read(new Uint8Array(5), { min: 3 });
    return [...value]`), [1, 2, 3]);
});

test("byteStream_WhenElementsAreWide_KeepsTheRemainder", async () => {
  assert.deepEqual(await evaluate(`
    const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 0, 2, 0, 3])); c.enqueue(new Uint8Array([0])); c.close() } });
    const r = s.getReader({ mode: 'byob' });
    return [[...(await r.read(new Uint16Array(2))).value], [...(await r.read(new Uint16Array(2))).value], (await r.read(new Uint16Array(1))).done]`), [[1, 2], [3], true]);
});

test("byteStream_WhenAutoAllocated_OffersAByobRequest", async () => {
  assert.deepEqual(await evaluate("const s = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 8, pull(c) { const r = c.byobRequest; r.view[0] = r.view.length; r.respond(1) } }); return [...(await s.getReader().read()).value]"), [8]);
});

test("byteStream_WhenEnqueued_DetachesTheChunk", async () => {
  assert.deepEqual(await evaluate("const chunk = new Uint8Array(3); new ReadableStream({ type: 'bytes', start(c) { c.enqueue(chunk) } }); return chunk.byteLength"), 0);
});

test("byobReader_WhenStreamIsNoByteStream_Throws", async () => {
  assert.equal(await evaluate("try { new ReadableStream().getReader({ mode: 'byob' }) } catch (e) { return e.name }"), "TypeError");
});

test("WritableStream_WhenWritten_CallsTheSinkInOrder", async () => {
  assert.deepEqual(await evaluate(`
    const log = []; const s = new WritableStream({ start() { log.push('start') }, write(c) { log.push(c) }, close() { log.push('close') } });
    const w = s.getWriter(); w.write('a'); w.write('b'); await w.close(); await w.closed; return [log, w.desiredSize]`), [["start", "a", "b", "close"], 0]);
});

test("WritableStream_WhenQueueIsFull_ReadyWaits", async () => {
  assert.deepEqual(await evaluate(`
    let release; const s = new WritableStream({ write() { return new Promise((r) => { release = r }) } });
    const w = s.getWriter(); await w.ready; const log = [w.desiredSize]; w.write(1); log.push(w.desiredSize); let ready = false; w.ready.then(() => { ready = true }); await null; await null; log.push(ready); release(); await w.ready; log.push(w.desiredSize); return log`), [1, 0, false, 1]);
});

test("WritableStream_WhenSinkFails_RejectsEverything", async () => {
  assert.deepEqual(await evaluate("const s = new WritableStream({ write() { throw 'w' } }); const w = s.getWriter(); return [await w.write(1).catch((e) => e), await w.closed.catch((e) => e), await w.write(2).catch((e) => e), await w.ready.catch((e) => e)]"), ["w", "w", "w", "w"]);
});

test("WritableStream_WhenAborted_SignalsTheSink", async () => {
  assert.deepEqual(await evaluate("const log = []; let c; const s = new WritableStream({ start(controller) { c = controller }, abort(r) { log.push(r) } }); await null; await s.abort('x'); return [log, c.signal.aborted, c.signal.reason, await s.getWriter().closed.catch((e) => e)]"), [["x"], true, "x", "x"]);
});

test("WritableStream_WhenClosedTwice_Rejects", async () => {
  assert.equal(await evaluate("const w = new WritableStream().getWriter(); w.close(); return await w.close().catch((e) => e.name)"), "TypeError");
});

test("pipeTo_WhenSourceEnds_ClosesTheDestination", async () => {
  assert.deepEqual(await evaluate("const log = []; await ReadableStream.from([1, 2]).pipeTo(new WritableStream({ write(c) { log.push(c) }, close() { log.push('close') } })); return log"), [1, 2, "close"]);
});

test("pipeTo_WhenSourceErrors_AbortsTheDestination", async () => {
  assert.deepEqual(await evaluate("const log = []; const p = new ReadableStream({ pull() { throw 'e' } }).pipeTo(new WritableStream({ abort(r) { log.push(r) } })); log.push(await p.catch((e) => 'rejected ' + e)); return log"), ["e", "rejected e"]);
});

test("pipeTo_WhenDestinationErrors_CancelsTheSource", async () => {
  assert.deepEqual(await evaluate("const log = []; const p = new ReadableStream({ pull(c) { c.enqueue(1) }, cancel(r) { log.push(r) } }).pipeTo(new WritableStream({ write() { throw 'w' } })); log.push(await p.catch((e) => e)); return log"), ["w", "w"]);
});

test("pipeTo_WhenPrevented_LeavesTheOtherSideOpen", async () => {
  assert.deepEqual(await evaluate("const d = new WritableStream(); await ReadableStream.from([1]).pipeTo(d, { preventClose: true }); const w = d.getWriter(); await w.write(1); return [w.desiredSize, d.locked]"), [1, true]);
});

test("pipeTo_WhenSignalAborts_StopsBothSides", async () => {
  assert.deepEqual(await evaluate("const log = []; const c = new AbortController(); const p = new ReadableStream({ cancel(r) { log.push('c' + r) } }).pipeTo(new WritableStream({ abort(r) { log.push('a' + r) } }), { signal: c.signal }); await null; c.abort('!'); log.push(await p.catch((e) => e)); return log"), ["a!", "c!", "!"]);
});

test("pipeTo_WhenAChunkIsEnqueued_WritesItAfterwards", async () => {
  assert.deepEqual(await evaluate(`
    const log = []; let controller;
    const done = new ReadableStream({ start(c) { controller = c } }, { highWaterMark: 0 }).pipeTo(new WritableStream({ write(c) { log.push(c) } }));
    for (let i = 0; i < 9; i++) await null;
    controller.enqueue('chunk'); log.push('enqueued'); controller.close();
    await done;
    return log`), ["enqueued", "chunk"]);
});

test("pipeTo_WhenDestinationErrsBeforeTheWrite_CancelsTheSource", async () => {
  assert.deepEqual(await evaluate(`
    const log = []; let source, sink;
    const done = new ReadableStream({ start(c) { source = c }, cancel(why) { log.push(why) } }, { highWaterMark: 0 })
      .pipeTo(new WritableStream({ start(c) { sink = c }, write(c) { log.push(c) } }));
    for (let i = 0; i < 9; i++) await null;
    source.enqueue('chunk'); sink.error('bad');
    return [await done.catch((e) => e), log]`), ["bad", ["bad"]]);
});

test("TransformStream_WhenPiped_Transforms", async () => {
  assert.deepEqual(await evaluate("const t = new TransformStream({ start(c) { c.enqueue('s') }, transform(x, c) { c.enqueue(x * 2) }, flush(c) { c.enqueue('f') } }); const out = []; for await (const c of ReadableStream.from([1, 2]).pipeThrough(t)) out.push(c); return out"), ["s", 2, 4, "f"]);
});

test("TransformStream_WhenTransformThrows_ErrorsBothSides", async () => {
  assert.deepEqual(await evaluate("const t = new TransformStream({ transform() { throw 't' } }); const w = t.writable.getWriter(), r = t.readable.getReader(); return [await Promise.all([w.write(1).catch((e) => e), r.read().catch((e) => e)]), await w.closed.catch((e) => e)]"), [["t", "t"], "t"]);
});

test("TransformStream_WhenTerminated_ClosesTheReadable", async () => {
  assert.deepEqual(await evaluate("const t = new TransformStream({ transform(x, c) { c.enqueue(x); c.terminate() } }); const w = t.writable.getWriter(); w.write(1).catch(() => {}); const r = t.readable.getReader(); return [(await r.read()).value, (await r.read()).done, await w.closed.catch((e) => e.name)]"), [1, true, "TypeError"]);
});

test("TransformStream_WhenReadableIsCancelled_ErrorsTheWritable", async () => {
  assert.deepEqual(await evaluate("let why; const t = new TransformStream({ cancel(r) { why = r } }); const w = t.writable.getWriter(); await t.readable.cancel('c'); return [why, await w.write(1).catch((e) => e)]"), ["c", "c"]);
});

test("TransformStream_WhenErroredRightAfterCancel_FailsItsWritable", async () => {
  for (const [call, reason] of [["error('bad')", "bad"], ["terminate()", "TypeError"]]) {
    assert.deepEqual(await evaluate(`
      let controller;
      const t = new TransformStream({ start(c) { controller = c } });
      const cancelled = t.readable.cancel('unused');
      controller.${call};
      return [await cancelled.then(() => 'cancelled'), await t.writable.getWriter().closed.catch((e) => e.name ?? e)]`), ["cancelled", reason]);
  }
});

test("TransformStream_WhenItsCancelErrsIt_RejectsCancelAndClose", async () => {
  assert.deepEqual(await evaluate(`
    let controller;
    const t = new TransformStream({ start(c) { controller = c }, async cancel() { controller.error('bad') } });
    return (await Promise.allSettled([t.readable.cancel(), t.writable.close()])).map(({ reason }) => reason)`), ["bad", "bad"]);
});

test("streams_WhenConstructed_ReadTheirStrategyFirst", async () => {
  assert.deepEqual(await evaluate(`
    return [ReadableStream, WritableStream, TransformStream].map((Stream) => {
      const log = [];
      const note = (name) => new Proxy({}, { get(target, key) { log.push(name + '.' + key) } });
      new Stream(note('object'), note('strategy'), note('other'));
      return [log.findIndex((entry) => entry.startsWith('object')), log.filter((entry) => entry === 'object.type').length];
    })`), [[2, 1], [2, 1], [4, 0]]);
});

test("strategies_WhenAskedForTheirSize_GiveOneFunctionOfThatName", async () => {
  assert.deepEqual(await evaluate(`
    return [CountQueuingStrategy, ByteLengthQueuingStrategy].map((Strategy) => {
      const { size } = new Strategy({ highWaterMark: 1 });
      return [size.name, size.length, size === new Strategy({ highWaterMark: 2 }).size];
    })`), [["size", 0, true], ["size", 1, true]]);
});

test("IdentityTransformStream_WhenUsed_PassesBytesAndRefusesText", async () => {
  assert.deepEqual(await evaluate(`
    const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); w.write(new TextEncoder().encode('hi')); w.close();
    const bad = new IdentityTransformStream(); const message = await bad.writable.getWriter().write('x').catch((e) => e.message);
    return [await new Response(readable).text(), message.slice(0, 56)]`), ["hi", "This TransformStream is being used as a byte stream, but"]);
});

test("FixedLengthStream_WhenLengthDiffers_Fails", async () => {
  assert.deepEqual(await evaluate(`
    const run = async (n) => { const f = new FixedLengthStream(n); const w = f.writable.getWriter(); const all = new Response(f.readable).text().catch((e) => e.name); w.write(new Uint8Array([97, 98])).catch(() => {}); w.close().catch(() => {}); return all };
    return [await run(2), await run(1), await run(3)]`), ["ab", "TypeError", "TypeError"]);
});

test("TextEncoderStream_WhenSurrogatesAreSplit_JoinsThem", async () => {
  assert.deepEqual(await evaluate("return [...await new Response(ReadableStream.from(['a\\ud83d', '\\ude00']).pipeThrough(new TextEncoderStream())).bytes()]"), [97, 0xf0, 0x9f, 0x98, 0x80]);
});

test("TextDecoderStream_WhenSequencesAreSplit_JoinsThem", async () => {
  assert.deepEqual(await evaluate("const out = []; for await (const c of ReadableStream.from([new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac, 97])]).pipeThrough(new TextDecoderStream())) out.push(c); return out"), ["€a"]);
});

test("streams_WhenConstructorsAreMisused_Throw", async () => {
  assert.deepEqual(await evaluate(`
    const out = [];
    for (const f of [() => new ReadableStreamDefaultController(), () => new ReadableByteStreamController(), () => new ReadableStreamBYOBRequest(), () => new WritableStreamDefaultController(),
      () => new TransformStreamDefaultController(), () => new ReadableStream(null), () => new ReadableStream({ type: 'x' }), () => new ReadableStream({ pull: 1 }),
      () => new ReadableStream({}, { highWaterMark: -1 }), () => new WritableStream({ type: 'x' }), () => new TransformStream({ readableType: 1 }), () => new CountQueuingStrategy({})])
      try { f(); out.push('none') } catch (e) { out.push(e.name) }
    return out`), ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "RangeError", "RangeError", "RangeError", "TypeError"]);
});
