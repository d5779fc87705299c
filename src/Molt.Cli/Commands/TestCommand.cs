using System.CommandLine;
using Molt.Cli.Testing;

namespace Molt.Cli.Commands;

/// <summary><c>molt test</c>.</summary>
internal static class TestCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "Directories, configuration files or scripts. Default: this directory.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var config = new Option<string>("--config", "-c") { Description = "The configuration file to use.", HelpName = "FILE" };
        var named = new Option<string>("--env", "-e") { Description = "The environment of the configuration to use.", HelpName = "NAME" };
        var filter = new Option<string>("--filter", "-f") { Description = "Run only tests whose file or export contains this text.", HelpName = "TEXT" };
        var json = new Option<bool>("--json") { Description = "Write one JSON document instead of lines." };
        UnknownOptions.Reject(paths);
        var command = new Command("test", "Runs exports that have a test(controller, env, ctx) method.") { paths, config, named, filter, json };
        command.SetAction((result, cancellationToken) => new TestRunner(
            environment,
            new TestOptions(result.GetValue(paths) ?? [], result.GetValue(config), result.GetValue(named), result.GetValue(filter), result.GetValue(json)))
            .RunAsync(cancellationToken));
        return command;
    }
}
