using System.Globalization;
using System.Text;

namespace Molt.Runtime.Tests.Workers;

public sealed class CodeCacheTests : RuntimeTest
{
    [Fact]
    public async Task Code_WhenItsWorkerHasServedAWhile_IsKeptForOthers()
    {
        await ServeUntilAsync(await LoadAsync(Source("one")), modules: 1);
        Assert.Equal((1, 0L, 1L), Counts());
        Assert.Equal("one 1", await TextAsync(await LoadAsync(Source("one"))));
        Assert.Equal((1, 1L, 1L), Counts());
    }

    [Fact]
    public async Task Code_WhenLoadedASecondTime_IsKeptAfterOneAnswer()
    {
        for (var number = 1; number <= 2; number++)
        {
            var worker = await LoadAsync(Source("one"));
            Assert.Equal("one 1", await TextAsync(worker));
            Assert.Equal("one 2", await TextAsync(worker));
            await Drain(worker);
        }

        Assert.Equal((1, 0L, 2L), Counts());
        Assert.Equal("one 1", await TextAsync(await LoadAsync(Source("one"))));
        Assert.Equal((1, 1L, 2L), Counts());
    }

    [Fact]
    public async Task Code_WhenLoadedOnce_IsNotKeptForItsFirstAnswers()
    {
        var worker = await LoadAsync(Source("one"));
        Assert.Equal("one 1", await TextAsync(worker));
        await Drain(worker);
        Assert.Equal((0, 0L, 1L), Counts());
    }

    [Theory]
    [InlineData("two", "main.js")]
    [InlineData("one", "other.js")]
    public async Task Code_WhenTextOrNameDiffers_IsNotUsed(string text, string name)
    {
        await ServeUntilAsync(await LoadAsync(Source("one")), modules: 1);
        var other = await LoadAsync(Define("") with { MainModule = name, Modules = [Script(name, Source(text))] });
        Assert.Equal($"{text} 1", await TextAsync(other));
        Assert.Equal((1, 0L, 2L), Counts());
    }

    [Fact]
    public async Task Code_WhenUsed_ThrowsWithPositionsOfTheSource()
    {
        var source = Source("one") + "\nexport const test = { test() { throw new Error('here'); } };";
        await ServeUntilAsync(await LoadAsync(source), modules: 1);
        var again = await LoadAsync(source);
        Assert.Equal(1, Runtime.CodeCache.Hits);
        var failure = (await Soon(again.TestAsync("test", TestContext.Current.CancellationToken).AsTask())).Failure;
        var line = source.AsSpan().Count('\n') + 1;
        Assert.Equal(("main.js", line), (failure!.Error!.Frames[0].Resource, failure.Error.Frames[0].Line));
    }

    [Fact]
    public async Task Code_WhenAnIsolateOfItWasCondemned_IsKeptAndServes()
    {
        var source = Source("one") + "\nexport const test = { test() { while (true); } };";
        var limits = new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(50) };
        var hostile = await LoadAsync(source, limits);
        var ended = await Soon(hostile.TestAsync("test", TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(EventOutcome.ExceededCpu, ended.Failure!.Outcome);
        await ServeUntilAsync(hostile, modules: 1);
        var again = await LoadAsync(source, limits);
        Assert.Equal("one 1", await TextAsync(again));
        ended = await Soon(again.TestAsync("test", TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(EventOutcome.ExceededCpu, ended.Failure!.Outcome);
        Assert.Equal("one 1", await TextAsync(again));
    }

    [Fact]
    public async Task Code_WhenOfAnImportedModule_IsKeptToo()
    {
        const string Main = "import inner from './inner.js'; export default inner;";
        await ServeUntilAsync(await LoadAsync(Main, others: Script("inner.js", Source("inner"))), modules: 1);
        Assert.Equal("inner 1", await TextAsync(await LoadAsync(Main, others: Script("inner.js", Source("inner")))));
        Assert.Equal((1, 1L, 1L), Counts());
    }

    [Fact]
    public async Task Code_WhenThereIsMoreThanMayBeKept_GoesByLastUse()
    {
        await ServeUntilAsync(await LoadAsync(Source("probe")), modules: 1);
        var one = Runtime.CodeCache.Bytes;
        await Runtime.DisposeAsync();

        Options.CodeCacheBytes = (one * 2) + (one / 2);
        await using var runtime = WorkerRuntime.Create(Options);
        await ServeAsync("first");
        await ServeAsync("second");
        await AskAsync("first");
        await ServeAsync("third");
        Assert.Equal(2, runtime.CodeCache.Modules);
        Assert.InRange(runtime.CodeCache.Bytes, one, Options.CodeCacheBytes);
        var hits = runtime.CodeCache.Hits;
        await AskAsync("first");
        await AskAsync("third");
        Assert.Equal(hits + 2, runtime.CodeCache.Hits);
        await AskAsync("second");
        Assert.Equal(hits + 2, runtime.CodeCache.Hits);

        async Task AskAsync(string name)
        {
            await using var worker = await runtime.LoadAsync(Define(Source(name)), TestContext.Current.CancellationToken);
            Assert.Equal($"{name} 1", await TextAsync(worker));
        }

        async Task ServeAsync(string name)
        {
            // The names differ in length from the ones they replace, so that what is kept changes its size.
            await using var worker = await runtime.LoadAsync(Define(Source(name)), TestContext.Current.CancellationToken);
            var before = runtime.CodeCache.Bytes;
            for (var count = 0; count < 1000 && runtime.CodeCache.Bytes == before; count++)
            {
                await TextAsync(worker);
            }

            Assert.NotEqual(before, runtime.CodeCache.Bytes);
        }
    }

    [Fact]
    public async Task Code_WhenNoneMayBeKept_IsCompiledEachTime()
    {
        Options.CodeCacheBytes = 0;
        for (var number = 1; number <= 3; number++)
        {
            var worker = await LoadAsync(Source("one"));
            for (var count = 1; count <= 20; count++)
            {
                Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"one {count}"), await TextAsync(worker));
            }

            await Drain(worker);
        }

        Assert.Equal(new CodeCacheStatistics(0, 0, 0, 3), Runtime.CodeCache);
    }

    [Fact]
    public void Options_WhenTheBytesAreNegative_AreRefused()
    {
        Options.CodeCacheBytes = -1;
        Assert.Equal(["WorkerRuntimeOptions.CodeCacheBytes must not be negative; 0 keeps no compiled code."], Options.Validate());
    }

    /// <summary>A module of a few KB that answers with its name and how often it was asked.</summary>
    private static string Source(string name)
    {
        var source = new StringBuilder();
        for (var number = 0; number < 40; number++)
        {
            source.Append(CultureInfo.InvariantCulture, $"function part{number}(value) {{ return value.map((item) => item * {number} + 1); }}\n");
        }

        return source.Append(CultureInfo.InvariantCulture, $"let served = 0;\nexport default {{ fetch() {{ part3([1]); return new Response('{name} ' + ++served); }} }};").ToString();
    }

    private async Task ServeUntilAsync(Worker worker, int modules)
    {
        for (var count = 0; count < 1000 && Runtime.CodeCache.Modules < modules; count++)
        {
            await TextAsync(worker);
        }

        Assert.Equal(modules, Runtime.CodeCache.Modules);
    }

    private (int Modules, long Hits, long Misses) Counts() => (Runtime.CodeCache.Modules, Runtime.CodeCache.Hits, Runtime.CodeCache.Misses);
}
