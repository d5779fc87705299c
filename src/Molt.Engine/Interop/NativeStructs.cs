using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>molt_blob: native memory this side owns until molt_blob_free.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Blob
{
    public byte* Data;
    public long Length;

    public readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Length));

    /// <summary>Copies the bytes and frees the native memory.</summary>
    public byte[] TakeBytes()
    {
        var bytes = Span.ToArray();
        Free();
        return bytes;
    }

    public void Free()
    {
        fixed (Blob* self = &this)
        {
            Native.molt_blob_free(self);
        }
        Data = null;
        Length = 0;
    }
}

/// <summary>molt_isolate_params.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IsolateParams
{
    public long Cookie;
    public long HeapLimit;
    public long HeapHeadroom;
    public long ExternalLimit;
    public long TotalLimit;
    public long StackLimit;
    public byte* Snapshot;
    public long SnapshotLength;
    public int Creator;
    public int SourceCount;
    public NativeSource* Sources;
}

/// <summary>molt_source: Latin-1 text.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeSource
{
    public byte* Data;
    public long Length;
}

/// <summary>molt_host: what .NET offers to V8.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HostTable
{
    public int AbiVersion;
    public int Reserved;
    public delegate* unmanaged[Cdecl]<long, int, nint, Slot*, int, Slot*, void> Call;
    public delegate* unmanaged[Cdecl]<long, long, byte*, long, nint, void> ImportDynamic;
    public delegate* unmanaged[Cdecl]<long, long, int> SyntheticEvaluate;
    public delegate* unmanaged[Cdecl]<long, long, int, Slot*, void> PromiseSettled;
    public delegate* unmanaged[Cdecl]<long, double, void> WorkPosted;
    public delegate* unmanaged[Cdecl]<long, void> BufferReleased;
    public delegate* unmanaged[Cdecl]<byte*, byte*, void> Fatal;
}
