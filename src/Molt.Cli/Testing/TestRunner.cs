using Molt.Cli.Bundling;
using Molt.Cli.Plugins;
using Molt.Cli.Projects;
using Molt.Cli.Reporting;
using Molt.Runtime;

namespace Molt.Cli.Testing;

/// <summary>What the command line of <c>molt test</c> says.</summary>
internal sealed record TestOptions(IReadOnlyList<string> Paths, string? Config, string? Environment, string? Filter, bool Json);

/// <summary>Runs every export with a <c>test(controller, env, ctx)</c> method, one after the other, in the runtime and with the project's bindings.</summary>
internal sealed class TestRunner(CommandEnvironment environment, TestOptions options)
{
    private readonly TestReport _report = new(environment, options.Json);
    private readonly TestObserver _observer = new(environment);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        var targets = TestDiscovery.Find(options.Paths, options.Config, faults);
        using var toml = new EngineTomlParser(environment.Installation.TomlScript);
        var bundler = new Bundler(environment.Installation.Esbuild);
        using var plugins = new ProjectPlugins(new PluginFiles(root: null), environment.Time, static _ => { }, static _ => { });
        await using (var runtime = WorkerRuntime.Create(new WorkerRuntimeOptions
        {
            BaseSnapshotPath = environment.Installation.BaseSnapshot,
            Observer = _observer,
            Time = environment.Time,
        }))
        {
            var loader = new ProjectLoader(toml);
            foreach (var target in targets)
            {
                await RunTargetAsync(target, loader, bundler, runtime, plugins, faults, cancellationToken).ConfigureAwait(false);
            }
        }

        if (_report.Passed + _report.Failed == 0 && faults.Count == 0)
        {
            faults.Add(new Fault(FaultCodes.NoTests, options.Filter is null ? "No test was found." : $"No test matches \"{options.Filter}\".")
            {
                Hint = "A test is an export with a test(controller, env, ctx) method, in the main module or in a *.test.js or *.test.ts file.",
            });
        }

        _report.Finish(faults);
        return faults.Count == 0 && _report.Failed == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private async Task RunTargetAsync(
        TestTarget target, ProjectLoader loader, Bundler bundler, WorkerRuntime runtime, ProjectPlugins plugins, List<Fault> faults, CancellationToken cancellationToken)
    {
        var load = loader.Load(target.Source with { Environment = options.Environment });
        if (load.Project is not { } project)
        {
            var path = Path.GetFullPath(target.Source.Path);
            _report.Add(new TestResult(Path.GetFileName(path), path, Export: null, TimeSpan.Zero, ErrorsOf(load.Faults)));
            return;
        }

        foreach (var file in Files(target, project, faults))
        {
            await RunFileAsync(project, file, bundler, runtime, plugins, cancellationToken).ConfigureAwait(false);
        }
    }

    private static List<string> Files(TestTarget target, Project project, List<Fault> faults)
    {
        if (target.File is not null)
        {
            return [target.File];
        }

        var files = new List<string> { project.Main };
        foreach (var file in TestDiscovery.TestFiles(project.Root, faults))
        {
            if (!files.Contains(file))
            {
                files.Add(file);
            }
        }

        return files;
    }

    private async Task RunFileAsync(Project project, string file, Bundler bundler, WorkerRuntime runtime, ProjectPlugins plugins, CancellationToken cancellationToken)
    {
        var started = environment.Time.GetTimestamp();
        var outcome = await bundler.BundleAsync(project, file, cancellationToken).ConfigureAwait(false);
        if (outcome.Bundle is not { } bundle)
        {
            AddFailed(project, file, started, ErrorsOf(outcome.Faults));
            return;
        }

        var faults = new List<Fault>();
        if (plugins.Load(project, runtime, faults) is not { } withPlugins)
        {
            AddFailed(project, file, started, ErrorsOf(faults));
            return;
        }

        _observer.Sources = bundle.Sources;
        try
        {
            await using var worker = await runtime.LoadAsync(ProjectWorker.Define(withPlugins, bundle, project.Name), cancellationToken).ConfigureAwait(false);
            foreach (var export in bundle.Exports)
            {
                await RunExportAsync(project, bundle, file, worker, export, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (WorkerStartException e)
        {
            AddFailed(project, file, started, [ProjectWorker.StartFault(e, project, bundle)]);
        }
    }

    private async Task RunExportAsync(Project project, Bundle bundle, string file, Worker worker, string export, CancellationToken cancellationToken)
    {
        var name = $"{FaultText.ShortPath(file, environment.Directory)} › {export}";
        if (options.Filter is not null && !name.Contains(options.Filter, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var started = environment.Time.GetTimestamp();
        var outcome = await worker.TestAsync(export, cancellationToken).ConfigureAwait(false);
        var faults = new List<Fault>(_observer.TakeUncaught());
        if (outcome.Failure is { } failure)
        {
            if (failure.Outcome == EventOutcome.NoHandler)
            {
                // An export without a test method, such as a class the worker needs.
                return;
            }

            faults.Insert(0, GuestFault.FromFailure(failure, bundle.Sources) with { Code = FaultCodes.TestFailed });
        }

        _report.Add(new TestResult(project.Name, file, export, environment.Time.GetElapsedTime(started), faults));
    }

    private void AddFailed(Project project, string file, long started, IReadOnlyList<Fault> faults) =>
        _report.Add(new TestResult(project.Name, file, Export: null, environment.Time.GetElapsedTime(started), faults));

    private static List<Fault> ErrorsOf(IReadOnlyList<Fault> faults) => new List<Fault>(faults).FindAll(f => f.IsError);
}
