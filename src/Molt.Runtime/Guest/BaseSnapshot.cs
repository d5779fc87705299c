using System.Buffers.Binary;
using System.Text;
using Molt.Contracts;
using Molt.Engine;

namespace Molt.Runtime;

/// <summary>
/// The V8 startup snapshot that every isolate starts from: the guest runtime, evaluated once.
/// <para>
/// File format: 8 bytes magic, u32 LE length of the stamp, u32 LE length of the script, the stamp (UTF-8: engine and flags,
/// which must match exactly), the script (ASCII), padding to 64 bytes, V8's blob. The blob refers to the script, which all
/// isolates read where it is.
/// </para>
/// </summary>
public static class BaseSnapshot
{
    /// <summary>How the names of Molt's own scripts begin: their frames say nothing to a worker's author.</summary>
    internal const string OwnNames = "molt:";

    private const int Alignment = 64;
    private const int Prefix = 16;

    private static ReadOnlySpan<byte> Magic => "MOLTBAS2"u8;

    /// <summary>Evaluates the guest script and writes the snapshot, replacing the file at once when it is complete.</summary>
    /// <param name="guestScriptPath">The script that guest/build.mjs makes.</param>
    /// <param name="outputPath">Where the snapshot goes.</param>
    public static void Build(string guestScriptPath, string outputPath)
    {
        JsEngine.Initialize();
        var script = File.ReadAllBytes(guestScriptPath);
        if (!Ascii.IsValid(script))
        {
            throw new BaseSnapshotException("RUN001", $"{guestScriptPath} is not ASCII. Build it with guest/build.mjs.");
        }

        using var source = JsSource.FromLatin1(script);
        using var snapshot = Evaluate(source);
        var stamp = Encoding.UTF8.GetBytes(Stamp);
        var header = new byte[Padded(Prefix + stamp.Length + script.Length)];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(Magic.Length), stamp.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(Magic.Length + 4), script.Length);
        stamp.CopyTo(header, Prefix);
        script.CopyTo(header, Prefix + stamp.Length);
        var partial = outputPath + ".partial";
        using (var file = File.Create(partial))
        {
            file.Write(header);
            file.Write(snapshot.Bytes);
        }

        File.Move(partial, outputPath, overwrite: true);
    }

    /// <summary>Loads a snapshot this installation built.</summary>
    internal static JsSnapshot Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (IOException fault)
        {
            throw new BaseSnapshotException("RUN001", $"The base snapshot {path} can not be read: {fault.Message}. Build it with ./molt, which makes it on first use.", fault);
        }

        if (bytes.Length < Prefix || !bytes.AsSpan().StartsWith(Magic))
        {
            throw new BaseSnapshotException("RUN002", $"{path} is not a base snapshot. Delete it and run ./molt to build it again.");
        }

        var stampLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Magic.Length));
        var scriptLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Magic.Length + 4));
        var rest = bytes.Length - Prefix;
        if (stampLength < 0 || stampLength > rest || scriptLength < 0 || scriptLength > rest - stampLength || Padded(Prefix + stampLength + scriptLength) > bytes.Length)
        {
            throw new BaseSnapshotException("RUN002", $"{path} is truncated. Delete it and run ./molt to build it again.");
        }

        var stamp = Encoding.UTF8.GetString(bytes, Prefix, stampLength);
        if (stamp != Stamp)
        {
            throw new BaseSnapshotException("RUN003", $"The base snapshot {path} was built by another engine or with other flags ({stamp}; this is {Stamp}). Delete it and run ./molt to build it again.");
        }

        using var source = JsSource.FromLatin1(bytes.AsSpan(Prefix + stampLength, scriptLength));
        return JsSnapshot.FromBytes(bytes.AsSpan(Padded(Prefix + stampLength + scriptLength)), source);
    }

    private static string Stamp => $"v8 {JsEngine.V8Version} flags {JsEngine.FlagsHash} host {HostFunctions.All.Count}";

    private static int Padded(int length) => (length + Alignment - 1) / Alignment * Alignment;

    private static JsSnapshot Evaluate(JsSource script)
    {
        // Nothing outside answers while the snapshot is made: the functions have their numbers and names, and do nothing.
        var silent = new JsHostFunction[HostFunctions.All.Count];
        for (var i = 0; i < silent.Length; i++)
        {
            silent[i] = HostFunctions.All[i] with { Callback = static (ref JsCall _) => { } };
        }

        var isolate = JsIsolate.Create(new JsIsolateOptions { ForSnapshot = true, HostFunctions = silent, Sources = [script] });
        try
        {
            JsContext context;
            JsValue entry;
            using (isolate.Enter())
            {
                context = isolate.CreateContext(new JsContextOptions());
                using var boot = context.Run(script, "molt:guest");
                using var native = context.Intrinsics();
                using var host = context.HostObject();
                entry = boot.Call(context, native, host);
                isolate.RunMicrotasks();
                WarmUp(isolate, context, entry);
            }

            return isolate.CreateSnapshot(context, [entry], keepFunctionCode: true);
        }
        finally
        {
            isolate.Dispose();
        }
    }

    /// <summary>
    /// Serves a few events, so that the guest runtime's code for them is compiled in the snapshot and a new worker's first
    /// request does not wait for that. What they leave behind, binding a worker replaces.
    /// </summary>
    private static void WarmUp(JsIsolate isolate, JsContext context, JsValue entry)
    {
        using var start = entry.Get("start");
        using var bind = entry.Get("bind");
        using var fetch = entry.Get("fetch");
        start.Invoke(context, "{}");
        using (var worker = context.Run(WarmUpWorker, "molt:warm-up"))
        {
            bind.Invoke(context, worker, "{}");
        }

        const string Head = "\nhttp://localhost/path?query=1\nhost\nlocalhost\ncontent-type\napplication/json";
        for (var number = 1; number <= 3; number++)
        {
            fetch.Invoke(context, number * 2, "GET" + Head, (int)BodyKind.None, JsArg.Undefined);
            isolate.RunMicrotasks();
            fetch.Invoke(context, (number * 2) + 1, "POST" + Head, (int)BodyKind.Bytes, JsArg.Bytes("{}"u8.ToArray()));
            isolate.RunMicrotasks();
        }

        bind.Invoke(context, JsArg.Undefined, "{}");
    }

    private const string WarmUpWorker = """
        ({
          default: {
            async fetch(request, env, ctx) {
              if (request.method === "GET") {
                return new Response(new URL(request.url).searchParams.get("query") + request.headers.get("host"), { headers: { "x-a": "b" } });
              }
              return Response.json(await request.json(), { status: 201 });
            },
          },
        })
        """;
}

/// <summary>The base snapshot is missing, damaged or foreign.</summary>
public sealed class BaseSnapshotException : MoltException
{
    internal BaseSnapshotException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
