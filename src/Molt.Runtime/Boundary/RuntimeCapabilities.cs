using System.Text;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Runtime.Boundary;

/// <summary>
/// The declarations of what the runtime itself offers. Their positions are bits of a worker's grants. What implements them is in
/// <see cref="HostFunctions"/>; docs/reference/capabilities.md is made of this list.
/// </summary>
internal static class RuntimeCapabilities
{
    private static readonly OperationTraits OfEvent = new() { Cost = 0 };

    private static readonly OperationTraits Clock = new()
    {
        Effect = CapabilityEffect.ReadOnly,
        Determinism = CapabilityDeterminism.Nondeterministic,
        Cost = 0,
    };

    public static readonly IReadOnlyList<CapabilityDeclaration> All =
    [
        Declare("molt.event", "The life of an event: its answer, its failure, its end. Every worker has it.",
            new FlatShape("respond", """{"name":"event","type":"uint32"},{"name":"status","type":{"kind":"uint16","ge":100,"le":599}},{"name":"status_text","type":{"kind":"optional","of":"string"}},{"name":"headers","type":"string"},{"name":"body_kind","type":{"kind":"uint8","le":3}},{"name":"body","type":{"kind":"optional","of":{"kind":"union","variants":[{"name":"text","type":"string"},{"name":"bytes","type":"bytes"}]}}},{"name":"pending","type":"bool"}""", OfEvent with { Doc = "Answers an event." }),
            new FlatShape("fail", """{"name":"event","type":"uint32"},{"name":"error","type":"json"},{"name":"pending","type":"bool"},{"name":"no_handler","type":"bool"}""", OfEvent with { Doc = "Says that an event has no answer." }),
            new FlatShape("done", """{"name":"event","type":"uint32"}""", OfEvent with { Doc = "Says that nothing of an event is left." }),
            new FlatShape("report", """{"name":"event","type":"uint32"},{"name":"kind","type":{"kind":"enum","values":["waitUntil","timer","listener","microtask"]}},{"name":"error","type":"json"}""", OfEvent with { Doc = "Reports an exception that decides no answer." }),
            new FlatShape("pass_through", """{"name":"event","type":"uint32"}""", OfEvent with { Doc = "Lets the origin answer should the handler fail." })),
        Declare("molt.body", "The bodies of events and of their outbound requests, as streams. Every worker has it.",
            new FlatShape("read", """{"name":"call","type":"uint32"},{"name":"body","type":"uint32"}""", OfEvent with { Effect = CapabilityEffect.ReadOnly, Doc = "Takes the next bytes." }),
            new FlatShape("cancel", """{"name":"body","type":"uint32"},{"name":"reason","type":"string"}""", OfEvent with { Doc = "Wants no more of it." }),
            new FlatShape("write", """{"name":"call","type":"uint32"},{"name":"body","type":"uint32"},{"name":"bytes","type":"bytes"}""", OfEvent with { Doc = "Sends bytes." }),
            new FlatShape("end", """{"name":"body","type":"uint32"}""", OfEvent with { Doc = "Says that it is complete." }),
            new FlatShape("abort", """{"name":"body","type":"uint32"},{"name":"reason","type":"string"}""", OfEvent with { Doc = "Says that it will not be complete." })),
        Declare("console.log", "Lines of the console, for whoever runs the worker.",
            new FlatShape("write", """{"name":"event","type":"uint32"},{"name":"level","type":{"kind":"enum","values":["debug","log","info","warn","error"]}},{"name":"text","type":"string"}""", new OperationTraits { Cost = 0, Doc = "Writes a line. Without the grant it is dropped." })),
        Declare("time.timer", "Timers of an event: setTimeout, setInterval, scheduler.wait, AbortSignal.timeout.",
            new FlatShape("start", """{"name":"event","type":"uint32"},{"name":"id","type":"uint32"},{"name":"delay_ms","type":"float64"},{"name":"repeat","type":"bool"}""", new OperationTraits { Determinism = CapabilityDeterminism.Nondeterministic, Cost = 0, Doc = "Starts a timer." }),
            new FlatShape("clear", """{"name":"id","type":"uint32"}""", new OperationTraits { Cost = 0, Doc = "Stops a timer." })),
        Declare("time.now", "The clock: Date, performance.now, time stamps of events and files. Without the grant it stands still.",
            new FlatShape("monotonic", "", Clock with { Doc = "Milliseconds since a moment in the past." }, "float64"),
            new FlatShape("wall", "", Clock with { Doc = "Milliseconds since the Unix epoch." }, "float64")),
        Declare("rand.bytes", "Randomness for cryptography: crypto.getRandomValues, crypto.randomUUID.",
            new FlatShape("fill", """{"name":"target","type":{"kind":"bytes","maxLength":65536}}""", Clock with { Doc = "Fills a view with random bytes, in place." }),
            new FlatShape("uuid", "", Clock with { Doc = "A random UUID (RFC 9562, version 4)." }, "string")),
        Declare("http.fetch", "Outbound HTTP: fetch.",
            new FlatShape("send", """{"name":"call","type":"uint32"},{"name":"event","type":"uint32"},{"name":"service","type":"string"},{"name":"head","type":"string"},{"name":"body_kind","type":{"kind":"uint8","le":3}},{"name":"body","type":{"kind":"optional","of":{"kind":"union","variants":[{"name":"text","type":"string"},{"name":"bytes","type":"bytes"}]}}}""", new OperationTraits { Arguments = AuditArgumentKind.Network, Doc = "Sends a request. Gives the number its streamed body is written to, or 0." }, "uint32"),
            new FlatShape("abort", """{"name":"call","type":"uint32"}""", new OperationTraits { Cost = 0, Doc = "Drops a request." })),
    ];

    /// <summary>The position of a capability, or -1.</summary>
    public static int IndexOf(string id)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    public static CapabilityDeclaration? Find(string id) => IndexOf(id) is >= 0 and var index ? All[index] : null;

    private static CapabilityDeclaration Declare(string id, string doc, params ReadOnlySpan<FlatShape> operations)
    {
        var builder = Capability.Declare(id, "1.0.0", doc);
        var name = id.Replace('.', '_');
        foreach (var operation in operations)
        {
            builder.Describe(operation.Name, () => operation.Request(name), () => operation.Answer(name), operation.Traits);
        }

        return builder.BuildDeclaration();
    }

    /// <summary>An operation of the flat carrier; its schemas are parsed when somebody asks for them.</summary>
    private sealed record FlatShape(string Name, string Fields, OperationTraits Traits, string? Output = null)
    {
        public Schema Request(string capability) => Parse($"schema://molt/{capability}_{Name}_request/v1", Fields);

        public Schema Answer(string capability) => Output is null
            ? Parse("schema://molt/nothing/v1", "")
            : Parse($"schema://molt/{capability}_{Name}_answer/v1", $$"""{"name":"value","type":"{{Output}}"}""");

        private static Schema Parse(string id, string fields)
        {
            var document = "{\"sir\":1,\"id\":\"" + id + "\",\"type\":{\"kind\":\"record\",\"fields\":[" + fields + "]}}";
            return Schema.Parse(Encoding.UTF8.GetBytes(document));
        }
    }
}
