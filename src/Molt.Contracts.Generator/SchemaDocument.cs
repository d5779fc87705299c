using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Molt.Contracts.Generator;

/// <summary>Writes the document of a schema, a field a line.</summary>
internal static class SchemaDocument
{
    public static string Of(string id, string? doc, bool isLax, Definitions definitions, string record)
    {
        var text = new StringBuilder("{\"sir\":1,\"id\":").Append(Quoted(id));
        if (doc is not null)
        {
            text.Append(",\"doc\":").Append(Quoted(doc));
        }

        if (isLax)
        {
            text.Append(",\"coercion\":\"lax\"");
        }

        var written = definitions.Written(record);
        if (written.Count > 0)
        {
            text.Append(",\n\"definitions\":{");
            for (var i = 0; i < written.Count; i++)
            {
                text.Append(i > 0 ? "," : "").Append("\n  ").Append(Quoted(written[i].Name)).Append(':').Append(written[i].Json);
            }

            text.Append("},");
        }
        else
        {
            text.Append(',');
        }

        return text.Append("\n\"type\":").Append(definitions.IsRootNamed ? definitions.RootJson : record).Append('}').ToString();
    }

    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\')
            {
                quoted.Append('\\').Append(c);
            }
            else if (c < ' ' || char.IsSurrogate(c) || c is '\u007f' or '\u0085' or '\u2028' or '\u2029')
            {
                quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                quoted.Append(c);
            }
        }

        return quoted.Append('"').ToString();
    }
}

/// <summary>The records that a record uses: they stand in its schema under names, itself too when it contains itself.</summary>
internal sealed class Definitions(INamedTypeSymbol root)
{
    private readonly INamedTypeSymbol _root = root;
    private readonly Dictionary<ISymbol, string> _names = new(SymbolEqualityComparer.Default);
    private readonly List<(string Name, string Json)> _written = [];
    private readonly Queue<INamedTypeSymbol> _waiting = new();

    public bool IsRootNamed => _names.ContainsKey(_root);

    public string RootJson => Reference(_names[_root]);

    /// <summary>The document's reference to a record.</summary>
    public string Use(INamedTypeSymbol type)
    {
        if (!_names.TryGetValue(type, out var name))
        {
            name = type.Name;
            for (var i = 2; _names.ContainsValue(name); i++)
            {
                name = type.Name + i.ToString(CultureInfo.InvariantCulture);
            }

            _names.Add(type, name);
            if (!SymbolEqualityComparer.Default.Equals(type, _root))
            {
                _waiting.Enqueue(type);
            }
        }

        return Reference(name);
    }

    public INamedTypeSymbol? Next() => _waiting.Count > 0 ? _waiting.Dequeue() : null;

    public void Complete(INamedTypeSymbol type, string json) => _written.Add((_names[type], json));

    /// <summary>All definitions, with the root's own when it is used.</summary>
    public List<(string Name, string Json)> Written(string root)
    {
        var all = new List<(string Name, string Json)>(_written);
        if (IsRootNamed)
        {
            all.Add((_names[_root], root));
        }

        all.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return all;
    }

    private static string Reference(string name) => "{\"kind\":\"ref\",\"name\":" + SchemaDocument.Quoted(name) + "}";
}

/// <summary>The ids of schemas.</summary>
internal static class SchemaIds
{
    private const string Scheme = "schema://";
    private const int LongestPart = 64;

    public static bool IsValid(string id)
    {
        if (!id.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        var parts = id.Substring(Scheme.Length).Split('/');
        return parts.Length == 3 && IsPart(parts[0]) && IsPart(parts[1]) && parts[2].Length >= 2 && parts[2][0] == 'v' && parts[2][1] != '0'
            && int.TryParse(parts[2].Substring(1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    private static bool IsPart(string part)
    {
        if (part.Length is 0 or > LongestPart || part[0] is < 'a' or > 'z')
        {
            return false;
        }

        foreach (var c in part)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '_'))
            {
                return false;
            }
        }

        return true;
    }
}
