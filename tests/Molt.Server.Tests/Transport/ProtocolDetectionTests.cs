using System.Text;
using Molt.Server.Transport;

namespace Molt.Server.Tests.Transport;

public sealed class ProtocolDetectionTests
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("G")]
    [InlineData("PO")]
    [InlineData("PRI * HTTP/1")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX")]
    public async Task Connection_WhenItDiffersFromThePreface_IsHttp1AndKeepsItsBytes(string text)
    {
        await using var server = await RawServer.StartAsync(http2: true);
        using var client = await server.ConnectClientAsync();
        await client.WriteAsync(text);

        var connection = await server.Http1.AcceptAsync(Stop);

        var result = await connection!.Transport.Input.ReadAsync(Stop);
        Assert.Equal(text, Encoding.ASCII.GetString(result.Buffer));
        connection.Transport.Input.AdvanceTo(result.Buffer.End);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Connection_WhenThePrefaceComesByteByByte_IsHttp2()
    {
        await using var server = await RawServer.StartAsync(http2: true);
        using var client = await server.ConnectClientAsync();
        foreach (var character in Preface)
        {
            await client.WriteAsync(character.ToString());
        }

        var connection = await server.Http2!.AcceptAsync(Stop);

        var result = await connection!.Transport.Input.ReadAsync(Stop);
        Assert.Equal(Preface, Encoding.ASCII.GetString(result.Buffer));
        connection.Transport.Input.AdvanceTo(result.Buffer.End);
        await connection.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("PRI * HT")]
    public async Task Connection_WhenItFallsSilent_HoldsNoThreadAndBecomesHttp1(string start)
    {
        var options = new EpollTransportOptions { DetectionTimeout = TimeSpan.FromMilliseconds(200) };
        await using var server = await RawServer.StartAsync(options, http2: true);
        using var silent = await server.ConnectClientAsync();
        await silent.WriteAsync(start);

        using var other = await server.ConnectClientAsync();
        await other.WriteAsync("GET");
        var first = await server.Http1.AcceptAsync(Stop);
        Assert.Equal(other.LocalEndPoint, first!.RemoteEndPoint);

        var second = await server.Http1.AcceptAsync(Stop);
        Assert.Equal(silent.LocalEndPoint, second!.RemoteEndPoint);
        await silent.WriteAsync("more");
        var text = string.Empty;
        while (text.Length < start.Length + 4)
        {
            var result = await second.Transport.Input.ReadAsync(Stop);
            text += Encoding.ASCII.GetString(result.Buffer);
            second.Transport.Input.AdvanceTo(result.Buffer.End);
        }

        Assert.Equal(start + "more", text);
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task UnbindAsync_WhenAConnectionIsUndecided_ClosesIt()
    {
        await using var server = await RawServer.StartAsync(http2: true);
        using var client = await server.ConnectClientAsync();
        await client.WriteAsync("PRI");
        using var other = await server.ConnectClientAsync();
        await other.WriteAsync("GET");
        var accepted = await server.Http1.AcceptAsync(Stop);

        await server.Http1.UnbindAsync(Stop);

        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Null(await server.Http1.AcceptAsync(Stop));
        Assert.Null(await server.Http2!.AcceptAsync(Stop));
        await accepted!.DisposeAsync();
    }
}
