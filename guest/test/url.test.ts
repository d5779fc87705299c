import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const run = (code: string): any => JSON.parse(new Guest().run(`JSON.stringify((() => { ${code} })())`) ?? "null");

test("URL_WhenParsed_SplitsIntoComponents", () => {
  assert.deepEqual(run("const u = new URL('https://us:pw@ex.com:8443/a/b?c=d#e'); return [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash, String(u), JSON.stringify(u)]"),
    ["https://us:pw@ex.com:8443/a/b?c=d#e", "https://ex.com:8443", "https:", "us", "pw", "ex.com:8443", "ex.com", "8443", "/a/b", "?c=d", "#e", "https://us:pw@ex.com:8443/a/b?c=d#e", '"https://us:pw@ex.com:8443/a/b?c=d#e"']);
});

test("URL_WhenComponentsAreMissing_AreEmpty", () => {
  for (const [href, expected] of [
    ["http://a/", ["http://a", "", "", "a", "a", "", "/", "", ""]],
    ["mailto:x@y", ["null", "", "", "", "", "", "x@y", "", ""]],
    ["file:///p?#", ["null", "", "", "", "", "", "/p", "", ""]],
    ["blob:https://a:1/u", ["https://a:1", "", "", "", "", "", "https://a:1/u", "", ""]],
    ["http://:pw@h/", ["http://h", "", "pw", "h", "h", "", "/", "", ""]],
    ["http://u@h:9/?q", ["http://h:9", "u", "", "h:9", "h", "9", "/", "?q", ""]],
    ["http://[::1]:3/", ["http://[::1]:3", "", "", "[::1]:3", "[::1]", "3", "/", "", ""]],
    ["web+x:/.//p", ["null", "", "", "", "", "", "//p", "", ""]],
  ] as const) {
    assert.deepEqual(run(`const u = new URL(${JSON.stringify(href)}); return [u.origin, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash]`), expected, href);
  }
});

test("URL_WhenSet_ChangesTheHref", () => {
  assert.equal(run("const u = new URL('http://a/b'); u.protocol = 'https'; u.username = 'u'; u.password = 'p'; u.host = 'h:1'; u.port = '2'; u.hostname = 'n'; u.pathname = 'x y'; u.search = 'q'; u.hash = 'f'; return u.href"), "https://u:p@n:2/x%20y?q#f");
});

test("URL_WhenInvalid_ThrowsOrReturnsNull", () => {
  assert.deepEqual(run("const out = []; try { new URL('nope') } catch (e) { out.push(e.name) } try { const u = new URL('http://a'); u.href = 'nope' } catch (e) { out.push(e.name) } return [...out, URL.canParse('nope'), URL.canParse('/a', 'http://b'), URL.parse('nope'), URL.parse('x', 'http://a/').href]"),
    ["TypeError", "TypeError", false, true, null, "http://a/x"]);
});

test("URL_WhenSearchParamsChange_FollowsBothWays", () => {
  assert.deepEqual(run("const u = new URL('http://a/?x=1'); const p = u.searchParams; p.append('y', 'a b'); const one = u.href; u.search = '?z=3'; const two = [...p]; p.delete('z'); return [one, two, u.href, u.searchParams === p]"),
    ["http://a/?x=1&y=a+b", [["z", "3"]], "http://a/", true]);
});

test("URLSearchParams_WhenConstructed_AcceptsEveryForm", () => {
  assert.deepEqual(run("return ['?a=1&a=2&b', { a: '1', b: '2' }, [['a', '1']], new URLSearchParams('k=v'), new Map([['m', 'n']]), ''].map((init) => [...new URLSearchParams(init)])"),
    [[["a", "1"], ["a", "2"], ["b", ""]], [["a", "1"], ["b", "2"]], [["a", "1"]], [["k", "v"]], [["m", "n"]], []]);
});

test("URLSearchParams_WhenKeysOfARecordBecomeEqual_KeepsTheFirstPlaceAndTheLastValue", () => {
  assert.deepEqual(run("return [[...new URLSearchParams({ '\\uD800': '1', a: '2', '\\uFFFD': '3' })], [...new URLSearchParams({ '\\uFFFD': '1', a: '2', '\\uDFFF': '3', b: '4' })]]"),
    [[["\uFFFD", "3"], ["a", "2"]], [["\uFFFD", "3"], ["a", "2"], ["b", "4"]]]);
});

test("URLSearchParams_WhenEncoded_RoundTrips", () => {
  assert.deepEqual(run("const p = new URLSearchParams(); p.append('a b', 'é&=+%'); const s = String(p); return [s, [...new URLSearchParams(s)], new URLSearchParams('a=%zz&%C3%A9=%F').toString()]"),
    ["a+b=%C3%A9%26%3D%2B%25", [["a b", "é&=+%"]], "a=%25zz&%C3%A9=%25F"]);
});

test("URLSearchParams_WhenChanged_FollowsTheSpecification", () => {
  assert.deepEqual(run("const p = new URLSearchParams('b=1&a=2&b=3&c=4'); p.set('b', '9'); p.sort(); const s = String(p); return [s, p.get('b'), p.getAll('a'), p.has('c', '5'), p.has('c'), p.size, (p.delete('c', '0'), p.size)]"),
    ["a=2&b=9&c=4", "9", ["2"], false, true, 3, 3]);
});

test("URLSearchParams_WhenPairIsMalformed_Throws", () => {
  assert.deepEqual(run("return [[['a']], [['a', 'b', 'c']], [1]].map((init) => { try { new URLSearchParams(init) } catch (e) { return e.name } })"), ["TypeError", "TypeError", "TypeError"]);
});
