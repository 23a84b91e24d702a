/**
 * The options of `stowage replay`: their texts, and the check of everything that can be checked without opening
 * the trace.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { replayPolicy, REPLAY_POLICIES } from '@stowage/simulator';

const ALL = 'all';
const MOST_SEED = 2 ** 32 - 1;
const DEFAULT_SEED = 42;
const DEFAULT_REPORT = 'stowage-report.html';

/** One or more values, or whatever there is. */
type Selection<T> = readonly T[] | 'all';

export interface ReplayOptions {
  readonly trace: string | undefined;
  /** Undefined: the default workload of the source. */
  readonly workloads: Selection<string> | undefined;
  /** Names of policies, checked. */
  readonly policies: readonly string[];
  readonly seeds: Selection<number>;
  readonly expected: string | undefined;
  readonly json: boolean;
  /** File of the report; undefined for none. */
  readonly report: string | undefined;
}

interface RawOptions {
  readonly trace?: string;
  readonly workload?: Selection<string>;
  readonly policy: Selection<string>;
  readonly seed: Selection<number>;
  readonly expected?: string;
  readonly json?: boolean;
  readonly report?: string | boolean;
}

/** Adds the options to the command. */
export function addReplayOptions(command: Command): Command {
  const policies = REPLAY_POLICIES.map(({ name }) => name).join(', ');
  return command
    .option(
      '--trace <folder>',
      'folder of the openb trace (csv/ and sequences/); without it a generated workload',
    )
    .addOption(
      new Option(
        '--workload <names>',
        'workloads of the trace, separated by commas, or all (default: default)',
      ).argParser(selection),
    )
    .addOption(
      new Option('--policy <names>', `policies, separated by commas, or all: ${policies}`)
        .default(ALL, ALL)
        .argParser(selection),
    )
    .addOption(
      new Option('--seed <numbers>', 'seeds, separated by commas, or all')
        .default([DEFAULT_SEED], String(DEFAULT_SEED))
        .argParser(seedSelection),
    )
    .option('--expected <folder>', 'compare every cell with the published tables in this folder')
    .option('--json', 'write one line of JSON per run as soon as it ends; no report unless --report is given')
    .option('--report <file>', `where to write the HTML report (default: ${DEFAULT_REPORT})`)
    .option('--no-report', 'write no report');
}

/**
 * The options in the form the command works with.
 * @throws StowageError UNKNOWN_POLICY
 */
export function readReplayOptions(command: Command): ReplayOptions {
  const raw = command.opts<RawOptions>();
  return {
    trace: raw.trace,
    workloads: raw.workload,
    policies:
      raw.policy === ALL
        ? REPLAY_POLICIES.map(({ name }) => name)
        : raw.policy.map((name) => replayPolicy(name).name),
    seeds: raw.seed,
    expected: raw.expected,
    json: raw.json ?? false,
    report: reportFile(raw),
  };
}

/** `--no-report` makes the value false; the option's own default would make `--json` write a report. */
function reportFile({ report, json }: RawOptions): string | undefined {
  if (typeof report === 'string') return report;
  return report === false || json === true ? undefined : DEFAULT_REPORT;
}

function selection(text: string): Selection<string> {
  if (text.trim() === ALL) return ALL;
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is empty.');
  return [...new Set(names)];
}

function seedSelection(text: string): Selection<number> {
  const names = selection(text);
  if (names === ALL) return ALL;
  const seeds = names.map((name) => {
    const seed = Number(name);
    if (!/^\d+$/.test(name) || seed > MOST_SEED) {
      throw new InvalidArgumentError(`"${name}" is not an integer from 0 to ${MOST_SEED}.`);
    }
    return seed;
  });
  return [...new Set(seeds)];
}
