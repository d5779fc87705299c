namespace Molt.Wasm.Wasi;

/// <summary>
/// The linear memory of a guest. It moves when it grows, so a span is good only until guest code runs again.
/// </summary>
public interface IGuestMemory
{
    /// <summary>Bytes now.</summary>
    ulong Length { get; }

    /// <summary>A piece of it. Throws <see cref="ArgumentOutOfRangeException"/> when it is not all inside.</summary>
    Span<byte> Slice(uint pointer, uint length);
}
