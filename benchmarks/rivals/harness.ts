/**
 * The process of one rival written in TypeScript: node harness.mjs <rival> <workload file>. It answers each line
 * "run <ms>" with a repetition as a line of JSON, like the Java harness of Fenzo. Each has a process of its own, so that
 * the compiler of one rival has not seen the code of another.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { measure } from './measurement.ts';
import { NODE_RIVALS } from './node-rivals.ts';
import { readWorkload } from './workload-file.ts';

const [name, file] = process.argv.slice(2);
const make = NODE_RIVALS.find((rival) => rival.name === name)?.make;
if (make === undefined) throw new Error(`There is no rival "${name}".`);
const rival = make(readWorkload(readFileSync(file, 'utf8')));

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ms] = line.split(' ');
  if (command !== 'run') throw new Error(`There is no command "${command}".`);
  console.log(JSON.stringify(measure(rival, Number(ms))));
}
