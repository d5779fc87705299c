// Measures one contestant in this process and prints operations per second of processor time, that of the collector's and compiler's
// threads included, as JSON: unlike the time on the wall it does not depend on what else the machine does.
// Usage: node measure.mjs ours|json|msgpack CODEC_MODULE SECONDS_PER_MEASUREMENT
import assert from "node:assert/strict";
import { median } from "../report.mjs";
import { records, schema } from "./record.mjs";

const [contestant, codecModule, seconds] = process.argv.slice(2);

const contestants = {
  async ours() {
    const codec = (await import(codecModule)).compileCodec(schema);
    return { encode: (value) => codec.encode(value), decode: (bytes) => codec.decode(bytes) };
  },
  json() {
    const encoder = new TextEncoder();
    const decoder = new TextDecoder();
    return { encode: (value) => encoder.encode(JSON.stringify(value)), decode: (bytes) => JSON.parse(decoder.decode(bytes)) };
  },
  async msgpack() {
    const { Decoder, Encoder } = await import("@msgpack/msgpack");
    const encoder = new Encoder({ ignoreUndefined: true });
    const decoder = new Decoder();
    return { encode: (value) => encoder.encode(value), decode: (bytes) => decoder.decode(bytes) };
  },
};

const { encode, decode } = await contestants[contestant]();
// As they come out of a parser: every text a string of its own, not the concatenation that made it.
const values = JSON.parse(JSON.stringify(records(64)));
const payloads = values.map((value) => encode(value));
const present = (value) => JSON.parse(JSON.stringify(value));
payloads.forEach((payload, i) => assert.deepEqual(present(decode(payload)), present(values[i])));

let sink;
const rounds = {
  encode_ops: () => { for (let i = 0; i < 64; i++) sink = encode(values[i]); },
  decode_ops: () => { for (let i = 0; i < 64; i++) sink = decode(payloads[i]); },
  ops: () => { for (let i = 0; i < 64; i++) sink = decode(encode(values[i])); },
};

const used = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Operations per second over some processor time. */
function perSecond(round, milliseconds) {
  const start = used();
  let operations = 0;
  let now = start;
  while (now - start < milliseconds) {
    for (let i = 0; i < 16; i++) round();
    operations += 16 * 64;
    now = used();
  }
  return operations / ((now - start) / 1000);
}

const milliseconds = Number(seconds) * 1000;
const samples = {};
// The first samples are for the compiler.
for (let sample = -6; sample < 9; sample++) {
  for (const [name, round] of Object.entries(rounds)) {
    const figure = perSecond(round, milliseconds / 9);
    if (sample >= 0) (samples[name] ??= []).push(figure);
  }
}
const result = Object.fromEntries(Object.entries(samples).map(([name, figures]) => [name, median(figures)]));
assert.ok(sink);
console.log(JSON.stringify(result));
