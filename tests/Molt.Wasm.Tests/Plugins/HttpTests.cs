using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;
using Molt.Runtime;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary>Requests a plugin answers later, given to the responder as a server gives them.</summary>
public sealed class HttpTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestRuntime _host = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Plugin _plugin;
    private readonly PluginResponder _responder;

    public HttpTests()
    {
        var text = Schema.Parse("""{"sir":1,"id":"schema://acme/text/v1","type":"string"}"""u8);
        var greeter = Capability.Declare("acme.greeter", "1.0.0").Pending("greet", text, text, (_, input, output) => EchoAsync(input.ToArray(), output)).Build();
        string manifest = $$"""
            {"abi_version":"0.1","module_name":"later","module_version":"1.0.0","module":"m.wasm","profile":"wasm_worker",
             "schemas":[{{Encoding.UTF8.GetString(HttpSchemas.Request.ToJson())}},{{Encoding.UTF8.GetString(HttpSchemas.Response.ToJson())}}],
             "capabilities":["acme.greeter"],"http":{"function":"serve"},
             "exports":[{"function_id":1,"name":"serve","input_schemas":["schema://molt/http_request/v1"],
             "output_schema":"schema://molt/http_response/v1","codec":"msgpack","deterministic":false}]}
            """;
        _plugin = Plugin.Load(
            TestPlugin.Package(manifest, WatModules.File("later")),
            TestPlugin.Granting("acme.*") with { Runtime = _host.Runtime, Capabilities = [greeter] });
        _responder = new PluginResponder(_plugin, _host.Runtime);
    }

    public async ValueTask DisposeAsync()
    {
        _responder.Drain();
        await _host.DisposeAsync();
        _plugin.Dispose();
    }

    [Fact]
    public async Task Serve_WhenPendingOnACapability_AnswersOnceItIsThere()
    {
        Exchange[] exchanges = [new(), new(), new()];
        foreach (var exchange in exchanges)
        {
            Assert.True(_responder.TryPost(exchange));
            await Soon(exchange.Opened);
        }

        Assert.All(exchanges, exchange => Assert.False(exchange.Answered.IsCompleted));
        _gate.SetResult();
        foreach (var exchange in exchanges)
        {
            await Soon(exchange.Closed);
            Assert.Equal("200 x\ny Ada", await exchange.Answered);
        }

        Assert.Equal(3, _plugin.Calls);
    }

    [Fact]
    public async Task Serve_WhenTheClientLeavesAPendingRequest_CancelsIt()
    {
        var exchange = new Exchange();
        Assert.True(_responder.TryPost(exchange));
        await Soon(exchange.Opened);
        exchange.Leave();
        await Soon(exchange.Closed);
        Assert.Equal("Cancelled The call was cancelled: disconnect.", await exchange.Answered);

        var next = new Exchange();
        _gate.SetResult();
        Assert.True(_responder.TryPost(next));
        await Soon(next.Closed);
        Assert.Equal("200 x\ny Ada", await next.Answered);
    }

    [Fact]
    public async Task Drain_WhenABodyIsStillComingAndOneIsPending_AnswersBothAlthoughThePluginIsDisposed()
    {
        var pipe = new Pipe();
        Exchange[] exchanges = [new(), new(pipe.Reader)];
        foreach (var exchange in exchanges)
        {
            Assert.True(_responder.TryPost(exchange));
        }

        await Soon(exchanges[0].Opened);
        _responder.Drain();
        Assert.False(_responder.TryPost(new Exchange()));
        Assert.False(_responder.Drained.IsCompleted);
        await pipe.Writer.CompleteAsync();
        await Soon(_responder.Drained);
        _plugin.Dispose();
        await Soon(exchanges[1].Opened);
        _gate.SetResult();
        foreach (var exchange in exchanges)
        {
            await Soon(exchange.Closed);
            Assert.Equal("200 x\ny Ada", await exchange.Answered);
        }
    }

    private static Task Soon(Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    private async ValueTask EchoAsync(byte[] input, IBufferWriter<byte> output)
    {
        await _gate.Task;
        output.Write(input);
    }

    /// <summary>A GET, and what came of it in one line.</summary>
    private sealed class Exchange(PipeReader? reader = null) : FetchEvent
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<string> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Opened => _opened.Task;

        public Task<string> Answered => _answered.Task;

        public Task Closed => _closed.Task;

        public void Leave() => Disconnected();

        protected override ReadOnlySpan<byte> Head => "GET\nhttp://plugin.test/"u8;

        protected override BodyKind RequestBodyKind => reader is null ? BodyKind.None : BodyKind.Stream;

        protected override ReadOnlySpan<byte> RequestBytes => default;

        protected override PipeReader RequestReader => reader!;

        protected override PipeWriter ResponseWriter => throw new NotSupportedException();

        protected override void OnResponse(in GuestResponse response)
        {
            byte[] headers = new byte[response.HeadersLength];
            response.CopyHeaders(headers);
            byte[] body = new byte[response.BodyLength];
            response.CopyBody(body);
            _answered.SetResult($"{response.Status} {Encoding.Latin1.GetString(headers)} {Encoding.UTF8.GetString(body)}");
        }

        protected override void OnFailed(EventFailure failure, bool passThrough) => _answered.SetResult($"{failure.Outcome} {failure.Message}");

        protected override void OnOpen() => _opened.SetResult();

        protected override void OnClosed(string? bodyError) => _closed.SetResult();
    }
}
