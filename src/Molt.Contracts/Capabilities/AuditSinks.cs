using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;

namespace Molt.Contracts.Capabilities;

/// <summary>
/// Writes audit events as JSON lines to a stream.
/// <para>
/// Guarantees: <see cref="Record"/> never waits for the stream. Lines are written in the order of their recording; when more
/// than <see cref="Capacity"/> wait, new ones are counted instead and the count is written once there is room.
/// </para>
/// </summary>
public sealed class JsonLinesAuditSink : IAuditSink, IAsyncDisposable
{
    /// <summary>How many events may wait for the stream.</summary>
    public const int Capacity = 16 * 1024;

    private readonly Channel<AuditEvent> _waiting = Channel.CreateBounded<AuditEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly Task _writing;
    private long _lost;

    /// <param name="stream">Where lines go.</param>
    /// <param name="leaveOpen">Whether the stream outlives the sink.</param>
    public JsonLinesAuditSink(Stream stream, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _leaveOpen = leaveOpen;
        _writing = WriteAsync();
    }

    /// <summary>A sink that writes to standard error.</summary>
    public static JsonLinesAuditSink ToStandardError() => new(Console.OpenStandardError());

    /// <summary>A sink that appends to a file.</summary>
    public static JsonLinesAuditSink ToFile(string path) =>
        new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0, useAsync: true));

    /// <summary>Events that could not wait and were not written.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <inheritdoc/>
    public void Record(in AuditEvent audited)
    {
        if (!_waiting.Writer.TryWrite(audited))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes what waits and closes the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        if (!_leaveOpen)
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteAsync()
    {
        var lines = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(lines);
        var told = 0L;
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (lines.WrittenCount < 64 * 1024 && _waiting.Reader.TryRead(out var audited))
            {
                audited.WriteTo(json);
                EndLine(json, lines);
            }

            if (Lost is var lost && lost > told)
            {
                json.WriteStartObject();
                json.WriteNumber("lost", lost - told);
                json.WriteEndObject();
                EndLine(json, lines);
                told = lost;
            }

            await _stream.WriteAsync(lines.WrittenMemory).ConfigureAwait(false);
            await _stream.FlushAsync().ConfigureAwait(false);
            lines.ResetWrittenCount();
        }
    }

    private static void EndLine(Utf8JsonWriter json, ArrayBufferWriter<byte> lines)
    {
        json.Flush();
        json.Reset();
        lines.Write("\n"u8);
    }
}

/// <summary>Keeps the newest audit events in memory, for a dashboard or a test.</summary>
public sealed class BufferedAuditSink : IAuditSink
{
    private readonly Lock _gate = new();
    private readonly AuditEvent[] _events;
    private long _count;

    /// <param name="capacity">How many are kept.</param>
    public BufferedAuditSink(int capacity = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _events = new AuditEvent[capacity];
    }

    /// <summary>How many were recorded, those that are no longer kept included.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <inheritdoc/>
    public void Record(in AuditEvent audited)
    {
        lock (_gate)
        {
            _events[_count++ % _events.Length] = audited;
        }
    }

    /// <summary>The events that are kept, oldest first.</summary>
    public IReadOnlyList<AuditEvent> Read()
    {
        lock (_gate)
        {
            var kept = (int)Math.Min(_count, _events.Length);
            var events = new List<AuditEvent>(kept);
            for (var i = _count - kept; i < _count; i++)
            {
                events.Add(_events[i % _events.Length]);
            }

            return events;
        }
    }
}
