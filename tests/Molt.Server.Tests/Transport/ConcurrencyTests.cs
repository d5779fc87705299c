using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Molt.Server.Tests.Transport;

/// <summary>Reads and flushes on threads of their own while another polls: an edge lost anywhere hangs these.</summary>
public sealed class ConcurrencyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(16, 4 << 20)]
    [InlineData(64, 200_000)]
    public async Task Echo_WhenManyThreadsTakePart_LosesNothing(int connections, int bytes)
    {
        await using var server = await RawServer.StartAsync();
        var tasks = new List<Task>();
        for (var i = 0; i < connections; i++)
        {
            var (client, connection) = await server.ConnectAsync();
            tasks.Add(EchoAsync(connection));
            tasks.Add(ExchangeAsync(client, new Random(i), bytes));
        }

        await Task.WhenAll(tasks);
    }

    [Fact]
    public async Task PingPong_WhenTheServerHopsBetweenThreads_NeverStalls()
    {
        await using var server = await RawServer.StartAsync();
        var (client, connection) = await server.ConnectAsync();
        var echo = EchoAsync(connection);
        var one = new byte[1];
        for (var i = 0; i < 20_000; i++)
        {
            one[0] = (byte)i;
            await client.WriteAsync(one);
            await client.ReadExactlyAsync(one);
            Assert.Equal((byte)i, one[0]);
        }

        client.Shutdown(SocketShutdown.Send);
        await echo;
        client.Dispose();
    }

    [Fact]
    public async Task Abort_WhenItRacesWithTraffic_EndsBothSides()
    {
        await using var server = await RawServer.StartAsync();
        for (var i = 0; i < 200; i++)
        {
            var (client, connection) = await server.ConnectAsync();
            var echo = EchoAsync(connection);
            var exchange = ExchangeAsync(client, new Random(i), 1 << 20);
            ThreadPool.UnsafeQueueUserWorkItem(static state => ((ConnectionContext)state!).Abort(), connection);
            await Task.WhenAll(
                echo.ContinueWith(static ended => Assert.True(ended.Exception?.InnerException is null or ConnectionAbortedException), TaskScheduler.Default),
                exchange.ContinueWith(static ended => Assert.False(ended.IsCanceled), TaskScheduler.Default));

            client.Dispose();
        }
    }

    private static async Task EchoAsync(ConnectionContext connection)
    {
        try
        {
            while (true)
            {
                var result = await connection.Transport.Input.ReadAsync(Stop);
                if (result.Buffer.Length % 3 == 0)
                {
                    await Task.Yield();
                }

                foreach (var memory in result.Buffer)
                {
                    connection.Transport.Output.Write(memory.Span);
                }

                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                var flush = await connection.Transport.Output.FlushAsync(Stop);
                if (result.IsCompleted || flush.IsCompleted)
                {
                    return;
                }
            }
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    private static async Task ExchangeAsync(Socket client, Random random, int bytes)
    {
        var sent = new byte[bytes];
        random.NextBytes(sent);
        var received = new byte[bytes];
        var read = client.ReadExactlyAsync(received);
        for (var at = 0; at < bytes;)
        {
            var count = Math.Min(random.Next(1, 100_000), bytes - at);
            await client.WriteAsync(sent.AsMemory(at, count));
            at += count;
        }

        await read;
        Assert.Equal(sent, received);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Stop));
    }
}
