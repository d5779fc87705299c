// Starts a managed program inside node: node <flags of flags.txt> boot.cjs <assembly.dll> [args…]
'use strict';

const os = require('node:os');
const path = require('node:path');

const [assembly, ...args] = process.argv.slice(2);
if (assembly === undefined) {
  console.error('usage: node [flags] boot.cjs <assembly.dll> [args…]');
  process.exit(2);
}
// .NET's youngest generation within a second-level cache, unless the operator says otherwise: request garbage dies in it,
// and each collection is too short to be seen in a response's time. In hexadecimal.
process.env.DOTNET_GCgen0size ??= '200000';
// A server that starts under load is busy in exactly the code that is worth compiling well: no waiting for a quiet moment.
process.env.DOTNET_TC_CallCountingDelayMs ??= '0';
// A pool thread that spins for its next item takes a processor from the isolates.
process.env.DOTNET_ThreadPool_UnfairSemaphoreSpinLimit ??= '0';
const library = { exports: {} };
const { RTLD_NOW, RTLD_LOCAL } = os.constants.dlopen;
process.dlopen(
  library,
  path.resolve(process.env.MOLT_NATIVE_LIB || path.join(__dirname, 'libmolt.node')),
  RTLD_NOW | (RTLD_LOCAL ?? 0),
);
library.exports.run([path.resolve(assembly), ...args]);
