using System.Text;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Schemas;

/// <summary>A schema with the file it was read from.</summary>
internal sealed record SchemaFile(string Path, byte[] Bytes, Schema Schema)
{
    /// <summary>What a file may have at most: no schema is near it.</summary>
    private const long LargestFile = 32 << 20;

    /// <summary>Reads the schema of a file; null after adding every fault of it.</summary>
    public static SchemaFile? Read(CommandEnvironment environment, string path, List<PlacedFault> faults)
    {
        var full = FullPath(environment, path);
        if (ReadBytes(full, faults) is not { } bytes)
        {
            return null;
        }

        if (Schema.TryParse(bytes, out var schema, out var found))
        {
            return new SchemaFile(full, bytes, schema);
        }

        var places = new JsonPlaces(bytes);
        foreach (var fault in found)
        {
            faults.Add(PlacedFault.InFile(FaultCodes.SchemaDocument, full, places, fault.Path, fault.Message));
        }

        return null;
    }

    public static byte[]? ReadBytes(string full, List<PlacedFault> faults)
    {
        try
        {
            var length = new FileInfo(full).Length;
            if (length <= LargestFile)
            {
                return File.ReadAllBytes(full);
            }

            faults.Add(new PlacedFault(new Fault(FaultCodes.SchemaFile, $"The file has {length} bytes; at most {LargestFile} are read.") { File = full }, "$"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new PlacedFault(new Fault(FaultCodes.SchemaFile, Directory.Exists(full) ? "This is a directory; name a file." : File.Exists(full) ? "The file cannot be read." : "There is no such file.") { File = full }, "$"));
        }

        return null;
    }

    public static string FullPath(CommandEnvironment environment, string path) => System.IO.Path.GetFullPath(path, environment.Directory);

    /// <summary>Writes a result where the command line says; false after adding the fault.</summary>
    public static bool Write(string full, string text, List<PlacedFault> faults)
    {
        try
        {
            if (System.IO.Path.GetDirectoryName(full) is { } directory)
            {
                Directory.CreateDirectory(directory);
            }

            // A reader sees the old file or the new one, whatever happens on the way.
            var next = full + ".new";
            File.WriteAllText(next, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(next, full, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new PlacedFault(new Fault(FaultCodes.SchemaFile, "The file cannot be written.") { File = full }, "$"));
            return false;
        }
    }
}

/// <summary>A fault together with its path in the schema or value, which the file may not show.</summary>
internal sealed record PlacedFault(Fault Fault, string Path)
{
    public static PlacedFault InFile(string code, string file, JsonPlaces places, string path, string message)
    {
        var (position, length) = places.Locate(path);
        return new PlacedFault(new Fault(code, $"{path}: {message}") { File = file, Position = position, Length = length }, path);
    }
}
