using System.Net;
using System.Net.Http;
using Molt.Runtime;

namespace Molt.Server.Tests.Http;

[Collection(HttpCollection.Name)]
public sealed class UnsentTests(GuestSnapshot snapshot)
{
    // More than the kernel's buffers on both sides take.
    private const int Length = 24 << 20;

    [Fact]
    public async Task Responses_WhenClientsDoNotTakeThem_AreBounded()
    {
        await using var gateway = await Gateway.StartAsync(
            snapshot,
            $"export default {{ fetch(request) {{ return new Response('x'.repeat(request.url.endsWith('/large') ? {Length} : 65536)) }} }}",
            options => options.MaxUnsentResponseBytes = 2 * Length);
        using var first = await AskAsync(gateway);
        using var second = await AskAsync(gateway);
        Assert.Equal(500, (await gateway.GetAsync("/large")).Status);
        Assert.Equal(
            (EventOutcome.Exception, "The responses that clients have not taken yet hold as much as the limit of 48 MiB. Stream large bodies instead."),
            Assert.Single(gateway.Failures) is { } failure ? (failure.Outcome, failure.Message) : default);
        Assert.Equal(200, (await gateway.GetAsync("/small")).Status);

        for (var taken = 0; taken < Length;)
        {
            taken += (await first.ReadSomeAsync()).Length;
        }

        await RequestAsync(first);
        Assert.Equal(200, (await first.ReadResponseAsync(head: true)).Status);
    }

    [Fact]
    public async Task Responses_WhenStreamsOfHttp2DoNotTakeThem_AreBounded()
    {
        await using var gateway = await Gateway.StartAsync(
            snapshot,
            $"export default {{ fetch() {{ return new Response('x'.repeat({Length})) }} }}",
            options => options.MaxUnsentResponseBytes = 2 * Length);
        using var client = gateway.CreateClient(HttpVersion.Version20);
        using var first = await client.GetAsync(new Uri("/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var second = await client.GetAsync(new Uri("/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var third = await client.GetAsync(new Uri("/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.InternalServerError), (first.StatusCode, second.StatusCode, third.StatusCode));
    }

    /// <summary>A client that has read the head of its response and nothing more.</summary>
    private static async Task<RawConnection> AskAsync(Gateway gateway)
    {
        var connection = await gateway.ConnectAsync();
        await RequestAsync(connection);
        Assert.Equal(200, (await connection.ReadResponseAsync(head: true)).Status);
        return connection;
    }

    private static Task RequestAsync(RawConnection connection) => connection.WriteAsync("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
}
