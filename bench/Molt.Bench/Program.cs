using System.Globalization;
using Molt.Bench;
using Molt.Engine;

// Started by bench/peers/molt.mjs, which reads lines of JSON from standard output:
//   isolates SNAPSHOT COUNT       one line, the milliseconds of each
//   boundary SNAPSHOT             one line, the medians of one capability call
//   new-workers SNAPSHOT FILE     for every line of standard input, a worker with code of its own is loaded and asked once
//   known-workers SNAPSHOT FILE   the same, each with the same code
//   memory SNAPSHOT FILE COUNT    a line when COUNT copies have answered once; then waits for the end of standard input
//   plugin-calls SNAPSHOT DIRECTORY COUNT KIND   one line, percentiles of calls of a plugin, each from a fresh state
//   plugin-start SNAPSHOT DIRECTORY              one line, milliseconds to the first answer without and with a snapshot
return args switch
{
    ["isolates", var snapshot, var count] => IsolateProbe.Run(snapshot, int.Parse(count, CultureInfo.InvariantCulture)),
    ["boundary", var snapshot] => await BoundaryProbe.RunAsync(snapshot),
    ["new-workers", var snapshot, var file] => await WorkerProbe.LoadOnDemandAsync(snapshot, file, known: false),
    ["known-workers", var snapshot, var file] => await WorkerProbe.LoadOnDemandAsync(snapshot, file, known: true),
    ["memory", var snapshot, var file, var count] => await WorkerProbe.HoldAsync(snapshot, file, int.Parse(count, CultureInfo.InvariantCulture)),
    ["plugin-calls", _, var directory, var count, var kind] => PluginProbe.Calls(directory, int.Parse(count, CultureInfo.InvariantCulture), Enum.Parse<WasmResetKind>(kind)),
    ["plugin-start", _, var directory] => PluginProbe.Start(directory),
    _ => 2,
};
