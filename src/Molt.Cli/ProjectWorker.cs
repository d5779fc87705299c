using Molt.Cli.Bundling;
using Molt.Cli.Projects;
using Molt.Cli.Reporting;
using Molt.Contracts;
using Molt.Runtime;

namespace Molt.Cli;

/// <summary>From a project and its bundle to a version the runtime loads.</summary>
internal static class ProjectWorker
{
    private static readonly string[] HandlerNames = ["fetch", "scheduled", "queue", "email", "tail", "trace", "tailStream", "test"];

    public static WorkerDefinition Define(Project project, Bundle bundle, string name) => new()
    {
        Name = name,
        MainModule = bundle.MainModule,
        Modules = bundle.Modules,
        VarsJson = project.VarsJson,
        CompatibilityDate = project.CompatibilityDate,
        CompatibilityFlags = project.CompatibilityFlags,
        Grants = project.Grants,
        CapabilityBindings = project.CapabilityBindings,
        Limits = project.Limits,
    };

    /// <summary>What to say of a worker that nothing can call; null when it has a handler.</summary>
    public static Fault? HandlerFault(Worker worker, Bundle bundle, Project project)
    {
        if (worker.Handlers.Count > 0)
        {
            return null;
        }

        var fault = new Fault(FaultCodes.NoHandler, "The main module has no handler.")
        {
            File = project.Main,
            Hint = "Export one: export default { async fetch(request, env, ctx) { … } }",
        };
        foreach (var name in worker.OtherMembers)
        {
            if (NearestName.Find(name, HandlerNames) is { } nearest)
            {
                return fault with { Message = $"The default export has no handler; it has \"{name}\".", Hint = $"Did you mean \"{nearest}\"?" };
            }
        }

        foreach (var name in bundle.Exports)
        {
            if (Array.IndexOf(HandlerNames, name) >= 0)
            {
                return fault with { Message = $"\"{name}\" is exported by itself, where it is no handler.", Hint = $"Make it a method of the default export: export default {{ {name} }}" };
            }
        }

        return fault;
    }

    public static Fault StartFault(WorkerStartException exception, Project project, Bundle bundle)
    {
        var fault = exception.Failure.Error is { } error
            ? GuestFault.FromError(FaultCodes.WorkerStart, error, bundle.Sources)
            : Unexplained(exception.Failure.Message, project, bundle);
        return fault with { Message = $"The worker does not start: {fault.Message}" };
    }

    /// <summary>A worker that does not start without having thrown: its main module is at fault, or the file that imports what there is not.</summary>
    private static Fault Unexplained(string message, Project project, Bundle bundle)
    {
        var fault = new Fault(FaultCodes.WorkerStart, message) { File = project.Main };
        foreach (var (module, importer) in bundle.External)
        {
            if (message.StartsWith($"No such module \"{module}\"", StringComparison.Ordinal))
            {
                return fault with
                {
                    File = Path.GetFullPath(Path.Combine(project.Root, importer)),
                    Hint = module.StartsWith("node:", StringComparison.Ordinal) ? "Of Node.js' modules there is node:async_hooks so far." : null,
                };
            }
        }

        return fault;
    }
}
