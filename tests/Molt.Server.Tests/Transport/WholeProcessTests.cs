using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Molt.Server.Tests.Transport;

/// <summary>These count what the whole process holds, so nothing may run beside them.</summary>
[CollectionDefinition(nameof(WholeProcessTests), DisableParallelization = true)]
public sealed class WholeProcess;

[Collection(nameof(WholeProcessTests))]
public sealed class WholeProcessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_WhenTheyComeAndGo_LeakNoDescriptor()
    {
        await using var server = await HttpServer.StartAsync(static async context =>
        {
            context.Response.ContentLength = 5;
            await context.Response.BodyWriter.WriteAsync("hello"u8.ToArray());
        });
        var random = new Random(11);
        var before = OpenSockets();
        var open = new List<Socket>();
        for (var i = 0; i < 500; i++)
        {
            var client = await server.ConnectAsync();
            open.Add(client);
            switch (random.Next(5))
            {
                case 0:
                    await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                    await client.ReadUntilAsync("hello");
                    break;
                case 1:
                    await client.WriteAsync("GET / HT");
                    break;
                case 2:
                    await client.WriteAsync("PRI * HT");
                    break;
                case 3:
                    await client.WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
                    break;
            }

            var victim = open[random.Next(open.Count)];
            open.Remove(victim);
            if (random.Next(2) == 0)
            {
                victim.Reset();
            }
            else
            {
                victim.Dispose();
            }
        }

        foreach (var client in open)
        {
            client.Dispose();
        }

        while (OpenSockets() > before)
        {
            await Task.Delay(10, Stop);
        }
    }

    [Fact]
    public async Task IdleConnections_WhenTheyWait_HoldNoBuffer()
    {
        const int Count = 400;
        await using var server = await RawServer.StartAsync();
        var clients = new List<Socket>();
        var connections = new List<ConnectionContext>();
        var reads = new List<Task>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Count; i++)
        {
            var (client, connection) = await server.ConnectAsync();
            clients.Add(client);
            connections.Add(connection);
            await client.WriteAsync("ping");
            var result = await connection.Transport.Input.ReadAsync(Stop);
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            connection.Transport.Output.Write("pong"u8);
            await connection.Transport.Output.FlushAsync(Stop);
            await client.ReadExactlyAsync(new byte[4]);
            reads.Add(connection.Transport.Input.ReadAsync(Stop).AsTask());
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;

        // Less than one buffer, the client's half of the connection included.
        Assert.InRange(each, 0, 4096);
        foreach (var client in clients)
        {
            client.Dispose();
        }

        await Task.WhenAll(reads);
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    private static int OpenSockets()
    {
        var count = 0;
        foreach (var path in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            if (new FileInfo(path).LinkTarget is { } target && target.StartsWith("socket:", StringComparison.Ordinal))
            {
                count++;
            }
        }

        return count;
    }
}
