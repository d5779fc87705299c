using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Molt.Server.Http;

/// <summary>The header fields of a guest's response, ready for Kestrel.</summary>
internal sealed class ResponseFields
{
    private readonly KeyValuePair<string, StringValues>[] _fields;

    private ResponseFields(KeyValuePair<string, StringValues>[] fields, long? contentLength, string? fault)
    {
        _fields = fields;
        Fault = fault;
        ContentLength = contentLength;
    }

    /// <summary>The length the guest declared, if it did.</summary>
    public long? ContentLength { get; }

    /// <summary>Why the fields cannot be sent, or null.</summary>
    public string? Fault { get; }

    /// <summary>Parses a packed block: names and values by turns, separated by '\n', Latin-1.</summary>
    public static ResponseFields Parse(ReadOnlySpan<byte> packed)
    {
        var fields = new List<KeyValuePair<string, StringValues>>();
        long? length = null;
        string? fault = null;
        while (!packed.IsEmpty)
        {
            var name = Next(ref packed);
            var value = Next(ref packed);
            fault ??= FaultOf(name, value);
            if (name.Equals("content-length", StringComparison.OrdinalIgnoreCase))
            {
                length = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var declared) ? declared : null;
            }
            else if (!IsConnectionField(name))
            {
                Add(fields, name, value);
            }
        }

        return new ResponseFields([.. fields], length, fault);
    }

    /// <summary>Writes the fields to a response.</summary>
    public void Apply(IHeaderDictionary headers)
    {
        foreach (var (name, values) in _fields)
        {
            headers[name] = values;
        }
    }

    /// <summary>Whether a field belongs to the connection, which is the gateway's alone (RFC 9110, section 7.6.1).</summary>
    internal static bool IsConnectionField(string name) => name.ToLowerInvariant() is
        "connection" or "keep-alive" or "proxy-connection" or "transfer-encoding" or "upgrade" or "te" or "trailer";

    private static void Add(List<KeyValuePair<string, StringValues>> fields, string name, string value)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                fields[i] = new KeyValuePair<string, StringValues>(name, StringValues.Concat(fields[i].Value, value));
                return;
            }
        }

        fields.Add(new KeyValuePair<string, StringValues>(name, value));
    }

    /// <summary>Guests may hold control characters in <c>Headers</c>; HTTP has no way to send them (RFC 9110, section 5.5).</summary>
    private static string? FaultOf(string name, string value)
    {
        foreach (var c in value)
        {
            if (c is (< ' ' and not '\t') or '\x7f')
            {
                return $"The value of the response header \"{name}\" has the control character U+{(int)c:X4}, which HTTP cannot send.";
            }
        }

        return null;
    }

    private static string Next(ref ReadOnlySpan<byte> packed)
    {
        var end = packed.IndexOf((byte)'\n');
        var part = end < 0 ? packed : packed[..end];
        packed = end < 0 ? default : packed[(end + 1)..];
        return Encoding.Latin1.GetString(part);
    }
}
