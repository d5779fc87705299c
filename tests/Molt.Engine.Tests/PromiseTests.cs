using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class PromiseTests : EngineTest
{
    [Fact]
    public void AsTask_WhenSettled_CompletesAtOnce()
    {
        using var scope = Isolate.Enter();
        using var fulfilled = Eval("Promise.resolve('v')");
        using var value = Completed(fulfilled.AsTask(Context));
        Assert.Equal("v", value.GetString());
        using var rejected = Eval("Promise.reject(new TypeError('no'))");
        Assert.Equal("TypeError", Assert.Throws<JsException>(() => Completed(rejected.AsTask(Context))).Info.Name);
        Assert.False(Isolate.TryTakeRejection(out _, out _));
        Assert.Equal(3, Completed(Context.From(3).AsTask(Context)).Number);
    }

    [Fact]
    public void AsTask_WhenPending_ContinuesAfterTheMicrotasksOutsideV8()
    {
        using var scope = Isolate.Enter();
        var order = new List<string>();
        Host.F = (ref JsCall call) => order.Add(call.String(0));
        using var deferred = Context.CreateDeferred();
        using var global = Context.Global;
        global.Set("p", deferred.Promise);
        using var derived = Eval("p.then(v => { host.f('first'); return v + 1 }).finally(() => { Promise.resolve().then(() => host.f('later')) })");
        var task = Follow(derived.AsTask(Context));
        deferred.Resolve(41);
        Assert.Equal(JsPromiseState.Pending, derived.PromiseState);
        Isolate.RunMicrotasks();
        Assert.Equal(["first", "later", "managed 42"], order);
        Assert.True(task.IsCompletedSuccessfully);

        async Task Follow(ValueTask<JsValue> pending)
        {
            using var value = await pending;
            // Calling into JavaScript here is allowed: V8 is not on the stack.
            order.Add("managed " + value.Number);
            Eval("1").Dispose();
        }
    }

    [Fact]
    public void AsTask_WhenNobodyRunsMicrotasks_ContinuesAtTheEndOfTheScope()
    {
        using var deferred = MakePending(out var task);
        Assert.False(task.IsCompleted);
        using (Isolate.Enter())
        {
            deferred.Resolve("x");
            Isolate.RunMicrotasks();
        }
        Assert.True(task.IsCompleted);
        using (Isolate.Enter())
        {
            Completed(task).Dispose();
        }
    }

    [Fact]
    public void AsTask_WhenRejectedLater_ThrowsTheReason()
    {
        using var scope = Isolate.Enter();
        using var deferred = Context.CreateDeferred();
        var task = deferred.Promise.AsTask(Context);
        deferred.Reject(JsErrorKind.RangeError, "later");
        Isolate.RunMicrotasks();
        var exception = Assert.Throws<JsException>(() => Completed(task));
        Assert.Equal("RangeError", exception.Info.Name);
        using var reason = Completed(ValueTask.FromResult(exception.Value!));
        Assert.Equal(JsType.Error, reason.Type);
    }

    [Fact]
    public void AsTask_WhenTheIsolateIsDisposed_Fails()
    {
        using var deferred = MakePending(out var task);
        Isolate.Dispose();
        Assert.Throws<JsDisposedException>(() => Completed(task));
    }

    [Fact]
    public void Deferred_WhenResolvedWithAThenable_FollowsIt()
    {
        using var scope = Isolate.Enter();
        using var deferred = Context.CreateDeferred();
        using var thenable = Eval("({ then(resolve) { resolve('followed') } })");
        deferred.Resolve(thenable);
        deferred.Reject("ignored");
        Isolate.RunMicrotasks();
        Assert.Equal(JsPromiseState.Fulfilled, deferred.Promise.PromiseState);
        using var value = Completed(deferred.Promise.AsTask(Context));
        Assert.Equal("followed", value.GetString());
    }

    [Fact]
    public void Microtasks_WhenCallsReturn_DoNotRunByThemselves()
    {
        using var scope = Isolate.Enter();
        Eval("globalThis.n = 0; Promise.resolve().then(() => n++)").Dispose();
        Assert.Equal(0, EvalNumber("n"));
        Isolate.RunMicrotasks();
        Assert.Equal(1, EvalNumber("n"));
    }

    [Fact]
    public void Rejection_WhenUnhandled_IsTakenOnce()
    {
        using var scope = Isolate.Enter();
        Eval("globalThis.a = Promise.reject(new Error('a')); globalThis.b = Promise.reject(new Error('b')); b.catch(() => {}); Promise.reject(3).then(() => {}).catch(() => {})").Dispose();
        Isolate.RunMicrotasks();
        Assert.True(Isolate.TryTakeRejection(out var promise, out var reason));
        using (promise)
        using (reason)
        {
            using var a = Eval("a");
            Assert.True(promise.StrictEquals(a));
            Assert.Contains("a", Context.Describe(reason).Message, StringComparison.Ordinal);
        }
        Assert.False(Isolate.TryTakeRejection(out _, out _));
    }

    [Fact]
    public void AsyncContext_WhenAwaiting_FollowsThePromiseChain()
    {
        using var scope = Isolate.Enter();
        var seen = new List<string>();
        Host.F = (ref JsCall call) =>
        {
            using var current = call.Isolate.GetAsyncContext();
            seen.Add(call.String(0) + "=" + (current.IsString ? current.GetString() : current.Type.ToString()));
        };
        using var run = Eval("(async (name) => { host.f(name + '1'); await null; host.f(name + '2'); await new Promise(r => r()); host.f(name + '3') })");
        Isolate.SetAsyncContext("A");
        run.Invoke(Context, "a");
        Isolate.SetAsyncContext("B");
        run.Invoke(Context, "b");
        Isolate.SetAsyncContext(JsArg.Undefined);
        Isolate.RunMicrotasks();
        using var after = Isolate.GetAsyncContext();
        Assert.True(after.IsUndefined);
        Assert.Equal(["a1=A", "b1=B", "a2=A", "b2=B", "a3=A", "b3=B"], seen);
    }

    [Fact]
    public void HostCall_WhenItReturnsADeferred_ResumesTheAwaitingCode()
    {
        var pending = new List<JsDeferred>();
        Host.F = (ref JsCall call) =>
        {
            var deferred = Context.CreateDeferred();
            pending.Add(deferred);
            call.Return(deferred.Promise);
        };
        JsValue result;
        using (Isolate.Enter())
        {
            result = Eval("(async () => (await host.f()) + (await host.f()))()");
        }
        for (int i = 0; i < 2; i++)
        {
            using var scope = Isolate.Enter();
            pending[i].Resolve(i + 20);
            pending[i].Dispose();
            Isolate.RunMicrotasks();
        }
        using (Isolate.Enter())
        {
            Assert.Equal(41, Completed(result.AsTask(Context)).Number);
        }
        result.Dispose();
    }

    private JsDeferred MakePending(out ValueTask<JsValue> task)
    {
        using var scope = Isolate.Enter();
        var deferred = Context.CreateDeferred();
        task = deferred.Promise.AsTask(Context);
        return deferred;
    }
}
