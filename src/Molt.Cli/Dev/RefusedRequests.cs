using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Molt.Cli.Dev;

/// <summary>Hears of requests that HTTP itself refuses: they reach no worker, and without a line nobody knew why.</summary>
internal sealed class RefusedRequests(Action<int, string> refused) : ILoggerFactory, ILogger
{
    // Kestrel tells of them in a log of their own, and puts into its messages what was sent only where its general log is read, too.
    private const string General = "Microsoft.AspNetCore.Server.Kestrel";
    private const string BadRequests = General + ".BadRequests";
    private const string BadRequest = "ConnectionBadRequest";

    public ILogger CreateLogger(string categoryName) => categoryName is General or BadRequests ? this : NullLogger.Instance;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is BadHttpRequestException request && string.Equals(eventId.Name, BadRequest, StringComparison.Ordinal))
        {
            refused(request.StatusCode, request.Message);
        }
    }

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
