using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

/// <summary>
/// The vectors for the codecs of all languages: C# agrees with them, and tests/vectors/schema-codec.json is what they give.
/// MOLT_ACCEPT_VECTORS=1 writes the file.
/// </summary>
public sealed class SchemaVectorTests
{
    private const string Accept = "MOLT_ACCEPT_VECTORS";

    public static TheoryData<string> Names()
    {
        var names = new TheoryData<string>();
        foreach (var vector in SchemaVectors.All)
        {
            names.Add(vector.Name);
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Value_WhenEncodedAndDecoded_IsTheSame(string name)
    {
        var vector = Find(name);
        var codec = PayloadCodec.For(Schema.Parse(Encoding.UTF8.GetBytes(vector.Document)));
        foreach (var json in vector.Values)
        {
            Assert.Equal(json, Encoding.UTF8.GetString(codec.ToJson(codec.FromJson(Encoding.UTF8.GetBytes(json)))));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Payload_WhenRefused_HasTheFaultOfTheVector(string name)
    {
        var vector = Find(name);
        var codec = PayloadCodec.For(Schema.Parse(Encoding.UTF8.GetBytes(vector.Document)));
        foreach (var refused in vector.Refused)
        {
            Assert.False(codec.TryValidate(Bytes(refused), out var fault), refused.Hex);
            Assert.Equal($"{refused.Hex} {refused.Kind} {refused.Path}", $"{refused.Hex} {fault.KindName} {fault.Path}");
        }
    }

    [Fact]
    public void File_WhenCompared_IsWhatTheVectorsGive()
    {
        var path = Path.Combine(RepositoryRoot(), "tests", "vectors", "schema-codec.json");
        var actual = FileText();
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == actual, $"tests/vectors/schema-codec.json is not what the vectors give; run this test with {Accept}=1 and review the difference.");
    }

    private static SchemaVector Find(string name)
    {
        foreach (var vector in SchemaVectors.All)
        {
            if (vector.Name == name)
            {
                return vector;
            }
        }

        throw new ArgumentException(name, nameof(name));
    }

    private static byte[] Bytes(RefusedPayload refused) => Convert.FromHexString(refused.Hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>One vector a line, so that differences are easy to read.</summary>
    private static string FileText()
    {
        var text = new StringBuilder("[");
        foreach (var vector in SchemaVectors.All)
        {
            var schema = Schema.Parse(Encoding.UTF8.GetBytes(vector.Document));
            var codec = PayloadCodec.For(schema);
            text.Append(text.Length > 1 ? ",\n" : "\n").Append("{\"schema\":").Append(Encoding.UTF8.GetString(schema.Canonical())).Append(",\"identity\":\"").Append(schema.Identity).Append("\",\n \"cases\":[");
            var separator = "";
            foreach (var json in vector.Values)
            {
                var payload = codec.FromJson(Encoding.UTF8.GetBytes(json));
                text.Append(separator).Append("{\"json\":").Append(json).Append(",\"hex\":\"").Append(Convert.ToHexStringLower(payload)).Append("\"}");
                separator = ",\n  ";
            }

            text.Append("],\n \"refused\":[");
            separator = "";
            foreach (var refused in vector.Refused)
            {
                var entry = new JsonObject { ["hex"] = Convert.ToHexStringLower(Bytes(refused)), ["kind"] = refused.Kind, ["path"] = refused.Path };
                text.Append(separator).Append(entry.ToJsonString(new JsonSerializerOptions { WriteIndented = false }));
                separator = ",\n  ";
            }

            text.Append("]}");
        }

        return text.Append("\n]\n").ToString();
    }

    private static string RepositoryRoot()
    {
        foreach (var attribute in typeof(SchemaVectorTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>())
        {
            if (attribute.Key == "RepositoryRoot" && attribute.Value is { } root)
            {
                return root;
            }
        }

        throw new InvalidOperationException("The test project does not say where the repository is.");
    }
}
