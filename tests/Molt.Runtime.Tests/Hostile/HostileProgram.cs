using System.Text;

namespace Molt.Runtime.Tests.Hostile;

/// <summary>A program that means harm, and how it has to end.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Source">Its main module.</param>
/// <param name="Outcomes">The outcomes that are right; with <see cref="EventOutcome.Ok"/> among them it may catch what stops it and answer.</param>
public sealed record HostileProgram(string Name, string Source, params EventOutcome[] Outcomes)
{
    private static readonly byte[] LoopingWasm =
    [
        0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
        1, 4, 1, 0x60, 0, 0,
        3, 2, 1, 0,
        7, 8, 1, 4, 0x6c, 0x6f, 0x6f, 0x70, 0, 0,
        0x0a, 9, 1, 7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b,
    ];

    private static readonly byte[] WasmWithMemory = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 0x6d, 2, 0];

    /// <summary>loop.wasm exports loop(), which never returns; memory.wasm exports a memory m without maximum.</summary>
    public static WorkerModule[] Modules =>
    [
        new("loop.wasm", WorkerModuleKind.Wasm, LoopingWasm),
        new("memory.wasm", WorkerModuleKind.Wasm, WasmWithMemory),
    ];

    /// <summary>The main module with its innocent side: "/ping" answers "pong".</summary>
    public ReadOnlyMemory<byte> Bytes => Encoding.UTF8.GetBytes(Source);

    public override string ToString() => Name;

    /// <summary>A program whose fetch handler has this body.</summary>
    public static HostileProgram Handler(string name, string body, params EventOutcome[] outcomes) =>
        Module(name, "", body, outcomes);

    /// <summary>A program with top-level code before its handler.</summary>
    public static HostileProgram Module(string name, string top, string body, params EventOutcome[] outcomes) => new(
        name,
        $$"""
        {{top}}
        export default { async fetch(request, env, ctx) {
          if (request.url.endsWith('/ping')) return new Response('pong');
          {{body}}
        } }
        """,
        outcomes);
}
