using Microsoft.AspNetCore.Http.Features;

namespace Molt.Server.Http;

/// <summary>
/// What exchanges of one connection (or HTTP/2 stream slot) reuse, one after the other: the head buffer and the last response's
/// parsed header fields, which on a keep-alive connection are usually the same again.
/// </summary>
internal sealed class ConnectionState
{
    private byte[] _lastHeaders = [];
    private int _lastLength = -1;
    private ResponseFields? _lastFields;
    private ExchangeFeatures? _features;

    /// <summary>The request head that is being handed over.</summary>
    public HeadBuffer Head { get; } = new();

    /// <summary>The exchange in progress.</summary>
    public HttpExchange? Exchange { get; set; }

    /// <summary>What an exchange needs of Kestrel. Without middleware the features of a connection stay the same objects.</summary>
    public ExchangeFeatures FeaturesOf(IFeatureCollection all) =>
        _features is { } known && ReferenceEquals(known.All, all) ? known : _features = new ExchangeFeatures(all);

    /// <summary>The fields of a packed header block, parsed anew only when it differs from the last one.</summary>
    public ResponseFields Parse(ReadOnlySpan<byte> packed)
    {
        if (_lastFields is not null && packed.SequenceEqual(_lastHeaders.AsSpan(0, _lastLength)))
        {
            return _lastFields;
        }

        var fields = ResponseFields.Parse(packed);
        if (_lastHeaders.Length < packed.Length)
        {
            _lastHeaders = new byte[packed.Length];
        }

        packed.CopyTo(_lastHeaders);
        _lastLength = packed.Length;
        _lastFields = fields;
        return fields;
    }
}
