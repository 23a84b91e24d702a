/**
 * Arguments and options of `stowage simulate`: their texts, and the check of everything that can be checked before a run.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CELL_SCENARIOS, type ScenarioFamily } from '@stowage/simulator';
import { fail } from '../cli-errors.ts';

const DEFAULT_SEED = 42;
const MOST_SEED = 2 ** 32 - 1;
const MOST_SCALE = 4;
const DEFAULT_REPORT = 'stowage-simulation.html';

export interface SimulateOptions {
  /** Undefined: list what there is. */
  readonly family: ScenarioFamily | undefined;
  readonly seed: number;
  readonly scale: number;
  readonly json: boolean;
  /** File of the report; undefined for none. */
  readonly report: string | undefined;
  /** File of the trace; undefined for none. */
  readonly trace: string | undefined;
  readonly check: boolean;
}

interface RawOptions {
  readonly seed: number;
  readonly scale: number;
  readonly json?: boolean;
  readonly report?: string | boolean;
  readonly trace?: string;
  readonly check?: boolean;
}

/** Adds argument and options to the command. */
export function addSimulateOptions(command: Command): Command {
  return command
    .argument('[scenario]', 'what to run; without it the scenarios are listed')
    .addOption(
      new Option('--seed <number>', 'seed of all chance; equal seeds give equal runs')
        .default(DEFAULT_SEED)
        .argParser(seedOf),
    )
    .addOption(
      new Option('--scale <factor>', `size of the cell, above 0 and at most ${MOST_SCALE}`)
        .default(1)
        .argParser(scaleOf),
    )
    .option('--json', 'write one line of JSON per run; no report unless --report is given')
    .option('--report <file>', `where to write the HTML report (default: ${DEFAULT_REPORT})`)
    .option('--no-report', 'write no report')
    .option('--trace <file>', 'write every event of all runs as a line of JSON')
    .option('--check', 'compare engine, queue, agents and job managers all the time; slow');
}

/** The options in the form the command works with. @throws StowageError INVALID_USAGE */
export function readSimulateOptions(command: Command): SimulateOptions {
  const { seed, scale, json = false, report, trace, check = false } = command.opts<RawOptions>();
  const name = command.args.at(0);
  return {
    family: name === undefined ? undefined : familyOf(name),
    seed,
    scale,
    json,
    report: typeof report === 'string' ? report : report === false || json ? undefined : DEFAULT_REPORT,
    trace,
    check,
  };
}

function familyOf(name: string): ScenarioFamily {
  return (
    CELL_SCENARIOS.find((family) => family.name === name) ??
    fail(
      'INVALID_USAGE',
      `there is no scenario "${name}"; use one of ${CELL_SCENARIOS.map((family) => family.name).join(', ')}.`,
    )
  );
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > MOST_SEED)
    throw new InvalidArgumentError(`"${text}" is not an integer from 0 to ${MOST_SEED}.`);
  return seed;
}

function scaleOf(text: string): number {
  const scale = Number(text);
  if (!(scale > 0 && scale <= MOST_SCALE))
    throw new InvalidArgumentError(`"${text}" is not a number above 0 and at most ${MOST_SCALE}.`);
  return scale;
}
