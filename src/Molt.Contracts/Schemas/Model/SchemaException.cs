using System.Text;

namespace Molt.Contracts.Schemas;

/// <summary>One thing that is wrong with a schema.</summary>
/// <param name="Path">Where, as a path into the document: <c>$.type.fields[2].type</c>.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
public sealed record SchemaFault(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>A schema cannot be used; the message lists every fault.</summary>
public sealed class SchemaException : MoltException
{
    internal SchemaException(string code, IReadOnlyList<SchemaFault> faults)
        : base(code, Text(faults)) => Faults = faults;

    /// <summary>Everything that is wrong, in the order of the document.</summary>
    public IReadOnlyList<SchemaFault> Faults { get; }

    private static string Text(IReadOnlyList<SchemaFault> faults)
    {
        var text = new StringBuilder();
        foreach (var fault in faults)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(fault);
        }

        return text.ToString();
    }
}
