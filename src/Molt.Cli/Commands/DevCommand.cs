using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Molt.Cli.Dev;
using Molt.Cli.Projects;

namespace Molt.Cli.Commands;

/// <summary><c>molt dev</c>.</summary>
internal static class DevCommand
{
    public static Command Create(CommandEnvironment environment)
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "Project directories, configuration files or scripts. Default: this directory.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var port = new Option<int?>("--port", "-p") { Description = "The port; 0 takes a free one. Further projects get the next ports. Default: 8787.", HelpName = "PORT" };
        var host = new Option<string>("--host") { Description = "The address to listen on. Default: 127.0.0.1.", HelpName = "ADDRESS" };
        var noWatch = new Option<bool>("--no-watch") { Description = "Do not reload on changes; end with exit code 1 when the project does not start." };
        var variables = new Option<string[]>("--var") { Description = "A variable of env, over those of the configuration. May be repeated.", HelpName = "NAME=VALUE" };
        var config = new Option<string>("--config", "-c") { Description = "The configuration file to use.", HelpName = "FILE" };
        var named = new Option<string>("--env", "-e") { Description = "The environment of the configuration to use.", HelpName = "NAME" };
        var level = new Option<string>("--log-level") { Description = "What to print.", DefaultValueFactory = _ => "info" };
        level.AcceptOnlyFromAmong("debug", "info", "warn", "error", "none");
        var audit = new Option<string>("--audit") { Description = "Write a line of JSON for each capability call.", HelpName = "stderr|jsonl:FILE" };
        UnknownOptions.Reject(paths);
        paths.Validators.Add(ValidatePaths);
        config.Validators.Add(ValidateConfig);
        audit.Validators.Add(ValidateAudit);
        port.Validators.Add(ValidatePort);
        host.Validators.Add(ValidateHost);
        variables.Validators.Add(ValidateVariables);

        var command = new Command("dev", "Serves one or more projects and reloads them on changes.") { paths, port, host, noWatch, variables, config, named, level, audit };
        command.SetAction(async (result, cancellationToken) =>
        {
            var given = result.GetValue(paths) ?? [];
            var file = result.GetValue(config);
            string?[] projects = [.. given];
            if (projects.Length == 0)
            {
                projects = [null];
            }

            var sources = Array.ConvertAll(projects, path => CommandEnvironment.Source(path, file) with
            {
                Environment = result.GetValue(named),
                Variables = Array.ConvertAll(result.GetValue(variables) ?? [], Split),
            });
            using var session = new DevSession(environment, new DevOptions
            {
                Sources = sources,
                Port = result.GetValue(port),
                Host = ParseHost(result.GetValue(host)),
                Watch = !result.GetValue(noWatch),
                Audit = result.GetValue(audit),
                LogLevel = Enum.Parse<DevLogLevel>(result.GetValue(level)!, ignoreCase: true),
            });
            return await session.RunAsync(cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static KeyValuePair<string, string> Split(string variable)
    {
        var equals = variable.IndexOf('=', StringComparison.Ordinal);
        return new(variable[..equals], variable[(equals + 1)..]);
    }

    private static IPAddress? ParseHost(string? host) => host switch
    {
        null => null,
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ => IPAddress.Parse(host),
    };

    /// <summary>What is no project, or not there at the start, no change mends: it would be waited for in vain.</summary>
    private static void ValidatePaths(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.StartsWith('-') || Directory.Exists(token.Value))
            {
                continue;
            }

            if (!File.Exists(token.Value))
            {
                result.AddError($"There is no file or directory '{token.Value}'.");
            }
            else if (!ProjectLocator.IsScript(token.Value) && !ProjectLocator.IsConfig(token.Value))
            {
                result.AddError($"'{token.Value}' is neither a script nor a configuration. {ProjectLocator.HintFor(token.Value)}");
            }
        }
    }

    private static void ValidateConfig(OptionResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (!File.Exists(token.Value))
            {
                result.AddError($"--config must name a file that exists, not '{token.Value}'.");
            }
        }
    }

    private static void ValidatePort(OptionResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "0";
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            result.AddError($"--port must be a number from 0 to 65535, not '{text}'.");
        }
    }

    private static void ValidateHost(OptionResult result)
    {
        var host = result.Tokens.Count > 0 ? result.Tokens[^1].Value : null;
        if (host is not (null or "localhost" or "*") && !IPAddress.TryParse(host, out _))
        {
            result.AddError($"--host must be an IP address, localhost or *, not '{host}'.");
        }
    }

    private static void ValidateAudit(OptionResult result)
    {
        var sink = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "stderr";
        if (sink != "stderr" && (!sink.StartsWith(DevOptions.AuditFile, StringComparison.Ordinal) || sink.Length == DevOptions.AuditFile.Length))
        {
            result.AddError($"--audit must be stderr or jsonl:FILE, not '{sink}'.");
        }
    }

    private static void ValidateVariables(OptionResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.IndexOf('=', StringComparison.Ordinal) <= 0)
            {
                result.AddError($"--var must be NAME=VALUE, not '{token.Value}'.");
            }
        }
    }
}
