using System.Runtime.InteropServices;
using System.Text.Json;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

/// <summary>What the source generator is tested with: it runs when this project is compiled.</summary>
[MoltSchema("schema://acme/greet/v1", Doc = "Greets \"somebody\".")]
public sealed partial record Greet(string Name, int Times = 1);

internal enum Color
{
    Red,
    LightGreen = 7,

    [SchemaField(Name = "deep blue")]
    Blue = 3,
}

[MoltSchema("schema://acme/scalars/v1")]
internal sealed partial record Scalars(
    bool Flag,
    sbyte I8,
    short I16,
    int I32,
    long I64,
    [SchemaKind(ScalarKind.Int53)] long I53,
    byte U8,
    ushort U16,
    uint U32,
    ulong U64,
    float F32,
    double F64,
    string Text,
    byte[] Blob,
    ReadOnlyMemory<byte> Memory,
    DateTimeOffset At,
    TimeSpan Took,
    Guid Id,
    decimal Price,
    JsonElement Any,
    Color Color);

[MoltSchema("schema://acme/limits/v1")]
internal sealed partial record Limits(
    [SchemaRange(1, 5)] int Stars,
    [SchemaRange(-0.5, 0.5)] double Ratio,
    [SchemaRange("0.01", null)] decimal Price,
    [SchemaLength(2, 4), SchemaPattern("^[a-z]+$")] string Code,
    [SchemaFormat("email")] string? Mail,
    [SchemaLength(1, 3), SchemaRange(0, 9)] IReadOnlyList<byte> Digits,
    [SchemaLength(0, 4)] byte[] Blob);

[MoltSchema("schema://acme/defaults/v1", Coercion = SchemaCoercion.Lax)]
internal sealed partial record Defaults(
    string Text = "a \"b\" {c}",
    double Zero = 0,
    double Negative = -0.0,
    float Half = 0.5f,
    double None = double.NaN,
    decimal Price = 1.50m,
    bool Flag = true,
    ulong Big = ulong.MaxValue,
    Color Color = Color.Blue,
    Guid Id = default,
    TimeSpan Wait = default,
    int? Maybe = null,
    string? Note = null);

[MoltSchema("schema://acme/containers/v1")]
internal sealed partial record Containers(
    List<int> Numbers,
    IReadOnlyList<string?> Names,
    int[][] Grid,
    Dictionary<string, long> ByName,
    IReadOnlyDictionary<int, List<Color>> ByNumber,
    Point Origin,
    IReadOnlyList<Point> Path,
    Tree? Tree = null);

[MoltSchema("schema://acme/point/v1")]
[StructLayout(LayoutKind.Auto)]
internal readonly partial record struct Point(double X, double Y);

[MoltSchema("schema://acme/tree/v1")]
internal sealed partial record Tree(int Value, IReadOnlyList<Tree> Children);

[MoltSchema("schema://acme/properties/v1")]
internal sealed partial record Properties
{
    public required string Name { get; init; }

    [SchemaField(Name = "how many", Doc = "Of them.", Deprecated = true)]
    public int Count { get; init; } = 3;

    public string? Note { get; set; }

    public static string Ignored => "";

    public int Computed => Count * 2;
}

[MoltSchema("schema://acme/nothing/v1")]
internal sealed partial record Nothing;
