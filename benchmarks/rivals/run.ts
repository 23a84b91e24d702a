/**
 * `npm run bench:rivals`: this engine beside Netflix Fenzo and beside plain TypeScript, in one run. Figures on standard
 * output, progress on standard error.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { machine } from '../machine.ts';
import { defaultRepetitions, HELP, parseArguments, type RivalArguments, UsageError } from './arguments.ts';
import { compare } from './comparison.ts';
import { contestantsOf } from './contestant.ts';
import { buildFenzo, type FenzoBuild, FenzoUnavailable } from './fenzo/fenzo-build.ts';
import { recordedBeside } from './recorded.ts';
import { NOTES, table } from './report.ts';
import { burst } from './workload.ts';
import { writeWorkload } from './workload-file.ts';

const SEED = 42;

process.exitCode = await main();

async function main(): Promise<number> {
  let options: RivalArguments;
  try {
    options = parseArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'stowage-rivals-'));
  try {
    return await runCases(options, folder);
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runCases(options: RivalArguments, folder: string): Promise<number> {
  const { json } = options;
  const fenzo = options.skipFenzo ? undefined : fenzoOrReason();
  printMachine(json, fenzo);
  const wrong: string[] = [];
  for (const agents of options.agents) {
    for (const rivalCase of options.cases) {
      const where = `${rivalCase.name}, ${agents.toLocaleString('en-GB')} agents`;
      progress(where, 'always');
      const workloadFile = join(folder, `${rivalCase.name}-${agents}.tsv`);
      writeFileSync(workloadFile, writeWorkload(burst(rivalCase, agents, SEED)));
      const { figures, mismatches } = await compare(
        {
          rivalCase,
          agents,
          repetitions: options.repetitions ?? defaultRepetitions(agents),
          onProgress: (text) => progress(`${where}: ${text}`),
        },
        contestantsOf(rivalCase, agents, workloadFile, fenzo),
      );
      const all = fenzo === undefined ? [...figures, ...recordedBeside(figures[0])] : figures;
      progress('');
      if (json) for (const figure of all) console.log(JSON.stringify(figure));
      else console.log(`${where}\n${table(all)}\n`);
      wrong.push(...mismatches);
    }
  }
  if (!json) console.log(NOTES);
  for (const text of wrong) console.error(text);
  return wrong.length === 0 ? 0 : 1;
}

function fenzoOrReason(): FenzoBuild | undefined {
  const build = buildFenzo(progress);
  progress('');
  if (!(build instanceof FenzoUnavailable)) return build;
  console.error(`Fenzo is not run: ${build.reason}. Figures recorded earlier stand in for it.`);
  return undefined;
}

function printMachine(json: boolean, fenzo: FenzoBuild | undefined): void {
  const load = Math.round(loadavg()[0] * 10) / 10;
  const about = { ...machine(), java: fenzo?.java, load };
  if (json) console.log(JSON.stringify({ machine: about }));
  else {
    const java = about.java === undefined ? '' : `, ${about.java}`;
    console.log(`${about.cpu}, ${about.cores} cores, load ${load}, Node ${about.node}${java}\n`);
  }
}

/** A line that the next one replaces. Where nobody watches, only those that count `always`, a line each. */
function progress(text: string, importance: 'always' | 'on a terminal' = 'on a terminal'): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (importance === 'always') process.stderr.write(`${text}\n`);
}
