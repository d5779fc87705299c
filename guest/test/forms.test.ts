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

test("formData_WhenTypeOrContentIsWrong_RejectsWithTypeError", async () => {
  for (const [body, type] of [["x", "text/plain"], ["x", "multipart/form-data"], ["x", "multipart/form-data; boundary=B"], ["--B\\r\\n\\r\\nx", "multipart/form-data; boundary=B"]]) {
    assert.equal(await evaluate(`return await new Response('${body}', { headers: { 'content-type': '${type}' } }).formData().then(() => 'parsed', (e) => e.name)`), "TypeError");
  }
});
