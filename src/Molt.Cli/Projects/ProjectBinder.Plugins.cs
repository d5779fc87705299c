using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Projects;

/// <summary>The key <c>plugins</c>: modules of the edge tier that <c>env</c> has as objects.</summary>
internal sealed partial class ProjectBinder
{
    private Dictionary<string, string> BindPlugins()
    {
        var plugins = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in Inherited("plugins") is { Kind: JsonKind.Array } list ? list.Items : [])
        {
            var binding = Text(item.Get("binding"));
            var manifest = Text(item.Get("manifest"));
            if (string.IsNullOrEmpty(binding) || string.IsNullOrEmpty(manifest))
            {
                Add(FaultCodes.InvalidValue, "A plugin has a \"binding\", its name in env, and a \"manifest\", the path of its molt.plugin.json.", item.Position);
            }
            else if (!plugins.TryAdd(binding, Path.GetFullPath(Path.Combine(place.Root, manifest))))
            {
                Add(FaultCodes.InvalidValue, $"There is a plugin bound to \"{binding}\" already.", item.Get("binding")!.Position, length: binding.Length + 2);
            }
        }

        return plugins;
    }
}
