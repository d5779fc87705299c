using System.Globalization;

namespace Molt.Contracts.Schemas.Import;

/// <summary>
/// Finds what <c>$ref</c> means inside one document (JSON Schema 2020-12, sections 8.2 and 9.2): JSON pointers, <c>$anchor</c>,
/// <c>$dynamicAnchor</c>, and subschemas with an <c>$id</c> of their own. Nothing is ever fetched.
/// </summary>
internal sealed class JsonSchemaReferences
{
    // Relative references need a base even when the document does not say where it lives.
    private static readonly Uri Nowhere = new("json-schema://document/root.json");

    private readonly SourceNode _root;
    private readonly Dictionary<string, SourceNode> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceNode> _anchors = new(StringComparer.Ordinal);
    private readonly Dictionary<SourceNode, Uri> _bases = new(ReferenceEqualityComparer.Instance);

    public JsonSchemaReferences(SourceNode root)
    {
        _root = root;
        _resources[WithoutFragment(Nowhere)] = root;
        Index(root, Nowhere);
    }

    /// <summary>The schema that <paramref name="reference"/>, written in <paramref name="from"/>, leads to; null also when it leads out of the document.</summary>
    public SourceNode? Resolve(string reference, SourceNode from, out bool isOutside)
    {
        isOutside = false;
        var place = _bases.GetValueOrDefault(from, Nowhere);

        // A base that is a urn has no place for a relative path, and needs none for a fragment.
        var isFragment = reference.StartsWith('#');
        if (!(isFragment ? Uri.TryCreate(WithoutFragment(place) + reference, UriKind.Absolute, out var target) : Uri.TryCreate(place, reference, out target)))
        {
            return null;
        }

        var fragment = Uri.UnescapeDataString(target.Fragment.TrimStart('#'));
        var resource = WithoutFragment(target);
        if (!_resources.TryGetValue(resource, out var node))
        {
            isOutside = true;
            return null;
        }

        if (fragment.Length == 0)
        {
            return node;
        }

        return fragment[0] == '/' ? Walk(node, fragment) : _anchors.GetValueOrDefault(resource + "#" + fragment);
    }

    /// <summary>Lets a schema put together from others resolve references as <paramref name="original"/> does.</summary>
    public void Inherit(SourceNode made, SourceNode original)
    {
        if (_bases.TryGetValue(original, out var place))
        {
            _bases.TryAdd(made, place);
        }
    }

    private static SourceNode? Walk(SourceNode node, string pointer)
    {
        foreach (var escaped in pointer[1..].Split('/'))
        {
            var token = escaped.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var next = node.Kind == JsonKind.Array
                ? int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < node.Items.Count ? node.Items[index] : null
                : node[token];
            if (next is null)
            {
                return null;
            }

            node = next;
        }

        return node;
    }

    private static string WithoutFragment(Uri uri)
    {
        var text = uri.AbsoluteUri;
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? text : text[..hash];
    }

    private void Index(SourceNode node, Uri place)
    {
        if (node.Kind != JsonKind.Object)
        {
            return;
        }

        place = Identify(node, place);
        _bases[node] = place;
        foreach (var (keyword, value) in node.Members)
        {
            if (value.Kind == JsonKind.Array && JsonSchemaKeywords.OfSchemaLists.Contains(keyword))
            {
                foreach (var item in value.Items)
                {
                    Index(item, place);
                }
            }
            else if (value.Kind == JsonKind.Object && JsonSchemaKeywords.OfNamedSchemas.Contains(keyword))
            {
                foreach (var (_, schema) in value.Members)
                {
                    Index(schema, place);
                }
            }
            else if (JsonSchemaKeywords.OfOneSchema.Contains(keyword))
            {
                Index(value, place);
            }
        }
    }

    private Uri Identify(SourceNode node, Uri place)
    {
        if ((node.TryText("$id", out var id) || (ReferenceEquals(node, _root) && node.TryText("id", out id))) && Uri.TryCreate(place, id, out var own))
        {
            if (id.StartsWith('#'))
            {
                // Up to draft 7 an anchor is written as an $id that is only a fragment.
                _anchors.TryAdd(WithoutFragment(place) + id, node);
            }
            else
            {
                place = new Uri(WithoutFragment(own));
                _resources.TryAdd(WithoutFragment(place), node);
            }
        }

        foreach (var keyword in (ReadOnlySpan<string>)["$anchor", "$dynamicAnchor"])
        {
            if (node.TryText(keyword, out var anchor))
            {
                _anchors.TryAdd(WithoutFragment(place) + "#" + anchor, node);
            }
        }

        return place;
    }
}
