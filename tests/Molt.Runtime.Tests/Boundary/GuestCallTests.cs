using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Tests;

/// <summary>Capabilities from a JavaScript worker: typed stubs in env, and molt:ffi.</summary>
public sealed class GuestCallTests : RuntimeTest
{
    private const string Encode = """
        const utf8 = new TextEncoder();
        // A record of a short text and a small number.
        const greet = (name, times) => { const text = utf8.encode(name); return Uint8Array.of(0x92, 0xa0 + text.length, ...text, times); };
        const textOf = (bytes) => new TextDecoder().decode(bytes.subarray(2));
        const told = async (promise) => { try { return await promise; } catch (e) { return `${e.name} ${e.status} ${e.family} ${e.capability} ${e.operation}: ${e.message}`; } };
        """;

    private readonly Greeter _greeter = new();
    private readonly BufferedAuditSink _audit = new();

    public GuestCallTests() => Options.Audit = new AuditOptions { Sink = _audit };

    private static CapabilityGrants Granted => CapabilityGrants.RuntimeOwn.And("acme.*");

    private Task<Worker> LoadGreetedAsync(string body, CapabilityGrants? grants = null, WorkerLimits? limits = null)
    {
        Runtime.AddCapability(_greeter.Capability);
        return LoadAsync(Define($$"""
            import ffi from "molt:ffi";
            {{Encode}}
            export default { async fetch(request, env, ctx) { {{body}} } };
            """, limits) with
        {
            Grants = grants ?? Granted,
            CapabilityBindings = (grants ?? Granted).Includes(_greeter.Capability.Declaration) ? new Dictionary<string, string>(StringComparer.Ordinal) { ["GREETER"] = Greeter.Id } : [],
        });
    }

    [Theory]
    [InlineData("greet", "AdaAda")]
    [InlineData("promptly", "Promptly, Ada")]
    public async Task Stub_WhenCalled_AnswersWithValues(string operation, string expected)
    {
        var worker = await LoadGreetedAsync($$"""return new Response((await env.GREETER.{{operation}}({ name: "Ada", times: 2 })).text);""");

        Assert.Equal(expected, await TextAsync(worker));
    }

    [Fact]
    public async Task Stub_WhenBuiltInsWereReplacedBeforeTheCodecsLoad_StillCodes()
    {
        var worker = await LoadGreetedAsync("""
            const { ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
            const types = [Array, Map, Set, WeakMap, String, RegExp, Symbol, Number, BigInt, Date, Uint8Array, DataView];
            for (const { prototype } of types) {
              const keys = ownKeys(prototype);
              for (let i = 0; i < keys.length; i++) {
                const property = getOwnPropertyDescriptor(prototype, keys[i]);
                if (typeof property.value === "function" && property.configurable && keys[i] !== "constructor" && prototype !== Array.prototype) {
                  defineProperty(prototype, keys[i], { value() { throw new Error("replaced"); } });
                }
              }
            }
            const hello = { name: "Ada", times: 2 };
            for (const name of ["Map", "Array", "JSON", "Object", "Uint8Array", "DataView", "Error"]) globalThis[name] = undefined;
            return new Response((await env.GREETER.greet(hello)).text);
            """);

        Assert.Equal("AdaAda", await TextAsync(worker));
    }

    [Theory]
    [InlineData("greet", "AdaAda")]
    [InlineData("promptly", "Promptly, Ada")]
    public async Task Call_WhenMadeWithBytes_AnswersWithBytes(string operation, string expected)
    {
        var worker = await LoadGreetedAsync($$"""return new Response(textOf(await ffi.call(ffi.open("acme.greeter", "1.1"), "{{operation}}", greet("Ada", 2))));""");

        Assert.Equal(expected, await TextAsync(worker));
    }

    [Fact]
    public async Task CallSync_WhenTheOperationAnswersAtOnce_Answers()
    {
        var worker = await LoadGreetedAsync("""
            const handle = ffi.open("acme.greeter");
            let late;
            try { ffi.callSync(handle, "later", greet("Ada", 2)); } catch (e) { late = e.status; }
            return new Response(`${textOf(ffi.callSync(handle, "greet", greet("Ada", 1)))} ${late}`);
            """);

        Assert.Equal("Ada 1", await TextAsync(worker));
    }

    [Fact]
    public async Task Call_WhenTheAnswerComesLater_SettlesInItsEvent()
    {
        var worker = await LoadGreetedAsync("""
            const [a, b] = await Promise.all([env.GREETER.later({ name: "Ada", times: 1 }), ffi.call(ffi.open("acme.greeter"), "later", greet("Bob", 1))]);
            return new Response(`${a.text} ${textOf(b)}`);
            """);
        var answer = TextAsync(worker);
        _greeter.Gate.SetResult();

        Assert.Equal("Later, Ada Later, Bob", await answer);
    }

    [Fact]
    public async Task Call_WhenPayloadsAreLargerThanTheBuffer_CarriesThem()
    {
        var worker = await LoadGreetedAsync("""
            const { text } = await env.GREETER.greet({ name: "x".repeat(20000), times: 5 });
            return new Response(`${text.length} ${text === "x".repeat(100000)}`);
            """);

        Assert.Equal("100000 true", await TextAsync(worker));
    }

    [Theory]
    [InlineData("""env.GREETER.refuse({ name: "Ada", times: 1 })""", "CapabilityError 1 validation acme.greeter refuse: Nobody greets Ada.")]
    [InlineData("""ffi.call(ffi.open("acme.greeter"), "greet", greet("", 1))""", "CapabilityError 1 validation acme.greeter greet: greet: $.name: ")]
    [InlineData("""ffi.call(ffi.open("acme.greeter"), "greet", Uint8Array.of(0x92, 1, 1))""", "CapabilityError 2 validation acme.greeter greet: greet: $.name: ")]
    [InlineData("""ffi.call(ffi.open("acme.greeter"), "lie", greet("Ada", 1))""", "CapabilityError 3 validation acme.greeter lie: The answer is not a value of schema://acme/greeting/v1")]
    [InlineData("""ffi.call(ffi.open("acme.greeter"), "nothing", greet("Ada", 1))""", "CapabilityError 1 validation acme.greeter nothing: acme.greeter@1.2.0 has no operation \"nothing\".")]
    [InlineData("""ffi.call(ffi.open("acme.greeter"), "count", greet("Ada", 1))""", "CapabilityError 1 validation acme.greeter count: acme.greeter count streams: open a stream of it.")]
    [InlineData("""ffi.call(Object.create(Object.getPrototypeOf(ffi.open("acme.greeter"))), "greet", greet("Ada", 1))""", "TypeError undefined undefined undefined undefined: A capability handle is expected")]
    [InlineData("""new Promise(() => ffi.open("acme.greeter", "2"))""", "CapabilityError 1 validation acme.greeter : The host offers acme.greeter@1.2.0, which does not do for @2.")]
    [InlineData("""new Promise(() => ffi.open("acme.absent"))""", "CapabilityError 6 validation acme.absent : There is no capability \"acme.absent\" for this worker.")]
    [InlineData("""new Promise(() => ffi.open("http.fetch"))""", "CapabilityError 6 validation http.fetch : \"http.fetch\" is behind the runtime's own functions")]
    public async Task Call_WhenItCanNotBe_HasAStatusAndSaysWhy(string call, string expected)
    {
        var worker = await LoadGreetedAsync($"return new Response(await told({call}));");

        Assert.StartsWith(expected, await TextAsync(worker), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WhenTheImplementationThrows_TellsTheHostAndNotTheGuest()
    {
        FaultsAreExpected = true;
        var worker = await LoadGreetedAsync("""return new Response(await told(env.GREETER.break({ name: "Ada", times: 1 })));""");

        Assert.Equal("CapabilityError 7 runtime acme.greeter break: The capability failed.", await TextAsync(worker));
        Assert.Equal("/secret/path", Assert.Single(Observer.Faults).Message);
    }

    [Fact]
    public async Task Open_WhenNotGranted_IsDeniedAndAudited()
    {
        var worker = await LoadGreetedAsync("""return new Response(await told(new Promise(() => ffi.open("acme.greeter"))));""", CapabilityGrants.RuntimeOwn);

        Assert.StartsWith("CapabilityError 6 validation acme.greeter : There is no capability \"acme.greeter\" for this worker.", await TextAsync(worker), StringComparison.Ordinal);
        var line = Assert.Single(_audit.Read(), audited => audited.Decision == AuditDecision.Denied);
        Assert.Equal(("test", "acme.greeter", "it is not granted"), (line.Worker, line.Capability, line.Detail));
    }

    [Fact]
    public async Task Call_WhenGranted_IsAudited()
    {
        var worker = await LoadGreetedAsync("""await env.GREETER.greet({ name: "Ada", times: 1 }); return new Response("ok");""");
        await TextAsync(worker);

        Assert.Contains(_audit.Read(), audited => audited is { Capability: "acme.greeter", Operation: "greet", Decision: AuditDecision.Allowed });
        Assert.Contains(_audit.Read(), audited => audited is { Capability: "molt.event", Operation: "respond", Decision: AuditDecision.Allowed });
    }

    [Fact]
    public async Task Binding_WhenNotGranted_KeepsTheWorkerFromStarting()
    {
        Runtime.AddCapability(_greeter.Capability);
        var failure = await Assert.ThrowsAsync<WorkerStartException>(() => LoadAsync(Define("export default {}") with
        {
            CapabilityBindings = new Dictionary<string, string>(StringComparer.Ordinal) { ["GREETER"] = Greeter.Id },
        }));

        Assert.Contains("There is no capability \"acme.greeter\" for this worker.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WhenTheBudgetIsUsedUp_IsDeniedAsExceeded()
    {
        var worker = await LoadGreetedAsync("""
            await env.GREETER.greet({ name: "a", times: 1 });
            return new Response(await told(env.GREETER.greet({ name: "b", times: 1 })));
            """, limits: new WorkerLimits { CapabilityUnits = 3 });

        Assert.Equal("CapabilityError 6 validation acme.greeter greet: The event has used up its budget for capability calls.", await TextAsync(worker));
        Assert.Single(_audit.Read(), audited => audited.Decision == AuditDecision.ResourceExceeded);
    }

    [Fact]
    public async Task Context_WhenAsked_KnowsWhoCalls()
    {
        var worker = await LoadGreetedAsync("""return new Response((await env.GREETER.whoami({ name: "a", times: 1 })).text);""", limits: new WorkerLimits { CapabilityUnits = 10 });

        Assert.Equal("test//whoami/9", await TextAsync(worker));
    }

    [Fact]
    public async Task Package_WhenGivenLess_HasLess()
    {
        Runtime.AddCapability(_greeter.Capability);
        var worker = await LoadAsync(Define($$"""
            import ffi from "molt:ffi";
            import less from "molt:ffi?package=less";
            import same from "molt:ffi?package=%40scope%2Fsame";
            {{Encode}}
            export default { async fetch() {
              const denied = await told(new Promise(() => less.open("acme.greeter")));
              return new Response(`${denied} ${textOf(await same.call(same.open("acme.greeter"), "whoami", greet("a", 1)))} ${textOf(await ffi.call(ffi.open("acme.greeter"), "greet", greet("a", 1)))}`);
            } };
            """) with
        {
            Grants = Granted with { Packages = new Dictionary<string, CapabilityGrants>(StringComparer.Ordinal) { ["less"] = CapabilityGrants.None, ["@scope/same"] = new() { Allow = ["acme.greeter"] } } },
        });

        Assert.Equal(
            "CapabilityError 6 validation acme.greeter : There is no capability \"acme.greeter\" for this worker. Grant it in \"capabilities.allow\". test/@scope/same/whoami/999999 a",
            await TextAsync(worker));
    }

    [Fact]
    public async Task Cancel_WhenCalled_EndsTheCallWithTheReason()
    {
        var worker = await LoadGreetedAsync("""
            const call = ffi.call(ffi.open("acme.greeter"), "later", greet("Ada", 1));
            ffi.cancel(call, "never mind");
            return new Response(await told(call));
            """);

        Assert.Equal("CapabilityError 4 cancellation acme.greeter later: never mind", await TextAsync(worker));
    }

    [Fact]
    public async Task Call_WhenItsTimeIsOver_EndsAsTimeout()
    {
        var time = new FakeTime();
        Options.Time = time;
        var worker = await LoadGreetedAsync("""
            return new Response(await told(ffi.call(ffi.open("acme.greeter"), "later", greet("Ada", 1), { timeout: 250 })));
            """);
        var armed = time.WhenArmed(TimeSpan.FromMilliseconds(250));
        var answer = TextAsync(worker);
        await Soon(armed);
        time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal("CapabilityError 5 runtime acme.greeter later: acme.greeter later took longer than 250 ms.", await answer);
    }

    [Fact]
    public async Task Revoke_WhenACallIsPending_CancelsItAndDeniesTheNext()
    {
        var worker = await LoadGreetedAsync("""
            const first = env.GREETER.later({ name: "Ada", times: 1 });
            console.log("pending");
            return new Response(`${await told(first)} | ${await told(env.GREETER.greet({ name: "Ada", times: 1 }))}`);
            """);
        var exchange = Post(worker);
        await Soon(Observer.Logged("pending"));
        worker.Grants.Revoke("acme.*", "the contract ended");
        var answer = await Soon(exchange.Answering);

        Assert.Equal(
            "CapabilityError 4 cancellation acme.greeter later: the contract ended | CapabilityError 6 validation acme.greeter greet: acme.greeter is denied: the contract ended",
            answer.Text);
        await Soon(exchange.Ending);
    }

    [Fact]
    public async Task Getter_WhenItCallsInTheMiddleOfAnEncoding_ChangesNothingOfTheOuterCall()
    {
        var worker = await LoadGreetedAsync("""
            const inner = [];
            const outer = await env.GREETER.greet({ name: "outer", get times() { inner.push(env.GREETER.greet({ name: "inner-inner", times: 1 })); return 1; } });
            return new Response(`${outer.text} ${(await inner[0]).text}`);
            """);

        Assert.Equal("outer inner-inner", await TextAsync(worker));
    }

    [Fact]
    public async Task Guest_WhenItReplacesBuiltins_NeverSeesTheBuffer()
    {
        var worker = await LoadGreetedAsync("""
            let seen = 0;
            const note = (value) => { if (ArrayBuffer.isView(value) && value.buffer.byteLength >= 16384) seen++; };
            Object.defineProperty(Uint8Array.prototype, "constructor", { get() { note(this); return Uint8Array; } });
            Object.defineProperty(Object.getPrototypeOf(Uint8Array), Symbol.species, { get() { note(this); return Uint8Array; } });
            for (const name of ["set", "slice", "subarray"]) {
              const real = Object.getPrototypeOf(Uint8Array.prototype)[name];
              Object.getPrototypeOf(Uint8Array.prototype)[name] = function (...args) { note(this); note(args[0]); return real.apply(this, args); };
            }
            Object.defineProperty(Object.prototype, "then", { configurable: true, get() { note(this); return undefined; } });
            const a = await ffi.call(ffi.open("acme.greeter"), "greet", greet("Ada", 1));
            const b = await env.GREETER.greet({ name: "Ada", times: 1 });
            delete Object.prototype.then;
            return new Response(`${a.byteLength} ${b.text} ${seen}`);
            """);

        Assert.Equal("5 Ada 0", await TextAsync(worker));
    }
}
