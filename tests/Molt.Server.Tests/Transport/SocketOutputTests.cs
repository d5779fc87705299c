using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Molt.Server.Tests.Transport;

public sealed class SocketOutputTests
{
    // More than the kernel buffers on both sides hold.
    private const int Flood = 16 << 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FlushAsync_WhenTheKernelTakesIt_CompletesAtOnce()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var output = connection.Transport.Output;
        output.Write("hello"u8);
        Assert.Equal(5, output.UnflushedBytes);
        var flush = output.FlushAsync(Stop);

        Assert.True(flush.IsCompletedSuccessfully);
        Assert.False((await flush).IsCompleted);
        Assert.Equal(0, output.UnflushedBytes);
        var received = new byte[5];
        await client.ReadExactlyAsync(received);
        Assert.Equal("hello", Encoding.ASCII.GetString(received));
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task FlushAsync_WhenTheClientDoesNotRead_WaitsUntilItDoes()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var sent = Fill(connection);
        var flush = connection.Transport.Output.FlushAsync(Stop).AsTask();
        Assert.False(flush.IsCompleted);

        var received = new byte[sent.Length];
        await client.ReadExactlyAsync(received);

        Assert.False((await flush).IsCompleted);
        Assert.Equal(sent, received);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task CancelPendingFlush_WhenAFlushWaits_ReturnsCanceledAndLosesNothing()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var output = connection.Transport.Output;
        var sent = Fill(connection);
        var flush = output.FlushAsync(Stop);
        output.CancelPendingFlush();
        Assert.True((await flush).IsCanceled);

        output.Write("tail"u8);
        var second = output.FlushAsync(Stop).AsTask();
        var received = new byte[sent.Length + 4];
        await client.ReadExactlyAsync(received);

        Assert.False((await second).IsCanceled);
        Assert.Equal(sent, received[..sent.Length]);
        Assert.Equal("tail"u8.ToArray(), received[sent.Length..]);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task FlushAsync_WhenItsTokenIsCanceled_Throws()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        using var source = new CancellationTokenSource();
        Fill(connection);
        var flush = connection.Transport.Output.FlushAsync(source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => flush);
        connection.Abort();
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task FlushAsync_WhenTheClientResets_Completes()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        Fill(connection);
        var flush = connection.Transport.Output.FlushAsync(Stop).AsTask();
        client.Reset();

        Assert.True((await flush).IsCompleted);
        connection.Transport.Output.Write("more"u8);
        Assert.True((await connection.Transport.Output.FlushAsync(Stop)).IsCompleted);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Abort_WhenAFlushWaits_CompletesIt()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        Fill(connection);
        var flush = connection.Transport.Output.FlushAsync(Stop).AsTask();
        connection.Abort(new ConnectionAbortedException());

        Assert.True((await flush).IsCompleted);
        client.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task DisposeAsync_WhenOutputIsPending_SendsItThenCloses()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var sent = Fill(connection);
        var dispose = connection.DisposeAsync().AsTask();

        var received = new byte[sent.Length];
        await client.ReadExactlyAsync(received);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Stop));
        await dispose;
        Assert.Equal(sent, received);
        client.Dispose();
    }

    [Fact]
    public async Task DisposeAsync_WhenInputIsUnread_DoesNotResetTheAnswer()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        await client.WriteAsync(new byte[100_000]);
        var result = await connection.Transport.Input.ReadAsync(Stop);
        connection.Transport.Input.AdvanceTo(result.Buffer.Start);
        connection.Transport.Output.Write("answer"u8);
        await connection.Transport.Output.FlushAsync(Stop);
        await connection.DisposeAsync();

        Assert.Equal("answer", await client.ReadToEndAsync());
        client.Dispose();
    }

    [Fact]
    public async Task GetMemory_WhenTheHintIsLarge_ReturnsThatMuch()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var output = connection.Transport.Output;
        output.Write("a"u8);
        var memory = output.GetMemory(200_000);
        Assert.InRange(memory.Length, 200_000, int.MaxValue);
        memory.Span[..200_000].Fill((byte)'b');
        output.Advance(200_000);
        await output.FlushAsync(Stop);

        var received = new byte[200_001];
        await client.ReadExactlyAsync(received);
        Assert.Equal((byte)'a', received[0]);
        Assert.Equal(-1, received.AsSpan(1).IndexOfAnyExcept((byte)'b'));
        client.Dispose();
        await connection.DisposeAsync();
    }

    private static byte[] Fill(ConnectionContext connection)
    {
        var sent = new byte[Flood];
        new Random(3).NextBytes(sent);
        connection.Transport.Output.Write(sent);
        return sent;
    }
}
