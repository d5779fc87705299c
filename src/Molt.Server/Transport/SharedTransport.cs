using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Molt.Runtime;

namespace Molt.Server.Transport;

/// <summary>
/// The one transport of a runtime, shared by its servers: executors poll one place only. Made for the first server and
/// disposed with the last.
/// </summary>
internal sealed class SharedTransport : IDisposable
{
    private static readonly ConditionalWeakTable<WorkerRuntime, SharedTransport> ByRuntime = [];
    private static readonly Lock Gate = new();

    private readonly WorkerRuntime _runtime;
    private int _users;

    private SharedTransport(WorkerRuntime runtime, ILoggerFactory loggers)
    {
        _runtime = runtime;
        Epoll = new EpollTransport(new EpollTransportOptions(), TimeProvider.System, loggers.CreateLogger<EpollTransport>());
    }

    /// <summary>The transport.</summary>
    public EpollTransport Epoll { get; }

    /// <summary>The runtime's transport; <see cref="Dispose"/> gives it back.</summary>
    public static SharedTransport Acquire(WorkerRuntime runtime, ILoggerFactory loggers)
    {
        lock (Gate)
        {
            if (!ByRuntime.TryGetValue(runtime, out var shared))
            {
                shared = new SharedTransport(runtime, loggers);
                ByRuntime.Add(runtime, shared);
                runtime.SetPoller(shared.Epoll);
            }

            shared._users++;
            return shared;
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (--_users > 0)
            {
                return;
            }

            ByRuntime.Remove(_runtime);
            _runtime.SetPoller(null);
            Epoll.Dispose();
        }
    }
}
