using Molt.Cli.Reporting;

namespace Molt.Cli.Tests.Reporting;

public sealed class SourceFilesTests
{
    [Fact]
    public void Source_WhenTheBuildReadIt_IsFound()
    {
        using var project = new TemporaryProject(("src/index.js", "1"));
        var file = project.PathOf("src/index.js");
        var sources = new SourceFiles(project.Root, [file]);
        Assert.Equal(file, sources.Find("src/index.js"));
        Assert.Equal(file, sources.Find("./src/../src/index.js"));
        Assert.Equal(file, sources.Find(file));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("other.js")]
    [InlineData("../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("/proc/self/environ")]
    [InlineData("src/index.js\0")]
    [InlineData("node_modules/p/index.js")]
    public void Source_WhenTheBuildDidNotReadItOrItIsAPackages_IsNotFound(string? name)
    {
        using var project = new TemporaryProject(("src/index.js", "1"), ("other.js", "2"), ("node_modules/p/index.js", "3"));
        Assert.Null(new SourceFiles(project.Root, [project.PathOf("src/index.js"), project.PathOf("node_modules/p/index.js")]).Find(name));
    }

    [Fact]
    public void Source_WhenReachedThroughALinkOfItsDirectory_IsFound()
    {
        using var project = new TemporaryProject(("real/index.js", "1"));
        Directory.CreateSymbolicLink(project.PathOf("link"), project.PathOf("real"));
        var sources = new SourceFiles(project.PathOf("link"), [project.PathOf("link/index.js")]);
        Assert.Equal(project.PathOf("link/index.js"), sources.Find("index.js"));
        Assert.Equal(project.PathOf("real/index.js"), sources.Find("../real/index.js"));
    }

    [Fact]
    public void Source_WhenALinkLeadsElsewhereSinceTheBuild_IsNotFound()
    {
        using var project = new TemporaryProject(("src/index.js", "1"), ("secret/index.js", "2"));
        var sources = new SourceFiles(project.Root, [project.PathOf("src/index.js")]);
        Directory.Move(project.PathOf("src"), project.PathOf("old"));
        Directory.CreateSymbolicLink(project.PathOf("src"), project.PathOf("secret"));
        Assert.Null(sources.Find("src/index.js"));
    }

    [Fact]
    public void Frame_WhenTheFileIsAPipeADeviceOrVeryLong_IsNone()
    {
        using var project = new TemporaryProject(("long.js", new string('\n', 4 * 1024 * 1024 + 1)), ("short.js", "a\nb"));
        project.MakePipe("pipe");
        var position = new SourcePosition(1, 1);
        Assert.Null(CodeFrame.FromFile(project.PathOf("pipe"), position, 1));
        Assert.Null(CodeFrame.FromFile("/dev/zero", position, 1));
        Assert.Null(CodeFrame.FromFile(project.Root, position, 1));
        Assert.Null(CodeFrame.FromFile(project.PathOf("missing"), position, 1));
        Assert.Null(CodeFrame.FromFile(project.PathOf("long.js"), position, 1));
        Assert.Equal("> 1 | a\n    | ^\n  2 | b", CodeFrame.FromFile(project.PathOf("short.js"), position, 1));
    }
}
