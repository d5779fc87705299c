using System.Text;
using Molt.Wasm;
using Molt.Wasm.Vfs.Bundles;

namespace Molt.Wasm.Tests;

/// <summary>The snapshot file: reproducible, and refused when it is damaged or of something else.</summary>
public sealed class PluginSnapshotTests
{
    [Fact]
    public void Build_WhenRepeated_MakesTheSameBytes()
    {
        using var first = Plugin.Load(TestPlugin.Functions());
        using var second = Plugin.Load(TestPlugin.Functions());
        Assert.Equal(first.Snapshot.ToBytes(), second.Snapshot.ToBytes());
    }

    [Fact]
    public void Load_WhenItHasASnapshot_DoesNotRunInit()
    {
        // init sets the global to 41 and notes the configuration's length; the snapshot says another configuration had none.
        var package = TestPlugin.Functions();
        byte[] file = Build(package);
        using var plugin = Plugin.Load(package.WithSnapshot(file), new PluginOptions { RequireSnapshot = true });
        Assert.Equal(48u, plugin.Number("count"));
        Assert.Equal(file, plugin.Snapshot.ToBytes());
    }

    [Fact]
    public void Load_WhenTheBundleIsAnother_Refuses()
    {
        var package = TestPlugin.Functions();
        using var plugin = Plugin.Load(package, new PluginOptions { Bundle = Bundle("one") });
        Assert.Equal([new SnapshotMount("/bundle", "bundle", "sha256:" + Bundle("one").Hash), new SnapshotMount("/dev", "dev")], plugin.Snapshot.Header.MountPlan);
        var frozen = package.WithSnapshot(plugin.Snapshot.ToBytes());
        Assert.Equal("WSM002", Assert.Throws<PluginLoadException>(() => Plugin.Load(frozen, new PluginOptions { Bundle = Bundle("two") })).Code);
        Assert.Equal("WSM002", Assert.Throws<PluginLoadException>(() => Plugin.Load(frozen)).Code);
        using var again = Plugin.Load(frozen, new PluginOptions { Bundle = Bundle("one") });
        Assert.Equal(plugin.Snapshot.ToBytes(), again.Snapshot.ToBytes());

        static Bundle Bundle(string text)
        {
            var builder = new BundleBuilder();
            builder.AddFile("a.txt", Encoding.UTF8.GetBytes(text));
            return builder.Build();
        }
    }

    [Fact]
    public void Load_WhenASnapshotIsRequiredAndMissing_SaysHowToMakeIt()
    {
        var thrown = Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Functions(), new PluginOptions { RequireSnapshot = true }));
        Assert.Equal("WSM002", thrown.Code);
        Assert.Contains("molt snapshot build", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WhenAnyByteOfTheFileChanged_Refuses()
    {
        var package = TestPlugin.Functions();
        byte[] file = Build(package);
        for (int i = 0; i < file.Length; i += i < 2048 ? 1 : 97)
        {
            file[i] ^= 0x20;
            Assert.Equal("WSM002", Assert.Throws<PluginLoadException>(() => PluginSnapshot.Read(file)).Code);
            file[i] ^= 0x20;
        }
    }

    [Fact]
    public void Load_WhenTheFileIsTruncatedOrLonger_Refuses()
    {
        byte[] file = Build(TestPlugin.Functions());
        foreach (int length in (int[])[0, 3, 4, 100, file.Length / 2, file.Length - 1])
        {
            Assert.Equal("WSM002", Assert.Throws<PluginLoadException>(() => PluginSnapshot.Read(file.AsMemory(0, length))).Code);
        }

        Assert.Throws<PluginLoadException>(() => PluginSnapshot.Read((byte[])[.. file, 0]));
    }

    [Fact]
    public void Load_WhenTheSnapshotIsOfSomethingElse_Refuses()
    {
        byte[] file = Build(TestPlugin.Functions());
        (PluginPackage Package, PluginOptions Options)[] others =
        [
            (TestPlugin.Single(WatModules.File("large")), new PluginOptions()),
            (TestPlugin.Functions(), new PluginOptions { Config = new byte[] { 0x91, 0x01 } }),
            (TestPlugin.Functions(), new PluginOptions { Limits = new PluginLimits { MemoryBytes = 1 << 20 } }),
        ];
        foreach (var (package, options) in others)
        {
            Assert.Equal("WSM002", Assert.Throws<PluginLoadException>(() => Plugin.Load(package.WithSnapshot(file), options)).Code);
        }
    }

    [Fact]
    public void Read_WhenWhole_SaysWhatItIsOf()
    {
        var header = PluginSnapshot.Read(Build(TestPlugin.Functions())).Header;
        Assert.Equal(("0.1", "wasm_worker", 1u), (header.AbiVersion, header.TargetProfile, header.MemoryPages));
        Assert.Equal(["acme.greeter", "acme.missing", "time.now", "rand.bytes", "console.log"], header.CapabilityManifest);
        Assert.StartsWith("sha256:", header.DeterminismStamp, StringComparison.Ordinal);
    }

    private static byte[] Build(PluginPackage package)
    {
        using var plugin = Plugin.Load(package);
        return plugin.Snapshot.ToBytes();
    }
}
