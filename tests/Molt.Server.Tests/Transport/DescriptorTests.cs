using System.Net.Sockets;

namespace Molt.Server.Tests.Transport;

/// <summary>Counts what the whole process has open, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(DescriptorTests), DisableParallelization = true)]
public sealed class DescriptorTestsCollection;

[Collection(nameof(DescriptorTests))]
public sealed class DescriptorTests
{
    [Fact]
    public async Task Connections_WhenTheyComeAndGo_LeakNoDescriptor()
    {
        await using var server = await HttpServer.StartAsync(static async context =>
        {
            context.Response.ContentLength = 5;
            await context.Response.BodyWriter.WriteAsync("hello"u8.ToArray());
        });
        var random = new Random(11);
        var warmUp = await server.ConnectAsync();
        await warmUp.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        await warmUp.ReadToEndAsync();
        warmUp.Dispose();
        var before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
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

        while (Directory.GetFileSystemEntries("/proc/self/fd").Length > before)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
