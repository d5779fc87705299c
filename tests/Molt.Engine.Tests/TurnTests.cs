using System.Collections.Concurrent;
using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class TurnTests : EngineTest
{
    protected override JsContextOptions ContextOptions => new() { AllowWasmFromBytes = true };

    [Fact]
    public void PumpTasks_WhenWasmCompilesInTheBackground_DeliversItsPromise()
    {
        using var work = new BlockingCollection<TimeSpan>();
        Isolate.WorkPosted = (_, delay) => work.Add(delay);
        using (Isolate.Enter())
        {
            Eval("globalThis.done = ''; WebAssembly.compile(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])).then(m => { done = String(m instanceof WebAssembly.Module) })").Dispose();
        }
        Assert.Equal("true", PumpUntilDone(work));
    }

    [Fact]
    public void PumpTasks_WhenAtomicsWaitAsyncTimesOut_DeliversItsPromise()
    {
        using var work = new BlockingCollection<TimeSpan>();
        Isolate.WorkPosted = (_, delay) => work.Add(delay);
        using (Isolate.Enter())
        {
            Eval("globalThis.done = ''; Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20).value.then(v => { done = v })").Dispose();
        }
        Assert.Equal("timed-out", PumpUntilDone(work));
    }

    [Fact]
    public void PumpTasks_WhenAnObjectIsCollected_RunsItsFinalizationCallback()
    {
        using var work = new BlockingCollection<TimeSpan>();
        Isolate.WorkPosted = (_, delay) => work.Add(delay);
        using (Isolate.Enter())
        {
            Eval("globalThis.done = ''; globalThis.registry = new FinalizationRegistry(held => { done = held }); (() => { for (let i = 0; i < 100; i++) registry.register({ i }, 'collected') })()").Dispose();
            Isolate.RunMicrotasks();
            Isolate.LowMemory();
        }
        Assert.Equal("collected", PumpUntilDone(work));
    }

    [Fact]
    public void PumpTasks_WhenNothingIsDue_ReturnsZero()
    {
        using var scope = Isolate.Enter();
        _ = Context;
        Isolate.PumpTasks(out _);
        Assert.Equal(0, Isolate.PumpTasks(out var next));
        Assert.Null(next);
    }

    [Fact]
    public void Enter_WhenThreadsAlternate_EachSeesTheOthersState()
    {
        using (Isolate.Enter())
        {
            Eval("globalThis.n = 0; globalThis.bump = () => ++n").Dispose();
        }
        var failures = new ConcurrentQueue<Exception>();
        var threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                try
                {
                    for (int round = 0; round < 500; round++)
                    {
                        using var scope = Isolate.Enter();
                        using var bump = Eval("bump");
                        bump.Invoke(Context);
                    }
                }
                catch (Exception exception)
                {
                    failures.Enqueue(exception);
                }
            });
            threads[i].Start();
        }
        foreach (var thread in threads)
        {
            thread.Join();
        }
        Assert.Empty(failures);
        using var last = Isolate.Enter();
        Assert.Equal(2000, EvalNumber("n"));
    }

    [Fact]
    public void Enter_WhenTwoIsolatesNest_KeepsThemApart()
    {
        using var other = JsIsolate.Create(new JsIsolateOptions());
        using var outer = Isolate.Enter();
        Eval("globalThis.who = 'outer'").Dispose();
        using (other.Enter())
        {
            using var context = other.CreateContext(new JsContextOptions());
            Assert.Equal("undefined", context.Stringify(context.Run("globalThis.who", "x")));
        }
        Assert.Equal("outer", EvalString("who"));
    }

    [Fact]
    public void Enter_WhenNested_LeavesOnce()
    {
        using (Isolate.Enter())
        {
            using (Isolate.Enter())
            {
                Assert.Equal(2, EvalNumber("1 + 1"));
            }
            Assert.Equal(3, EvalNumber("1 + 2"));
        }
        Assert.Throws<JsUsageException>(() => Eval("1"));
    }

    [Fact]
    public void Dispose_WhenInsideAScope_TakesEffectAtItsEnd()
    {
        using (Isolate.Enter())
        {
            Eval("1").Dispose();
            Isolate.Dispose();
            Assert.Equal(1, JsEngine.LiveIsolates);
            Assert.Equal(2, EvalNumber("1 + 1"));
        }
        Assert.Equal(0, JsEngine.LiveIsolates);
    }

    [Fact]
    public void Dispose_WhenManyIsolatesComeAndGo_LeavesNothing()
    {
        for (int i = 0; i < 30; i++)
        {
            using var isolate = JsIsolate.Create(new JsIsolateOptions());
            using var scope = isolate.Enter();
            var context = isolate.CreateContext(new JsContextOptions());
            context.Run("const a = []; for (let i = 0; i < 1000; i++) a.push({ i }); globalThis.a = a", "a.js").Dispose();
        }
        AssertNothingIsLeft();
    }

    [Fact]
    public void Contexts_WhenTwoInOneIsolate_HaveTheirOwnGlobals()
    {
        using var scope = Isolate.Enter();
        Eval("globalThis.x = 1").Dispose();
        using var second = Isolate.CreateContext(new JsContextOptions());
        Assert.True(second.Run("globalThis.x", "a.js").IsUndefined);
        Assert.Equal(1, EvalNumber("x"));
    }

    [Fact]
    public void CpuClock_WhenReadFromAnotherThread_AdvancesWithTheWork()
    {
        var clock = JsCpuClock.ForCurrentThread();
        long before = clock.Nanoseconds;
        using (Isolate.Enter())
        {
            Eval("for (let i = 0; i < 1e6; i++) {}").Dispose();
        }
        long seen = 0;
        var reader = new Thread(() => seen = clock.Nanoseconds);
        reader.Start();
        reader.Join();
        Assert.True(seen > before);
    }

    private string PumpUntilDone(BlockingCollection<TimeSpan> work)
    {
        for (int i = 0; i < 50; i++)
        {
            Assert.True(work.TryTake(out var delay, TimeSpan.FromSeconds(20)), "No work was posted.");
            if (delay > TimeSpan.Zero)
            {
                using var timer = new ManualResetEventSlim();
                timer.Wait(delay);
            }
            using var scope = Isolate.Enter();
            Isolate.PumpTasks(out var next);
            string done = EvalString("done");
            if (done.Length > 0)
            {
                return done;
            }
            if (next is { } rest)
            {
                // The wait was a little short.
                work.Add(rest);
            }
        }
        return "";
    }
}
