using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Molt.Cli.Commands;

/// <summary>The command line: its commands, and help that ends with examples.</summary>
internal static class RootCommandFactory
{
    public static RootCommand Create(CommandEnvironment environment)
    {
        var root = new RootCommand("Runs Workers projects on your own machine.")
        {
            DevCommand.Create(environment),
            TestCommand.Create(environment),
            SchemaCommand.Create(environment),
            SnapshotCommand.Create(environment),
            InternalCommand.Create(environment),
        };
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
            {
                option.Action = new HelpWithExamples(help);
            }
        }

        return root;
    }

    private static string Examples(string command) => command switch
    {
        "dev" => """
              molt dev                          the project in this directory
              molt dev worker.ts --port 3000    one file, without a configuration
              molt dev api site                 two projects, on ports 8787 and 8788
              molt dev --var STAGE=local        with a variable of its own
            """,
        "test" => """
              molt test                         every test of the project in this directory
              molt test examples --json         every project below, for a program to read
              molt test src/cart.test.ts        one file
            """,
        "snapshot" or "build" or "inspect" or "verify" => """
              molt snapshot build plugins/greeter     writes plugins/greeter/molt.snapshot
              molt snapshot inspect plugins/greeter   what it is of
              molt snapshot verify plugins/greeter    whether it fits the plugin and is what a build makes
            """,
        "schema" => """
              molt schema check schemas/*.json
              molt schema import config.schema.json --from json-schema --id schema://acme/config/v1
            """,
        "check" => """
              molt schema check greet.json order.json          everything that is wrong with them
              molt schema check greet.json --payload ada.json  a value, as people write it
              molt schema check greet.json --payload ada.bin   a value, as it is sent
            """,
        "diff" => """
              molt schema diff order.v1.json order.v2.json
            """,
        "bump" => """
              molt schema bump order.json                         v1 becomes v2
              molt schema bump order.json --against published.json  only if it means something else
            """,
        "import" => """
              molt schema import api.schema.json --from json-schema --id schema://acme/api/v1 --out api.json
              molt schema import bin/Acme.dll --from dotnet --type Acme.Greet --id schema://acme/greet/v1
            """,
        "export" => """
              molt schema export greet.json --to typescript --out greet.ts
              molt schema export greet.json --to csharp --namespace Acme
            """,
        _ => """
              molt dev                          serve the project in this directory on http://127.0.0.1:8787
              molt test                         run its tests
            """,
    };

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            help.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            output.WriteLine(Examples(parseResult.CommandResult.Command.Name));
            return ExitCodes.Ok;
        }
    }
}
