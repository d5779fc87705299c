using System.Reflection;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Import;

namespace Molt.Cli.Schemas;

/// <summary>
/// Makes schemas of .NET types, from the assembly and not from its source: the compiler has settled there what names, nullability and
/// defaults mean, and reading metadata runs none of its code.
/// </summary>
internal static class DotNetImporter
{
    public static SchemaImport Import(string assemblyFile, string? typeName, SchemaId id)
    {
        var notes = new List<SchemaNote>();
        try
        {
            using var context = new MetadataLoadContext(new PathAssemblyResolver(Assemblies(assemblyFile)));
            var assembly = context.LoadFromAssemblyPath(assemblyFile);
            if (Choose(assembly, typeName, id, notes) is not { } type)
            {
                return new SchemaImport(null, notes);
            }

            return new DotNetTypes(notes).Convert(type, id);
        }
        catch (Exception e) when (e is BadImageFormatException or FileLoadException)
        {
            notes.Add(new SchemaNote(FaultCodes.SchemaAssembly, NoteSeverity.Error, "", "The file is not a .NET assembly."));
        }
        catch (Exception e) when (e is FileNotFoundException or TypeLoadException)
        {
            notes.Add(new SchemaNote(FaultCodes.SchemaAssembly, NoteSeverity.Error, "", $"A type of another assembly is needed that is not beside this one: {e.Message}"));
        }

        return new SchemaImport(null, notes);
    }

    // What the assembly was built beside, then this program's own parts and the platform's.
    private static Dictionary<string, string>.ValueCollection Assemblies(string assemblyFile)
    {
        var files = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [Path.GetFileName(assemblyFile)] = assemblyFile };
        foreach (var directory in new[] { Path.GetDirectoryName(assemblyFile)!, AppContext.BaseDirectory, Path.GetDirectoryName(typeof(object).Assembly.Location)! })
        {
            foreach (var file in Directory.EnumerateFiles(directory, "*.dll"))
            {
                files.TryAdd(Path.GetFileName(file), file);
            }
        }

        return files.Values;
    }

    private static Type? Choose(Assembly assembly, string? typeName, SchemaId id, List<SchemaNote> notes)
    {
        var candidates = new List<Type>();
        foreach (var type in assembly.GetTypes())
        {
            if ((type.IsPublic || type.IsNestedPublic) && !type.IsGenericTypeDefinition && !type.IsInterface && !type.IsEnum && !(type.IsAbstract && type.IsSealed))
            {
                candidates.Add(type);
            }
        }

        if (typeName is not null)
        {
            var found = candidates.FindAll(type => type.FullName == typeName || type.Name == typeName);
            if (found is [var only])
            {
                return only;
            }

            var exact = found.Find(type => type.FullName == typeName);
            if (exact is null)
            {
                Miss(notes, found.Count == 0 ? $"No public type is named {typeName}." : $"Several types are named {typeName}; write the namespace too.", found.Count == 0 ? candidates : found);
            }

            return exact;
        }

        var marked = candidates.FindAll(type => DotNetAttributes.SchemaId(type) == id.ToString());
        if (marked is [var one])
        {
            return one;
        }

        var records = candidates.FindAll(type => type.GetMethod("<Clone>$") is not null || (type.IsValueType && !type.IsPrimitive));
        if (records is [var single])
        {
            return single;
        }

        Miss(notes, "Which type is meant is not clear; name it with --type.", records.Count > 0 ? records : candidates);
        return null;
    }

    private static void Miss(List<SchemaNote> notes, string message, List<Type> types)
    {
        const int MostShown = 12;
        var names = types.ConvertAll(type => type.FullName!);
        names.Sort(StringComparer.Ordinal);
        var more = names.Count > MostShown ? $" and {names.Count - MostShown} more" : "";
        notes.Add(new SchemaNote(
            FaultCodes.SchemaTypeNotFound,
            NoteSeverity.Error,
            "",
            names.Count == 0 ? message : $"{message} There {(names.Count == 1 ? "is" : "are")} {string.Join(", ", names[..Math.Min(names.Count, MostShown)])}{more}."));
    }
}
