using System.Buffers;
using System.Buffers.Binary;
using Molt.Contracts.Capabilities;
using Molt.Runtime.Boundary;

namespace Molt.Runtime.Tests;

public sealed class FrameTests
{
    private static byte[] Written(in BoundaryFrame frame)
    {
        var bytes = new ArrayBufferWriter<byte>();
        frame.WriteTo(bytes);
        return bytes.WrittenSpan.ToArray();
    }

    [Fact]
    public void Frame_WhenReadAtEveryLength_IsThereOnlyWhenComplete()
    {
        var bytes = Written(BoundaryFrame.Ask(FrameKind.Call, 7, 3, 2, new byte[] { 1, 2, 3 }, TimeSpan.FromMilliseconds(250)));
        for (var length = 0; length < bytes.Length; length++)
        {
            ReadOnlyMemory<byte> part = bytes.AsMemory(0, length);
            Assert.False(BoundaryFrame.TryRead(ref part, 3, out _, out var fault));
            Assert.Null(fault);
            Assert.Equal(length, part.Length);
        }

        ReadOnlyMemory<byte> all = (byte[])[.. bytes, 9];
        Assert.True(BoundaryFrame.TryRead(ref all, 3, out var frame, out _));
        Assert.Equal((FrameKind.Call, 7, 3, 2, TimeSpan.FromMilliseconds(250)), (frame.Kind, frame.Number, frame.Handle, frame.Operation, frame.Timeout));
        Assert.Equal([1, 2, 3], frame.Body.ToArray());
        Assert.Equal(1, all.Length);
    }

    [Fact]
    public void Frame_WhenAnyHeaderByteIsChanged_IsRefusedOrSaysSomethingElse()
    {
        var bytes = Written(BoundaryFrame.Answer(1, CallReply.Failed(CapabilityStatus.Denied, "no"), default));
        for (var at = 0; at < BoundaryFrame.HeaderBytes; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = (byte[])bytes.Clone();
                changed[at] ^= (byte)(1 << bit);
                ReadOnlyMemory<byte> memory = changed;
                if (BoundaryFrame.TryRead(ref memory, 16, out var frame, out var fault))
                {
                    Assert.Equal(changed.AsSpan(0, changed.Length - memory.Length).ToArray(), Written(frame));
                }
                else
                {
                    Assert.True(fault is not null || at < 4);
                }
            }
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(19u)]
    [InlineData(37u)]
    [InlineData(uint.MaxValue)]
    public void Frame_WhenItsLengthIsWrong_IsRefusedBeforeItsBody(uint length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, length);
        ReadOnlyMemory<byte> memory = bytes;

        Assert.False(BoundaryFrame.TryRead(ref memory, 16, out _, out var fault));
        Assert.NotNull(fault);
    }
}
