import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const run = (code: string): any => JSON.parse(new Guest().run(`JSON.stringify((() => { ${code} })())`) ?? "null");
const error = (code: string): any => run(`try { ${code}; return 'no error' } catch (e) { return e.name }`);

test("Headers_WhenIterated_AreSortedLowerCaseAndCombined", () => {
  assert.deepEqual(run("const h = new Headers([['B', '1'], ['a', '2'], ['b', '3']]); return [[...h], [...h.keys()], [...h.values()]]"),
    [[["a", "2"], ["b", "1, 3"]], ["a", "b"], ["2", "1, 3"]]);
});

test("Headers_WhenSetCookie_StaysSeparate", () => {
  assert.deepEqual(run("const h = new Headers(); h.append('Set-Cookie', 'a=1'); h.append('set-cookie', 'b=2'); return [h.getSetCookie(), h.get('set-cookie'), [...h], h.getAll('Set-Cookie')]"),
    [["a=1", "b=2"], "a=1, b=2", [["set-cookie", "a=1"], ["set-cookie", "b=2"]], ["a=1", "b=2"]]);
});

test("Headers_WhenChanged_FollowTheSpecification", () => {
  assert.deepEqual(run("const h = new Headers({ a: '1' }); h.append('A', '2'); h.set('b', 'x'); h.set('a', ' 3 '); h.delete('B'); return [h.get('a'), h.has('b'), h.get('nope')]"), ["3", false, null]);
});

test("Headers_WhenMadeFromOthers_CopyThem", () => {
  assert.deepEqual(run("const a = new Headers({ x: '1' }); const b = new Headers(a); a.set('x', '2'); return [b.get('x'), new Headers(new Map([['k', 'v']])).get('k'), [...new Headers()].length]"), ["1", "v", 0]);
});

test("Headers_WhenNameOrValueIsInvalid_Throw", () => {
  for (const code of [
    "new Headers({ 'a b': '1' })", "new Headers({ '': '1' })", "new Headers({ a: 'x\\ny' })", "new Headers({ a: 'x\\0' })", "new Headers({ 'é': '1' })",
    "new Headers({ a: '\\u0100' })", "new Headers([['a']])", "new Headers([['a', 'b', 'c']])", "new Headers('a')", "new Headers(null)",
    "new Headers().get()", "new Headers().append('a')", "Headers()", "Headers.prototype.get.call({}, 'a')",
  ]) {
    assert.equal(error(code), "TypeError", code);
  }
});

test("Headers_WhenIteratedWhileChanging_AreLive", () => {
  assert.deepEqual(run("const h = new Headers({ a: '1', c: '3' }); const seen = []; for (const [k] of h) { seen.push(k); if (k === 'a') h.set('b', '2') } return seen"), ["a", "b", "c"]);
});

test("Headers_WhenForEach_PassesValueNameAndObject", () => {
  assert.deepEqual(run("const h = new Headers({ a: '1' }); const seen = []; h.forEach(function (v, k, o) { seen.push(v, k, o === h, this.t) }, { t: 5 }); return seen"), ["1", "a", true, 5]);
});

test("Headers_WhenInspected_HaveWebIdlShape", () => {
  assert.deepEqual(run(`
    const names = []; for (const key in Headers.prototype) names.push(key);
    const it = new Headers()[Symbol.iterator]();
    return [names.sort(), Object.prototype.toString.call(new Headers()), Object.prototype.toString.call(it), Headers.prototype[Symbol.iterator] === Headers.prototype.entries,
      Object.getOwnPropertyDescriptor(globalThis, 'Headers').enumerable, Headers.name]`),
    [["append", "delete", "entries", "forEach", "get", "getAll", "getSetCookie", "has", "keys", "set", "values"], "[object Headers]", "[object Headers Iterator]", true, false, "Headers"]);
});
