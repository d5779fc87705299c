using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Molt.Cli.Bundling;

/// <summary>What a child process said. An exit code of null means it could not be started.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CommandOutcome(int? ExitCode, string Output, string Error);

/// <summary>Runs a child process to its end; cancelling ends it first.</summary>
internal static class CommandRunner
{
    public static async Task<CommandOutcome> RunAsync(string file, IEnumerable<string> arguments, string directory, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new CommandOutcome(ExitCode: null, "", e.Message);
        }

        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return new CommandOutcome(process.ExitCode, await output.ConfigureAwait(false), error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }
}
