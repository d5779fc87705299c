using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Molt.Runtime.Tests.Fetch;

/// <summary>The HTTP capability against a server on loopback.</summary>
public sealed class HttpOutboundFetchTests : IAsyncLifetime
{
    private readonly HttpOutboundFetch _fetch = new();
    private readonly WebApplication _server = Serve();
    private readonly WebApplication _elsewhere = Serve();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Origin => _server.Urls.First();

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Token);
        await _elsewhere.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        _fetch.Dispose();
        await _server.DisposeAsync();
        await _elsewhere.DisposeAsync();
    }

    [Fact]
    public async Task Send_WhenAnswered_GivesHeadAndBody()
    {
        await using var response = await SendAsync("/text");
        Assert.Equal((200, "OK", false, Origin + "/text"), (response.Status, response.StatusText, response.Redirected, response.Url));
        Assert.Contains(new("x-latin", "é"), response.Headers);
        Assert.Equal("hello", await TextAsync(response));
    }

    [Theory]
    [InlineData("GET", 301, "GET ")]
    [InlineData("POST", 301, "GET ")]
    [InlineData("POST", 302, "GET ")]
    [InlineData("PUT", 302, "PUT body text/plain")]
    [InlineData("POST", 303, "GET ")]
    [InlineData("PUT", 303, "GET ")]
    [InlineData("POST", 307, "POST body text/plain")]
    [InlineData("POST", 308, "POST body text/plain")]
    public async Task Redirect_WhenFollowed_ChangesTheMethodAsTheStandardSays(string method, int status, string seen)
    {
        await using var response = await SendAsync($"/redirect/{status}", method, body: method == "GET" ? null : "body");
        Assert.Equal((200, true, Origin + "/echo"), (response.Status, response.Redirected, response.Url));
        Assert.Equal(seen, await TextAsync(response));
    }

    [Fact]
    public async Task Redirect_WhenManual_IsHandedOver()
    {
        await using var response = await SendAsync("/redirect/302", mode: RedirectMode.Manual);
        Assert.Equal((302, false), (response.Status, response.Redirected));
        Assert.Contains(new("location", "/echo"), response.Headers);
    }

    [Fact]
    public async Task Redirect_WhenAnError_Fails() => Assert.Contains(
        "redirect mode is \"error\"",
        (await Assert.ThrowsAsync<OutboundFetchException>(() => SendAsync("/redirect/302", mode: RedirectMode.Error))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task Redirect_WhenEndless_StopsAtTwentyAndCountsEach()
    {
        var taken = 0;
        var thrown = await Assert.ThrowsAsync<OutboundFetchException>(async () => await _fetch.SendAsync(Request("/loop") with
        {
            TakeSubrequest = () => ++taken > 0,
        }, Token));
        Assert.Equal(("Too many redirects: 20 were followed.", 20), (thrown.Message, taken));
        thrown = await Assert.ThrowsAsync<OutboundFetchException>(async () => await _fetch.SendAsync(Request("/loop") with { TakeSubrequest = () => false }, Token));
        Assert.Equal("Too many subrequests.", thrown.Message);
    }

    [Fact]
    public async Task Redirect_WhenItLeavesTheOrigin_DropsCredentials()
    {
        KeyValuePair<string, string>[] headers = [new("authorization", "secret"), new("cookie", "secret"), new("x-kept", "yes")];
        var away = Uri.EscapeDataString(_elsewhere.Urls.First() + "/headers");
        await using var response = await _fetch.SendAsync(Request("/to?u=" + away) with { Headers = headers }, Token);
        Assert.Equal("x-kept", await TextAsync(response));

        var back = Uri.EscapeDataString(_elsewhere.Urls.First() + "/to?u=" + Uri.EscapeDataString(Origin + "/headers"));
        await using var returned = await _fetch.SendAsync(Request("/to?u=" + back) with { Headers = headers }, Token);
        Assert.Equal("x-kept", await TextAsync(returned));

        await using var same = await _fetch.SendAsync(Request("/to?u=/headers") with { Headers = headers }, Token);
        Assert.Equal("authorization cookie x-kept", await TextAsync(same));
    }

    [Theory]
    [InlineData("/to?u=ftp://a.test/", "A redirect leads to the scheme \"ftp\", which fetch() does not speak.")]
    public async Task Redirect_WhenItLeadsToNoHttp_Fails(string path, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<OutboundFetchException>(() => SendAsync(path))).Message);

    [Fact]
    public async Task Redirect_WhenTheBodyWasAStream_Fails()
    {
        var thrown = await Assert.ThrowsAsync<OutboundFetchException>(async () => await _fetch.SendAsync(Request("/redirect/307", "POST") with
        {
            BodyStream = PipeReader.Create(new MemoryStream("body"u8.ToArray())),
        }, Token));
        Assert.Equal("A request with a streamed body was redirected; the body can not be sent again.", thrown.Message);
    }

    [Fact]
    public async Task Body_WhenCompressed_IsUnpacked()
    {
        await using var response = await SendAsync("/gzip");
        Assert.Equal("zipped", await TextAsync(response));
    }

    [Fact]
    public async Task Bodies_WhenTheyStream_KeepEveryByte()
    {
        var upload = new Pipe();
        var sending = _fetch.SendAsync(Request("/stream", "POST") with { BodyStream = upload.Reader }, Token).AsTask();
        var sent = new byte[30_000];
        new Random(2).NextBytes(sent);
        for (var at = 0; at < sent.Length; at += 10_000)
        {
            await upload.Writer.WriteAsync(sent.AsMemory(at, 10_000), Token);
        }

        await upload.Writer.CompleteAsync();
        await using var response = await sending;
        using var received = new MemoryStream();
        await response.Body!.CopyToAsync(received, Token);
        Assert.Equal(sent, received.ToArray());
    }

    [Fact]
    public async Task Upload_WhenItBreaksOff_FailsTheRequest()
    {
        var upload = new Pipe();
        var sending = _fetch.SendAsync(Request("/stream", "POST") with { BodyStream = upload.Reader }, Token).AsTask();
        await upload.Writer.WriteAsync("part"u8.ToArray(), Token);
        await upload.Writer.CompleteAsync(new IOException("The guest gave up."));
        await Assert.ThrowsAnyAsync<IOException>(() => sending);
    }

    [Theory]
    [InlineData("/status/204", 204)]
    [InlineData("/status/304", 304)]
    public async Task Body_WhenTheStatusHasNone_IsNull(string path, int status)
    {
        await using var response = await SendAsync(path);
        Assert.Equal(status, response.Status);
        Assert.Null(response.Body);
    }

    [Fact]
    public async Task Send_WhenNobodyListens_SaysSo()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = new Uri($"http://{closed.LocalEndPoint}/");
        var thrown = await Assert.ThrowsAsync<OutboundFetchException>(async () => await _fetch.SendAsync(new OutboundRequest { Method = "GET", Url = url }, Token));
        Assert.Equal($"connect() failed (ConnectionRefused); host = {url.Authority}", thrown.Message);
    }

    [Fact]
    public async Task Send_WhenTheNameIsUnknown_SaysSo()
    {
        var url = new Uri("http://nowhere.invalid/");
        var thrown = await Assert.ThrowsAsync<OutboundFetchException>(async () => await _fetch.SendAsync(new OutboundRequest { Method = "GET", Url = url }, Token));
        Assert.Equal("DNS lookup failed; host = nowhere.invalid", thrown.Message);
    }

    [Fact]
    public async Task Send_WhenThePeerHangsUp_SaysSo() =>
        Assert.Equal("Network connection lost.", (await Assert.ThrowsAsync<OutboundFetchException>(() => SendAsync("/abort"))).Message);

    private static WebApplication Serve()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(HandleAsync);
        return app;
    }

    private static async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var response = context.Response;
        switch (path.Split('/')[1])
        {
            case "text":
                response.Headers["x-latin"] = "é";
                await response.WriteAsync("hello", context.RequestAborted);
                break;
            case "redirect":
                response.StatusCode = int.Parse(path.Split('/')[2], System.Globalization.CultureInfo.InvariantCulture);
                response.Headers.Location = "/echo";
                break;
            case "loop":
                response.Redirect("/loop");
                break;
            case "to":
                response.Redirect(context.Request.Query["u"]!);
                break;
            case "echo":
                using (var reader = new StreamReader(context.Request.Body))
                {
                    var body = await reader.ReadToEndAsync(context.RequestAborted);
                    await response.WriteAsync(body.Length == 0 ? context.Request.Method + " " : $"{context.Request.Method} {body} {context.Request.ContentType}", context.RequestAborted);
                }

                break;
            case "headers":
                var names = new List<string>();
                foreach (var name in new[] { "authorization", "cookie", "x-kept" })
                {
                    if (context.Request.Headers.ContainsKey(name))
                    {
                        names.Add(name);
                    }
                }

                await response.WriteAsync(string.Join(' ', names), context.RequestAborted);
                break;
            case "gzip":
                response.Headers.ContentEncoding = "gzip";
                await using (var gzip = new GZipStream(response.Body, CompressionMode.Compress))
                {
                    await gzip.WriteAsync("zipped"u8.ToArray(), context.RequestAborted);
                }

                break;
            case "stream":
                var buffer = new byte[1024];
                for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
                {
                    await response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                    await response.Body.FlushAsync(context.RequestAborted);
                }

                break;
            case "status":
                response.StatusCode = int.Parse(path.Split('/')[2], System.Globalization.CultureInfo.InvariantCulture);
                break;
            default:
                context.Abort();
                break;
        }
    }

    private static async Task<string> TextAsync(OutboundResponse response)
    {
        using var reader = new StreamReader(response.Body!.AsStream());
        return await reader.ReadToEndAsync(Token);
    }

    private OutboundRequest Request(string path, string method = "GET") => new() { Method = method, Url = new Uri(Origin + path) };

    private async Task<OutboundResponse> SendAsync(string path, string method = "GET", RedirectMode mode = RedirectMode.Follow, string? body = null) =>
        await _fetch.SendAsync(Request(path, method) with
        {
            Redirect = mode,
            Body = body is null ? null : Encoding.UTF8.GetBytes(body),
            Headers = body is null ? [] : [new("content-type", "text/plain")],
        }, Token);
}
