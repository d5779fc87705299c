using Molt.Contracts.Schemas;

namespace Molt.Wasm.Http;

/// <summary>A validated payload of <c>schema://molt/http_response/v1</c>, taken apart.</summary>
internal static class HttpResponsePayload
{
    /// <summary>
    /// Reads a response. Header fields are packed into <paramref name="packed"/> as the gateway takes them; false with a message when
    /// one of them cannot be sent (RFC 9110, section 5).
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, ref byte[] packed, out int status, out int headers, out ReadOnlySpan<byte> body, out string? fault)
    {
        var reader = new PayloadReader(payload);
        reader.BeginArray();
        status = (int)reader.ReadInteger();
        headers = 0;
        body = default;
        fault = null;
        if (status < 200)
        {
            fault = $"Status {status} ends no exchange; answer with 200 to 599.";
            return false;
        }

        int count = reader.BeginArray();
        for (int i = 0; i < count; i++)
        {
            reader.BeginArray();
            var name = reader.ReadUtf8();
            var value = reader.ReadUtf8();
            reader.End();
            if (packed.Length < headers + name.Length + value.Length + 2)
            {
                Array.Resize(ref packed, Math.Max(packed.Length * 2, headers + name.Length + value.Length + 2));
            }

            var place = packed.AsSpan(headers);
            if (i > 0)
            {
                place[0] = (byte)'\n';
                place = place[1..];
                headers++;
            }

            int written = Value(value, place[Math.Min(name.Length + 1, place.Length)..]);
            if (!IsName(name) || written < 0)
            {
                fault = $"Header field {i} has a name or value that HTTP does not allow.";
                return false;
            }

            name.CopyTo(place);
            place[name.Length] = (byte)'\n';
            headers += name.Length + 1 + written;
        }

        reader.End();
        int length = reader.ReadBinary().Length;
        body = payload.Slice(reader.Position - length, length);
        return true;
    }

    /// <summary>Copies a value as Latin-1; -1 when it is not visible text.</summary>
    private static int Value(ReadOnlySpan<byte> utf8, Span<byte> place)
    {
        int length = 0;
        for (int i = 0; i < utf8.Length; i++)
        {
            byte unit = utf8[i];
            if (unit >= 0x80)
            {
                // Two-byte forms of U+0080 to U+00FF; anything further has no place in a header.
                if (unit is not (0xC2 or 0xC3))
                {
                    return -1;
                }

                unit = (byte)((unit << 6) | (utf8[++i] & 0x3F));
            }
            else if ((unit < ' ' && unit != '\t') || unit == 0x7F)
            {
                return -1;
            }

            place[length++] = unit;
        }

        return length;
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (byte unit in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)unit) && "!#$%&'*+-.^_`|~"u8.IndexOf(unit) < 0)
            {
                return false;
            }
        }

        return !name.IsEmpty;
    }
}
