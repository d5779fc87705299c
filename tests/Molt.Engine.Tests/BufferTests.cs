using System.Runtime.InteropServices;
using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed unsafe class BufferTests : EngineTest
{
    [Fact]
    public void Adopt_WhenShared_IsTheSameMemoryBothWays()
    {
        var owner = new NativeOwner(16);
        owner.Span.Fill(7);
        using (Isolate.Enter())
        {
            using var change = Eval("(bytes) => { const first = bytes[0]; bytes[1] = 99; return first }");
            Assert.Equal(7, change.CallNumber(Context, JsArg.Adopt(owner.Data, 16, owner)));
            Assert.Equal(99, owner.Span[1]);
        }
        Isolate.Dispose();
        Assert.Equal(1, owner.Disposed);
    }

    [Fact]
    public void Adopt_WhenCollected_ReleasesExactlyOnce()
    {
        var owner = new NativeOwner(1024);
        using (Isolate.Enter())
        {
            using var ignore = Eval("(bytes) => { globalThis.kept = bytes }");
            ignore.Invoke(Context, JsArg.Adopt(owner.Data, 1024, owner));
            Isolate.LowMemory();
            Assert.Equal(0, owner.Disposed);
            Eval("kept = undefined").Dispose();
            Isolate.LowMemory();
            Assert.Equal(1, owner.Disposed);
        }
        Isolate.Dispose();
        Assert.Equal(1, owner.Disposed);
    }

    [Fact]
    public void AdoptLatin1_WhenCollected_ReleasesExactlyOnce()
    {
        using var scope = Isolate.Enter();
        using (var keep = Eval("(text) => { globalThis.kept = text; return text.length + ':' + text.charCodeAt(1) }"))
        using (var shown = keep.Call(Context, JsArg.AdoptLatin1(new byte[] { 0x61, 0xe9, 0x62 })))
        {
            Assert.Equal("3:233", shown.GetString());
        }

        Isolate.LowMemory();
        Assert.Equal(1, AdoptedBuffers.Count);
        Eval("kept = undefined").Dispose();
        Isolate.LowMemory();
        Assert.Equal(0, AdoptedBuffers.Count);
    }

    [Fact]
    public void AdoptLatin1_WhenTheIsolateEnds_IsReleased()
    {
        using (Isolate.Enter())
        {
            using var keep = Eval("(text) => { globalThis.kept = text }");
            keep.Invoke(Context, JsArg.AdoptLatin1("some text"u8.ToArray()));
            Assert.Equal(1, AdoptedBuffers.Count);
        }

        Isolate.Dispose();
        Assert.Equal(0, AdoptedBuffers.Count);
    }

    [Fact]
    public void AdoptLatin1_WhenEmptyOrRefused_ReleasesAtOnce()
    {
        JsValue length;
        using (Isolate.Enter())
        {
            length = Eval("(text) => text.length");
            Assert.Equal(0, length.CallNumber(Context, JsArg.AdoptLatin1(default)));
        }

        Assert.Throws<JsUsageException>(() => length.Invoke(Context, JsArg.AdoptLatin1("outside"u8.ToArray())));
        Assert.Equal(0, AdoptedBuffers.Count);
        length.Dispose();
    }

    [Fact]
    public void Adopt_WhenTheCallIsRefused_ReleasesExactlyOnce()
    {
        var owner = new NativeOwner(8);
        JsValue function;
        using (Isolate.Enter())
        {
            function = Eval("(bytes) => 1");
        }
        Assert.Throws<JsUsageException>(() => function.Invoke(Context, JsArg.Adopt(owner.Data, 8, owner)));
        Assert.Equal(1, owner.Disposed);
        function.Dispose();
    }

    [Fact]
    public void Adopt_WhenEmpty_ReleasesAtOnce()
    {
        var owner = new NativeOwner(8);
        using var scope = Isolate.Enter();
        using var length = Eval("(bytes) => bytes.length");
        Assert.Equal(0, length.CallNumber(Context, JsArg.Adopt(owner.Data, 0, owner)));
        Assert.Equal(1, owner.Disposed);
    }

    [Fact]
    public void Adopt_WhenManagedMemory_StaysInPlaceUntilReleased()
    {
        byte[] bytes = [1, 2, 3];
        using (Isolate.Enter())
        {
            using var keep = Eval("(bytes) => { globalThis.kept = bytes }");
            keep.Invoke(Context, JsArg.Adopt(bytes));
            Assert.Equal(1, AdoptedBuffers.Count);
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            bytes[2] = 50;
            Assert.Equal("[1,2,50]", EvalJson("[...kept]"));
        }
        Isolate.Dispose();
        Assert.Equal(0, AdoptedBuffers.Count);
    }

    [Fact]
    public void Retain_WhenTheIsolateIsGone_KeepsTheBytes()
    {
        JsBuffer? buffer = null;
        Host.F = (ref JsCall call) => buffer = call.Retain(0);
        using (Isolate.Enter())
        {
            Eval("host.f(new Uint8Array([9, 8, 7, 6]).subarray(1))").Dispose();
        }
        Isolate.Dispose();
        Assert.Equal([8, 7, 6], buffer!.GetSpan().ToArray());
        Assert.Equal([8, 7, 6], buffer.Memory.ToArray());
        ((IDisposable)buffer).Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.GetSpan().Length);
    }

    [Fact]
    public void Retain_WhenPinned_OutlivesItsDisposal()
    {
        JsBuffer? buffer = null;
        Host.F = (ref JsCall call) => buffer = call.Retain(0);
        using var scope = Isolate.Enter();
        Eval("host.f(new Uint8Array(100).fill(3))").Dispose();
        var pin = buffer!.Pin();
        ((IDisposable)buffer).Dispose();
        Isolate.LowMemory();
        Assert.Equal(3, ((byte*)pin.Pointer)[99]);
        pin.Dispose();
    }

    private sealed class NativeOwner(int length) : IDisposable
    {
        public nint Data { get; } = (nint)NativeMemory.AllocZeroed((nuint)length);

        public int Disposed { get; private set; }

        public Span<byte> Span => new((void*)Data, length);

        public void Dispose() => Disposed++;
    }
}
