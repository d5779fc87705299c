using System.Globalization;

namespace Molt.Contracts.Schemas.Import;

/// <summary>Arrays: lists of one type, and tuples.</summary>
internal sealed partial class JsonSchemaConverter
{
    private Mapped MapArray(SourceNode node)
    {
        if (node.IsTrue("uniqueItems"))
        {
            Drop(node, "uniqueItems", "a list may have an item twice");
        }

        var (least, most) = Lengths(node, "minItems", "maxItems");
        if (least > most)
        {
            return Contradiction(node, "minItems is greater than maxItems");
        }

        // Drafts before 2020-12 write the items of a tuple as a list under items, and the rest under additionalItems.
        var isOldTuple = node["items"] is { Kind: JsonKind.Array };
        var places = isOldTuple ? node["items"]!.Items : node["prefixItems"] is { Kind: JsonKind.Array } prefix ? prefix.Items : [];
        var rest = isOldTuple ? node["additionalItems"] : node["items"];
        if (places.Count > 0)
        {
            return MapTuple(node, places, rest, least ?? 0, most);
        }

        if (rest is { Kind: JsonKind.Boolean, Truth: false })
        {
            return new Mapped(SchemaBuilder.List(SchemaBuilder.Json, null, 0), Nullable: false);
        }

        var items = rest is null ? Mapped.Json : Map(rest);
        return new Mapped(SchemaBuilder.List(Present(items) ?? SchemaBuilder.Json, least, items.Type is null && !items.Nullable ? 0 : most), Nullable: false);
    }

    private Mapped MapTuple(SourceNode node, IReadOnlyList<SourceNode> places, SourceNode? rest, int least, int? most)
    {
        var isOpen = rest is not { Kind: JsonKind.Boolean, Truth: false } && !(most <= places.Count);
        if (!isOpen && least == places.Count && AllSame(places))
        {
            return new Mapped(SchemaBuilder.List(Present(Map(places[0])) ?? SchemaBuilder.Json, places.Count, places.Count), Nullable: false);
        }

        var fields = new List<RecordField>();
        for (var i = 0; i < places.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"item{i + 1}");
            if (MapField(name, places[i], isRequired: i < least) is { } field)
            {
                fields.Add(field);
            }
        }

        if (isOpen)
        {
            var (type, nullable) = rest is null ? Mapped.Json : Map(rest);
            fields.Add(new RecordField("rest", new OptionalType(SchemaBuilder.List(Present(new Mapped(type, nullable)) ?? SchemaBuilder.Json))));
        }

        _notes.Warning(NoteCodes.ShapeChanged, node.Pointer, $"A tuple becomes a record: {{{string.Join(", ", fields.ConvertAll(field => field.Name))}}} instead of [ ].");
        return new Mapped(new RecordType(fields), Nullable: false);
    }

    private static bool AllSame(IReadOnlyList<SourceNode> nodes)
    {
        for (var i = 1; i < nodes.Count; i++)
        {
            if (!SourceNode.Same(nodes[0], nodes[i]))
            {
                return false;
            }
        }

        return true;
    }

    // The type of an item or a map's value, where absence is written null.
    private static SchemaType? Present(Mapped mapped) => mapped switch
    {
        { Type: null, Nullable: true } => SchemaBuilder.Json,
        { Type: null } => null,
        { Nullable: true } => new OptionalType(mapped.Type),
        _ => mapped.Type,
    };
}
