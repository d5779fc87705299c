using System.CommandLine;
using Molt.Runtime;

namespace Molt.Cli.Commands;

/// <summary><c>molt internal</c>: what the build runs. Not shown in help, free to change.</summary>
internal static class InternalCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        var guest = new Option<string>("--guest") { Description = "The guest runtime's script.", Required = true };
        var output = new Option<string>("--out") { Description = "The snapshot to write.", Required = true };
        var snapshot = new Command("snapshot-base", "Writes the base snapshot.") { guest, output };
        snapshot.SetAction(result =>
        {
            BaseSnapshot.Build(
                Path.Combine(environment.Directory, result.GetRequiredValue(guest)),
                Path.Combine(environment.Directory, result.GetRequiredValue(output)));
            return ExitCodes.Ok;
        });
        return new Command("internal", "What the build runs.") { Hidden = true, Subcommands = { snapshot } };
    }
}
