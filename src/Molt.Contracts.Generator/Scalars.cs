namespace Molt.Contracts.Generator;

/// <summary>The scalars: which C# type is which, and how each is written and read.</summary>
internal static class Scalars
{
    public static string WriteMethod(string kind) => kind switch
    {
        "bool" => "WriteBool",
        "uint64" => "WriteUInt64",
        "float32" => "WriteFloat32",
        "float64" => "WriteFloat64",
        "string" => "WriteString",
        "bytes" => "WriteBytes",
        "uuid" => "WriteUuid",
        "timestamp" => "WriteTimestamp",
        "duration" => "WriteDuration",
        "decimal" => "WriteDecimal",
        "json" => "WriteJson",
        _ => "WriteInteger",
    };

    public static string ReadExpression(string kind, string csharp) => kind switch
    {
        "bool" => "reader.ReadBool()",
        "uint64" => "reader.ReadUInt64()",
        "float32" => "reader.ReadFloat32()",
        "float64" => "reader.ReadFloat64()",
        "string" => "reader.ReadString()",
        "bytes" => "reader.ReadBytes()",
        "uuid" => "reader.ReadUuid()",
        "timestamp" => "reader.ReadTimestamp()",
        "duration" => "reader.ReadDuration()",
        "decimal" => "reader.ReadDecimal()",
        "json" => "reader.ReadJson()",
        "int64" => "reader.ReadInteger()",
        "int53" => "reader.ReadInteger(-9007199254740991, 9007199254740991)",
        _ => $"({csharp})reader.ReadInteger({csharp}.MinValue, {csharp}.MaxValue)",
    };

    public static bool IsInteger(string kind) => kind.StartsWith("int", StringComparison.Ordinal) || kind.StartsWith("uint", StringComparison.Ordinal);

    public static bool IsFloat(string kind) => kind is "float32" or "float64";

    /// <summary>The kinds that a C# type may be said to have.</summary>
    public static bool MayBe(string natural, string kind) => natural == kind || (natural == "int64" && kind == "int53");
}
