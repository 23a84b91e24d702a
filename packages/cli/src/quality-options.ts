/**
 * The options of `stowage quality`: their texts, and the check of everything that can be checked without opening the
 * data.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { QUALITY_SUITES, type QualitySuite } from '@stowage/simulator';
import { fail } from './cli-errors.ts';

const ALL = 'all';
const DEFAULT_REPORT = 'stowage-quality.html';

export interface QualityOptions {
  readonly suites: readonly QualitySuite[];
  /** Suites that were not asked for by name and have nothing to run on without data. */
  readonly skipped: readonly QualitySuite[];
  readonly data: string | undefined;
  readonly smoke: boolean;
  readonly json: boolean;
  /** File of the report; undefined for none. */
  readonly report: string | undefined;
}

interface RawOptions {
  readonly suite: string;
  readonly data?: string;
  readonly smoke?: boolean;
  readonly json?: boolean;
  readonly report?: string | boolean;
}

/** Adds the options to the command. */
export function addQualityOptions(command: Command): Command {
  const names = QUALITY_SUITES.map(({ name }) => name).join(', ');
  return command
    .addOption(
      new Option('--suite <names>', `suites, separated by commas, or all: ${names}`).default(ALL, ALL),
    )
    .addOption(
      new Option(
        '--data <folder>',
        'folder with the public data; without it only what can be generated',
      ).argParser(folder),
    )
    .option('--smoke', 'only a few cases of each suite, in seconds; checks that need all are left out')
    .option('--json', 'write figures and checks as lines of JSON; no report unless --report is given')
    .option('--report <file>', `where to write the HTML report (default: ${DEFAULT_REPORT})`)
    .option('--no-report', 'write no report');
}

/** The options in the form the command works with. @throws StowageError INVALID_USAGE */
export function readQualityOptions(command: Command): QualityOptions {
  const { suite, data, smoke = false, json = false, report } = command.opts<RawOptions>();
  const asked =
    suite.trim() === ALL
      ? QUALITY_SUITES
      : [...new Set(suite.split(',').map((name) => suiteOf(name.trim())))];
  const lacking = data === undefined ? asked.filter(({ needsData }) => needsData) : [];
  if (suite.trim() !== ALL && lacking.length > 0) {
    fail('INVALID_USAGE', `${lacking[0].name} runs on public data; give its folder with --data.`);
  }
  return {
    suites: asked.filter((entry) => !lacking.includes(entry)),
    skipped: lacking,
    data,
    smoke,
    json,
    report: typeof report === 'string' ? report : report === false || json ? undefined : DEFAULT_REPORT,
  };
}

function suiteOf(name: string): QualitySuite {
  return (
    QUALITY_SUITES.find((suite) => suite.name === name) ??
    fail(
      'INVALID_USAGE',
      `there is no suite "${name}"; use one of ${QUALITY_SUITES.map((suite) => suite.name).join(', ')}, or all.`,
    )
  );
}

function folder(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return text;
}
