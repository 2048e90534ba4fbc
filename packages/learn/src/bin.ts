#!/usr/bin/env node
// Nothing is imported in front of this: an older Node would fail at the first thing that it does not have.
const OLDEST = 24;
const { node } = process.versions;

if (Number.parseInt(node, 10) < OLDEST) {
  process.stderr.write(`chasqui-learn needs Node ${OLDEST} or newer; this is ${node}\n`);
  process.exitCode = 1;
} else await import("./main.ts");

export {};
