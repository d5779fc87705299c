using System.CommandLine;
using System.CommandLine.Parsing;
using Molt.Cli.Schemas;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Import;

namespace Molt.Cli.Commands;

/// <summary><c>molt schema</c> and its commands.</summary>
internal static class SchemaCommand
{
    private static readonly string[] Sources = ["json-schema", "dotnet"];
    private static readonly string[] Targets = ["json-schema", "typescript", "csharp", "python"];

    public static Command Create(CommandEnvironment environment) => new("schema", "Checks, compares, versions and translates schemas.")
    {
        Check(environment),
        Diff(environment),
        Bump(environment),
        Import(environment),
        Export(environment),
    };

    private static Command Check(CommandEnvironment environment)
    {
        var files = new Argument<string[]>("file") { Description = "Schemas.", Arity = ArgumentArity.OneOrMore };
        var payload = new Option<string>("--payload") { Description = "A value to check against the one schema given.", HelpName = "FILE" };
        var form = new Option<string>("--as") { Description = "How the value is written. Default: json when its file is named .json, else msgpack.", HelpName = "FORM" };
        var json = JsonOption();
        form.AcceptOnlyFromAmong("json", "msgpack");
        UnknownOptions.Reject(files);
        var command = new Command("check", "Says everything that is wrong with schemas, or with a value of one.") { files, payload, form, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(payload) is not null && result.GetValue(files) is not [_])
            {
                result.AddError("--payload needs exactly one schema.");
            }
            else if (result.GetValue(form) is not null && result.GetValue(payload) is null)
            {
                result.AddError("--as is about a value; give one with --payload.");
            }
        });
        command.SetAction(result => new SchemaCheck(environment, result.GetValue(json)).Run(
            result.GetValue(files)!,
            result.GetValue(payload),
            result.GetValue(form) switch { "json" => PayloadForm.Json, "msgpack" => PayloadForm.Msgpack, _ => PayloadForm.ByName }));
        return command;
    }

    private static Command Diff(CommandEnvironment environment)
    {
        var old = FileArgument("old", "The version that is in use.");
        var changed = FileArgument("new", "The version to compare with it.");
        var json = JsonOption();
        var command = new Command("diff", "Lists what changed between two versions; exit code 1 when a change is breaking.") { old, changed, json };
        command.SetAction(result => new SchemaDiff(environment, result.GetValue(json)).Run(result.GetRequiredValue(old), result.GetRequiredValue(changed)));
        return command;
    }

    private static Command Bump(CommandEnvironment environment)
    {
        var file = FileArgument("file", "The schema whose id to change, in place.");
        var against = new Option<string>("--against") { Description = "The version in use: the id changes only when the schema does. Default: it changes.", HelpName = "OLD" };
        var json = JsonOption();
        var command = new Command("bump", "Gives a schema the id of its next version.") { file, against, json };
        command.SetAction(result => new SchemaBump(environment, result.GetValue(json)).Run(result.GetRequiredValue(file), result.GetValue(against)));
        return command;
    }

    private static Command Import(CommandEnvironment environment)
    {
        var file = FileArgument("file", "A JSON Schema, or a .NET assembly.");
        var from = new Option<string>("--from") { Description = "What the file is.", HelpName = "KIND", Required = true };
        var id = new Option<string>("--id") { Description = "The id of the schema to make: schema://area/name/v1.", HelpName = "ID", Required = true };
        var output = OutputOption();
        var open = new Option<string>("--open") { Description = "What to make of objects with properties nobody names: closed records, or any JSON value. Default: close.", HelpName = "WAY" };
        var type = new Option<string>("--type") { Description = "The .NET type. Default: the one with [MoltSchema] of the id, or the only record.", HelpName = "NAME" };
        var strict = new Option<bool>("--strict") { Description = "Fail when anything is not kept." };
        var verbose = VerboseOption();
        var json = JsonOption();
        from.AcceptOnlyFromAmong(Sources);
        open.AcceptOnlyFromAmong("close", "json");
        id.Validators.Add(ValidateId);
        var command = new Command("import", "Makes a schema of a JSON Schema or a .NET type, and reports what it does not keep.") { file, from, id, output, open, type, strict, verbose, json };
        command.SetAction(result => new SchemaImports(environment, result.GetValue(json)).Run(
            new SchemaImportRequest(result.GetRequiredValue(file), result.GetRequiredValue(from), SchemaId.Parse(result.GetRequiredValue(id)))
            {
                Output = result.GetValue(output),
                Open = result.GetValue(open) == "json" ? OpenObjects.Json : OpenObjects.Close,
                Type = result.GetValue(type),
                IsStrict = result.GetValue(strict),
                IsVerbose = result.GetValue(verbose),
            }));
        return command;
    }

    private static Command Export(CommandEnvironment environment)
    {
        var file = FileArgument("file", "The schema.");
        var to = new Option<string>("--to") { Description = "The language to write it in.", HelpName = "KIND", Required = true };
        var output = OutputOption();
        var space = new Option<string>("--namespace") { Description = "The namespace of C# records. Default: the schema's area.", HelpName = "NAME" };
        var verbose = VerboseOption();
        var json = JsonOption();
        to.AcceptOnlyFromAmong(Targets);
        var command = new Command("export", "Writes a schema as JSON Schema, TypeScript types, C# records or Python dataclasses.") { file, to, output, space, verbose, json };
        command.SetAction(result => new SchemaExports(environment, result.GetValue(json)).Run(
            result.GetRequiredValue(file), result.GetRequiredValue(to), result.GetValue(output), result.GetValue(space), result.GetValue(verbose)));
        return command;
    }

    private static Argument<string> FileArgument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        UnknownOptions.Reject(argument);
        return argument;
    }

    private static Option<bool> JsonOption() => new("--json") { Description = "Write one JSON document instead of lines." };

    private static Option<bool> VerboseOption() => new("--verbose") { Description = "Show every place, and what is only written differently." };

    private static Option<string> OutputOption() => new("--out", "-o") { Description = "The file to write. Default: standard output.", HelpName = "FILE" };

    private static void ValidateId(OptionResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (!SchemaId.TryParse(text, out _))
        {
            result.AddError($"--id must be like schema://area/name/v1 (a-z, 0-9 and _, a letter first), not '{text}'.");
        }
    }
}
