/**
 * `stowage quality`: experiments with known reference numbers. What published heuristics reach is reproduced, and our
 * own policies are held against it.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Command } from 'commander';
import {
  holds,
  type QualitySuite,
  renderQualityReport,
  type SuiteResult,
  type SuiteRun,
} from '@stowage/simulator';
import { EXIT, fail } from './cli-errors.ts';
import { ProgressLine } from './progress-line.ts';
import { qualityLines } from './quality-lines.ts';
import { addQualityOptions, type QualityOptions, readQualityOptions } from './quality-options.ts';
import { qualityText } from './quality-text.ts';
import { ReportFile } from './report-file.ts';
import type { Session } from './session.ts';
import { textStyle } from './text-style.ts';

const HELP_AFTER = `
Exit codes:
  0  all suites were run and all of their checks hold
  1  a check does not hold, a suite failed, or a file of the data is damaged
  2  wrong call: unknown option or suite, missing folder, report not writable

Examples:
  stowage quality --smoke
  stowage quality --data traces
  stowage quality --suite fill-up,vector-packing --data traces --json
`;

/** Adds the command to the program. */
export function addQualityCommand(program: Command, session: Session): void {
  const command = program
    .command('quality')
    .description('hold placement quality to published tables')
    .addHelpText('after', HELP_AFTER);
  addQualityOptions(command).action(async () => {
    session.finish(await runQuality(readQualityOptions(command), session));
  });
}

async function runQuality(options: QualityOptions, session: Session): Promise<number> {
  const { context, stdout, stderr } = session;
  const report = options.report === undefined ? undefined : new ReportFile(options.report, session);
  for (const { name } of options.skipped)
    stderr.write(`${name} is skipped: it runs on public data; give its folder with --data.\n`);

  requireFolder(options.data, context.workingFolder);

  const runs: SuiteRun[] = [];
  let failure: Error | undefined;
  try {
    for (const [index, suite] of options.suites.entries()) {
      const result = await runSuite(suite, index, options, session);
      if (result === undefined) break;
      const run = { suite, result };
      runs.push(run);
      stdout.write(
        options.json ? qualityLines(run) : qualityText(run, textStyle(stdout.stream, context.env)),
      );
    }
  } catch (error) {
    if (runs.length === 0 || !(error instanceof Error)) throw error;
    failure = error;
  }
  if (report !== undefined) {
    report.write((meta) => renderQualityReport(runs, meta));
    (options.json ? stderr : stdout).write(`Report: ${report.path}\n`);
  }
  // Late, so that damaged data costs only the suites that need it.
  if (failure !== undefined) throw failure;
  return runs.every(({ result }) => result.checks.every(holds)) ? EXIT.ok : EXIT.failed;
}

/** @throws StowageError TRACE_NOT_FOUND before a suite has run in vain */
function requireFolder(data: string | undefined, workingFolder: string): void {
  if (data === undefined) return;
  const folder = resolve(workingFolder, data);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    fail('TRACE_NOT_FOUND', `${folder} is no folder; give the one with the public data.`);
}

/** @returns undefined when nobody reads the results any more */
async function runSuite(
  suite: QualitySuite,
  index: number,
  { suites, data, smoke, report }: QualityOptions,
  { context, stdout, stderr }: Session,
): Promise<SuiteResult | undefined> {
  const line = new ProgressLine(stderr, context.now);
  const folder = data === undefined ? '' : resolve(context.workingFolder, data);
  try {
    const steps = suite.run({ data: folder, smoke });
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      const { share, next } = step.value;
      if (line.isDue) {
        line.draw((index + share) / suites.length, [suite.name, next]);
        // Suites never wait, so this is where the end of a pipe is noticed.
        await setImmediate();
      }
      if (stdout.closed && report === undefined) return undefined;
    }
  } finally {
    line.clear();
  }
}
