using System.Buffers.Binary;
using System.Security.Cryptography;
using Molt.Wasm.Vfs;

namespace Molt.Wasm.Wasi;

/// <summary>Arguments, environment, clocks, randomness, waiting and the end.</summary>
public sealed partial class WasiContext
{
    private const ulong ClockResolution = 1000;
    private const int SubscriptionBytes = 48;
    private const int EventBytes = 32;
    private const int MaxSubscriptions = 4096;
    private const int RandomPiece = 64 << 10;

    private readonly long _start;

    public WasiErrno ArgsSizesGet(uint countPointer, uint sizePointer) => WriteSizes(_arguments, countPointer, sizePointer);

    public WasiErrno ArgsGet(uint pointers, uint buffer) => WriteStrings(_arguments, pointers, buffer);

    public WasiErrno EnvironSizesGet(uint countPointer, uint sizePointer) => WriteSizes(_environment, countPointer, sizePointer);

    public WasiErrno EnvironGet(uint pointers, uint buffer) => WriteStrings(_environment, pointers, buffer);

    public WasiErrno ClockResGet(uint clock, uint resultPointer) =>
        clock is Realtime or Monotonic ? WriteUInt64(resultPointer, ClockResolution) : UnknownClock(clock);

    public WasiErrno ClockTimeGet(uint clock, ulong precision, uint resultPointer)
    {
        if (clock is not (Realtime or Monotonic))
        {
            return UnknownClock(clock);
        }

        return TrySlice(resultPointer, sizeof(ulong), out _) ? WriteUInt64(resultPointer, Now(clock, TryUse(WasiGrants.Time))) : WasiErrno.Fault;
    }

    public WasiErrno RandomGet(uint buffer, uint length)
    {
        if (!TrySlice(buffer, length, out var span))
        {
            return WasiErrno.Fault;
        }

        if (!TryUse(WasiGrants.Random))
        {
            return WasiErrno.NotCapable;
        }

        if (_options.Random is not { } source)
        {
            RandomNumberGenerator.Fill(span);
            return WasiErrno.Success;
        }

        var piece = new byte[Math.Min(span.Length, RandomPiece)];
        while (!span.IsEmpty)
        {
            var count = Math.Min(piece.Length, span.Length);
            source(piece.AsMemory(0, count));
            piece.AsSpan(0, count).CopyTo(span);
            span = span[count..];
        }

        return WasiErrno.Success;
    }

    public static WasiErrno SchedYield() => WasiErrno.Success;

    /// <summary>Ends the program: <see cref="ExitCode"/> is set, and open files are closed as its return would.</summary>
    public void ProcExit(uint code)
    {
        ExitCode = code;
        ExitFault = CloseAll(keep: true);
    }

    /// <summary>
    /// Waits for the first of several clocks. Files are always ready in this file system, so subscriptions to them are answered
    /// <see cref="WasiErrno.NotSupported"/> in their event rather than with a promise that means nothing.
    /// </summary>
    public WasiErrno PollOneoff(uint subscriptions, uint events, uint count, uint resultPointer)
    {
        if (count is 0 or > MaxSubscriptions)
        {
            return WasiErrno.Invalid;
        }

        if (!TrySlice(subscriptions, count * SubscriptionBytes, out var input) || !TrySlice(events, count * EventBytes, out _) || !TrySlice(resultPointer, sizeof(uint), out _))
        {
            return WasiErrno.Fault;
        }

        // Copied: the guest may have put its events over its subscriptions.
        var asked = input.ToArray();
        var hasTime = HasClock(asked) && TryUse(WasiGrants.Time);
        var shortest = ulong.MaxValue;
        for (var i = 0; i < count; i++)
        {
            shortest = Math.Min(shortest, Delay(asked.AsSpan(i * SubscriptionBytes, SubscriptionBytes), hasTime, out _));
        }

        if (shortest > 0 && hasTime && !TryWait(shortest))
        {
            return WasiErrno.Interrupted;
        }

        TrySlice(events, count * EventBytes, out var output);
        uint written = 0;
        for (var i = 0; i < count; i++)
        {
            var subscription = asked.AsSpan(i * SubscriptionBytes, SubscriptionBytes);
            if (Delay(subscription, hasTime, out var errno) <= shortest)
            {
                // event: u64 user data, u16 error, u8 type, then what only files use.
                var slot = output.Slice((int)written * EventBytes, EventBytes);
                slot.Clear();
                subscription[..8].CopyTo(slot);
                BinaryPrimitives.WriteUInt16LittleEndian(slot[8..], (ushort)errno);
                slot[10] = subscription[8];
                written++;
            }
        }

        return WriteUInt32(resultPointer, written);
    }

    private const uint Realtime = 0;
    private const uint Monotonic = 1;
    private const uint LastClock = 3;

    private static WasiErrno UnknownClock(uint clock) => clock <= LastClock ? WasiErrno.NotSupported : WasiErrno.Invalid;

    private ulong Now(uint clock, bool hasTime)
    {
        var nanoseconds = clock == Realtime
            ? UnixNanoseconds.From(hasTime ? _options.Clock.GetUtcNow() : _options.FrozenTime)
            : hasTime ? _options.Clock.GetElapsedTime(_start).Ticks * TimeSpan.NanosecondsPerTick : 0;
        var value = (ulong)Math.Max(0, nanoseconds);
        return value - (value % ClockResolution);
    }

    // subscription: u64 user data, u8 tag; clock: u32 id at 16, u64 timeout at 24, u64 precision at 32, u16 flags at 40.
    // Nanoseconds until it is due, from the start of the poll; 0 for what is answered with an error.
    private ulong Delay(ReadOnlySpan<byte> subscription, bool hasTime, out WasiErrno errno)
    {
        errno = WasiErrno.Success;
        var clock = BinaryPrimitives.ReadUInt32LittleEndian(subscription[16..]);
        if (subscription[8] != 0)
        {
            errno = subscription[8] <= 2 ? WasiErrno.NotSupported : WasiErrno.Invalid;
            return 0;
        }

        if (clock is not (Realtime or Monotonic))
        {
            errno = UnknownClock(clock);
            return 0;
        }

        var timeout = BinaryPrimitives.ReadUInt64LittleEndian(subscription[24..]);
        if ((subscription[40] & 1) == 0)
        {
            return timeout;
        }

        var now = Now(clock, hasTime);
        return timeout > now ? timeout - now : 0;
    }

    // Whether a clock is asked for that there is: only then time is used.
    private static bool HasClock(ReadOnlySpan<byte> subscriptions)
    {
        for (; !subscriptions.IsEmpty; subscriptions = subscriptions[SubscriptionBytes..])
        {
            if (subscriptions[8] == 0 && BinaryPrimitives.ReadUInt32LittleEndian(subscriptions[16..]) is Realtime or Monotonic)
            {
                return true;
            }
        }

        return false;
    }

    // False when the call's time is up or it was cancelled before the wait was over.
    private bool TryWait(ulong nanoseconds)
    {
        // Waiting rounds up: a guest that sleeps a nanosecond must not spin.
        var ticks = Math.Min((nanoseconds / TimeSpan.NanosecondsPerTick) + 1, (ulong)TimeSpan.FromDays(1).Ticks);
        var wanted = TimeSpan.FromTicks((long)ticks);
        var isWhole = true;
        if (_budget != Timeout.InfiniteTimeSpan)
        {
            var left = _budget - _options.Clock.GetElapsedTime(_callStart);
            isWhole = wanted < left;
            wanted = isWhole ? wanted : left;
        }

        if (wanted > TimeSpan.Zero && !_cancellation.IsCancellationRequested)
        {
            if (_options.Wait is { } wait)
            {
                wait(wanted, _cancellation);
            }
            else
            {
                _cancellation.WaitHandle.WaitOne(wanted);
            }
        }

        return isWhole && !_cancellation.IsCancellationRequested;
    }

    private WasiErrno WriteSizes(byte[][] strings, uint countPointer, uint sizePointer)
    {
        uint size = 0;
        foreach (var text in strings)
        {
            size += (uint)text.Length;
        }

        var errno = WriteUInt32(countPointer, (uint)strings.Length);
        return errno == WasiErrno.Success ? WriteUInt32(sizePointer, size) : errno;
    }

    private WasiErrno WriteStrings(byte[][] strings, uint pointers, uint buffer)
    {
        foreach (var text in strings)
        {
            if (!TrySlice(buffer, (uint)text.Length, out var target))
            {
                return WasiErrno.Fault;
            }

            text.CopyTo(target);
            var errno = WriteUInt32(pointers, buffer);
            if (errno != WasiErrno.Success)
            {
                return errno;
            }

            // Both stay inside the memory that was just written, so they may only wrap behind the last item.
            pointers = unchecked(pointers + sizeof(uint));
            buffer = unchecked(buffer + (uint)text.Length);
        }

        return WasiErrno.Success;
    }
}
