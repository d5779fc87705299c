using System.Text;
using Molt.Contracts.Capabilities;

namespace Molt.Contracts.Tests.Capabilities;

public sealed class AuditTests
{
    private static AuditEvent Event(string operation, AuditDecision decision = AuditDecision.Allowed, string? detail = null, string? package = null) =>
        new(1_000_000_007, "shop", package, "http.fetch", operation, AuditArgumentKind.Network, decision, detail);

    [Fact]
    public async Task JsonLines_WhenRecorded_AreWrittenInOrder()
    {
        var stream = new MemoryStream();
        await using (var sink = new JsonLinesAuditSink(stream, leaveOpen: true))
        {
            sink.Record(Event("send"));
            sink.Record(Event("send", AuditDecision.Denied, "it is \"not\" granted\n", "left-pad"));
            sink.Record(Event("abort", AuditDecision.ResourceExceeded, "budget"));
        }

        Assert.Equal(
            """
            {"timestamp_ns":1000000007,"worker":"shop","capability":"http.fetch","operation":"send","args":{"kind":"network"},"decision":{"status":"allowed"}}
            {"timestamp_ns":1000000007,"worker":"shop","package":"left-pad","capability":"http.fetch","operation":"send","args":{"kind":"network"},"decision":{"status":"denied","reason":"it is \u0022not\u0022 granted\n"}}
            {"timestamp_ns":1000000007,"worker":"shop","capability":"http.fetch","operation":"abort","args":{"kind":"network"},"decision":{"status":"resource_exceeded","error":"budget"}}

            """,
            Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void Buffered_WhenFull_KeepsTheNewest()
    {
        var sink = new BufferedAuditSink(2);
        sink.Record(Event("a"));
        sink.Record(Event("b"));
        sink.Record(Event("c"));

        Assert.Equal(3, sink.Count);
        Assert.Equal(["b", "c"], new List<AuditEvent>(sink.Read()).ConvertAll(audited => audited.Operation));
    }

    [Fact]
    public void Options_WhenWrong_SayHow() => Assert.Equal(["AuditOptions.SampleEvery must be at least 1."], new AuditOptions { SampleEvery = 0 }.Validate());
}
