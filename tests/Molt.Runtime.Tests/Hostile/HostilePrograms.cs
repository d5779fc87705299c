namespace Molt.Runtime.Tests.Hostile;

using static EventOutcome;
using static HostileProgram;

/// <summary>The programs, by what they exhaust.</summary>
public static class HostilePrograms
{
    /// <summary>Programs that never return: each is stopped by the CPU limit.</summary>
    public static readonly HostileProgram[] Loops =
    [
        Handler("empty loop", "while (true) {}", ExceededCpu),
        Handler("loop that allocates", "while (true) { new Array(100).fill(1) }", ExceededCpu),
        Handler("loop over strings", "for (let s = '';; s = (s + 'x').slice(-100)) {}", ExceededCpu),
        Handler("mutual recursion through callbacks", "const f = () => [1].forEach(g), g = () => { try { [1].map(f) } catch { } }; for (;;) f()", ExceededCpu),
        Handler("promise chain", "const next = () => Promise.resolve().then(next); next(); await new Promise(() => {})", ExceededCpu, ExceededMemory),
        Handler("async loop over resolved promises", "for (;;) await null", ExceededCpu),
        Handler("queueMicrotask", "const again = () => queueMicrotask(again); again(); await new Promise(() => {})", ExceededCpu),
        Handler("finally that continues", "for (;;) { try { throw 1 } catch { } finally { continue } }", ExceededCpu),
        Handler("nested try that swallows", "const f = () => { try { while (true) {} } catch { f() } finally { f() } }; f(); for (;;) f()", ExceededCpu),
        Handler("generator that resumes itself", "function* g() { for (;;) { try { yield 1 } finally { yield* g() } } } for (const x of g()) { }", ExceededCpu),
        Handler("catastrophic regular expression", "return new Response(String(/^(a+)+$/.test('a'.repeat(40) + 'b')))", ExceededCpu),
        Handler("regular expression with backreferences", "return new Response(String(/^(?:(\\w+)\\s?)+\\1$/.test('a'.repeat(60) + '!')))", ExceededCpu),
        Handler("getter", "const o = { get x() { for (;;) {} } }; o.x", ExceededCpu),
        Handler("proxy trap", "new Proxy({}, { get() { for (;;) {} }, has() { for (;;) {} } }).x", ExceededCpu),
        Handler("status getter of a response", "return new Response('', { get status() { for (;;) {} } })", ExceededCpu),
        Handler("header iterator", "return new Response('', { headers: { *[Symbol.iterator]() { for (;;) yield ['a', 'b'] } } })", ExceededCpu, ExceededMemory),
        Handler("header value that converts", "return new Response('', { headers: { a: { toString() { for (;;) {} } } } })", ExceededCpu),
        Handler("body that converts", "return new Response({ toString() { for (;;) {} } })", ExceededCpu),
        Handler("primitive conversion", "return new Response('', { status: { [Symbol.toPrimitive]() { for (;;) {} } } })", ExceededCpu),
        Handler("valueOf", "return new Response('', { status: { valueOf() { for (;;) {} } } })", ExceededCpu),
        Handler("toJSON", "return Response.json({ toJSON() { for (;;) {} } })", ExceededCpu),
        Handler("then of the handler's result", "return { then() { for (;;) {} } }", ExceededCpu),
        Handler("then getter of the handler's result", "return { get then() { for (;;) {} } }", ExceededCpu),
        Handler("thrown error with a getter", "throw { get message() { for (;;) {} }, get name() { for (;;) {} }, get stack() { for (;;) {} }, toString() { for (;;) {} } }", ExceededCpu, EventOutcome.Exception),
        Handler("thrown proxy", "throw new Proxy(new Error('x'), { get() { for (;;) {} }, getPrototypeOf() { for (;;) {} } })", ExceededCpu, EventOutcome.Exception),
        Handler("prepareStackTrace", "Error.prepareStackTrace = () => { for (;;) {} }; new Error().stack", ExceededCpu),
        Handler("prepareStackTrace of a thrown error", "Error.prepareStackTrace = () => { for (;;) {} }; throw new Error()", ExceededCpu, EventOutcome.Exception),
        Handler("console argument", "console.log({ get x() { for (;;) {} }, [Symbol.toStringTag]: { toString() { for (;;) {} } } }); console.log('%d', { valueOf() { for (;;) {} } }); for (;;) {}", ExceededCpu),
        Handler("sort comparator", "[3, 1, 2].sort(() => { for (;;) {} })", ExceededCpu),
        Handler("sort that never compares the same", "for (;;) new Array(1e4).fill(0).map(Math.random).sort(() => Math.random() - 0.5)", ExceededCpu, ExceededMemory),
        Handler("Array.from over an endless iterator", "Array.from({ *[Symbol.iterator]() { for (;;) { } } })", ExceededCpu),
        Handler("endless generator", "function* g() { for (;;) yield 1 } for (const x of g()) { }", ExceededCpu),
        Handler("wasm", "new WebAssembly.Instance(wasm).exports.loop()", ExceededCpu) is var looping ? looping with { Source = "import wasm from './loop.wasm';\n" + looping.Source } : looping,
        Handler("BigInt power", "return new Response(String((7n ** 10_000_000n) % 10n))", ExceededCpu, EventOutcome.Exception),
        Handler("BigInt to text", "let n = 3n ** 2_000_000n; for (;;) n.toString(7)", ExceededCpu),
        Handler("unhandledrejection listener", "addEventListener('unhandledrejection', () => { for (;;) {} }); Promise.reject(1); await new Promise(() => {})", ExceededCpu),
        Handler("unhandledrejection listener that rejects", "addEventListener('unhandledrejection', () => { Promise.reject(1) }); Promise.reject(1); await new Promise(() => {})", ExceededCpu),
        Handler("abort listener", "const c = new AbortController(); c.signal.onabort = () => { for (;;) {} }; c.abort(); return new Response()", ExceededCpu),
        Handler("timers of no delay", "const again = () => { for (let i = 0; i < 1e5; i++) Math.sqrt(i); setTimeout(again, 0) }; again(); await new Promise(() => {})", ExceededCpu),
        Handler("intervals of no delay", "for (let i = 0; i < 100; i++) setInterval(() => { for (let j = 0; j < 1e4; j++) Math.sqrt(j) }, 0); await new Promise(() => {})", ExceededCpu),
        Handler("pull of a response stream", "return new Response(new ReadableStream({ pull() { for (;;) {} } }))", ExceededCpu, Ok),
        Handler("waitUntil after the response", "ctx.waitUntil((async () => { await scheduler.wait(1); for (;;) {} })()); return new Response()", Ok),
        Handler("structuredClone of a getter", "structuredClone({ get x() { for (;;) {} } })", ExceededCpu),
        Handler("split and join", "for (let s = 'ab'.repeat(1000);;) s = s.split('').reverse().join('')", ExceededCpu),
        Handler("replace callback", "'x'.replace(/x/, () => { for (;;) {} })", ExceededCpu),
        Handler("JSON reviver", "JSON.parse('[1]', () => { for (;;) {} })", ExceededCpu),
        Handler("Atomics.wait", "try { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) } catch { } for (;;) {}", ExceededCpu),
        Handler("dynamic import of itself", "for (;;) await import('./main.js')", ExceededCpu),
    ];

    /// <summary>Programs that grow: each is stopped by the memory limit, or told no by a RangeError it may catch.</summary>
    public static readonly HostileProgram[] Growth =
    [
        Handler("array of objects", "const a = []; for (;;) a.push({ x: [1, 2, 3] })", ExceededMemory),
        Handler("array of numbers", "const a = []; for (;;) a.push(1.5)", ExceededMemory),
        Handler("map", "const m = new Map(); for (let i = 0;; i++) m.set('key' + i, { i })", ExceededMemory),
        Handler("set", "const s = new Set(); for (let i = 0;; i++) s.add('v' + i)", ExceededMemory),
        Handler("WeakMap with kept keys", "const m = new WeakMap(), keep = []; for (;;) { const k = {}; keep.push(k); m.set(k, [1]) }", ExceededMemory),
        Handler("strings in an array", "const a = []; for (let i = 0;; i++) a.push(('x' + i).repeat(100).split('').join('y'))", ExceededMemory),
        Handler("properties", "const o = {}; for (let i = 0;; i++) o['p' + i] = i", ExceededMemory),
        Handler("closures", "let f = () => 0; for (;;) { const g = f; f = () => g() }", ExceededMemory),
        Handler("promises", "const a = []; for (;;) a.push(new Promise(() => {}).then(() => 1))", ExceededMemory),
        Handler("microtasks", "for (;;) queueMicrotask(() => {})", ExceededMemory),
        Handler("symbol registry", "for (let i = 0;; i++) Symbol.for('symbol number ' + i)", ExceededMemory, ExceededCpu),
        Handler("compiled regular expressions", "const a = []; for (let i = 0;; i++) { const r = new RegExp('a' + i + '(b|c)*'); r.test('abc'); a.push(r) }", ExceededMemory, ExceededCpu),
        Handler("linked list", "let head = null; for (;;) head = { head }", ExceededMemory),
        Handler("event listeners", "for (;;) addEventListener('x', () => {})", ExceededMemory, ExceededCpu),
        Handler("headers", "const h = new Headers(); for (let i = 0;; i++) h.append('x-' + i, 'y'.repeat(1000))", ExceededMemory, ExceededCpu),
        Handler("AsyncLocalStorage nesting", "let f = () => {}; const { AsyncLocalStorage: S } = await import('node:async_hooks'); const keep = []; for (;;) keep.push(new S().run({}, () => S.snapshot()))", ExceededMemory, ExceededCpu),
        Handler("stream queue", "let c; new ReadableStream({ start(x) { c = x } }); for (;;) c.enqueue({ x: 1 })", ExceededMemory, ExceededCpu),
        Handler("console output kept by nobody", "for (;;) console.log('x'.repeat(10_000))", ExceededCpu, ExceededMemory),
        Handler("typed arrays", "const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1))", EventOutcome.Exception, ExceededMemory),
        Handler("resizable ArrayBuffer", "const b = new ArrayBuffer(1, { maxByteLength: 1 << 30 }); for (let n = 1;; n *= 2) b.resize(n)", EventOutcome.Exception, ExceededMemory, ExceededCpu),
        Handler("SharedArrayBuffers", "const a = []; for (;;) a.push(new SharedArrayBuffer(1 << 20))", EventOutcome.Exception, ExceededMemory),
        Handler("structured clones", "const a = [new Uint8Array(1 << 18)]; for (;;) a.push(structuredClone(a[0]))", EventOutcome.Exception, ExceededMemory, ExceededCpu),
        Handler("wasm memory", "const { m } = new WebAssembly.Instance(wasm).exports; for (;;) { m.grow(16); new Uint8Array(m.buffer).fill(1) }", ExceededMemory, EventOutcome.Exception) is var growing ? growing with { Source = "import wasm from './memory.wasm';\n" + growing.Source } : growing,
        Handler("wasm memories", "const a = []; for (;;) { const m = new WebAssembly.Memory({ initial: 16 }); new Uint8Array(m.buffer).fill(1); a.push(m) }", ExceededMemory, EventOutcome.Exception),
        Handler("timers", "for (;;) setTimeout(() => {}, 1e6)", EventOutcome.Exception),
        Handler("blobs", "let b = new Blob(['x']); for (;;) b = new Blob([b, b])", ExceededMemory, EventOutcome.Exception, ExceededCpu),
        Handler("string doubling", "let s = 'x'; for (;;) { s += s; s.charCodeAt(0) }", EventOutcome.Exception, ExceededMemory),
        Handler("response text of many parts", "let s = ''; for (let i = 0; i < 1e9; i++) s += 'chunk ' + i; return new Response(s)", ExceededMemory, ExceededCpu),
    ];

    /// <summary>Programs that meet an error of the language, catch it and go on: the worker lives.</summary>
    public static readonly HostileProgram[] Caught =
    [
        Handler("recursion", "const f = () => f() + 1; try { f() } catch (e) { return new Response(e.name) }", Ok),
        Handler("recursion through JSON", "let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; try { JSON.stringify(o) } catch (e) { return new Response(e.name) } return new Response('RangeError')", Ok),
        Handler("recursion through toString", "const a = []; a[0] = { toString() { return String(a) + this } }; try { String(a[0]) } catch (e) { return new Response(e.name) }", Ok),
        Handler("recursion through a proxy", "const p = new Proxy({}, {}); const o = Object.create(p); Object.setPrototypeOf(p, o); try { o.x } catch (e) { return new Response(e.name) }", Ok),
        Handler("recursion through structuredClone", "let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; try { structuredClone(o); return new Response('RangeError') } catch (e) { return new Response('RangeError') }", Ok),
        Handler("recursion through getters of console", "const o = {}; let p = o; for (let i = 0; i < 1e5; i++) p = p.x = {}; console.log(o); return new Response('RangeError')", Ok),
        Handler("deep regular expression", "try { new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('') } catch (e) { return new Response('RangeError') } return new Response('RangeError')", Ok),
        Handler("deep JSON", "try { JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)) } catch (e) { return new Response(e.name) } return new Response('RangeError')", Ok),
        Handler("too many timers", "try { for (;;) setTimeout(() => {}, 1e6) } catch (e) { return new Response(e.name) }", Ok),
        Handler("too long a string", "try { 'x'.repeat(2 ** 30) } catch (e) { return new Response(e.name) }", Ok),
        Handler("too large a buffer", "try { new ArrayBuffer(2 ** 32) } catch (e) { return new Response(e.name) }", Ok),
        Handler("too long an array", "try { new Array(-1) } catch (e) { return new Response(e.name) }", Ok),
    ];
}
