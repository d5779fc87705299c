using System.Runtime.InteropServices;

namespace Molt.Contracts.Schemas;

/// <summary>
/// How large a payload may be. They are checked before anything is allocated. The default value has the default limits.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PayloadLimits
{
    private const int DefaultMaxBytes = 16 * 1024 * 1024;
    private const int DefaultMaxDepth = 64;
    private const int DefaultMaxItems = 1_000_000;
    private const int LargestMaxDepth = 256;

    private readonly int _maxBytes;
    private readonly int _maxDepth;
    private readonly int _maxItems;

    public static PayloadLimits Default => default;

    /// <summary>Bytes of the whole payload; 16 MiB unless set.</summary>
    public int MaxBytes
    {
        get => _maxBytes == 0 ? DefaultMaxBytes : _maxBytes;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _maxBytes = value;
        }
    }

    /// <summary>Containers in each other; 64 unless set, at most 256.</summary>
    public int MaxDepth
    {
        get => _maxDepth == 0 ? DefaultMaxDepth : _maxDepth;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LargestMaxDepth);
            _maxDepth = value;
        }
    }

    /// <summary>Items of one list or entries of one map; 1,000,000 unless set.</summary>
    public int MaxItems
    {
        get => _maxItems == 0 ? DefaultMaxItems : _maxItems;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _maxItems = value;
        }
    }
}
