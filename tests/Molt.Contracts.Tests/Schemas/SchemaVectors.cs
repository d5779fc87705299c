using System.Linq;

namespace Molt.Contracts.Tests.Schemas;

/// <summary>Payload bytes that must be refused, with the fault every language must find in them.</summary>
internal sealed record RefusedPayload(string Hex, string Kind, string Path);

/// <summary>A schema, JSON values of it, and payloads that are none of it.</summary>
internal sealed record SchemaVector(string Name, string Type, string[] Values, RefusedPayload[] Refused, string Definitions = "", bool Lax = false)
{
    public string Document =>
        $$"""{"sir":1,"id":"schema://vectors/{{Name}}/v1"{{(Lax ? ",\"coercion\":\"lax\"" : "")}}{{(Definitions.Length > 0 ? $",\"definitions\":{Definitions}" : "")}},"type":{{Type}}}""";
}

/// <summary>
/// The vectors that codecs of all languages are tested with. tests/vectors/schema-codec.json is made of them: JSON values get the
/// bytes that C# gives them, refused payloads are written by hand here.
/// </summary>
internal static class SchemaVectors
{
    public static IReadOnlyList<SchemaVector> All { get; } = [.. Scalars(), .. Texts(), .. Containers(), .. Records()];

    private static RefusedPayload No(string hex, string kind, string path = "$") => new(hex, kind, path);

    private static IEnumerable<SchemaVector> Scalars() =>
    [
        new("bool", "\"bool\"", ["true", "false"],
            [No("", "truncated"), No("c0", "mistyped"), No("01", "mistyped"), No("c2c2", "trailing"), No("c1", "mistyped")]),
        new("int8", "\"int8\"", ["0", "1", "127", "-1", "-32", "-33", "-128"],
            [No("cc80", "out_of_range"), No("d1ff7f", "out_of_range"), No("cc7f", "non_canonical"), No("d0e0", "non_canonical"), No("d07f", "non_canonical"), No("cb3ff0000000000000", "mistyped"), No("d0", "truncated"), No("a131", "mistyped")]),
        new("int16", "\"int16\"", ["128", "255", "256", "32767", "-129", "-32768"],
            [No("cd8000", "out_of_range"), No("cd00ff", "non_canonical"), No("d1ff80", "non_canonical"), No("cd80", "truncated")]),
        new("int32", "\"int32\"", ["65535", "65536", "2147483647", "-32769", "-2147483648"],
            [No("ce80000000", "out_of_range"), No("ce0000ffff", "non_canonical"), No("d2ffff8000", "non_canonical"), No("cf0000000000000001", "non_canonical"), No("ce0001", "truncated")]),
        new("int53", "\"int53\"", ["9007199254740991", "-9007199254740991", "4294967296"],
            [No("cf0020000000000000", "out_of_range"), No("d3ffe0000000000000", "out_of_range")]),
        new("int64", "\"int64\"", ["\"9223372036854775807\"", "\"-9223372036854775808\"", "-2147483649", "9007199254740991", "\"9007199254740992\""],
            [No("cf8000000000000000", "out_of_range"), No("cf00000000ffffffff", "non_canonical"), No("d3ffffffff80000000", "non_canonical"), No("d300000000000000ff", "non_canonical")]),
        new("uint8", "\"uint8\"", ["0", "127", "128", "255"], [No("ff", "out_of_range"), No("cd0100", "out_of_range")]),
        new("uint16", "\"uint16\"", ["65535"], [No("ce00010000", "out_of_range"), No("d0df", "out_of_range")]),
        new("uint32", "\"uint32\"", ["4294967295"], [No("cf0000000100000000", "out_of_range")]),
        new("uint64", "\"uint64\"", ["0", "\"18446744073709551615\"", "4294967296"], [No("ff", "out_of_range"), No("c3", "mistyped"), No("cfffffffffffffff", "truncated")]),
        new("int_bounds", """{"kind":"int32","ge":-5,"le":300}""", ["-5", "300"], [No("fa", "out_of_range"), No("cd012d", "out_of_range")]),
        new("uint64_bounds", """{"kind":"uint64","ge":1,"le":18446744073709551614}""", ["1", "\"18446744073709551614\""], [No("00", "out_of_range"), No("cfffffffffffffffff", "out_of_range")]),
        new("float32", "\"float32\"", ["0", "-0", "1.5", "0.10000000149011612", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "3.4028234663852886e+38", "1.401298464324817e-45"],
            [No("ca7fc00001", "non_canonical"), No("caffc00000", "non_canonical"), No("01", "mistyped"), No("cb3ff8000000000000", "mistyped"), No("ca3fc000", "truncated")]),
        new("float64", "\"float64\"", ["0", "-0", "1", "0.1", "1e+21", "100000000000000000000", "1e-7", "0.000001", "5e-324", "1.7976931348623157e+308", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "123456789012345680000"],
            [No("cb7ff8000000000001", "non_canonical"), No("cbfff8000000000000", "non_canonical"), No("cb7ff0000000000001", "non_canonical"), No("ca3fc00000", "mistyped"), No("01", "mistyped")]),
        new("float_bounds", """{"kind":"float64","ge":-0.5,"le":2}""", ["-0.5", "2"], [No("cb4000000000000001", "out_of_range"), No("cb7ff8000000000000", "out_of_range"), No("cbfff0000000000000", "out_of_range")]),
        new("timestamp", "\"timestamp\"",
            ["\"1970-01-01T00:00:00Z\"", "\"2026-01-02T03:04:05.67Z\"", "\"1969-12-31T23:59:59.999999Z\"", "\"2255-06-05T23:47:34.740991Z\"", "\"1684-07-28T00:12:25.259009Z\""],
            [No("cf0020000000000000", "out_of_range"), No("a0", "mistyped")]),
        new("duration", "\"duration\"", ["\"PT0S\"", "\"PT1.5S\"", "\"-PT1S\"", "\"PT0.000001S\"", "\"-PT0.25S\"", "\"PT9007199254.740991S\""], [No("d3ffe0000000000000", "out_of_range"), No("cb3ff0000000000000", "mistyped")]),
        new("uuid", "\"uuid\"", ["\"123e4567-e89b-12d3-a456-426614174000\"", "\"00000000-0000-0000-0000-000000000000\""],
            [No("c40f00112233445566778899aabbccddee", "out_of_range"), No("c41000", "truncated"), No("a0", "mistyped"), No("c5001000112233445566778899aabbccddeeff", "non_canonical")]),
        new("decimal", "\"decimal\"", ["\"0\"", "\"1\"", "\"-1.5\"", "\"12345678901234567890.12345678\"", "\"0.0000000000000000000000000001\"", "\"9999999999999999999999999999\"", "\"-0.05\""],
            [
                No("a4312e3530", "non_canonical"), No("a22d30", "non_canonical"), No("a23031", "non_canonical"), No("a3312e30", "non_canonical"), No("a22b31", "mistyped"), No("a2312e", "mistyped"),
                No("a22e35", "mistyped"), No("a3316531", "mistyped"), No("a0", "mistyped"), No("01", "mistyped"), No("bd3939393939393939393939393939393939393939393939393939393939", "out_of_range"),
                No("bf302e3030303030303030303030303030303030303030303030303030303031", "out_of_range"),
            ]),
        new("decimal_bounds", """{"kind":"decimal","ge":"0.01","le":"100"}""", ["\"0.01\"", "\"100\""], [No("a5302e303039", "out_of_range"), No("a7 3130302e303031", "out_of_range"), No("a22d31", "out_of_range")]),
        new("json", "\"json\"",
            ["null", "true", "0", "-1", "1.5", "\"text\"", "[]", "{}", "[1,[2,{\"a\":null}]]", "{\"a\":1,\"b\":{\"é\":2,\"😀\":3}}", "9007199254740991", "9007199254740992", "1e+300", "{\"__proto__\":1,\"constructor\":2}"],
            [
                No("cb3ff0000000000000", "non_canonical"), No("cb8000000000000000", "non_canonical"), No("cb7ff8000000000000", "out_of_range"), No("cb7ff0000000000000", "out_of_range"), No("cf0020000000000000", "out_of_range"),
                No("ca3fc00000", "mistyped"), No("c400", "mistyped"), No("d40000", "mistyped"), No("82a16201a16102", "non_canonical", "$[\"a\"]"), No("82a16101a16102", "non_canonical", "$[\"a\"]"), No("810102", "mistyped"),
                No("81a161cb3ff0000000000000", "non_canonical", "$[\"a\"]"), No("9201c1", "mistyped", "$[1]"), No("91", "truncated"), No("dd7fffffff", "too_large"), No("dd000f4240", "truncated"), No("df000f4241", "too_large"),
                No(string.Concat(Enumerable.Repeat("91", 65)) + "c0", "too_deep", "$" + string.Concat(Enumerable.Repeat("[0]", 64))),
            ]),
    ];

    private static IEnumerable<SchemaVector> Texts() =>
    [
        new("string", "\"string\"", ["\"\"", "\"a\"", "\"" + new string('x', 31) + "\"", "\"" + new string('x', 32) + "\"", "\"" + new string('y', 256) + "\"", "\"Grüße 😀 \\\"quoted\\\" \\\\ \\n\\u0000\""],
            [
                No("d90161", "non_canonical"), No("da000161", "non_canonical"), No("db0000000161", "non_canonical"), No("a261", "truncated"), No("db7fffffff61", "truncated"), No("dbffffffff", "truncated"), No("d9", "truncated"),
                No("a1ff", "mistyped"), No("a2c080", "mistyped"), No("a3eda080", "mistyped"), No("a4f4908080", "mistyped"), No("a1c3", "mistyped"), No("c40161", "mistyped"), No("c0", "mistyped"), No("a161a0", "trailing"),
            ]),
        new("string_length", """{"kind":"string","minLength":2,"maxLength":4}""", ["\"ab\"", "\"😀😀😀😀\""], [No("a161", "out_of_range"), No("a56162636465", "out_of_range"), No("a4f09f9880", "out_of_range")]),
        new("string_pattern", """{"kind":"string","pattern":"^[a-z]{2,3}\\d?$"}""", ["\"ab\"", "\"abc1\""], [No("a161", "out_of_range"), No("a36162 0a", "out_of_range"), No("a46162d9a1", "out_of_range")]),
        new("string_pattern_any", """{"kind":"string","pattern":"^.$"}""", ["\"a\"", "\"😀\"", "\"é\""], [No("a0", "out_of_range"), No("a10a", "out_of_range"), No("a3e280a8", "out_of_range"), No("a26161", "out_of_range")]),
        new("string_pattern_class", """{"kind":"string","pattern":"^[^\\s,]+(?:,[\\w-]+)*$|^[😀-😂]$"}""", ["\"é\"", "\"a,b-c,d_1\"", "\"😁\""], [No("a12c", "out_of_range"), No("a120", "out_of_range"), No("a4612cc3a9", "out_of_range")]),
        new("string_pattern_search", """{"kind":"string","pattern":"b+c"}""", ["\"abbcd\""], [No("a26162", "out_of_range")]),
        Format("email", ["\"a.b+c@example.com\"", "\"x@y\""], ["a@", "@b.c", "a..b@c.d", "a b@c.d", ".a@b.c", "a@-b.c"]),
        Format("uri", ["\"https://example.com/a?b=c#d\"", "\"urn:isbn:123\"", "\"a:\""], ["", "example.com", "http://a b", "1a:b", "a:%4", "a:#b#c", "ä:b"]),
        Format("hostname", ["\"example.com\"", "\"a-b.c1\"", "\"localhost\""], ["", "a..b", "-a", "a-", "a_b", "a.", new string('a', 64)]),
        Format("ipv4", ["\"0.0.0.0\"", "\"255.255.255.255\""], ["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "1.2.3."]),
        Format("ipv6", ["\"::\"", "\"::1\"", "\"1:2:3:4:5:6:7:8\"", "\"fe80::1\"", "\"::ffff:1.2.3.4\"", "\"1:2:3:4:5:6:1.2.3.4\"", "\"1::\""], ["", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "1:2:3:4:5:6:7:1.2.3.4", "1:", "::g", "1:2:3:4:5:6:7:8::"]),
        Format("date", ["\"2026-02-28\"", "\"2024-02-29\"", "\"0000-01-01\""], ["2026-02-29", "2026-13-01", "2026-1-1", "2026-04-31", "20260101", "1900-02-29"]),
        Format("time", ["\"00:00:00Z\"", "\"23:59:59.123456789+14:00\""], ["24:00:00Z", "12:00", "12:00:00", "12:00:60Z", "12:00:00.Z", "12:00:00z", "12:00:00+1:00"]),
        new("bytes", "\"bytes\"", ["\"\"", "\"AA==\"", "\"AAECAwQFBgcICQ==\"", "\"" + Convert.ToBase64String(new byte[300]) + "\""],
            [No("c50001ff", "non_canonical"), No("c600000001ff", "non_canonical"), No("c402ff", "truncated"), No("c6ffffffff", "truncated"), No("a161", "mistyped"), No("c4", "truncated")]),
        new("bytes_length", """{"kind":"bytes","minLength":1,"maxLength":2}""", ["\"AA==\"", "\"AAE=\""], [No("c400", "out_of_range"), No("c403000102", "out_of_range")]),
    ];

    private static SchemaVector Format(string format, string[] values, string[] refused) => new(
        "format_" + format,
        $$"""{"kind":"string","format":"{{format}}"}""",
        values,
        Array.ConvertAll(refused, text => No(TextHex(text), "out_of_range")));

    private static string TextHex(string text)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(text);
        return (utf8.Length < 32 ? $"{0xa0 + utf8.Length:x2}" : $"d9{utf8.Length:x2}") + Convert.ToHexStringLower(utf8);
    }

    private static IEnumerable<SchemaVector> Containers() =>
    [
        new("list", """{"kind":"list","items":"int32"}""", ["[]", "[1,-1,300]", "[" + string.Join(',', new int[16]) + "]"],
            [No("dc000101", "non_canonical"), No("dd0000000101", "non_canonical"), No("9201", "truncated"), No("920100 00", "trailing"), No("9201a0", "mistyped", "$[1]"), No("9201c0", "mistyped", "$[1]"), No("80", "mistyped"), No("ddffffffff", "too_large"), No("dc0010", "truncated"), No("9101 01", "trailing")]),
        new("list_length", """{"kind":"list","items":"bool","minItems":1,"maxItems":2}""", ["[true]", "[true,false]"], [No("90", "out_of_range"), No("93c2c2c2", "out_of_range"), No("93c2", "truncated")]),
        new("list_optional", """{"kind":"list","items":{"kind":"optional","of":"int8"}}""", ["[null,1,null]", "[null]"], [No("91a0", "mistyped", "$[0]")]),
        new("map_string", """{"kind":"map","keys":"string","values":"int32"}""", ["{}", "{\"a\":1,\"b\":2}", "{\"\":1,\"__proto__\":2,\"z\":3,\"é\":4,\"😀\":5}", "{\"\uffff\":1,\"😀\":2}"],
            [
                No("82a16201a16102", "non_canonical", "$[\"a\"]"), No("82a16101a16102", "non_canonical", "$[\"a\"]"), No("81a161a0", "mistyped", "$[\"a\"]"), No("8101a0", "mistyped"), No("81a1ff01", "mistyped"), No("81a161", "truncated", "$[\"a\"]"),
                No("81a161c0", "mistyped", "$[\"a\"]"), No("de0001a16101", "non_canonical"), No("90", "mistyped"), No("81a4610a225c c0", "mistyped", "$[\"a\\n\\\"\\\\\"]"), No("df000f4241", "too_large"), No("dfffffffff", "too_large"),
            ]),
        new("map_int", """{"kind":"map","keys":"int16","values":"string","maxItems":3}""", ["{\"-5\":\"a\",\"0\":\"b\",\"1000\":\"c\"}"],
            [No("8201a000a0", "non_canonical", "$[\"0\"]"), No("8201a001a0", "non_canonical", "$[\"1\"]"), No("81ce00010000a0", "out_of_range"), No("81a0a0", "mistyped"), No("8105c0", "mistyped", "$[\"5\"]"), No("8400a001a002a003a0", "out_of_range")]),
        new("enum", """{"kind":"enum","values":["red","green","light blue"]}""", ["\"red\"", "\"light blue\""], [No("03", "unknown"), No("ff", "unknown"), No("cc02", "non_canonical"), No("cccc", "unknown"), No("a3726564", "mistyped"), No("c0", "mistyped")]),
        new("union", """{"kind":"union","variants":[{"name":"none","type":{"kind":"record","fields":[]}},{"name":"count","type":"int32"},{"name":"two words","type":"json"}]}""",
            ["{\"none\":{}}", "{\"count\":7}", "{\"two words\":null}"],
            [No("9200c0", "mistyped", "$.none"), No("920001", "mistyped", "$.none"), No("9203c0", "unknown"), No("9101", "mistyped"), No("93010203", "mistyped"), No("9201a0", "mistyped", "$.count"), No("9202c1", "mistyped", "$[\"two words\"]"), No("92a001", "mistyped"), No("01", "mistyped"), No("92ff00", "unknown")]),
        new("stream", """{"kind":"stream","of":"string"}""", ["0", "4294967295"], [No("ff", "out_of_range"), No("a0", "mistyped"), No("cf0000000100000000", "out_of_range")]),
        new("optional", """{"kind":"optional","of":"bool"}""", ["null", "true"], [No("01", "mistyped")]),
    ];

    private static IEnumerable<SchemaVector> Records() =>
    [
        new("record", """{"kind":"record","fields":[{"name":"id","type":"int32"},{"name":"label","type":{"kind":"optional","of":"string"}},{"name":"count","type":{"kind":"optional","of":"uint8","default":1}}]}""",
            ["{\"id\":1,\"count\":1}", "{\"id\":1,\"label\":\"x\",\"count\":1}", "{\"id\":1,\"count\":2}", "{\"id\":1,\"label\":\"\",\"count\":0}"],
            [
                No("90", "missing", "$.id"), No("91c0", "missing", "$.id"), No("9201c0", "non_canonical", "$.label"), No("9301c0c0", "non_canonical", "$.count"), No("9301c001", "non_canonical", "$.count"), No("9401c0 02c0", "unknown"),
                No("9101 00", "trailing"), No("92a001", "mistyped", "$.id"), No("920101", "mistyped", "$.label"), No("80", "mistyped"), No("c0", "mistyped"), No("9301a0", "truncated"), No("dc000101", "non_canonical"), No("9301a0cd0100", "out_of_range", "$.count"),
            ]),
        new("record_names", """{"kind":"record","fields":[{"name":"$a_1","type":"bool"},{"name":"a.b","type":"bool"},{"name":"1","type":"bool"},{"name":"\"","type":"bool"},{"name":"__proto__","type":"bool"},{"name":"constructor","type":"bool"},{"name":"*/","type":"bool"},{"name":"\u2028","type":"bool"}]}""",
            ["{\"$a_1\":true,\"a.b\":false,\"1\":true,\"\\\"\":false,\"__proto__\":true,\"constructor\":false,\"*/\":true,\"\u2028\":false}"],
            [No("98 01c3c3c3c3c3c3c3", "mistyped", "$.$a_1"), No("98c301c3c3c3c3c3c3", "mistyped", "$[\"a.b\"]"), No("98c3c301c3c3c3c3c3", "mistyped", "$[\"1\"]"), No("98c3c3c301c3c3c3c3", "mistyped", "$[\"\\\"\"]"), No("98c3c3c3c301c3c3c3", "mistyped", "$.__proto__"), No("98c3c3c3c3c3c301c3", "mistyped", "$[\"*/\"]")]),
        new("record_json", """{"kind":"record","fields":[{"name":"any","type":"json"},{"name":"maybe","type":{"kind":"optional","of":"json"}},{"name":"dflt","type":{"kind":"optional","of":"json","default":{"b":1,"a":[]}}}]}""",
            ["{\"any\":null,\"dflt\":{\"a\":[],\"b\":1}}", "{\"any\":1,\"maybe\":2,\"dflt\":3}"],
            [No("90", "missing", "$.any"), No("92c0c0", "non_canonical", "$.maybe"), No("93c0c082a16190a16201", "non_canonical", "$.dflt")]),
        new("record_defaults",
            """{"kind":"record","fields":[{"name":"a","type":{"kind":"optional","of":"string","default":"x"}},{"name":"b","type":{"kind":"optional","of":"float64","default":0}},{"name":"c","type":{"kind":"optional","of":{"kind":"enum","values":["one","two"]},"default":"two"}},{"name":"d","type":{"kind":"optional","of":"timestamp","default":"1970-01-01T00:00:00Z"}},{"name":"e","type":{"kind":"optional","of":"uuid","default":"00000000-0000-0000-0000-000000000001"}},{"name":"f","type":{"kind":"optional","of":"decimal","default":"1.5"}},{"name":"g","type":{"kind":"optional","of":"bytes","default":"AA=="}},{"name":"h","type":{"kind":"optional","of":"bool","default":false}},{"name":"i","type":{"kind":"optional","of":"float64","default":"NaN"}},{"name":"j","type":{"kind":"optional","of":"int64","default":"9223372036854775807"}},{"name":"k","type":{"kind":"optional","of":"duration","default":"PT1S"}}]}""",
            [
                """{"a":"x","b":0,"c":"two","d":"1970-01-01T00:00:00Z","e":"00000000-0000-0000-0000-000000000001","f":"1.5","g":"AA==","h":false,"i":"NaN","j":"9223372036854775807","k":"PT1S"}""",
                """{"a":"","b":-0,"c":"one","d":"1970-01-01T00:00:01Z","e":"00000000-0000-0000-0000-000000000000","f":"0","g":"","h":true,"i":0,"j":1,"k":"PT0S"}""",
            ],
            [No("91a178", "non_canonical", "$.a"), No("92c0cb0000000000000000", "non_canonical", "$.b"), No("93c0c001", "non_canonical", "$.c"), No("99c0c0c0c0c0c0c0c0cb7ff8000000000000", "non_canonical", "$.i")]),
        new("nested", """{"kind":"record","fields":[{"name":"lines","type":{"kind":"list","items":{"kind":"record","fields":[{"name":"sku","type":"string"},{"name":"qty","type":{"kind":"uint8","ge":1}}]}}},{"name":"by","type":{"kind":"optional","of":{"kind":"map","keys":"string","values":{"kind":"list","items":"int8"}}}}]}""",
            ["{\"lines\":[{\"sku\":\"a\",\"qty\":1},{\"sku\":\"b\",\"qty\":2}]}", "{\"lines\":[],\"by\":{\"k\":[1,2]}}"],
            [No("919292a1610192a16200", "out_of_range", "$.lines[1].qty"), No("919192a161a0", "mistyped", "$.lines[0].qty"), No("919191a161", "missing", "$.lines[0].qty"), No("929081a16b9201cc80", "out_of_range", "$.by[\"k\"][1]"), No("919193a1610101", "unknown", "$.lines[0]")]),
        new("tree", """{"kind":"ref","name":"Tree"}""", ["{\"value\":1}", "{\"value\":1,\"children\":[{\"value\":2},{\"value\":3,\"children\":[]}]}"],
            [No("92019191a0", "mistyped", "$.children[0].value"), No(string.Concat(Enumerable.Repeat("920191", 33)) + "9101", "too_deep", "$" + string.Concat(Enumerable.Repeat(".children[0]", 32)))],
            """{"Tree":{"kind":"record","fields":[{"name":"value","type":"int32"},{"name":"children","type":{"kind":"optional","of":{"kind":"list","items":{"kind":"ref","name":"Tree"}}}}]}}"""),
        new("everything",
            """{"kind":"record","fields":[{"name":"ok","type":"bool"},{"name":"small","type":"int8"},{"name":"big","type":"int64"},{"name":"ratio","type":"float32"},{"name":"exact","type":"float64"},{"name":"name","type":{"kind":"string","maxLength":20}},{"name":"blob","type":"bytes"},{"name":"at","type":"timestamp"},{"name":"took","type":"duration"},{"name":"key","type":"uuid"},{"name":"price","type":"decimal"},{"name":"extra","type":"json"},{"name":"tags","type":{"kind":"list","items":"string"}},{"name":"scores","type":{"kind":"map","keys":"uint8","values":"float64"}},{"name":"kind","type":{"kind":"enum","values":["a","b"]}},{"name":"shape","type":{"kind":"union","variants":[{"name":"circle","type":{"kind":"record","fields":[{"name":"r","type":"float64"}]}},{"name":"text","type":"string"}]}},{"name":"feed","type":{"kind":"stream","of":"json"}},{"name":"note","type":{"kind":"optional","of":"string"}}]}""",
            [
                """{"ok":true,"small":-7,"big":"-9007199254740993","ratio":0.25,"exact":3.141592653589793,"name":"Zoë","blob":"3q2+7w==","at":"2026-11-21T10:00:00.5Z","took":"PT0.125S","key":"00112233-4455-6677-8899-aabbccddeeff","price":"19.99","extra":{"list":[1,2.5,"x",null,true]},"tags":["x","y"],"scores":{"1":0.5,"200":-1},"kind":"b","shape":{"circle":{"r":2}},"feed":12,"note":"done"}""",
                """{"ok":false,"small":127,"big":0,"ratio":-0,"exact":"NaN","name":"","blob":"","at":"1970-01-01T00:00:00Z","took":"PT0S","key":"00000000-0000-0000-0000-000000000000","price":"0","extra":null,"tags":[],"scores":{},"kind":"a","shape":{"text":""},"feed":0}""",
            ],
            []),
    ];
}
