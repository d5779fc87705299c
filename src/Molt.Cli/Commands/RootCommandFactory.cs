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
