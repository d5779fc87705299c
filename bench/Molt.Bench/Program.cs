using System.Globalization;
using Molt.Bench;

// Started by bench/peers/molt.mjs, which reads lines of JSON from standard output:
//   isolates SNAPSHOT COUNT       one line, the milliseconds of each
//   new-workers SNAPSHOT FILE     for every line of standard input, a new copy of the worker is loaded and asked once
//   memory SNAPSHOT FILE COUNT    a line when COUNT copies have answered once; then waits for the end of standard input
return args switch
{
    ["isolates", var snapshot, var count] => IsolateProbe.Run(snapshot, int.Parse(count, CultureInfo.InvariantCulture)),
    ["new-workers", var snapshot, var file] => await WorkerProbe.LoadOnDemandAsync(snapshot, file),
    ["memory", var snapshot, var file, var count] => await WorkerProbe.HoldAsync(snapshot, file, int.Parse(count, CultureInfo.InvariantCulture)),
    _ => 2,
};
