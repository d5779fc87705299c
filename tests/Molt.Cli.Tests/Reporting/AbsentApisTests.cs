using Molt.Cli.Reporting;
using Molt.Engine;

namespace Molt.Cli.Tests.Reporting;

public sealed class AbsentApisTests
{
    [Theory]
    [InlineData("ReferenceError", "WebSocket is not defined", null, "WebSocket")]
    [InlineData("ReferenceError", "ReferenceError: caches is not defined", null, "caches")]
    [InlineData("TypeError", "globalThis.HTMLRewriter is not a constructor", null, "HTMLRewriter")]
    [InlineData("TypeError", "self.WebSocketPair is not a constructor", null, "WebSocketPair")]
    [InlineData("TypeError", "crypto.DigestStream is not a constructor", null, "crypto.DigestStream")]
    [InlineData("TypeError", "Cannot read properties of undefined (reading 'digest')", "await crypto.subtle.digest('SHA-256', bytes)", "crypto.subtle")]
    public void Error_WhenItIsAboutAnAbsentApi_SaysSo(string name, string message, string? line, string api)
    {
        var error = new JsErrorInfo { Name = name, Message = message, SourceLine = line };
        Assert.Equal($"{api} is not available in Molt yet.", GuestFault.FromError("CLI005", error, SourceFiles.None).Hint);
    }

    [Theory]
    [InlineData("ReferenceError", "Socket is not defined", null)]
    [InlineData("ReferenceError", "Cannot access 'caches' before initialization", null)]
    [InlineData("TypeError", "mine.WebSocket is not a constructor", null)]
    [InlineData("TypeError", "Cannot read properties of undefined (reading 'digest')", "await mine.digest(bytes)")]
    [InlineData("TypeError", "Cannot read properties of undefined (reading 'digest')", null)]
    [InlineData("Error", "WebSocket is not defined", null)]
    [InlineData(null, "WebSocket is not defined", null)]
    public void Error_WhenItIsAboutSomethingElse_HasNoHint(string? name, string message, string? line)
    {
        var error = new JsErrorInfo { Name = name, Message = message, SourceLine = line };
        Assert.Null(GuestFault.FromError("CLI005", error, SourceFiles.None).Hint);
    }
}
