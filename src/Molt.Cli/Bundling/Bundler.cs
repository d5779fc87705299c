using Molt.Cli.Projects;
using Molt.Cli.Reporting;
using Molt.Runtime;

namespace Molt.Cli.Bundling;

/// <summary>
/// Makes a project's modules: runs its build command, then esbuild on the main module, or reads the modules as they are
/// when the project asks for no bundling. Each run has a directory of its own, which ends with it.
/// </summary>
internal sealed class Bundler(string esbuild)
{
    private const string OutputName = "index";

    // What goes ahead of the bundle is known once it is made; the next one begins with it.
    private string _banner = "";

    /// <summary>Bundles <paramref name="project"/>; <paramref name="entry"/> replaces its main module, as a test file does.</summary>
    public async Task<BundleOutcome> BundleAsync(Project project, string? entry, CancellationToken cancellationToken)
    {
        if (project.Build is { } build)
        {
            var built = await CommandRunner.RunAsync("/bin/sh", ["-c", build.Command], build.Directory, cancellationToken).ConfigureAwait(false);
            if (built.ExitCode != 0)
            {
                return Failed(new Fault(FaultCodes.BuildCommandFailed, $"The build command failed: {build.Command}")
                {
                    File = project.ConfigFile,
                    Detail = built.Output + built.Error,
                });
            }
        }

        var main = entry ?? project.Main;
        if (!File.Exists(main))
        {
            return Failed(new Fault(FaultCodes.MissingMain, "The main module does not exist.")
            {
                File = main,
                Hint = project.ConfigFile is null ? null : $"\"main\" in {Path.GetFileName(project.ConfigFile)} names it.",
            });
        }

        return project.Bundle.NoBundle ? PlainModules.Read(project, main) : await RunEsbuildAsync(project, main, cancellationToken).ConfigureAwait(false);
    }

    private static string CreateDirectory()
    {
        try
        {
            return Directory.CreateTempSubdirectory("molt-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TemporaryDirectoryException(e);
        }
    }

    private static BundleOutcome Failed(Fault fault) => new(Bundle: null, [fault], []);

    private async Task<BundleOutcome> RunEsbuildAsync(Project project, string main, CancellationToken cancellationToken)
    {
        while (true)
        {
            var banner = _banner;
            var (outcome, needed) = await RunEsbuildAsync(project, main, banner, cancellationToken).ConfigureAwait(false);
            _banner = needed;
            if (string.Equals(needed, banner, StringComparison.Ordinal))
            {
                return outcome;
            }
        }
    }

    private async Task<(BundleOutcome Outcome, string Banner)> RunEsbuildAsync(Project project, string main, string banner, CancellationToken cancellationToken)
    {
        var output = CreateDirectory();
        try
        {
            return await RunEsbuildAsync(project, main, banner, output, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private async Task<(BundleOutcome Outcome, string Banner)> RunEsbuildAsync(Project project, string main, string banner, string output, CancellationToken cancellationToken)
    {
        var metafile = Path.Combine(output, "meta.json");
        var run = await CommandRunner.RunAsync(esbuild, [.. Arguments(project, main, output, metafile), .. banner.Length > 0 ? [$"--banner:js={banner}"] : Array.Empty<string>()], project.Root, cancellationToken).ConfigureAwait(false);
        var faults = EsbuildMessages.Parse(run.Error, project.Root);
        if (run.ExitCode != 0)
        {
            if (!faults.Exists(f => f.IsError))
            {
                faults.Add(new Fault(FaultCodes.BundlerFailed, "esbuild failed.") { Detail = run.Error });
            }

            return (new BundleOutcome(Bundle: null, faults, []), banner);
        }

        var metadata = BundleMetadata.Read(await File.ReadAllBytesAsync(metafile, cancellationToken).ConfigureAwait(false), project.Root);
        var outcome = await ReadOutputAsync(project, output, metafile, metadata, faults, cancellationToken).ConfigureAwait(false);
        return (outcome, RequiredModules.Banner(metadata.Required));
    }

    private static async Task<BundleOutcome> ReadOutputAsync(Project project, string output, string metafile, BundleMetadata metadata, List<Fault> faults, CancellationToken cancellationToken)
    {
        var script = OutputName + ".js";
        var map = await File.ReadAllBytesAsync(Path.Combine(output, script + ".map"), cancellationToken).ConfigureAwait(false);
        var code = await File.ReadAllBytesAsync(Path.Combine(output, script), cancellationToken).ConfigureAwait(false);
        code = PackageFaces.Name(code, map);
        var modules = new List<WorkerModule> { new(script, WorkerModuleKind.EcmaScript, code, SourceMapPaths.Rebase(map, output, project.Root)) };
        var own = new HashSet<string>([script, script + ".map", Path.GetFileName(metafile)], StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(output))
        {
            var name = Path.GetFileName(file);
            if (own.Contains(name))
            {
                continue;
            }

            var content = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
            var kind = KindOf(project, name);
            modules.Add(new WorkerModule(name, kind, content));
            foreach (var import in metadata.Imports)
            {
                // `import m from "./add.wasm?module"` keeps its query, which then is part of the module's name.
                var specifier = Path.GetFileName(import);
                if (specifier.Length > name.Length && specifier.StartsWith(name, StringComparison.Ordinal) && specifier[name.Length] == '?')
                {
                    modules.Add(new WorkerModule(specifier, kind, content));
                }
            }
        }

        var inputs = new List<string>(metadata.Inputs);
        if (project.Bundle.FindAdditionalModules)
        {
            PlainModules.AddFound(project, modules, inputs, faults);
        }

        var sources = new SourceFiles(project.Root, inputs);
        return new BundleOutcome(
            faults.Exists(f => f.IsError) ? null : new Bundle { MainModule = script, Modules = modules, Exports = metadata.Exports, External = metadata.External, Sources = sources }, faults, inputs);
    }

    private static WorkerModuleKind KindOf(Project project, string name)
    {
        foreach (var rule in project.Bundle.Rules)
        {
            if (name.EndsWith(rule.Extension, StringComparison.OrdinalIgnoreCase))
            {
                return rule.Kind;
            }
        }

        return WorkerModuleKind.Bytes;
    }

    private static List<string> Arguments(Project project, string main, string output, string metafile)
    {
        var settings = project.Bundle;
        List<string> arguments =
        [
            main,
            "--bundle",
            "--format=esm",
            "--platform=neutral",
            "--target=esnext",
            // V8 has no decorators yet.
            "--supported:decorators=false",
            "--main-fields=workerd,browser,module,main",
            "--conditions=workerd,worker,browser",
            "--sourcemap=external",
            "--sources-content=false",
            "--log-level=warning",
            "--log-limit=0",
            "--color=false",
            $"--outdir={output}",
            $"--entry-names={OutputName}",
            "--asset-names=[name]-[hash]",
            $"--metafile={metafile}",
            "--external:cloudflare:*",
            "--external:node:*",
            "--external:molt:*",
            "--loader:.js=jsx",
            "--loader:.mjs=jsx",
            "--loader:.cjs=jsx",
            "--define:process.env.NODE_ENV=\"development\"",
        ];
        foreach (var rule in settings.Rules)
        {
            arguments.Add($"--loader:{rule.Extension}={Loader(rule.Kind)}");
        }

        foreach (var define in settings.Define)
        {
            arguments.Add($"--define:{define.Key}={define.Value}");
        }

        foreach (var alias in settings.Alias)
        {
            arguments.Add($"--alias:{alias.Key}={alias.Value}");
        }

        if (HasNodeCompatibility(project))
        {
            foreach (var name in NodeModules.BuiltIn)
            {
                if (!settings.Alias.ContainsKey(name))
                {
                    arguments.Add($"--alias:{name}=node:{name}");
                }
            }
        }

        AddIf(settings.KeepNames, "--keep-names");
        AddIf(settings.Minify, "--minify");
        AddIf(settings.TsConfig is not null, $"--tsconfig={settings.TsConfig}");
        AddIf(settings.JsxFactory is not null, $"--jsx-factory={settings.JsxFactory}");
        AddIf(settings.JsxFragment is not null, $"--jsx-fragment={settings.JsxFragment}");
        return arguments;

        void AddIf(bool condition, string argument)
        {
            if (condition)
            {
                arguments.Add(argument);
            }
        }
    }

    private static bool HasNodeCompatibility(Project project)
    {
        foreach (var flag in project.CompatibilityFlags)
        {
            if (flag is "nodejs_compat" or "nodejs_compat_v2")
            {
                return true;
            }
        }

        return false;
    }

    private static string Loader(WorkerModuleKind kind) => kind switch
    {
        WorkerModuleKind.Wasm or WorkerModuleKind.Bytes => "copy",
        WorkerModuleKind.Text => "text",
        WorkerModuleKind.Json => "json",
        _ => "jsx",
    };
}
