using System.Threading.Channels;
using Molt.Cli.Watching;

namespace Molt.Cli.Tests.Watching;

public sealed class ProjectWatcherTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("index.js")]
    [InlineData("src/deep/a.js")]
    public async Task Watcher_WhenAnInputChanges_Tells(string file)
    {
        using var project = new TemporaryProject(("index.js", "1"), ("src/deep/a.js", "1"));
        using var watcher = Watch(project, "index.js", "src/deep/a.js");
        var change = watcher.WaitAsync(Token);
        project.Write(file, "2");
        await change;
    }

    [Fact]
    public async Task Watcher_WhenContentsAreTheSame_TellsOnlyOfTheRealChange()
    {
        using var project = new TemporaryProject(("a.js", "1"), ("b.js", "1"));
        var time = new SteppedTime();
        using var watcher = new ProjectWatcher(project.Root, time);
        watcher.Watch([project.PathOf("a.js"), project.PathOf("b.js")], anyFile: false);
        var change = watcher.WaitAsync(Token);
        project.Write("a.js", "1");
        project.Write("unknown.js", "2");
        (await time.NextAsync(Token)).Elapse();
        Assert.False(change.IsCompleted);

        project.Write("b.js", "2");
        await time.ElapseUntilAsync(change, Token);
    }

    [Fact]
    public async Task Watcher_WhenTheStateOfPluginsChanges_TellsOnlyOfOtherFiles()
    {
        using var project = new TemporaryProject(("a.js", "1"));
        var time = new SteppedTime();
        using var watcher = new ProjectWatcher(project.Root, time);
        watcher.Watch([], anyFile: true);
        var change = watcher.WaitAsync(Token);
        project.Write(".molt/state/plugin.a/files/n", "1");
        (await time.NextAsync(Token)).Elapse();
        Assert.False(change.IsCompleted);

        project.Write("b.js", "2");
        await time.ElapseUntilAsync(change, Token);
    }

    [Fact]
    public async Task Watcher_WhenAFileAppears_TellsAfterAFailedBuild()
    {
        using var project = new TemporaryProject(("src/a.js", "1"));
        using var watcher = new ProjectWatcher(project.Root, TimeProvider.System);
        watcher.Watch([project.PathOf("src/a.js")], anyFile: true);
        var change = watcher.WaitAsync(Token);
        project.Write("src/missing.js", "1");
        await change;
    }

    [Fact]
    public async Task Watcher_WhenAnInputIsDeletedAndComesBack_TellsBothTimes()
    {
        using var project = new TemporaryProject(("a.js", "1"));
        using var watcher = Watch(project, "a.js");
        File.Delete(project.PathOf("a.js"));
        await watcher.WaitAsync(Token);
        watcher.Watch([project.PathOf("a.js")], anyFile: false);
        project.Write("a.js", "1");
        await watcher.WaitAsync(Token);
    }

    [Theory]
    [InlineData("src")]
    [InlineData("")]
    public async Task Watcher_WhenADirectoryIsDeletedAndMadeAgain_GoesOnTelling(string directory)
    {
        using var project = new TemporaryProject(("src/a.js", "1"));
        using var watcher = Watch(project, "src/a.js");
        for (var round = 0; round < 3; round++)
        {
            Directory.Delete(project.PathOf(directory), recursive: true);
            await watcher.WaitAsync(Token);
            watcher.Watch([project.PathOf("src/a.js")], anyFile: true);
            project.Write("src/a.js", "2");
            await ChangeAsync(watcher, project, "2");
            project.Write("src/a.js", "3");
            await ChangeAsync(watcher, project, "3");
        }
    }

    [Fact]
    public async Task Watcher_WhenADirectoryIsReplacedInOneStep_TellsOfLaterChanges()
    {
        using var project = new TemporaryProject(("src/a.js", "1"), ("other/a.js", "2"));
        using var watcher = Watch(project, "src/a.js");
        Directory.Move(project.PathOf("src"), project.PathOf("old"));
        Directory.Move(project.PathOf("other"), project.PathOf("src"));
        await ChangeAsync(watcher, project, "2");
        project.Write("src/a.js", "3");
        await ChangeAsync(watcher, project, "3");
    }

    /// <summary>Waits until the watcher told of a change after which the file has the contents; a change that takes several steps is told once or more.</summary>
    private static async Task ChangeAsync(ProjectWatcher watcher, TemporaryProject project, string content)
    {
        var file = project.PathOf("src/a.js");
        string? now;
        do
        {
            await watcher.WaitAsync(Token);
            watcher.Watch([file], anyFile: false);
            now = File.Exists(file) ? await File.ReadAllTextAsync(file, Token) : null;
        }
        while (now != content);
    }

    private static ProjectWatcher Watch(TemporaryProject project, params string[] files)
    {
        var watcher = new ProjectWatcher(project.Root, TimeProvider.System);
        watcher.Watch(Array.ConvertAll(files, project.PathOf), anyFile: false);
        return watcher;
    }

    /// <summary>Time that passes a timer at a time, when the test says so.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        private readonly Channel<Step> _steps = Channel.CreateUnbounded<Step>();

        public Task<Step> NextAsync(CancellationToken cancellationToken) => _steps.Reader.ReadAsync(cancellationToken).AsTask();

        /// <summary>Lets one timer after the other elapse until the task is done.</summary>
        public async Task ElapseUntilAsync(Task done, CancellationToken cancellationToken)
        {
            while (!done.IsCompleted)
            {
                var step = NextAsync(cancellationToken);
                if (await Task.WhenAny(done, step) == step)
                {
                    (await step).Elapse();
                }
            }

            await done;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var step = new Step(callback, state);
            _steps.Writer.TryWrite(step);
            return step;
        }

        public sealed class Step(TimerCallback callback, object? state) : ITimer
        {
            public void Elapse() => callback(state);

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
