using System.CommandLine;
using System.CommandLine.Parsing;
using Molt.Contracts;

namespace Molt.Cli.Commands;

/// <summary>The parser takes a mistyped option for an argument; no path of a project starts with a dash, so such a one is an error.</summary>
internal static class UnknownOptions
{
    public static void Reject<T>(Argument<T> paths) => paths.Validators.Add(Check);

    private static void Check(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (!token.Value.StartsWith('-'))
            {
                continue;
            }

            var known = new List<string>();
            foreach (var symbol in (result.Parent as CommandResult)?.Command.Options ?? [])
            {
                known.Add(symbol.Name);
            }

            var nearest = NearestName.Find(token.Value, known);
            result.AddError($"Unknown option '{token.Value}'.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}");
        }
    }
}
