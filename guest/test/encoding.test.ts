import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const run = (code: string): any => JSON.parse(new Guest().run(`JSON.stringify((() => { ${code} })())`) ?? "null");

test("TextEncoder_WhenEncoding_GivesUtf8", () => {
  assert.deepEqual(run("const e = new TextEncoder(); return [[...e.encode('a€\\ud800')], e.encode().length, e.encoding, e.encodeInto('€€', new Uint8Array(4))]"), [[97, 226, 130, 172, 239, 191, 189], 0, "utf-8", { read: 1, written: 3 }]);
});

test("TextDecoder_WhenDecoding_HandlesBomAndFatal", () => {
  assert.deepEqual(run(`
    const bom = new Uint8Array([0xef, 0xbb, 0xbf, 97]);
    const out = [new TextDecoder().decode(bom), new TextDecoder('utf8', { ignoreBOM: true }).decode(bom).length, new TextDecoder().decode(new Uint8Array([0xff]))];
    try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { out.push(e.name) }
    return out`), ["a", 2, "\ufffd", "TypeError"]);
});

test("TextDecoder_WhenStreaming_WaitsForWholeSequences", () => {
  assert.deepEqual(run(`
    const bytes = new TextEncoder().encode('aé€😀'); const out = [];
    for (let size = 1; size <= 4; size++) { const d = new TextDecoder(); let text = ''; for (let i = 0; i < bytes.length; i += size) text += d.decode(bytes.subarray(i, i + size), { stream: true }); out.push(text + d.decode()) }
    return out`), Array(4).fill("aé€😀"));
});

test("TextDecoder_WhenStreamEndsUnfinished_GivesReplacement", () => {
  assert.deepEqual(run("const d = new TextDecoder(); return [d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), d.decode(), d.decode(new Uint8Array([97]))]"), ["", "\ufffd", "a"]);
});

test("TextDecoder_WhenFatalStreamEndsUnfinished_ThrowsAndRecovers", () => {
  assert.deepEqual(run("const d = new TextDecoder('utf-8', { fatal: true }); d.decode(new Uint8Array([0xe2]), { stream: true }); let name; try { d.decode() } catch (e) { name = e.name } return [name, d.decode(new Uint8Array([97]))]"), ["TypeError", "a"]);
});

test("TextDecoder_WhenBomIsSplit_IsDropped", () => {
  assert.equal(run("const d = new TextDecoder(); return [0xef, 0xbb, 0xbf, 97].map((b) => d.decode(new Uint8Array([b]), { stream: true })).join('')"), "a");
});

test("TextDecoder_WhenUtf16_StreamsSurrogates", () => {
  assert.deepEqual(run("const d = new TextDecoder('utf-16le'); const bytes = [0x61, 0, 0x3d, 0xd8, 0, 0xde]; return [d.encoding, bytes.map((b) => d.decode(new Uint8Array([b]), { stream: true })).join('') + d.decode()]"), ["utf-16le", "a😀"]);
});

test("TextDecoder_WhenWindows1252_MapsTheControlRange", () => {
  assert.deepEqual(run("const d = new TextDecoder(' Latin1 '); return [d.encoding, d.decode(new Uint8Array([0x80, 0x41, 0xe9, 0x9f, 0x81]))]"), ["windows-1252", "€AéŸ\x81"]);
});

test("TextDecoder_WhenLabelIsUnknown_ThrowsRangeError", () => {
  for (const label of ["nope", "", "utf-8 utf8", "shift_jis"]) assert.equal(run(`try { new TextDecoder('${label}') } catch (e) { return e.name }`), "RangeError");
});

test("TextDecoder_WhenInputIsNoBuffer_Throws", () => {
  assert.equal(run("try { new TextDecoder().decode('x') } catch (e) { return e.name }"), "TypeError");
});

test("base64_WhenRoundTripped_Matches", () => {
  assert.deepEqual(run("const all = String.fromCharCode(...Array(256).keys()); return [btoa('a'), btoa('ab'), btoa('abc'), atob(btoa(all)) === all, atob(' YQ = = '), atob('YQ'), atob('')]"), ["YQ==", "YWI=", "YWJj", true, "a", "a", ""]);
});

test("base64_WhenInvalid_ThrowsInvalidCharacterError", () => {
  for (const code of ["atob('a')", "atob('ab=')", "atob('a===')", "atob('YQ=a')", "atob('é')", "btoa('€')", "atob('====')"]) {
    assert.equal(run(`try { return ${code} } catch (e) { return e.name }`), "InvalidCharacterError", code);
  }
});
