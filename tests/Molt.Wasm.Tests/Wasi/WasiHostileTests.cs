using System.Globalization;
using Molt.Wasm.Vfs;
using Molt.Wasm.Wasi;

namespace Molt.Wasm.Tests.Wasi;

public sealed class WasiHostileTests
{
    [Theory]
    [InlineData("args_sizes_get", 65533, 0)]
    [InlineData("args_sizes_get", 0, 0xffffffff)]
    [InlineData("args_get", 65533, 0)]
    [InlineData("args_get", 0, 65534)]
    [InlineData("clock_res_get", 0, 65529)]
    [InlineData("clock_time_get", 0, 0, 0xfffffff9)]
    [InlineData("fd_fdstat_get", 3, 65513)]
    [InlineData("fd_filestat_get", 3, 65473)]
    [InlineData("fd_prestat_get", 3, 65529)]
    [InlineData("fd_prestat_dir_name", 3, 65530, 100)]
    [InlineData("fd_readdir", 3, 65000, 0xffffffff, 0, 16)]
    [InlineData("fd_readdir", 3, 100, 100, 0, 65533)]
    [InlineData("fd_write", 1, 65529, 1, 16)]
    [InlineData("fd_write", 1, 0, 1, 65533)]
    [InlineData("path_filestat_get", 3, 0, 65530, 100, 100)]
    [InlineData("path_filestat_get", 3, 0, 0xffffffff, 0xffffffff, 100)]
    [InlineData("path_open", 3, 0, 65530, 100, 0, -1, -1, 0, 16)]
    [InlineData("path_create_directory", 4, 0xfffffff0, 0x20)]
    [InlineData("poll_oneoff", 65530, 0, 1, 16)]
    [InlineData("poll_oneoff", 0, 65530, 1, 16)]
    [InlineData("poll_oneoff", 0, 0, 4096, 16)]
    [InlineData("random_get", 0, 0xffffffff)]
    public void Pointer_WhenOutsideMemory_IsAFault(string name, params object[] arguments)
    {
        using var guest = new WasiGuest(new WasiOptions { Arguments = ["program"], Grants = WasiGrants.Random });

        Assert.Equal(WasiErrno.Fault, guest.Call(name, Array.ConvertAll(arguments, static argument => Convert.ToInt64(argument, CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void Vectors_WhenTheyLieOutside_WriteNothing()
    {
        using var guest = new WasiGuest();

        Assert.Equal(WasiErrno.Fault, guest.Call("fd_write", 1, 1024, guest.Vectors((0, 10), (65530, 10)), 16));
        Assert.Equal(WasiErrno.Fault, guest.Call("fd_write", 1, 1024, guest.Vectors((0xffffffff, 0xffffffff)), 16));
        Assert.Equal(0, guest.Files.StandardOutput.Length);
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_write", 1, 1024, 0xffffffff, 16));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_write", 1, 1024, 1025, 16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_write", 1, 1024, 0, 16));
    }

    [Fact]
    public void Vectors_WhenAReadOverwritesThem_AreThoseOfTheStart()
    {
        using var guest = new WasiGuest(input: new string('\u00ff', 100));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_read", 0, 1024, guest.Vectors((1024, 16), (5000, 4)), 16));

        Assert.Equal(20u, guest.U32(16));
    }

    [Fact]
    public void Pointer_WhenTheResultCannotBeWritten_OpensNothing()
    {
        using var guest = new WasiGuest();

        Assert.Equal(WasiErrno.Fault, guest.Call("path_open", 4, 0, 2048, guest.Put(2048, "a"), 1, -1, -1, 0, 65533));
        Assert.Equal(VfsError.NotFound, guest.Files.Stat("/tmp/a", out _).Error);
        Assert.Empty(guest.Context.OpenPaths);
    }

    [Fact]
    public void Functions_WhenCalledWithAnything_AnswerAndHarmNothing()
    {
        var random = new Random(7);
        long[] interesting = [0, 1, 2, 3, 4, 5, 16, 24, 64, 100, 1024, 2048, 4096, 65535, 65536, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, -1];
        using var guest = new WasiGuest(new WasiOptions { Grants = WasiGrants.Random | WasiGrants.Time, Wait = static (_, _) => { } });
        for (var round = 0; round < 60_000; round++)
        {
            var import = WasiImports.All[random.Next(WasiImports.All.Count)];
            var arguments = new long[import.Parameters.Count];
            for (var i = 0; i < arguments.Length; i++)
            {
                arguments[i] = interesting[random.Next(interesting.Length)];
            }

            random.NextBytes(guest.Memory.AsSpan(random.Next(60_000), 64));
            if (random.Next(3) == 0)
            {
                guest.Put(2048, "a/../b");
            }

            var error = Record.Exception(() => guest.Call(import.Name, arguments));
            Assert.True(error is null, $"round {round}: {import.Name}({string.Join(", ", arguments)}): {error}");
            Assert.True(guest.Files.OpenHandles <= 256);
        }

        guest.Context.Reset();
        Assert.Equal(WasiErrno.Success, guest.Open(3, "data.txt", 0, out var fd));
        guest.Read(fd, out var text);
        Assert.Equal("hello", text);
    }
}
