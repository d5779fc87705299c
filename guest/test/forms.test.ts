import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const evaluate = (code: string): Promise<any> => new Guest().eval(code);

test("FormData_WhenChanged_FollowsTheSpecification", async () => {
  assert.deepEqual(await evaluate("const f = new FormData(); f.append('a', 1); f.append('a', '2'); f.append('b', 'x'); f.set('a', '3'); f.delete('b'); f.append('c', 'z'); return [[...f], f.get('a'), f.getAll('a'), f.has('b'), f.get('q')]"),
    [[["a", "3"], ["c", "z"]], "3", ["3"], false, null]);
});

test("FormData_WhenBlobIsAdded_BecomesAFile", async () => {
  assert.deepEqual(await evaluate("const f = new FormData(); f.append('a', new Blob(['x'])); f.append('b', new File(['y'], 'n'), 'other'); return [f.get('a') instanceof File, f.get('a').name, f.get('b').name, await f.get('b').text()]"),
    [true, "blob", "other", "y"]);
});

test("FormData_WhenAFileIsRenamed_KeepsItsAge", async () => {
  assert.deepEqual(await evaluate(`
    const file = new File(['x'], 'n', { type: 'a/b', lastModified: 7 }), f = new FormData();
    f.set('a', file, 'other'); f.append('b', file);
    return [f.get('a').name, f.get('a').type, f.get('a').lastModified, await f.get('a').text(), f.get('b') === file]`), ["other", "a/b", 7, "x", true]);
});

test("File_WhenItsAgeIsNoInteger_IsCut", async () => {
  assert.deepEqual(await evaluate("return [1.9, -1.9, NaN, Infinity, '8', null].map((lastModified) => new File([], 'n', { lastModified }).lastModified)"), [1, -1, 0, 0, 8, 0]);
});

test("FormData_WhenSentAsMultipart_ReadsBack", async () => {
  assert.deepEqual(await evaluate(`
    const f = new FormData(); f.append('text', 'a\\nb'); f.append('quo"te', 'é'); f.append('file', new File(['bytes\\r\\n--x'], 'näme".txt', { type: 'a/b' }));
    const r = new Response(f); const type = r.headers.get('content-type'); const g = await r.formData(); const file = g.get('file');
    return [type.startsWith('multipart/form-data; boundary='), g.get('text'), g.get('quo"te'), file.name, file.type, await file.text()]`),
    [true, "a\r\nb", "é", 'näme".txt', "a/b", "bytes\r\n--x"]);
});

test("formData_WhenMultipartComesFromOutside_Parses", async () => {
  assert.deepEqual(await evaluate(`
    const body = '--B\\r\\ncontent-disposition: form-data; name=plain\\r\\n\\r\\none\\r\\n--B  \\r\\nContent-Disposition: form-data; name="f"; filename="x.bin"\\r\\n\\r\\n\\r\\n--B--\\r\\n';
    const f = await new Response(body, { headers: { 'content-type': 'multipart/form-data; boundary="B"' } }).formData();
    return [f.get('plain'), f.get('f').name, f.get('f').size, f.get('f').type]`), ["one", "x.bin", 0, "text/plain"]);
});

test("formData_WhenUrlEncoded_Parses", async () => {
  assert.deepEqual(await evaluate("return [...await new Response(new URLSearchParams({ a: 'x y', b: '&=é' })).formData()]"), [["a", "x y"], ["b", "&=é"]]);
});

test("formData_WhenAValueBeginsWithAByteOrderMark_KeepsIt", async () => {
  assert.deepEqual(await evaluate(`
    const parse = async (body, type) => [...await new Response(body, { headers: { 'content-type': type } }).formData()];
    return [await parse('\uFEFFa=\uFEFFb', 'application/x-www-form-urlencoded'),
      await parse('--B\\r\\nContent-Disposition: form-data; name="a"\\r\\n\\r\\n\uFEFFb\\r\\n--B--', 'multipart/form-data; boundary=B')]`),
    [[["\uFEFFa", "\uFEFFb"]], [["a", "\uFEFFb"]]]);
});

test("formData_WhenTheBodyFails_RejectsWithItsError", async () => {
  assert.equal(await evaluate("return await new Response(new ReadableStream({ start(c) { c.error('bad') } })).formData().catch((e) => e)"), "bad");
});

test("formData_WhenTypeOrContentIsWrong_RejectsWithTypeError", async () => {
  for (const [body, type] of [["x", "text/plain"], ["x", "multipart/form-data"], ["x", "multipart/form-data; boundary=B"], ["--B\\r\\n\\r\\nx", "multipart/form-data; boundary=B"]]) {
    assert.equal(await evaluate(`return await new Response('${body}', { headers: { 'content-type': '${type}' } }).formData().then(() => 'parsed', (e) => e.name)`), "TypeError");
  }
});
