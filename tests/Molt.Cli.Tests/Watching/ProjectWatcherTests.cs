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
        using var watcher = Watch(project, "a.js", "b.js");
        var change = watcher.WaitAsync(Token);
        project.Write("a.js", "1");
        project.Write("unknown.js", "2");
        Assert.NotSame(change, await Task.WhenAny(change, Task.Delay(TimeSpan.FromMilliseconds(300), Token)));
        project.Write("b.js", "2");
        await change;
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

    private static ProjectWatcher Watch(TemporaryProject project, params string[] files)
    {
        var watcher = new ProjectWatcher(project.Root, TimeProvider.System);
        watcher.Watch(Array.ConvertAll(files, project.PathOf), anyFile: false);
        return watcher;
    }
}
