using System.Diagnostics;
using System.Text;
using Molt.Engine;
using Molt.Wasm.Vfs;
using Molt.Wasm.Vfs.Bundles;
using Molt.Wasm.Wasi;

namespace Molt.Wasm.Tests.Wasi;

/// <summary>A program that clang and wasi-libc made, on the functions of <see cref="WasiImports"/> and nothing else.</summary>
public sealed class WasiProgramTests : IDisposable
{
    private const string Loader = """
        (function (module, host) {
          const wasi = {};
          let memory;
          for (const { name, module: from } of WebAssembly.Module.imports(module)) {
            if (from !== "wasi_snapshot_preview1") throw new Error(`it imports ${from}`);
            wasi[name] = (...numbers) => host.f(name, new Uint8Array(memory.buffer), ...numbers.map(String));
          }
          const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi });
          memory = instance.exports.memory;
          instance.exports._start();
        })
        """;

    private readonly Vfs.TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Program_WhenCompiledByClang_UsesItsFiles()
    {
        var builder = new BundleBuilder();
        builder.AddFile("data.txt", "from the bundle"u8);
        builder.AddFile("sub/inner.txt", "x"u8);
        var files = new VirtualFileSystem(new VfsOptions
        {
            Bundle = builder.Build(),
            Grants = VfsGrants.BundleRead | VfsGrants.TmpRead | VfsGrants.TmpWrite,
            StandardInput = "typed\n"u8.ToArray(),
        });
        var options = new WasiOptions { Arguments = ["files", "one"], Environment = [new("GREETING", "hello")], FrozenTime = DateTimeOffset.FromUnixTimeSeconds(1234) };
        using var context = new WasiContext(options, files);
        Run(Compile("files.c"), context);

        Assert.Equal(
            """
            2 one hello
            stdin: typed
            read 15: from the bundle
            ./ ../ data.txt sub/ 
            mkdir 0
            ftell 8890
            last line 999
            rename 0
            stat 0 8890 1
            rmdir 0 unlink 0
            ./ ../ 
            write bundle: Read-only file system
            outside: Capabilities insufficient
            around: Capabilities insufficient
            open 1
            time 1234
            tty 0

            """,
            Encoding.UTF8.GetString(files.StandardOutput.Span));
        Assert.Equal("to stderr\n", Encoding.UTF8.GetString(files.StandardError.Span));
        Assert.Equal(7u, context.ExitCode);
        Assert.Empty(context.OpenPaths);
    }

    private static void Run(byte[] program, WasiContext context)
    {
        using var isolate = JsIsolate.Create(new JsIsolateOptions { HostFunctions = [new JsHostFunction("f", 2, (ref JsCall call) => Call(ref call, context))] });
        using var entered = isolate.Enter();
        using var script = isolate.CreateContext(new JsContextOptions());
        using var loader = script.Run(Loader, "loader.js");
        using var module = script.CompileWasm(program);
        using var host = script.HostObject();
        var ended = Record.Exception(() => loader.Invoke(script, module, host));
        Assert.True(context.ExitCode is not null, $"It ended without exiting: {ended}");
    }

    private static void Call(ref JsCall call, WasiContext context)
    {
        var import = WasiImports.Find(call.String(0))!;
        using var memory = new GuestBuffer(call.Retain(1));
        context.Memory = memory;
        var arguments = new long[import.Parameters.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = long.Parse(call.String(i + 2), System.Globalization.CultureInfo.InvariantCulture);
        }

        var errno = import.Invoke(context, arguments);
        if (context.ExitCode is not null)
        {
            call.Throw(JsErrorKind.Error, "exit");
        }
        else
        {
            call.Return((int)errno);
        }
    }

    private byte[] Compile(string source)
    {
        var output = _directory.In("program.wasm");
        var start = new ProcessStartInfo("clang", ["--target=wasm32-wasi", "-O1", "-Wall", "-Werror", "-o", output, Path.Combine(SourceDirectory(), source)]) { RedirectStandardError = true, UseShellExecute = false };
        using var clang = Process.Start(start)!;
        var errors = clang.StandardError.ReadToEnd();
        clang.WaitForExit();
        Assert.True(clang.ExitCode == 0, errors);
        return File.ReadAllBytes(output);
    }

    private static string SourceDirectory([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Programs");

    private sealed class GuestBuffer(JsBuffer buffer) : IGuestMemory, IDisposable
    {
        public ulong Length => (ulong)buffer.Length;

        public Span<byte> Slice(uint pointer, uint length) => buffer.GetSpan().Slice((int)pointer, (int)length);

        public void Dispose() => ((IDisposable)buffer).Dispose();
    }
}
