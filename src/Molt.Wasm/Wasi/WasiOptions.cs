using System.Text;
using Molt.Contracts;

namespace Molt.Wasm.Wasi;

/// <summary>Capabilities that WASI functions other than those on files need.</summary>
[Flags]
public enum WasiGrants
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>time.now</c>: without it clocks stand still and waiting ends at once.</summary>
    Time = 1,

    /// <summary><c>rand.bytes</c>: without it <c>random_get</c> answers <see cref="WasiErrno.NotCapable"/>.</summary>
    Random = 2,
}

/// <summary>What a guest finds when it starts.</summary>
public sealed class WasiOptions
{
    private const int MaxStringBytes = 1 << 20;

    /// <summary>The arguments; the first is the program's name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The environment.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>The capabilities at the start; <see cref="WasiContext.Grants"/> changes them later.</summary>
    public WasiGrants Grants { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What clocks show without <c>time.now</c>; the Unix epoch by default.</summary>
    public DateTimeOffset FrozenTime { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Fills memory with random bytes; the system's secure generator by default.</summary>
    public Action<Memory<byte>>? Random { get; init; }

    /// <summary>
    /// Waits for a time or until cancelled. By default it blocks the thread: the guest is in a call and there is no other way to wait in preview 1.
    /// </summary>
    public Action<TimeSpan, CancellationToken>? Wait { get; init; }

    /// <summary>What decides about uses of clocks and randomness instead of the grants, and hears of them; null: the grants do.</summary>
    internal IWasiGate? Gate { get; init; }

    internal byte[][] EncodeArguments() => Encode(Arguments, "Arguments");

    internal byte[][] EncodeEnvironment()
    {
        var entries = new List<string>(Environment.Count);
        foreach (var (name, value) in Environment)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
            {
                OptionsException.ThrowIfAny([$"WasiOptions.Environment: the name \"{name}\" must have a letter and no '='."]);
            }

            entries.Add(name + "=" + value);
        }

        return Encode(entries, "Environment");
    }

    // Each with the NUL that ends it, as guests get it.
    private static byte[][] Encode(IReadOnlyList<string> texts, string option)
    {
        var encoded = new byte[texts.Count][];
        long total = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (texts[i].Contains('\0', StringComparison.Ordinal))
            {
                OptionsException.ThrowIfAny([$"WasiOptions.{option}: item {i} must not contain a NUL."]);
            }

            encoded[i] = Encoding.UTF8.GetBytes(texts[i] + "\0");
            total += encoded[i].Length;
        }

        if (total > MaxStringBytes)
        {
            OptionsException.ThrowIfAny([$"WasiOptions.{option} must have at most {MaxStringBytes} bytes of UTF-8; it has {total}."]);
        }

        return encoded;
    }
}
