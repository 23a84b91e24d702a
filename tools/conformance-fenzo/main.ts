/**
 * The command: reads all files before it replays any, so that a malformed one is found at once.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InputError } from './field-reader.ts';
import type { Findings } from './findings.ts';
import { readScenarios } from './golden-schema.ts';
import type { GoldenScenario } from './golden-types.ts';
import { jsonReport, textReport, totalsOf } from './report.ts';
import { replayScenario } from './scenario-replay.ts';

const HELP = `Usage: npm run conformance:fenzo -- [--json] <folder or file>...

Replays recorded runs of Netflix Fenzo (*.json) in the Stowage engine and compares every decision.

  --json   one JSON object per scenario, then one with the totals
  --help   show this text

Results go to standard output, progress to standard error. Exit codes: 0 no differences, 1 differences,
2 wrong usage or input.
`;

const EXIT = { same: 0, differs: 1, wrong: 2 } as const;

/** Where the command writes. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** @param argv - arguments without program and file @returns the exit code */
export function main(argv: readonly string[], { stdout, stderr }: Streams = process): number {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (values.help === true) {
      stdout.write(HELP);
      return EXIT.same;
    }
    if (positionals.length === 0) {
      stderr.write(`No folder is given.\n\n${HELP}`);
      return EXIT.wrong;
    }
    const files = [...new Set(positionals.flatMap(filesOf).map((file) => resolve(file)))];
    const scenarios = files.flatMap(scenariosOf);
    if (scenarios.length === 0) {
      stderr.write('There is no scenario in these files; name the folder of the recordings.\n');
      return EXIT.wrong;
    }
    const all = replayAll(scenarios, stderr);
    const totals = totalsOf(all);
    stdout.write(values.json === true ? jsonReport(all, totals) : textReport(all, totals));
    return totals.differences > 0 ? EXIT.differs : EXIT.same;
  } catch (error) {
    const isUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (!isUsage && !(error instanceof InputError)) throw error;
    stderr.write(`${(error as Error).message}\n${isUsage ? `\n${HELP}` : ''}`);
    return EXIT.wrong;
  }
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith('.json'));
    if (names.length === 0)
      throw new InputError(
        'UNREADABLE_FILE',
        path,
        'has no files *.json; name the folder of the recordings.',
      );
    return names.sort().map((name) => join(path, name));
  } catch (error) {
    throw readable(error, path);
  }
}

function scenariosOf(file: string): GoldenScenario[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw readable(error, file);
  }
  return readScenarios(text, file);
}

function readable(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof InputError || code === undefined) return error;
  return new InputError('UNREADABLE_FILE', path, `${message}; name a file or folder that can be read.`);
}

function replayAll(scenarios: readonly GoldenScenario[], stderr: Streams['stderr']): Findings[] {
  const every = Math.max(1, Math.ceil(scenarios.length / 10));
  return scenarios.map((scenario, i) => {
    const findings = replayScenario(scenario);
    if ((i + 1) % every === 0 || i + 1 === scenarios.length)
      stderr.write(`replayed ${i + 1} of ${scenarios.length}\n`);
    return findings;
  });
}

if (process.argv[1] === import.meta.filename) process.exitCode = main(process.argv.slice(2));
