using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Tests;

/// <summary>Streams between a JavaScript worker and a capability.</summary>
public sealed class GuestStreamTests : RuntimeTest
{
    private readonly Greeter _greeter = new();

    private Task<Worker> LoadGreetedAsync(string body)
    {
        Runtime.AddCapability(_greeter.Capability);
        return LoadAsync(Define($$"""
            import ffi from "molt:ffi";
            const told = async (promise) => { try { return await promise; } catch (e) { return `${e.name} ${e.status}: ${e.message}`; } };
            export default { async fetch(request, env, ctx) { {{body}} } };
            """) with
        {
            Grants = CapabilityGrants.RuntimeOwn.And("acme.*"),
            CapabilityBindings = new Dictionary<string, string>(StringComparer.Ordinal) { ["GREETER"] = "acme.greeter@1" },
        });
    }

    [Fact]
    public async Task StreamOut_WhenRead_GivesEveryItemInOrder()
    {
        var worker = await LoadGreetedAsync("""
            const texts = [];
            for await (const { text } of env.GREETER.count({ name: "n", times: 50 })) texts.push(text);
            return new Response(`${texts.length} ${texts[0]} ${texts[49]}`);
            """);

        Assert.Equal("50 n 0 n 49", await TextAsync(worker));
    }

    [Fact]
    public async Task StreamOut_WhenNobodyReads_HoldsTheImplementationBack()
    {
        var worker = await LoadGreetedAsync("""
            const stream = env.GREETER.count({ name: "n", times: 0 });
            const first = await stream.read();
            stream.cancel("enough");
            return new Response(`${first.text} ${await told(stream.read())}`);
            """);

        Assert.Equal("n 0 CapabilityError 4: enough", await TextAsync(worker));
        Assert.Equal("enough", await Soon(_greeter.Ended.Task));
        Assert.InRange(_greeter.Counted, 1, 20);
    }

    [Theory]
    [InlineData("env.GREETER.count({ name: 'n', times: 0 })")]
    [InlineData("ffi.stream(ffi.open('acme.greeter'), 'count', Uint8Array.of(0x92, 0xa1, 0x6e, 0))")]
    public async Task ForAwait_WhenLeftEarly_CancelsTheStream(string stream)
    {
        var worker = await LoadGreetedAsync($$"""
            let items = 0;
            for await (const item of {{stream}}) if (++items === 2) break;
            return new Response(`${items}`);
            """);

        Assert.Equal("2", await TextAsync(worker));
        Assert.Equal("The worker stopped reading.", await Soon(_greeter.Ended.Task));
    }

    [Theory]
    [InlineData("env.GREETER.count({ name: 'n', times: 3 })")]
    [InlineData("ffi.stream(ffi.open('acme.greeter'), 'count', Uint8Array.of(0x92, 0xa1, 0x6e, 3))")]
    public async Task ForAwait_WhenReadToTheEnd_CancelsNothing(string stream)
    {
        var worker = await LoadGreetedAsync($$"""
            let items = 0;
            for await (const item of {{stream}}) items++;
            return new Response(`${items}`);
            """);

        Assert.Equal("3", await TextAsync(worker));
        Assert.Null(await Soon(_greeter.Ended.Task));
    }

    [Fact]
    public async Task ForAwait_WhenOnSomethingElse_IsRefused()
    {
        var worker = await LoadGreetedAsync("""
            const stream = ffi.stream(ffi.open("acme.greeter"), "count", Uint8Array.of(0x92, 0xa1, 0x6e, 1));
            try { stream[Symbol.asyncIterator].call({}); } catch (e) { return new Response(`${e.name}: ${e.message}`); }
            """);

        Assert.Equal("TypeError: Illegal invocation", await TextAsync(worker));
    }

    [Fact]
    public async Task StreamIn_WhenClosed_AnswersOnce()
    {
        var worker = await LoadGreetedAsync("""
            const stream = env.GREETER.gather({ name: "all", times: 0 });
            for (let i = 0; i < 40; i++) await stream.write({ name: `n${i}`, times: 0 });
            stream.close();
            const { text } = await stream.read();
            return new Response(`${text.split(",").length} ${await stream.read()} ${await told(stream.write({ name: "more", times: 0 }))}`);
            """);

        Assert.Equal("41 null CapabilityError 1: There is no such stream.", await TextAsync(worker));
    }

    [Fact]
    public async Task StreamBoth_WhenUsed_GoesBothWays()
    {
        var worker = await LoadGreetedAsync("""
            const stream = env.GREETER.echo({ name: "re ", times: 0 });
            await stream.write({ name: "one", times: 0 });
            const one = (await stream.read()).text;
            const waiting = stream.read();
            await stream.write({ name: "two", times: 0 });
            const two = (await waiting).text;
            stream.close();
            return new Response(`${one} ${two} ${await stream.read()}`);
            """);

        Assert.Equal("re one re two null", await TextAsync(worker));
    }

    [Fact]
    public async Task Stream_WhenRevokedMidway_EndsAsCancelledWithTheReason()
    {
        var worker = await LoadGreetedAsync("""
            const stream = env.GREETER.echo({ name: "re ", times: 0 });
            await stream.write({ name: "one", times: 0 });
            console.log((await stream.read()).text);
            return new Response(`${await told(stream.read())} | ${await told(stream.read())} | ${await told(new Promise(() => env.GREETER.count({ name: "n", times: 1 })))}`);
            """);
        var exchange = Post(worker);
        await Soon(Observer.Logged("re one"));
        worker.Grants.Revoke("acme.greeter", "the contract ended");
        var answer = await Soon(exchange.Answering);
        await Soon(exchange.Ending);

        Assert.Equal(
            "CapabilityError 4: the contract ended | CapabilityError 1: There is no such stream. | CapabilityError 6: acme.greeter is denied: the contract ended",
            answer.Text);
    }

    [Fact]
    public async Task Stream_WhenItsEventEnds_EndsToo()
    {
        var worker = await LoadGreetedAsync("""env.GREETER.count({ name: "n", times: 0 }); return new Response("done");""");

        Assert.Equal("done", await TextAsync(worker));
        Assert.Equal("The event ended.", await Soon(_greeter.Ended.Task));
    }

    [Fact]
    public async Task Stream_WhenTheImplementationFails_GivesWhatCameBeforeAndThenTheFault()
    {
        var failing = Capability.Declare("acme.failing", "1.0.0").StreamOut<Greet, Greeting>("some", static (_, greet) => Some(greet)).Build();
        Runtime.AddCapability(failing);
        var worker = await LoadAsync(Define("""
            export default { async fetch(request, env) {
              const texts = [];
              try { for await (const { text } of env.F.some({ name: "n", times: 2 })) texts.push(text); } catch (e) { texts.push(`${e.status} ${e.message}`); }
              return new Response(texts.join(" "));
            } };
            """) with
        {
            Grants = CapabilityGrants.RuntimeOwn.And("acme.failing"),
            CapabilityBindings = new Dictionary<string, string>(StringComparer.Ordinal) { ["F"] = "acme.failing" },
        });

        Assert.Equal("n0 n1 1 No more.", await TextAsync(worker));

        static async IAsyncEnumerable<Greeting> Some(Greet greet)
        {
            for (var i = 0; i < greet.Times; i++)
            {
                await Task.Yield();
                yield return new Greeting($"{greet.Name}{i}");
            }

            throw new CapabilityException(CapabilityStatus.InvalidInput, "No more.");
        }
    }
}
