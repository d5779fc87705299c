import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const run = (code: string): any => JSON.parse(new Guest().run(`JSON.stringify((() => { ${code} })())`) ?? "null");

test("EventTarget_WhenDispatched_CallsListenersInOrder", () => {
  assert.deepEqual(run(`
    const log = [], target = new EventTarget();
    target.addEventListener('a', () => log.push('bubble'));
    target.addEventListener('a', { handleEvent(e) { log.push(e.type, e.target === target, this !== target) } });
    target.addEventListener('a', () => log.push('capture'), true);
    target.addEventListener('b', () => log.push('other'));
    const result = target.dispatchEvent(new Event('a'));
    return [log, result]`), [["capture", "bubble", "a", true, true], true]);
});

test("EventTarget_WhenOnce_CallsOnce", () => {
  assert.equal(run("let n = 0; const t = new EventTarget(); t.addEventListener('a', () => n++, { once: true }); t.dispatchEvent(new Event('a')); t.dispatchEvent(new Event('a')); return n"), 1);
});

test("EventTarget_WhenSameListenerTwice_IsAddedOnce", () => {
  assert.equal(run("let n = 0; const f = () => n++; const t = new EventTarget(); t.addEventListener('a', f); t.addEventListener('a', f); t.addEventListener('a', f, true); t.dispatchEvent(new Event('a')); t.removeEventListener('a', f); t.dispatchEvent(new Event('a')); return n"), 3);
});

test("EventTarget_WhenSignalAborts_RemovesTheListener", () => {
  assert.equal(run("let n = 0; const c = new AbortController(); const t = new EventTarget(); t.addEventListener('a', () => n++, { signal: c.signal }); t.dispatchEvent(new Event('a')); c.abort(); t.dispatchEvent(new Event('a')); return n"), 1);
});

test("EventTarget_WhenStopped_SkipsTheRest", () => {
  assert.deepEqual(run("const log = []; const t = new EventTarget(); t.addEventListener('a', (e) => { log.push(1); e.stopImmediatePropagation() }); t.addEventListener('a', () => log.push(2)); t.dispatchEvent(new Event('a')); return log"), [1]);
});

test("EventTarget_WhenListenerThrows_ReportsAndContinues", () => {
  const guest = new Guest();
  assert.equal(guest.run("let n = 0; const t = new EventTarget(); t.addEventListener('a', () => { throw new Error('x') }); t.addEventListener('a', () => n++); t.dispatchEvent(new Event('a')); n"), 1);
  assert.deepEqual(guest.named("report").map(([event, kind, error]) => [event, kind, error.message]), [[0, "listener", "x"]]);
});

test("EventTarget_WhenAlreadyDispatching_Throws", () => {
  assert.equal(run("let name; const t = new EventTarget(); t.addEventListener('a', (e) => { try { t.dispatchEvent(e) } catch (error) { name = error.name } }); t.dispatchEvent(new Event('a')); return name"), "InvalidStateError");
});

test("Event_WhenCancelable_CanBePrevented", () => {
  assert.deepEqual(run(`
    const t = new EventTarget(); t.addEventListener('a', (e) => e.preventDefault());
    const results = [];
    for (const init of [{ cancelable: true }, {}]) { const e = new Event('a', init); results.push(t.dispatchEvent(e), e.defaultPrevented) }
    t.addEventListener('p', (e) => e.preventDefault(), { passive: true });
    results.push(t.dispatchEvent(new Event('p', { cancelable: true })));
    return results`), [false, true, true, false, true]);
});

test("Event_WhenInspected_HasWebIdlShape", () => {
  assert.deepEqual(run(`
    const e = new CustomEvent('x', { detail: 5, bubbles: true });
    return [e.detail, e.bubbles, e.isTrusted, Event.NONE, e.AT_TARGET, String(e), e instanceof Event, e.eventPhase, e.composedPath().length]`),
    [5, true, false, 0, 2, "[object CustomEvent]", true, 0, 0]);
});

test("Event_WhenCalledOnForeignObject_Throws", () => {
  assert.deepEqual(run("try { Object.getOwnPropertyDescriptor(Event.prototype, 'type').get.call({}) } catch (e) { return [e.name, e.message] }"), ["TypeError", "Illegal invocation"]);
});

test("global_WhenListening_IsAnEventTarget", () => {
  assert.deepEqual(run("const log = []; addEventListener('x', function (e) { log.push(e.target === globalThis, this === globalThis) }); self.dispatchEvent(new Event('x')); return log"), [true, true]);
});

test("reportError_WhenErrorListenerCancels_IsNotReported", () => {
  const guest = new Guest();
  guest.run("globalThis.seen = []; addEventListener('error', (e) => { seen.push(e.message, e.error); e.preventDefault() }); reportError('boom')");
  assert.equal(guest.run("JSON.stringify(seen)"), '["Uncaught boom","boom"]');
  assert.deepEqual(guest.named("report"), []);
});

test("unhandled_WhenListenerPrevents_ReturnsTrue", () => {
  const guest = new Guest();
  assert.equal(guest.entry.unhandled(guest.run("Promise.resolve()"), 1), false);
  guest.run("addEventListener('unhandledrejection', (e) => { globalThis.reason = e.reason; e.preventDefault() })");
  assert.equal(guest.entry.unhandled(guest.run("Promise.resolve()"), 42), true);
  assert.equal(guest.run("reason"), 42);
});

test("AbortController_WhenAborted_RunsHandlersOnce", () => {
  assert.deepEqual(run(`
    const c = new AbortController(), log = [];
    c.signal.onabort = (e) => log.push('on', e.isTrusted);
    c.signal.addEventListener('abort', () => log.push('listener'));
    c.abort(); c.abort();
    return [log, c.signal.aborted, c.signal.reason.name, c.signal.reason instanceof DOMException]`),
    [["on", true, "listener"], true, "AbortError", true]);
});

test("AbortSignal_WhenAbortedWithReason_ThrowsIt", () => {
  assert.equal(run("try { AbortSignal.abort('why').throwIfAborted() } catch (e) { return e }"), "why");
});

test("AbortSignal_WhenConstructed_Throws", () => {
  assert.equal(run("try { new AbortSignal() } catch (e) { return e.message }"), "Illegal constructor");
});

test("AbortSignalAny_WhenASourceAborts_FollowsIt", () => {
  assert.deepEqual(run(`
    const a = new AbortController(), b = new AbortController();
    const first = AbortSignal.any([a.signal, b.signal]), second = AbortSignal.any([first]);
    const log = []; second.addEventListener('abort', () => log.push(first.aborted));
    b.abort(3);
    return [first.reason, second.reason, log, AbortSignal.any([AbortSignal.abort(9)]).reason, AbortSignal.any([]).aborted]`), [3, 3, [true], 9, false]);
});

test("AbortSignalTimeout_WhenDue_AbortsWithTimeoutError", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { const s = AbortSignal.timeout(10); return new Promise((resolve) => s.addEventListener('abort', () => resolve(new Response(s.reason.name)))) } } }");
  await guest.fetch(1);
  assert.deepEqual(guest.named("timerStart"), [[1, 1, 10, false]]);
  await guest.enter("timer", 1);
  assert.equal(guest.named("respond")[0]![5], "TimeoutError");
});

test("DOMException_WhenCreated_HasCodeStackAndErrorPrototype", () => {
  assert.deepEqual(run(`
    const e = new DOMException('m', 'NotFoundError');
    return [e.code, DOMException.DATA_CLONE_ERR, e instanceof Error, String(e), e.stack.split('\\n')[0], Object.prototype.toString.call(e), new DOMException().name]`),
    [8, 25, true, "NotFoundError: m", "NotFoundError: m", "[object DOMException]", "Error"]);
});
