using System.Diagnostics;
using System.Globalization;
using Molt.Engine;
using Molt.Runtime;

namespace Molt.Bench;

/// <summary>Times isolates made from the base snapshot.</summary>
internal static class IsolateProbe
{
    private const int WarmUp = 20;

    /// <summary>Makes isolates with their context one after the other and prints the milliseconds each took.</summary>
    public static int Run(string snapshotPath, int count)
    {
        JsEngine.Initialize();
        using var snapshot = BaseSnapshot.Load(snapshotPath);
        var options = new JsIsolateOptions { Snapshot = snapshot, HostFunctions = HostFunctions.All };
        var samples = new double[count];
        for (var i = -WarmUp; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            using var isolate = JsIsolate.Create(options);
            using (isolate.Enter())
            {
                using var context = isolate.CreateContext(new JsContextOptions());
                if (i >= 0)
                {
                    samples[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                }
            }
        }

        Console.WriteLine($"[{string.Join(',', Array.ConvertAll(samples, sample => sample.ToString("R", CultureInfo.InvariantCulture)))}]");
        return 0;
    }
}
