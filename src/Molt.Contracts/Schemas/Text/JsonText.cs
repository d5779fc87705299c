using System.Buffers;
using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Writes JSON with one spelling per value: no white space unless indented, and in strings only what must be escaped
/// (RFC 8785 §3.2.2.2).
/// </summary>
internal sealed class JsonText(bool indented = false)
{
    private readonly ArrayBufferWriter<byte> _out = new();
    private int _depth;
    private bool _needsComma;
    private bool _isAfterName;

    public ReadOnlySpan<byte> Written => _out.WrittenSpan;

    public byte[] ToArray() => _out.WrittenSpan.ToArray();

    public void Begin(char bracket)
    {
        Separate();
        Append((byte)bracket);
        _depth++;
        _needsComma = false;
    }

    public void End(char bracket)
    {
        _depth--;
        if (_needsComma)
        {
            Break();
        }

        Append((byte)bracket);
        _needsComma = true;
    }

    public void Name(string name) => Name(System.Text.Encoding.UTF8.GetBytes(name));

    public void Name(ReadOnlySpan<byte> name)
    {
        String(name);
        Append((byte)':');
        if (indented)
        {
            Append((byte)' ');
        }

        _isAfterName = true;
    }

    /// <summary>A number, true, false, null or a piece of JSON as it is.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        Separate();
        _out.Write(json);
        _needsComma = true;
    }

    public void Raw(string json) => Raw(System.Text.Encoding.UTF8.GetBytes(json));

    public void Number(long value)
    {
        Separate();
        var span = _out.GetSpan(20);
        value.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        _out.Advance(written);
        _needsComma = true;
    }

    public void Number(decimal value) => Raw(value.ToString("0", CultureInfo.InvariantCulture));

    public void Number(double value) => Raw(EcmaNumber.Text(value));

    public void String(string text) => String(System.Text.Encoding.UTF8.GetBytes(text));

    public void String(ReadOnlySpan<byte> utf8)
    {
        Separate();
        Append((byte)'"');
        while (!utf8.IsEmpty)
        {
            var plain = 0;
            while (plain < utf8.Length && utf8[plain] >= 0x20 && utf8[plain] != '"' && utf8[plain] != '\\')
            {
                plain++;
            }

            _out.Write(utf8[..plain]);
            if (plain < utf8.Length)
            {
                Escape(utf8[plain++]);
            }

            utf8 = utf8[plain..];
        }

        Append((byte)'"');
        _needsComma = true;
    }

    private void Escape(byte c)
    {
        Append((byte)'\\');
        switch (c)
        {
            case (byte)'"' or (byte)'\\':
                Append(c);
                break;
            case (byte)'\b':
                Append((byte)'b');
                break;
            case (byte)'\t':
                Append((byte)'t');
                break;
            case (byte)'\n':
                Append((byte)'n');
                break;
            case (byte)'\f':
                Append((byte)'f');
                break;
            case (byte)'\r':
                Append((byte)'r');
                break;
            default:
                _out.Write("u00"u8);
                Append((byte)(c < 0x10 ? '0' : '1'));
                Append("0123456789abcdef"u8[c & 15]);
                break;
        }
    }

    private void Separate()
    {
        if (_isAfterName)
        {
            _isAfterName = false;
            return;
        }

        if (_needsComma)
        {
            Append((byte)',');
        }

        if (_depth > 0)
        {
            Break();
        }
    }

    private void Break()
    {
        if (indented)
        {
            Append((byte)'\n');
            var spaces = _depth * 2;
            _out.GetSpan(spaces)[..spaces].Fill((byte)' ');
            _out.Advance(spaces);
        }
    }

    private void Append(byte value)
    {
        _out.GetSpan(1)[0] = value;
        _out.Advance(1);
    }
}
