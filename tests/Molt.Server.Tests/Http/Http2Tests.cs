using System.Net;
using System.Net.Http;

namespace Molt.Server.Tests.Http;

/// <summary>HTTP/2 with prior knowledge, on the port that speaks HTTP/1.1 too.</summary>
[Collection(HttpCollection.Name)]
public sealed class Http2Tests(GuestSnapshot snapshot)
{
    private const string Echo = """
        export default {
          async fetch(request) {
            const text = await request.text();
            return new Response(`${request.method} ${request.url.replace(/:\d+\//, "/")} ${request.headers.get("cookie")} ${text.length}`, {
              headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["connection", "close"], ["x-a", "caf\u00e9"]],
            });
          },
        };
        """;

    [Fact]
    public async Task Request_WhenSentOverHttp2_IsAnsweredOverHttp2()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Echo);
        using var client = gateway.CreateClient(HttpVersion.Version20);
        using var request = new HttpRequestMessage(HttpMethod.Put, "path?x=1")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("hello"),
        };
        request.Headers.Add("Cookie", "a=1; b=2");

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("PUT http://127.0.0.1/path?x=1 a=1; b=2 5", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("Set-Cookie"), StringComparer.Ordinal);
        Assert.False(response.Headers.Contains("Connection"));
    }

    [Fact]
    public async Task Port_WhenBothVersionsAreSpoken_ServesBoth()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Echo);
        using var client1 = gateway.CreateClient(HttpVersion.Version11);
        using var client2 = gateway.CreateClient(HttpVersion.Version20);

        using var response1 = await client1.GetAsync(new Uri("", UriKind.Relative), TestContext.Current.CancellationToken);
        using var response2 = await client2.GetAsync(new Uri("", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpVersion.Version11, response1.Version);
        Assert.Equal(HttpVersion.Version20, response2.Version);
    }

    [Fact]
    public async Task Streams_WhenConcurrent_AreAllAnswered()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              async fetch(request) {
                const text = await request.text();
                await scheduler.wait(text.length % 10);
                return new Response(new Blob([text]).stream());
              },
            };
            """);
        using var client = gateway.CreateClient(HttpVersion.Version20);
        var answers = new List<Task<bool>>();
        for (var i = 0; i < 100; i++)
        {
            answers.Add(AskAsync(i * 1000));
        }

        Assert.All(await Task.WhenAll(answers), Assert.True);

        async Task<bool> AskAsync(int length)
        {
            var body = new string('x', length);
            using var content = new StringContent(body);
            using var response = await client.PostAsync(new Uri("", UriKind.Relative), content, TestContext.Current.CancellationToken);
            return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) == body;
        }
    }

    [Fact]
    public async Task Stream_WhenTheClientCancelsIt_AbortsTheRequestsSignal()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              async fetch(request) {
                request.signal.addEventListener("abort", () => console.log("aborted"));
                console.log("started");
                await scheduler.wait(3600000);
                return new Response("late");
              },
            };
            """);
        using var client = gateway.CreateClient(HttpVersion.Version20);
        using var cancel = new CancellationTokenSource();

        var answer = client.GetAsync(new Uri("", UriKind.Relative), cancel.Token);
        await gateway.WaitForLogAsync("started");
        await cancel.CancelAsync();

        await gateway.WaitForLogAsync("aborted");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }
}
