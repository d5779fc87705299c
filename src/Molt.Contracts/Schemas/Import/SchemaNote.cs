namespace Molt.Contracts.Schemas;

/// <summary>How much a note about a translated schema matters.</summary>
public enum NoteSeverity
{
    /// <summary>Means the same, and is written differently or says less to people.</summary>
    Info,

    /// <summary>What one side says is not checked, or is not the same, on the other.</summary>
    Warning,

    /// <summary>There is no result.</summary>
    Error,
}

/// <summary>Something that a schema did not keep on its way into or out of Molt's schema language.</summary>
/// <param name="Code">A code of docs/reference/errors.md.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Place">Where: a JSON pointer into an imported document, a path into a schema, a member of a .NET type.</param>
/// <param name="Message">What became of it.</param>
public sealed record SchemaNote(string Code, NoteSeverity Severity, string Place, string Message)
{
    public override string ToString() => $"{Code} {Place}: {Message}";
}

/// <summary>Collects notes; each once.</summary>
internal sealed class SchemaNotes
{
    private readonly List<SchemaNote> _notes = [];
    private readonly HashSet<SchemaNote> _known = [];

    public IReadOnlyList<SchemaNote> All => _notes;

    public bool HasErrors { get; private set; }

    public void Info(string code, string place, string message) => Add(new SchemaNote(code, NoteSeverity.Info, place, message));

    public void Warning(string code, string place, string message) => Add(new SchemaNote(code, NoteSeverity.Warning, place, message));

    public void Error(string code, string place, string message) => Add(new SchemaNote(code, NoteSeverity.Error, place, message));

    private void Add(SchemaNote note)
    {
        HasErrors |= note.Severity == NoteSeverity.Error;
        if (_known.Add(note))
        {
            _notes.Add(note);
        }
    }
}

/// <summary>The codes of notes.</summary>
internal static class NoteCodes
{
    public const string NotASchema = "SCH101";
    public const string UnresolvedReference = "SCH102";
    public const string NotExpressible = "SCH103";

    public const string KeywordDropped = "SCH110";
    public const string RecordClosed = "SCH111";
    public const string PatternDropped = "SCH112";
    public const string FormatDropped = "SCH113";
    public const string ShapeChanged = "SCH114";
    public const string AnyValue = "SCH115";
    public const string DefaultChanged = "SCH116";
    public const string ValuesChanged = "SCH117";
    public const string UnknownKeyword = "SCH118";
    public const string NullIsAbsent = "SCH119";

    public const string ExportChanged = "SCH130";
    public const string ExportRenamed = "SCH131";
    public const string ExportImpossible = "SCH132";
}
