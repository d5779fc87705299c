namespace Molt.Contracts.Generator;

/// <summary>How a value crosses: by which method of the reader and writer, or in parts.</summary>
internal enum FieldForm
{
    Scalar,
    Enum,
    List,
    Array,
    Map,
    Record,
    Optional,
}

/// <summary>A C# type as a schema type.</summary>
internal sealed class FieldType
{
    public FieldType(FieldForm form, string csharp, string json)
    {
        Form = form;
        CSharp = csharp;
        Json = json;
    }

    public FieldForm Form { get; }

    /// <summary>The type as generated code names it.</summary>
    public string CSharp { get; }

    /// <summary>The type as a schema document has it.</summary>
    public string Json { get; }

    /// <summary>The kind of a scalar.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Whether null must be refused when it is written.</summary>
    public bool IsReference { get; set; }

    /// <summary>Whether an optional is a Nullable&lt;T&gt;.</summary>
    public bool IsNullableValue { get; set; }

    public FieldType? Key { get; set; }

    public FieldType? Item { get; set; }

    /// <summary>The members of an enum, in order, as expressions.</summary>
    public IReadOnlyList<string> Members { get; set; } = [];
}

/// <summary>A field of a record.</summary>
internal sealed class FieldModel(string property, string name, FieldType type)
{
    public string Property { get; } = property;

    /// <summary>Its name in the schema.</summary>
    public string Name { get; } = name;

    public FieldType Type { get; } = type;

    /// <summary>Whether it is a parameter of the primary constructor; else it is set by an initializer.</summary>
    public bool IsParameter { get; set; }

    /// <summary>What absence means, as a C# expression.</summary>
    public string? Default { get; set; }

    /// <summary>A C# expression, over {0}, that is true when a value is not the default.</summary>
    public string? DiffersFromDefault { get; set; }

    public bool IsOptional => Type.Form == FieldForm.Optional || Default is not null;

    /// <summary>The type of the value when there is one.</summary>
    public FieldType Value => Type.Form == FieldForm.Optional ? Type.Item! : Type;
}

/// <summary>A record that gets a schema.</summary>
internal sealed class RecordModel(string ns, string keyword, string name, string fullName, string document, IReadOnlyList<FieldModel> fields)
{
    public string Namespace { get; } = ns;

    /// <summary>"record" or "record struct".</summary>
    public string Keyword { get; } = keyword;

    public string Name { get; } = name;

    public string FullName { get; } = fullName;

    /// <summary>The schema's document.</summary>
    public string Document { get; } = document;

    public IReadOnlyList<FieldModel> Fields { get; } = fields;
}
