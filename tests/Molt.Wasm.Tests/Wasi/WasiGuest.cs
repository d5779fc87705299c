using System.Buffers.Binary;
using System.Text;
using Molt.Wasm.Vfs;
using Molt.Wasm.Vfs.Bundles;
using Molt.Wasm.Wasi;

namespace Molt.Wasm.Tests.Wasi;

/// <summary>A guest of one page of memory that calls WASI as a compiled program would: by name, with integers.</summary>
internal sealed class WasiGuest : IGuestMemory, IDisposable
{
    public const uint Bundle = 3;
    public const uint Tmp = 4;

    private const long WriteRight = 64;
    private const VfsGrants Everything = VfsGrants.BundleRead | VfsGrants.TmpRead | VfsGrants.TmpWrite;

    public WasiGuest(WasiOptions? options = null, VfsGrants grants = Everything, string input = "")
    {
        var builder = new BundleBuilder();
        builder.AddFile("data.txt", "hello"u8);
        builder.AddFile("dir/inner.txt", "inner"u8);
        Files = new VirtualFileSystem(new VfsOptions { Bundle = builder.Build(), Grants = grants, StandardInput = Encoding.UTF8.GetBytes(input) });
        Context = new WasiContext(options ?? new WasiOptions(), Files) { Memory = this };
    }

    public VirtualFileSystem Files { get; }

    public WasiContext Context { get; }

    public byte[] Memory { get; } = new byte[65536];

    public ulong Length => (ulong)Memory.Length;

    public Span<byte> Slice(uint pointer, uint length) => Memory.AsSpan(checked((int)pointer), checked((int)length));

    public WasiErrno Call(string name, params long[] arguments)
    {
        var import = WasiImports.Find(name)!;
        Assert.Equal(import.Parameters.Count, arguments.Length);
        return import.Invoke(Context, arguments);
    }

    public uint U32(uint at) => BinaryPrimitives.ReadUInt32LittleEndian(Memory.AsSpan((int)at));

    public ulong U64(uint at) => BinaryPrimitives.ReadUInt64LittleEndian(Memory.AsSpan((int)at));

    public string Text(uint at, uint length) => Encoding.UTF8.GetString(Memory, (int)at, (int)length);

    /// <summary>Puts text at an address and returns its length.</summary>
    public uint Put(uint at, string text) => (uint)Encoding.UTF8.GetBytes(text, Memory.AsSpan((int)at));

    /// <summary>Puts a list of (pointer, length) at 1024 and returns how many.</summary>
    public uint Vectors(params (uint Pointer, uint Length)[] vectors)
    {
        for (var i = 0; i < vectors.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Memory.AsSpan(1024 + (8 * i)), vectors[i].Pointer);
            BinaryPrimitives.WriteUInt32LittleEndian(Memory.AsSpan(1028 + (8 * i)), vectors[i].Length);
        }

        return (uint)vectors.Length;
    }

    /// <summary>path_open with all rights, but without writing outside /tmp; the descriptor comes back in <paramref name="fd"/>.</summary>
    public WasiErrno Open(uint directory, string path, int openFlags, out uint fd, long? rights = null, int flags = 0)
    {
        var errno = Call("path_open", directory, 0, 2048, Put(2048, path), openFlags, rights ?? (directory == Tmp ? -1 : ~WriteRight), -1, flags, 16);
        fd = U32(16);
        return errno;
    }

    public WasiErrno Write(uint fd, string text) => Call("fd_write", fd, 1024, Vectors((4096, Put(4096, text))), 16);

    public WasiErrno Read(uint fd, out string text)
    {
        var errno = Call("fd_read", fd, 1024, Vectors((4096, 1000)), 16);
        text = errno == WasiErrno.Success ? Text(4096, U32(16)) : "";
        return errno;
    }

    public void Dispose() => Context.Dispose();
}
