using System.Buffers.Binary;
using Molt.Runtime;

namespace Molt.Wasm.Http;

/// <summary>Writes a request as a payload of <c>schema://molt/http_request/v1</c>, straight from the gateway's packed head.</summary>
internal static class HttpRequestPacker
{
    private const byte Line = (byte)'\n';

    /// <summary>The most bytes a request's payload can have.</summary>
    public static int Bound(in FetchTask task)
    {
        var head = task.Head;
        int fields = head.Count(Line) + 1;

        // Latin-1 doubles at most as UTF-8; strings and containers have headers of up to five bytes.
        return checked((head.Length * 2) + (fields * 6) + 16 + task.Body.Length);
    }

    /// <summary>Writes the payload; the length it has.</summary>
    public static int Write(in FetchTask task, Span<byte> place)
    {
        var head = task.Head;
        int at = 0;
        place[at++] = 0x94;
        at += Text(Next(ref head), place[at..]);
        at += Text(Next(ref head), place[at..]);
        int fields = head.IsEmpty ? 0 : (head.Count(Line) + 1) / 2;
        at += Length(place[at..], fields, 0x90, 15, 0, 0xDC);
        for (int i = 0; i < fields; i++)
        {
            place[at++] = 0x92;
            at += Text(Next(ref head), place[at..]);
            at += Text(Next(ref head), place[at..]);
        }

        var body = task.Body;
        at += Length(place[at..], body.Length, 0, -1, 0xC4, 0xC5);
        body.CopyTo(place[at..]);
        return at + body.Length;
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> head)
    {
        int end = head.IndexOf(Line);
        var part = end < 0 ? head : head[..end];
        head = end < 0 ? default : head[(end + 1)..];
        return part;
    }

    /// <summary>A string from Latin-1.</summary>
    private static int Text(ReadOnlySpan<byte> latin1, Span<byte> place)
    {
        int wide = 0;
        if (!System.Text.Ascii.IsValid(latin1))
        {
            foreach (byte unit in latin1)
            {
                wide += unit >> 7;
            }
        }

        int at = Length(place, latin1.Length + wide, 0xA0, 31, 0xD9, 0xDA);
        if (wide == 0)
        {
            latin1.CopyTo(place[at..]);
            return at + latin1.Length;
        }

        foreach (byte unit in latin1)
        {
            if (unit < 0x80)
            {
                place[at++] = unit;
            }
            else
            {
                place[at++] = (byte)(0xC0 | (unit >> 6));
                place[at++] = (byte)(0x80 | (unit & 0x3F));
            }
        }

        return at;
    }

    /// <summary>The shortest header: within one byte, with one of length where there is such a form, with two or with four.</summary>
    private static int Length(Span<byte> place, int length, byte inline, int most, byte small, byte medium)
    {
        if (length <= most)
        {
            place[0] = (byte)(inline | length);
            return 1;
        }

        if (length <= byte.MaxValue && small != 0)
        {
            place[0] = small;
            place[1] = (byte)length;
            return 2;
        }

        if (length <= ushort.MaxValue)
        {
            place[0] = medium;
            BinaryPrimitives.WriteUInt16BigEndian(place[1..], (ushort)length);
            return 3;
        }

        place[0] = (byte)(medium + 1);
        BinaryPrimitives.WriteInt32BigEndian(place[1..], length);
        return 5;
    }
}
