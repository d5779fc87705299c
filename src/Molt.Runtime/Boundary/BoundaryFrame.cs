using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>What a frame says.</summary>
internal enum FrameKind : byte
{
    /// <summary>Asks for a capability: the text is <c>id</c>, <c>id@version</c>.</summary>
    Open = 1,

    /// <summary>Calls operation <see cref="BoundaryFrame.Operation"/> of handle <see cref="BoundaryFrame.Handle"/>.</summary>
    Call = 2,

    /// <summary>Opens a stream, which the frame's number then names.</summary>
    OpenStream = 3,

    /// <summary>Wants the next item of stream <see cref="BoundaryFrame.Handle"/>.</summary>
    Read = 4,

    /// <summary>Sends an item to stream <see cref="BoundaryFrame.Handle"/>.</summary>
    Write = 5,

    /// <summary>No item follows for stream <see cref="BoundaryFrame.Handle"/>.</summary>
    Finish = 6,

    /// <summary>Ends the call or stream <see cref="BoundaryFrame.Handle"/>; the text is the reason.</summary>
    Cancel = 7,

    /// <summary>The answer to the frame with the same number.</summary>
    Reply = 8,
}

/// <summary>
/// The bytes carrier between two processes: each call, and each answer, is a frame.
/// <para>
/// Form, all numbers little-endian: u32 length of what follows, u8 kind, u8 status, u8 flags (1 = end of stream, 2 = the body is
/// text), u8 zero, i32 number, i32 handle, i32 operation, u32 timeout in milliseconds (0 = the operation's own), then the body: a
/// payload, or UTF-8. A frame that says something else than these kinds and statuses is refused, and so is one that is larger
/// than its reader allows, before anything is allocated for it.
/// </para>
/// </summary>
internal readonly record struct BoundaryFrame(FrameKind Kind, int Number, int Handle, int Operation, CallReply Reply, TimeSpan? Timeout, ReadOnlyMemory<byte> Body)
{
    /// <summary>Bytes before the body, the length included.</summary>
    public const int HeaderBytes = 4 + 4 + (4 * 4);

    private const byte EndFlag = 1;
    private const byte TextFlag = 2;

    /// <summary>The body of a frame whose body is text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    public static BoundaryFrame Ask(FrameKind kind, int number, int handle = 0, int operation = 0, ReadOnlyMemory<byte> body = default, TimeSpan? timeout = null) =>
        new(kind, number, handle, operation, default, timeout, body);

    public static BoundaryFrame Ask(FrameKind kind, int number, string text, int handle = 0) =>
        new(kind, number, handle, 0, default, null, Encoding.UTF8.GetBytes(text));

    /// <summary>An answer: a failure carries its message, anything else its payload.</summary>
    public static BoundaryFrame Answer(int number, in CallReply reply, ReadOnlyMemory<byte> payload, int handle = 0) =>
        new(FrameKind.Reply, number, handle, 0, reply, null, reply.Status == CapabilityStatus.Ok ? payload : Encoding.UTF8.GetBytes(reply.Message ?? ""));

    /// <summary>Writes the frame.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var header = output.GetSpan(HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header, HeaderBytes - 4 + Body.Length);
        header[4] = (byte)Kind;
        header[5] = (byte)Reply.Status;
        header[6] = (byte)((Reply.IsEnd ? EndFlag : 0) | (IsText(Kind, Reply.Status) ? TextFlag : 0));
        header[7] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Number);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Handle);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], Operation);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], Timeout is { } timeout ? (uint)Math.Clamp(timeout.TotalMilliseconds, 1, int.MaxValue) : 0);
        output.Advance(HeaderBytes);
        output.Write(Body.Span);
    }

    /// <summary>
    /// Takes a frame from the front of what arrived. False when it is not all there yet, which <paramref name="fault"/> being
    /// null tells, or when it is no frame: nothing after it can be understood then.
    /// </summary>
    public static bool TryRead(ref ReadOnlyMemory<byte> arrived, int maxBodyBytes, out BoundaryFrame frame, out string? fault)
    {
        frame = default;
        fault = null;
        if (arrived.Length < 4)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(arrived.Span);
        if (length < HeaderBytes - 4 || length - (HeaderBytes - 4) > (uint)maxBodyBytes)
        {
            fault = $"A frame of {length} bytes is not within {HeaderBytes - 4} and {HeaderBytes - 4 + (long)maxBodyBytes}.";
            return false;
        }

        if (arrived.Length < HeaderBytes)
        {
            return false;
        }

        var header = arrived.Span;
        var kind = (FrameKind)header[4];
        var status = (CapabilityStatus)header[5];
        var timeout = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        if (kind is < FrameKind.Open or > FrameKind.Reply
            || status > CapabilityStatus.Internal
            || (kind != FrameKind.Reply && status != CapabilityStatus.Ok)
            || (header[6] & ~EndFlag) != (IsText(kind, status) ? TextFlag : 0)
            || ((header[6] & EndFlag) != 0 && (kind != FrameKind.Reply || status != CapabilityStatus.Ok))
            || header[7] != 0
            || timeout > int.MaxValue
            || BinaryPrimitives.ReadInt32LittleEndian(header[8..]) <= 0)
        {
            fault = "A frame has a kind, status or flags that nobody writes.";
            return false;
        }

        var total = 4 + (int)length;
        if (arrived.Length < total)
        {
            return false;
        }

        var body = arrived[HeaderBytes..total];
        frame = new BoundaryFrame(
            kind,
            BinaryPrimitives.ReadInt32LittleEndian(header[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[16..]),
            new CallReply(status, IsEnd: (header[6] & EndFlag) != 0, Message: status == CapabilityStatus.Ok ? null : Encoding.UTF8.GetString(body.Span)),
            timeout == 0 ? null : TimeSpan.FromMilliseconds(timeout),
            body);
        arrived = arrived[total..];
        return true;
    }

    private static bool IsText(FrameKind kind, CapabilityStatus status) =>
        kind is FrameKind.Open or FrameKind.Cancel || (kind == FrameKind.Reply && status != CapabilityStatus.Ok);
}
