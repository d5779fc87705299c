using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Tests.Schemas;

public enum Size
{
    Small,
    [SchemaField(Name = "extra-large")]
    ExtraLarge,
}

/// <summary>Has what the source generator takes: the import of the assembly must give the generator's schema.</summary>
[MoltSchema("schema://acme/parcel/v2", Doc = "A parcel.", Coercion = SchemaCoercion.Lax)]
public sealed partial record Parcel(
    [SchemaLength(1, 80)] string To,
    [SchemaRange(1, 500)] int Weight,
    [SchemaField(Name = "from_where", Doc = "Its sender.", Deprecated = true)] string? From,
    IReadOnlyList<Item> Items,
    IReadOnlyDictionary<string, decimal?> Fees,
    Size Size = Size.ExtraLarge,
    double Speed = 1.5,
    string Note = "a \"b\"",
    bool Fragile = true,
    decimal Price = 0.5m)
{
    [SchemaKind(ScalarKind.Int53)]
    public long Serial { get; init; }

    public required ReadOnlyMemory<byte> Seal { get; init; }

    public DateTimeOffset? Sent { get; init; }

    public TimeSpan[]? Stops { get; init; }

    public Guid Key { get; init; }

    public JsonElement Extra { get; init; }

    public Parcel? Inner { get; init; }

    public int Volume => Weight * 2;
}

[MoltSchema("schema://acme/item/v1")]
public sealed partial record Item(string Name, float? Worth, [SchemaPattern("^[a-z]+$"), SchemaFormat("hostname")] string Shelf);

/// <summary>Plain classes, as they are before anybody thinks of schemas.</summary>
public sealed class Account
{
    [StringLength(20, MinimumLength = 3)]
    [RegularExpression("[a-z]+")]
    public required string Name { get; set; }

    [EmailAddress]
    public string? Mail { get; set; }

    [Range(0, 150)]
    public int Age { get; set; }

    [CreditCard]
    public string? Card { get; set; }

    [JsonPropertyName("home_page")]
    public Uri? HomePage { get; set; }

    public IReadOnlyList<Pet> Pets { get; set; } = [];

    public DateOnly Born { get; set; }

    [JsonIgnore]
    public string Hidden { get; set; } = "";
}

[JsonDerivedType(typeof(Cat), "cat")]
[JsonDerivedType(typeof(Dog), "dog")]
public abstract class Pet
{
}

public sealed class Cat : Pet
{
    public int Lives { get; set; }
}

public sealed class Dog : Pet
{
    public bool Good { get; set; }
}

public sealed record Impossible(IReadOnlyDictionary<string, Func<int>> Handlers, DayOfWeek Day, System.Text.StringBuilder Text);
