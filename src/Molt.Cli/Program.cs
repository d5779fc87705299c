using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Molt.Cli.Commands;
using Molt.Cli.Reporting;
using Molt.Contracts;

namespace Molt.Cli;

internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        try
        {
            var environment = new CommandEnvironment
            {
                Output = Console.Out,
                Error = Console.Error,
                OutputStyle = TerminalStyle.ForOutput(),
                ErrorStyle = TerminalStyle.ForError(),
                Directory = Directory.GetCurrentDirectory(),
                Time = TimeProvider.System,
                Installation = Installation.Locate(),
            };
            return await RunAsync(environment, arguments).ConfigureAwait(false);
        }
        catch (MoltException e)
        {
            await Console.Error.WriteLineAsync($"error {e.Code}: {e.Message}").ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> RunAsync(CommandEnvironment environment, string[] arguments)
    {
        var result = RootCommandFactory.Create(environment).Parse(arguments.Length == 0 ? ["--help"] : arguments);
        if (result.Action is ParseErrorAction)
        {
            foreach (var error in result.Errors)
            {
                // A mistyped command is reported as unknown; that one is missing follows from it.
                if (result.Errors.Count > 1 && error.SymbolResult is CommandResult { Command: RootCommand } && result.UnmatchedTokens.Count > 0 &&
                    !error.Message.Contains('\'', StringComparison.Ordinal))
                {
                    continue;
                }

                await environment.Error.WriteLineAsync($"{environment.ErrorStyle.Red("error")}: {error.Message}").ConfigureAwait(false);
            }

            var name = "";
            for (var command = result.CommandResult; command is { Command: not RootCommand }; command = command.Parent as CommandResult)
            {
                name = $" {command.Command.Name}{name}";
            }

            await environment.Error.WriteLineAsync($"See: molt{name} --help").ConfigureAwait(false);
            return ExitCodes.WrongUsage;
        }

        // Signals are the commands' own to handle: a server drains first.
        return await result.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = environment.Output,
            Error = environment.Error,
        }).ConfigureAwait(false);
    }
}
