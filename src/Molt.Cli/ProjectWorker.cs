using Molt.Cli.Bundling;
using Molt.Cli.Projects;
using Molt.Cli.Reporting;
using Molt.Runtime;

namespace Molt.Cli;

/// <summary>From a project and its bundle to a version the runtime loads.</summary>
internal static class ProjectWorker
{
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

    public static Fault StartFault(WorkerStartException exception, Project project, Bundle bundle)
    {
        var fault = exception.Failure.Error is { } error
            ? GuestFault.FromError(FaultCodes.WorkerStart, error, bundle.Sources)
            : new Fault(FaultCodes.WorkerStart, exception.Failure.Message) { File = project.Main };
        return fault with { Message = $"The worker does not start: {fault.Message}" };
    }
}
