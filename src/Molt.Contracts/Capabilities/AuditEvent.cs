using System.Text.Json;

namespace Molt.Contracts.Capabilities;

/// <summary>What was decided about a call.</summary>
public enum AuditDecision
{
    /// <summary>It may go on.</summary>
    Allowed,

    /// <summary>No grant, or one that was revoked; the detail says which.</summary>
    Denied,

    /// <summary>A budget or limit is used up; the detail names it.</summary>
    ResourceExceeded,
}

/// <summary>One line of the audit: who asked for what, and what was decided. It never holds an argument.</summary>
/// <param name="TimestampNanoseconds">Since the Unix epoch.</param>
/// <param name="Worker">The worker's name.</param>
/// <param name="Package">The package that asked; null for the worker's own code.</param>
/// <param name="Capability">The capability's id.</param>
/// <param name="Operation">The operation's name; empty when a handle was asked for.</param>
/// <param name="Arguments">What the arguments name.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Detail">Why it was denied, or what was used up.</param>
public readonly record struct AuditEvent(
    long TimestampNanoseconds,
    string Worker,
    string? Package,
    string Capability,
    string Operation,
    AuditArgumentKind Arguments,
    AuditDecision Decision,
    string? Detail)
{
    /// <summary>Writes the event as the JSON object that lines of an audit file hold.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("timestamp_ns", TimestampNanoseconds);
        writer.WriteString("worker", Worker);
        if (Package is not null)
        {
            writer.WriteString("package", Package);
        }

        writer.WriteString("capability", Capability);
        writer.WriteString("operation", Operation);
        writer.WriteStartObject("args");
        writer.WriteString("kind", Kind(Arguments));
        writer.WriteEndObject();
        writer.WriteStartObject("decision");
        writer.WriteString("status", Decision switch
        {
            AuditDecision.Allowed => "allowed",
            AuditDecision.Denied => "denied",
            _ => "resource_exceeded",
        });
        if (Detail is not null && Decision != AuditDecision.Allowed)
        {
            writer.WriteString(Decision == AuditDecision.Denied ? "reason" : "error", Detail);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Kind(AuditArgumentKind kind) => kind switch
    {
        AuditArgumentKind.Path => "path",
        AuditArgumentKind.Network => "network",
        AuditArgumentKind.Env => "env",
        AuditArgumentKind.Db => "db",
        AuditArgumentKind.Custom => "custom",
        _ => "none",
    };
}

/// <summary>Takes audit events. Called by any thread, also inside a guest's call: it returns at once and does not throw.</summary>
public interface IAuditSink
{
    /// <summary>Takes one event.</summary>
    void Record(in AuditEvent audited);
}

/// <summary>Where audit events go and how many of them.</summary>
public sealed record AuditOptions
{
    /// <summary>Where they go. Null: nowhere, which costs calls nothing.</summary>
    public IAuditSink? Sink { get; init; }

    /// <summary>One in how many allowed calls is recorded. Denials always are. Default 1: every call.</summary>
    public int SampleEvery { get; init; } = 1;

    /// <summary>Returns every fault of these options, or an empty list.</summary>
    public IReadOnlyList<string> Validate() =>
        SampleEvery < 1 ? [$"AuditOptions.{nameof(SampleEvery)} must be at least 1."] : [];
}
