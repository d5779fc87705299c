using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Molt.Server.Http;

/// <summary>
/// A request head packed for the guest: Latin-1, fields separated by '\n' (<see cref="Molt.Runtime.FetchEvent.Head"/>).
/// Kestrel refuses line feeds in targets and field values, and <see cref="Pack"/> in names (HTTP/2 lets them through), so the
/// separator cannot be forged.
/// </summary>
internal sealed class HeadBuffer
{
    // Heads beyond this are rare; their buffer is not kept.
    private const int KeepBytes = 16 << 10;

    private byte[] _buffer = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Packed => _buffer.AsSpan(0, _length);

    /// <summary>Packs a request; false when a field's name is not one (RFC 9110, section 5.1).</summary>
    public bool Pack(IHttpRequestFeature request)
    {
        if (_buffer.Length > KeepBytes)
        {
            _buffer = new byte[1024];
        }

        _length = 0;
        Append(request.Method);
        Append((byte)'\n');
        AppendUrl(request);
        foreach (var (name, values) in request.Headers)
        {
            // Pseudo-header fields of HTTP/2 are in the method and URL already.
            if (name.Length == 0 || name[0] == ':')
            {
                continue;
            }

            Append((byte)'\n');
            if (!TryAppendName(name))
            {
                return false;
            }

            Append((byte)'\n');
            AppendValues(values);
        }

        return true;
    }

    private void AppendUrl(IHttpRequestFeature request)
    {
        var target = request.RawTarget;
        if (target.Length > 0 && target[0] != '/' && target.Contains("://", StringComparison.Ordinal))
        {
            // The absolute form, as sent to proxies (RFC 9112, section 3.2.2).
            Append(target);
            return;
        }

        Append(request.Scheme);
        Append("://");
        var host = request.Headers.Host;
        Append(host.Count > 0 && !string.IsNullOrEmpty(host[0]) ? host[0]! : "localhost");
        Append(target.Length > 0 && target[0] == '/' ? target : "/");
    }

    private void AppendValues(StringValues values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
            {
                Append(", ");
            }

            Append(values[i] ?? "");
        }
    }

    private void Append(string text)
    {
        var span = Reserve(text.Length);
        Encoding.Latin1.GetBytes(text, span);
        _length += text.Length;
    }

    private bool TryAppendName(string name)
    {
        var span = Reserve(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c is <= ' ' or ':' or >= '\x7f')
            {
                return false;
            }

            span[i] = (byte)(c is >= 'A' and <= 'Z' ? c | 0x20 : c);
        }

        _length += name.Length;
        return true;
    }

    private void Append(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        return _buffer.AsSpan(_length);
    }
}
