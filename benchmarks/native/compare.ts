/**
 * Prints how the engine compares with the same algorithms, and others, in C, and both with the bandwidth of memory:
 * node --expose-gc --conditions=@stowage/source --import tsx benchmarks/native/compare.ts [options]
 *
 * Every case at every size has a process of its own, as in the suite: what V8 has learnt from one would slow the next.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type CaseName, CASES } from '../workloads/cases.ts';
import { workload } from '../workloads/workload.ts';
import { type Comparison, compareCase } from './comparison.ts';
import { type Bandwidth, bandwidth, isCovered } from './native-twin.ts';
import { nativeProgram } from './native-program.ts';
import { bandwidthRow, comparisonRow } from './rows.ts';

const HELP = `Usage: compare.ts [options]

  --agents <numbers>  sizes, separated by commas (default 1000,10000,100000)
  --case <text>       cases whose name holds the text
  --rounds <number>   turns of the engine and every algorithm in C, at least 5 (default 7)
  --json              one JSON object a line instead of tables
  --help              show this text

Exit code: 0, 1 when something failed, decided differently, or there is no C compiler, 2 for wrong options.
`;

const BANDWIDTH_MS = 200;

/** First argument of the process of one cell; case, size and rounds follow. */
const CELL = 'cell';

process.exitCode = process.argv[2] === CELL ? printCell(process.argv.slice(3)) : main();

function main(): number {
  let options: Options;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (nativeProgram() === null) return 1;
  const comparisons: Comparison[] = [];
  let failed = false;
  for (const agents of options.sizes) {
    for (const name of options.cases) {
      console.error(`${name}, ${agents} agents`);
      try {
        const comparison = compareInChild(name, agents, options.rounds);
        if (options.json) console.log(JSON.stringify(comparison));
        comparisons.push(comparison);
      } catch (error) {
        failed = true;
        console.error(`${name}, ${agents} agents: ${(error as Error).message}`);
      }
    }
  }
  const bounds = options.sizes.flatMap((agents) => [2, 4].map((r) => bandwidth(agents, r, BANDWIDTH_MS)!));
  if (options.json) for (const bound of bounds) console.log(JSON.stringify(bound));
  else printTables(comparisons, bounds);
  return failed ? 1 : 0;
}

/** @throws Error when the process fails, which has said why */
function compareInChild(name: CaseName, agents: number, rounds: number): Comparison {
  const program = [...process.execArgv, process.argv[1], CELL, name, String(agents), String(rounds)];
  const { status, signal, stdout } = spawnSync(process.execPath, program, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`the process ended with ${signal ?? `code ${status}`}.`);
  return JSON.parse(stdout) as Comparison;
}

function printCell([name, agents, rounds]: readonly string[]): number {
  try {
    console.log(JSON.stringify(compareCase(name as CaseName, Number(agents), Number(rounds))));
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}

interface Options {
  readonly sizes: readonly number[];
  readonly cases: readonly CaseName[];
  readonly rounds: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws Error that says what is wrong with the options */
function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agents: { type: 'string', default: '1000,10000,100000' },
      case: { type: 'string', default: '' },
      rounds: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const sizes = values.agents.split(',').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 1))
    throw new Error('--agents takes whole numbers.');
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds >= 5))
    throw new Error('--rounds takes a whole number of at least 5.');
  const names = Object.keys(CASES) as CaseName[];
  const cases = names.filter((name) => name.includes(values.case) && isCovered(workload(1, CASES[name])));
  if (cases.length === 0) throw new Error('There is no case of this name that the C program covers.');
  return { sizes, cases, rounds, json: values.json, help: values.help };
}

function printTables(comparisons: readonly Comparison[], bounds: readonly Bandwidth[]): void {
  console.table(comparisons.map(comparisonRow));
  console.log(
    'Times in ns per operation, median over turns; "by C" is ours by the same algorithm in C, with spread.',
  );
  console.table(bounds.map(bandwidthRow));
  console.log('Reading the columns that a scan touches once, at best.');
}
