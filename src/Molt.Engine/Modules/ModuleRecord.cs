using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace Molt.Engine;

/// <summary>An import statement of a module.</summary>
internal sealed record ModuleImport(string Specifier, IReadOnlyDictionary<string, string> Attributes)
{
    public static ModuleImport[] ParseList(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var result = new ModuleImport[document.RootElement.GetArrayLength()];
        int index = 0;
        foreach (var item in document.RootElement.EnumerateArray())
        {
            result[index++] = new ModuleImport(item.GetProperty("specifier").GetString() ?? "", ParseAttributes(item));
        }
        return result;
    }

    public static IReadOnlyDictionary<string, string> ParseAttributes(JsonElement item)
    {
        if (!item.TryGetProperty("attributes", out var attributes))
        {
            return ModuleRecord.NoAttributes;
        }
        Dictionary<string, string>? result = null;
        foreach (var attribute in attributes.EnumerateObject())
        {
            (result ??= new Dictionary<string, string>(StringComparer.Ordinal))[attribute.Name] = attribute.Value.GetString() ?? "";
        }
        return result ?? ModuleRecord.NoAttributes;
    }
}

/// <summary>One module of a context's map, from its source on. A failure to compile stays: later imports get the same error.</summary>
internal sealed class ModuleRecord(string name, JsModuleKind kind)
{
    public static readonly IReadOnlyDictionary<string, string> NoAttributes = new Dictionary<string, string>(StringComparer.Ordinal);

    public string Name { get; } = name;

    public JsModuleKind Kind { get; } = kind;

    public JsModule? Module { get; set; }

    public ModuleImport[] Imports { get; set; } = [];

    /// <summary>Linked targets, by import.</summary>
    public ModuleRecord?[] Targets { get; set; } = [];

    /// <summary>Export names of a module without ECMAScript source.</summary>
    public string[] ExportNames { get; set; } = [];

    /// <summary>
    /// Where the exports of a module without ECMAScript source are: the default export, the exports object of a synthetic
    /// module, or the `module` object of a CommonJS one.
    /// </summary>
    public JsValue? Source { get; set; }

    public Exception? Error { get; set; }

    public JsModule RequireModule()
    {
        if (Error is not null)
        {
            ExceptionDispatchInfo.Throw(Error);
        }
        return Module ?? throw new JsModuleException($"Module \"{Name}\" is still being evaluated.");
    }

    public void Release()
    {
        Module?.Release();
        Source?.Dispose();
    }
}
