using System.Runtime.InteropServices;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Projects;

/// <summary>What a TOML parser says: the document as JSON, or what is wrong and where.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TomlOutcome(string? Json, string? Error, SourcePosition Position);

/// <summary>Parses TOML text into JSON text.</summary>
internal interface ITomlParser
{
    TomlOutcome Parse(string text);
}

/// <summary>Reads TOML into nodes that know their line and column.</summary>
internal static class TomlReader
{
    public static ConfigNode? Read(string text, string file, ITomlParser parser, List<Fault> faults)
    {
        var outcome = parser.Parse(text);
        if (outcome.Json is null)
        {
            faults.Add(new Fault(FaultCodes.ConfigSyntax, outcome.Error ?? "The file is not valid TOML.") { File = file, Position = outcome.Position });
            return null;
        }

        var root = JsoncReader.Read(outcome.Json, file, faults);
        return root is null ? null : Relocate(root, "", new SourcePosition(1, 1), new TomlKeyLocator(text));
    }

    private static ConfigNode Relocate(ConfigNode node, string path, SourcePosition nearest, TomlKeyLocator locator)
    {
        var position = locator.Value(path) ?? nearest;
        var members = new List<ConfigMember>(node.Members.Count);
        foreach (var member in node.Members)
        {
            var inner = TomlKeyLocator.Join(path, member.Name);
            members.Add(new ConfigMember(member.Name, locator.Key(inner) ?? FirstBelow(member.Value, inner, locator) ?? position, Relocate(member.Value, inner, position, locator)));
        }

        var items = new List<ConfigNode>(node.Items.Count);
        for (var i = 0; i < node.Items.Count; i++)
        {
            items.Add(Relocate(node.Items[i], TomlKeyLocator.Join(path, i), position, locator));
        }

        return node with { Position = position, Members = members, Items = items };
    }

    /// <summary>An array of tables has no line of its own; its first table has.</summary>
    private static SourcePosition? FirstBelow(ConfigNode value, string path, TomlKeyLocator locator) =>
        value.Kind switch
        {
            JsonKind.Array when value.Items.Count > 0 => locator.Key(TomlKeyLocator.Join(path, 0)),
            JsonKind.Object when value.Members.Count > 0 =>
                locator.Key(TomlKeyLocator.Join(path, value.Members[0].Name)) ?? FirstBelow(value.Members[0].Value, TomlKeyLocator.Join(path, value.Members[0].Name), locator),
            _ => null,
        };
}
