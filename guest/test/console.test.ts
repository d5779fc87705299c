import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const inspect = (code: string): string => {
  const guest = new Guest();
  return guest.entry.inspect(guest.run(`(${code})`));
};
const logged = (code: string): any[] => {
  const guest = new Guest();
  guest.run(code);
  return guest.named("log").map(([, level, text]) => [level, text]);
};

for (const [code, expected] of [
  ["'a\\'b'", `"a'b"`], ["'line\\n\\x1b'", "'line\\n\\x1B'"], ["-0", "-0"], ["5n", "5n"], ["Symbol('s')", "Symbol(s)"], ["null", "null"], ["undefined", "undefined"],
  ["[1, 'a', [2, [3, [4]]]]", "[ 1, 'a', [ 2, [ 3, [Array] ] ] ]"],
  ["({ a: 1, 'b-c': { d: { e: { f: 1 } } } })", "{ a: 1, 'b-c': { d: { e: [Object] } } }"],
  ["[1, , , 4]", "[ 1, <2 empty items>, 4 ]"], ["Object.assign([1], { x: 2 })", "[ 1, x: 2 ]"],
  ["new Map([['a', { b: 1 }]])", "Map(1) { 'a' => { b: 1 } }"], ["new Set([1, 'x'])", "Set(2) { 1, 'x' }"],
  ["new Uint8Array([1, 2])", "Uint8Array(2) [ 1, 2 ]"], ["new ArrayBuffer(2)", "ArrayBuffer { [Uint8Contents]: <00 00>, byteLength: 2 }"],
  ["new Date(0)", "1970-01-01T00:00:00.000Z"], ["/a/gi", "/a/gi"], ["new Number(3)", "[Number: 3]"], ["new String('ab')", "[String: 'ab']"],
  ["function f() {}", "[Function: f]"], ["class A {}", "[class A]"], ["class B extends Map {}", "[class B extends Map]"], ["async () => {}", "[AsyncFunction (anonymous)]"],
  ["new (class Foo { x = 1 })()", "Foo { x: 1 }"], ["Object.create(null)", "[Object: null prototype] {}"], ["({ [Symbol('k')]: 1 })", "{ [Symbol(k)]: 1 }"],
  ["({ get a() { return 1 }, set b(v) {}, get c() { return 1 }, set c(v) {} })", "{ a: [Getter], b: [Setter], c: [Getter/Setter] }"],
  ["new WeakMap()", "WeakMap { <items unknown> }"], ["new Headers({ a: '1' })", "Headers(1) { 'a' => '1' }"],
  ["[][Symbol.iterator]()", "Object [Array Iterator] {}"], ["new Map([[1, 2]]).keys()", "[Map Iterator] { 1 }"],
  ["(() => { const o = {}; o.self = o; return o })()", "<ref *1> { self: [Circular *1] }"],
  ["new Proxy({ a: 1 }, { get() { throw 1 }, ownKeys() { throw 2 }, getPrototypeOf() { throw 3 } })", "{ a: 1 }"],
] as const) {
  test(`inspect_When${code.slice(0, 40).replace(/\s+/g, "")}_IsReadable`, () => {
    const expectedText = expected === "[Map Iterator] { 1 }" ? /^(Object )?\[Map Iterator\] \{ 1 \}$/ : expected;
    if (typeof expectedText === "string") assert.equal(inspect(code), expectedText);
    else assert.match(inspect(code), expectedText);
  });
}

test("inspect_WhenABufferIsLarge_ListsNoneOfItsIndices", () => {
  // More indices than a list of keys can hold.
  assert.match(inspect("Object.assign(new Uint8Array(2 ** 27), { extra: 1 })"), /^Uint8Array\(134217728\) \[\n(  (0, ){14,28}0,\n)*.*\.\.\. 134217628 more items, extra: 1\n\]$/s);
});

test("inspect_WhenPromise_ShowsItsState", () => {
  // The test runner's async hooks add symbols to promises.
  const state = (code: string): string => inspect(code).replace(/\s+/g, " ").replace(/(, \[Symbol\([a-z_]+\)\]: \d+)+/, "");
  assert.equal(state("Promise.resolve(4)"), "Promise { 4 }");
  assert.equal(state("new Promise(() => {})"), "Promise { <pending> }");
  assert.equal(state("(() => { const p = Promise.reject('no'); p.catch(() => {}); return p })()"), "Promise { <rejected> 'no' }");
});

test("inspect_WhenError_ShowsStackCauseAndProperties", () => {
  const shown = inspect("Object.assign(new TypeError('bad', { cause: new Error('why') }), { code: 7 })");
  assert.match(shown, /^TypeError: bad\n    at /);
  assert.match(shown, /\{\n  \[cause\]: Error: why\n {6}at [^]*,\n  code: 7\n\}$/);
});

test("inspect_WhenErrorHasNoStack_IsBracketed", () => {
  assert.equal(inspect("(() => { const e = new Error('m'); delete e.stack; return e })()"), "[Error: m]");
  assert.match(inspect("new DOMException('m', 'AbortError')"), /^AbortError: m\n    at /);
});

test("inspect_WhenLong_IsBounded", () => {
  assert.match(inspect("Array(1000).fill(1)"), /\.\.\. 900 more items\n\]$/);
  assert.match(inspect("'x'.repeat(20000)"), /'\.\.\. 10000 more characters$/);
  assert.ok(inspect("(() => { let o = {}; for (let i = 0; i < 99; i++) o['k' + i] = Array(100).fill('y'.repeat(1000)); return o })()").length < 800000);
});

test("inspect_WhenSparseArrayIsHuge_IsQuick", () => {
  assert.equal(inspect("(() => { const a = []; a[4294967294] = 1; return a })()"), "[ <4294967294 empty items>, 1 ]");
});

test("inspect_WhenWide_BreaksLines", () => {
  assert.equal(inspect("({ first: 'a'.repeat(30), second: 'b'.repeat(30), third: 'c' })"),
    `{\n  first: '${"a".repeat(30)}',\n  second: '${"b".repeat(30)}',\n  third: 'c'\n}`);
});

test("inspect_WhenValueIsHostile_RunsNoneOfItsCode", () => {
  const guest = new Guest();
  const value = guest.run(`
    globalThis.ran = [];
    const trap = (name) => () => { ran.push(name); throw new Error(name) };
    const o = { toString: trap('toString'), [Symbol.toPrimitive]: trap('toPrimitive'), toJSON: trap('toJSON'), inspect: trap('inspect') };
    Object.defineProperty(o, 'constructor', { get: trap('constructor'), enumerable: true });
    Object.defineProperty(o, Symbol.toStringTag, { get: trap('tag') });
    const handler = new Proxy({}, { get: trap('trap') });
    const revoked = Proxy.revocable({}, {}); revoked.revoke();
    const error = new Error('x'); for (const k of ['stack', 'message', 'name']) Object.defineProperty(error, k, { get: trap(k) });
    Object.defineProperty(Map.prototype, 'size', { get: trap('size') }); Map.prototype.forEach = trap('forEach'); Date.prototype.toISOString = trap('iso');
    [o, new Proxy(o, handler), Object.create(new Proxy({}, handler)), revoked.proxy, error, new Map([[o, o]]), new Date(0), class { static get name() { ran.push('name') } }]`);
  assert.doesNotThrow(() => guest.entry.inspect(value));
  guest.run("console.log('%s %d %i %o', o, o, o, o); console.table([o]); console.count(o)");
  assert.equal(guest.run("ran.join()"), "");
});

test("console_WhenCalled_UsesTheLevel", () => {
  assert.deepEqual(logged("console.debug(1); console.log('a', 'b', { c: 'd' }); console.info(); console.warn([1]); console.error('e')"),
    [["debug", "1"], ["log", "a b { c: 'd' }"], ["info", ""], ["warn", "[ 1 ]"], ["error", "e"]]);
});

test("console_WhenFormatted_ReplacesSpecifiers", () => {
  assert.deepEqual(logged("console.log('%s|%d|%i|%f|%j|%O|%c|%%|%x', 'str', '42', 3.9, '1.5', { a: 1 }, [1], 'css', 'rest')"), [["log", "str|42|3|1.5|{\"a\":1}|[ 1 ]||%|%x rest"]]);
  assert.deepEqual(logged("console.log('100%', 5); console.log('%s')"), [["log", "100% 5"], ["log", "%s"]]);
});

test("console_WhenGrouped_Indents", () => {
  assert.deepEqual(logged("console.group('g'); console.log('a\\nb'); console.groupCollapsed(); console.log('c'); console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log('d')").map(([, text]) => text), ["g", "  a\n  b", "    c", "d"]);
});

test("console_WhenCountingAndTiming_KeepsLabels", () => {
  assert.deepEqual(logged("console.count(); console.count(); console.countReset(); console.count(); console.count('x'); console.countReset('nope')").map(([, text]) => text),
    ["default: 1", "default: 2", "default: 1", "x: 1", "Count for 'nope' does not exist"]);
  assert.deepEqual(logged("console.time('t'); console.time('t'); console.timeLog('t', 5); console.timeEnd('t'); console.timeEnd('t')").map(([, text]) => text),
    ["Timer 't' already exists", "t: 0ms 5", "t: 0ms", "Timer 't' does not exist"]);
});

test("console_WhenAsserting_LogsOnlyFailures", () => {
  assert.deepEqual(logged("console.assert(true, 'no'); console.assert(false, 'a %s', 'b'); console.assert(); console.assert(0, { a: 1 })").map(([, text]) => text),
    ["Assertion failed: a b", "Assertion failed", "Assertion failed { a: 1 }"]);
});

test("console_WhenTracing_AddsTheStack", () => {
  assert.match(logged("function here() { console.trace('msg') } here()")[0][1], /^Trace: msg\n    at here \(/);
});

test("console_WhenTable_DrawsIt", () => {
  assert.equal(logged("console.table([{ a: 1, b: 'x' }, { a: 2 }])")[0][1], [
    "┌─────────┬───┬─────┐", "│ (index) │ a │ b   │", "├─────────┼───┼─────┤", "│ 0       │ 1 │ 'x' │", "│ 1       │ 2 │     │", "└─────────┴───┴─────┘",
  ].join("\n"));
  assert.deepEqual(logged("console.table(5)"), [["log", "5"]]);
});

test("thrownText_WhenAStackSaysItAll_IsUndefined", () => {
  const guest = new Guest();
  const thrown = (code: string): string | undefined => guest.entry.thrownText(guest.run(`(${code})`));
  for (const code of ["new Error('m')", "Object.assign(new RangeError(), { name: 'Own' })", "new DOMException('m', 'AbortError')"]) {
    assert.equal(thrown(code), undefined);
  }
  assert.match(thrown("new Error('m', { cause: { a: 1 } })")!, /^Error: m\n    at .* \{\n  \[cause\]: \{ a: 1 \}\n\}$/s);
  assert.equal(thrown("new Proxy(new Error('m'), { ownKeys() { throw 1 } })")!.split("\n")[0], "Error: m");
  assert.equal(thrown("'x'"), "'x'");
  assert.equal(thrown("Array(99).fill('x'.repeat(999))")!.length, 16385);
});
