using Molt.Engine;

namespace Molt.Runtime;

/// <summary>How a body crosses between guest and host.</summary>
public enum BodyKind
{
    /// <summary>There is none.</summary>
    None = 0,

    /// <summary>A complete JavaScript string, sent as UTF-8.</summary>
    Text = 1,

    /// <summary>Complete bytes.</summary>
    Bytes = 2,

    /// <summary>A stream that follows.</summary>
    Stream = 3,
}

/// <summary>
/// A response head as the guest hands it over. It refers to the guest's memory: valid only during
/// <see cref="FetchEvent.OnResponse"/>.
/// </summary>
public readonly ref struct GuestResponse
{
    private readonly JsCall _call;
    private readonly ReadOnlySpan<byte> _headers;
    private readonly ReadOnlySpan<byte> _body;
    private readonly int _status;

    internal GuestResponse(JsCall call)
    {
        _call = call;
    }

    /// <summary>A complete response that no JavaScript call carries.</summary>
    internal GuestResponse(int status, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> body)
    {
        _status = status;
        _headers = headers;
        _body = body;
    }

    /// <summary>The status code, 200 to 599.</summary>
    public int Status => _status != 0 ? _status : _call.Int32(1);

    /// <summary>The reason phrase, or null for the standard one.</summary>
    public string? StatusText => _status != 0 || _call.IsUndefined(2) ? null : _call.String(2);

    /// <summary>Bytes that <see cref="CopyHeaders"/> writes.</summary>
    public int HeadersLength => _status != 0 ? _headers.Length : _call.StringLength(3);

    /// <summary>What follows the head.</summary>
    public BodyKind BodyKind => _status == 0 ? (BodyKind)_call.Int32(4) : _body.IsEmpty ? BodyKind.None : BodyKind.Bytes;

    /// <summary>Copies the header fields: name, value, name, value, each ended by the next '\n', Latin-1, no trailing one.</summary>
    public int CopyHeaders(Span<byte> destination)
    {
        if (_status == 0)
        {
            return _call.CopyLatin1(3, destination);
        }

        _headers.CopyTo(destination);
        return _headers.Length;
    }

    /// <summary>The length of a complete body in bytes.</summary>
    public int BodyLength => BodyKind switch
    {
        BodyKind.Text => _call.Utf8Length(5),
        BodyKind.Bytes => Bytes.Length,
        _ => 0,
    };

    /// <summary>UTF-16 units of a complete text body: known at once, unlike its bytes.</summary>
    internal int TextLength => BodyKind == BodyKind.Text ? _call.StringLength(5) : 0;

    private ReadOnlySpan<byte> Bytes => _status != 0 ? _body : _call.Bytes(5);

    /// <summary>Copies a complete body, which has <see cref="BodyLength"/> bytes.</summary>
    public void CopyBody(Span<byte> destination)
    {
        if (BodyKind == BodyKind.Text)
        {
            _call.CopyUtf8(5, destination);
        }
        else if (BodyKind == BodyKind.Bytes)
        {
            Bytes.CopyTo(destination);
        }
    }
}
