using System.Text.Json;
using Molt.Cli.Commands;
using Molt.Cli.Reporting;

namespace Molt.Cli.Tests.Schemas;

/// <summary><c>molt schema check | diff | bump | import | export</c>.</summary>
public sealed class SchemaCommandTests : IDisposable
{
    private const string Greet = """
        {
          "sir": 1, "id": "schema://acme/greet/v1",
          "type": { "kind": "record", "fields": [
            { "name": "name", "type": "string" },
            { "name": "times", "type": { "kind": "optional", "of": "int32", "default": 1 } }
          ] }
        }
        """;

    private readonly TemporaryProject _files = new(("greet.json", Greet));

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Check_WhenAllIsWell_ShowsIdAndIdentity()
    {
        var (code, output, error) = Run("schema", "check", "greet.json");
        Assert.Equal(0, code);
        Assert.Matches("^✓ greet.json schema://acme/greet/v1 [0-9a-f]{64}\n$", output);
        Assert.Equal("", error);
    }

    [Fact]
    public void Check_WhenSeveralThingsAreWrong_SaysAllWithLines()
    {
        _files.Write("bad.json", """
            {
              "sir": 1,
              "id": "schema://acme/bad/v1",
              "type": { "kind": "record", "fields": [
                { "name": "a", "type": "strin" },
                { "name": "a", "type": { "kind": "ref", "name": "Nobody" } }
              ] }
            }
            """);
        var (code, output, error) = Run("schema", "check", "bad.json", "greet.json");
        Assert.Equal(1, code);
        Assert.StartsWith("✓ greet.json", output, StringComparison.Ordinal);
        Assert.Contains("error SCH001: $.type.fields[0].type:", error, StringComparison.Ordinal);
        Assert.Contains("at bad.json:5:28", error, StringComparison.Ordinal);
        Assert.Contains("at bad.json:6:53", error, StringComparison.Ordinal);
        Assert.Contains("the name \"a\" is used twice", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"ada"}""", 0, "✓ p.json is a value of schema://acme/greet/v1: 5 bytes\n", "")]
    [InlineData("""{"name":7}""", 1, "", "error SCH142: $.name: mistyped:")]
    [InlineData("""{"naem":"ada"}""", 1, "", "error SCH142: $: unknown:")]
    public void Check_WhenAJsonPayloadIsGiven_ChecksIt(string json, int expected, string end, string fault)
    {
        _files.Write("p.json", json);
        var (code, output, error) = Run("schema", "check", "greet.json", "--payload", "p.json");
        Assert.Equal(expected, code);
        Assert.EndsWith(end, output, StringComparison.Ordinal);
        Assert.Contains(fault, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("91a3616461", 0, "")]
    [InlineData("92a361646101", 1, "$.times: non_canonical")]
    [InlineData("91a36164", 1, "$.name: truncated")]
    public void Check_WhenPayloadBytesAreGiven_ChecksThem(string hex, int expected, string fault)
    {
        _files.WriteBytes("p.bin", Convert.FromHexString(hex));
        var (code, _, error) = Run("schema", "check", "greet.json", "--payload", "p.bin");
        Assert.Equal(expected, code);
        Assert.Contains(fault, error, StringComparison.Ordinal);
        Assert.Equal(expected, Run("schema", "check", "greet.json", "--payload", "p.bin", "--as", "msgpack").Code);
        Assert.Equal(1, Run("schema", "check", "greet.json", "--payload", "p.bin", "--as", "json").Code);
    }

    [Fact]
    public void Check_WhenOneIdHasTwoMeanings_IsAFault()
    {
        _files.Write("twin.json", Greet.Replace("int32", "int64", StringComparison.Ordinal));
        var (code, _, error) = Run("schema", "check", "greet.json", "twin.json");
        Assert.Equal(1, code);
        Assert.Contains("error SCH141: schema://acme/greet/v1 is another schema in greet.json.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_WhenJson_WritesOneDocument()
    {
        var (code, output, _) = Run("schema", "check", "greet.json", "missing.json", "--json");
        Assert.Equal(1, code);
        using var document = JsonDocument.Parse(output);
        var root = document.RootElement;
        Assert.False(root.GetProperty("ok").GetBoolean());
        Assert.Equal("schema://acme/greet/v1", root.GetProperty("schemas")[0].GetProperty("id").GetString());
        Assert.Equal(("SCH140", "missing.json"), (root.GetProperty("faults")[0].GetProperty("code").GetString(), root.GetProperty("faults")[0].GetProperty("file").GetString()));
    }

    [Fact]
    public void Diff_WhenBreaking_FailsWithATable()
    {
        _files.Write("next.json", Greet.Replace("\"string\"", "\"int32\"", StringComparison.Ordinal).Replace("v1", "v2", StringComparison.Ordinal));
        var (code, output, _) = Run("schema", "diff", "greet.json", "next.json");
        Assert.Equal(1, code);
        Assert.Contains("\nbreaking    $.name", output, StringComparison.Ordinal);
        Assert.EndsWith("1 change, 1 breaking\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Diff_WhenCompatible_Succeeds()
    {
        _files.Write("next.json", Greet.Replace("\"default\": 1 } }", "\"default\": 1 } },\n{ \"name\": \"loud\", \"type\": { \"kind\": \"optional\", \"of\": \"bool\" } }", StringComparison.Ordinal).Replace("v1", "v2", StringComparison.Ordinal));
        var (code, output, _) = Run("schema", "diff", "greet.json", "next.json", "--json");
        Assert.Equal(0, code);
        using var document = JsonDocument.Parse(output);
        Assert.Equal(("$.loud", "compatible"), (
            document.RootElement.GetProperty("changes")[0].GetProperty("path").GetString(),
            document.RootElement.GetProperty("changes")[0].GetProperty("kind").GetString()));
        Assert.Equal("No differences in what the schemas mean.\n", Run("schema", "diff", "greet.json", "greet.json").Output);
    }

    [Fact]
    public void Bump_WhenNothingIsComparedWith_WritesTheNextIdAndNothingElse()
    {
        Assert.Equal((0, "✓ greet.json schema://acme/greet/v1 → schema://acme/greet/v2\n", ""), Run("schema", "bump", "greet.json"));
        Assert.Equal(Greet.Replace("greet/v1", "greet/v2", StringComparison.Ordinal), File.ReadAllText(_files.PathOf("greet.json")));
    }

    [Fact]
    public void Bump_WhenComparedWithTheOldOne_ChangesTheIdOnlyWhenTheSchemaDid()
    {
        _files.Write("old.json", Greet);
        Assert.Equal((0, "✓ greet.json stays schema://acme/greet/v1\n", ""), Run("schema", "bump", "greet.json", "--against", "old.json"));
        Assert.Equal(Greet, File.ReadAllText(_files.PathOf("greet.json")));
        _files.Write("greet.json", Greet.Replace("int32", "int64", StringComparison.Ordinal));
        Assert.Equal(0, Run("schema", "bump", "greet.json", "--against", "old.json").Code);
        Assert.Contains("\"schema://acme/greet/v2\"", File.ReadAllText(_files.PathOf("greet.json")), StringComparison.Ordinal);
        Assert.Equal((0, "✓ greet.json stays schema://acme/greet/v2\n", ""), Run("schema", "bump", "greet.json", "--against", "old.json"));
    }

    [Fact]
    public void Bump_WhenTheOtherIsAnotherSchema_IsAFault()
    {
        _files.Write("old.json", Greet.Replace("acme/greet", "acme/leave", StringComparison.Ordinal));
        var (code, _, error) = Run("schema", "bump", "greet.json", "--against", "old.json");
        Assert.Equal(1, code);
        Assert.Contains("error SCH143", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_WhenAJsonSchema_WritesTheSchemaAndWhatItDoesNotKeep()
    {
        _files.Write("in.json", "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"a\": { \"type\": \"string\", \"not\": { \"const\": \"x\" } }\n  }\n}");
        var (code, output, error) = Run("schema", "import", "in.json", "--from", "json-schema", "--id", "schema://acme/in/v1", "--out", "out/in.json");
        Assert.Equal(0, code);
        Assert.StartsWith("✓ out/in.json schema://acme/in/v1 ", output, StringComparison.Ordinal);
        Assert.Contains("warning SCH110: not is not checked: the schema language has no word for it.\n  at in.json:4:30 /properties/a/not\n", error, StringComparison.Ordinal);
        Assert.Contains("warning SCH111:", error, StringComparison.Ordinal);
        Assert.Equal(0, Run("schema", "check", "out/in.json").Code);
        Assert.Equal(1, Run("schema", "import", "in.json", "--from", "json-schema", "--id", "schema://acme/in/v1", "--strict").Code);
    }

    [Fact]
    public void Import_WhenJson_WritesOneDocument()
    {
        _files.Write("in.json", """{"$ref":"#/nowhere"}""");
        var (code, output, _) = Run("schema", "import", "in.json", "--from", "json-schema", "--id", "schema://acme/in/v1", "--json");
        Assert.Equal(1, code);
        using var document = JsonDocument.Parse(output);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("schema").ValueKind);
        Assert.Equal(("SCH102", "/$ref"), (document.RootElement.GetProperty("notes")[0].GetProperty("code").GetString(), document.RootElement.GetProperty("notes")[0].GetProperty("place").GetString()));
    }

    [Theory]
    [InlineData("json-schema", "\"$id\": \"schema://acme/greet/v1\"")]
    [InlineData("typescript", "export interface Greet {")]
    [InlineData("csharp", "public sealed partial record Greet")]
    [InlineData("python", "class Greet:")]
    public void Export_WhenAsked_WritesTheLanguage(string to, string text)
    {
        var (code, output, error) = Run("schema", "export", "greet.json", "--to", to);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(text, output, StringComparison.Ordinal);
        Assert.Equal(0, Run("schema", "export", "greet.json", "--to", to, "--out", "o.txt").Code);
        Assert.Equal(output, File.ReadAllText(_files.PathOf("o.txt")));
    }

    [Theory]
    [InlineData("schema", "check")]
    [InlineData("schema", "check", "greet.json", "--jsno")]
    [InlineData("schema", "check", "greet.json", "greet.json", "--payload", "p.json")]
    [InlineData("schema", "check", "greet.json", "--as", "json")]
    [InlineData("schema", "diff", "greet.json")]
    [InlineData("schema", "import", "greet.json", "--from", "yaml", "--id", "schema://a/b/v1")]
    [InlineData("schema", "import", "greet.json", "--from", "json-schema", "--id", "greet")]
    [InlineData("schema", "export", "greet.json")]
    public void Schema_WhenTheCommandLineIsWrong_IsAParseError(params string[] arguments) =>
        Assert.NotEmpty(RootCommandFactory.Create(Environment(new StringWriter(), new StringWriter())).Parse(arguments).Errors);

    [Theory]
    [InlineData("check")]
    [InlineData("diff")]
    [InlineData("bump")]
    [InlineData("import")]
    [InlineData("export")]
    public void Help_WhenAsked_EndsWithExamples(string command)
    {
        var (code, output, _) = Run("schema", command, "--help");
        Assert.Equal(0, code);
        Assert.Contains($"Examples:\n  molt schema {command} ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schema_WhenTheCommandLineIsWrong_EndsWith2AndNamesTheHelp()
    {
        await using var molt = MoltProcess.Start(_files.Root, "schema", "export", "greet.json", "--to", "cobol");
        Assert.Equal(2, await molt.ExitAsync());
        Assert.Contains("See: molt schema export --help", molt.Seen, StringComparison.Ordinal);
    }

    internal (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var result = RootCommandFactory.Create(Environment(output, error)).Parse(arguments);
        Assert.Empty(result.Errors);
        var code = result.Invoke(new System.CommandLine.InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        return (code, output.ToString(), error.ToString());
    }

    private CommandEnvironment Environment(TextWriter output, TextWriter error) => new()
    {
        Output = output,
        Error = error,
        OutputStyle = TerminalStyle.Plain,
        ErrorStyle = TerminalStyle.Plain,
        Directory = _files.Root,
        Time = TimeProvider.System,
        Installation = Installation.Locate(),
    };
}
