/**
 * `stowage replay`: fills a cluster with a workload under one policy after another and sets the results side by
 * side. Results go to standard output, progress and complaints to standard error.
 */
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Command } from 'commander';
import { ExpectedResults, renderReport, type ReplayRun, summarizeRuns } from '@stowage/simulator';
import { EXIT, fail } from './cli-errors.ts';
import { ExpectedCheck } from './expected-check.ts';
import { Progress } from './progress.ts';
import { addReplayOptions, readReplayOptions, type ReplayOptions } from './replay-options.ts';
import { planReplay } from './replay-plan.ts';
import { makeRuns } from './replay-runs.ts';
import { ReportFile } from './report-file.ts';
import { resultText } from './result-text.ts';
import { runLine } from './run-line.ts';
import type { Session } from './session.ts';
import { textStyle } from './text-style.ts';
import { workloadSource } from './workload-source.ts';

const HELP_AFTER = `
Exit codes:
  0  all runs were made and, with --expected, agree
  1  a run differs from the published tables or failed, none could be compared, or a file of the trace
     is damaged
  2  wrong call: unknown option, policy, workload or seed, missing folder, report not writable

Examples:
  stowage replay
  stowage replay --trace traces/openb --workload default,cpu250 --policy best-fit,fgd --seed all
  stowage replay --trace traces/openb --workload all --seed all --expected traces/openb/expected_results --json
`;

/** Adds the command to the program. */
export function addReplayCommand(program: Command, session: Session): void {
  const command = program
    .command('replay')
    .description('replay a workload under one or more policies and compare them')
    .addHelpText('after', HELP_AFTER);
  addReplayOptions(command).action(async () => {
    session.finish(await runReplay(readReplayOptions(command), session));
  });
}

async function runReplay(options: ReplayOptions, session: Session): Promise<number> {
  const { context, stdout, stderr } = session;
  if (options.expected !== undefined && options.trace === undefined) {
    fail('INVALID_USAGE', '--expected holds results of the trace; give its folder with --trace.');
  }
  const source = workloadSource(options.trace, context.workingFolder);
  const plan = planReplay(options, source);
  const report = options.report === undefined ? undefined : new ReportFile(options.report, session);
  const check =
    options.expected === undefined
      ? undefined
      : new ExpectedCheck(new ExpectedResults(resolve(context.workingFolder, options.expected)));

  const runs: ReplayRun[] = [];
  let failure: Error | undefined;
  try {
    for (const run of makeRuns(plan, source, new Progress(stderr, context.now, plan))) {
      if (options.json) stdout.write(runLine(run));
      check?.add(run);
      runs.push(isPictured(run, runs, report) ? run : { ...run, nodes: [] });
      // Replaying never waits, so this is where the end of a pipe is noticed.
      await setImmediate();
      if (stdout.closed && report === undefined && check === undefined) break;
    }
  } catch (error) {
    if (runs.length === 0 || !(error instanceof Error)) throw error;
    failure = error;
  }

  printResults(runs, check, options, session);
  try {
    report?.write((meta) => renderReport(runs, meta));
    if (report !== undefined) (options.json ? stderr : stdout).write(`Report: ${report.path}\n`);
  } catch (error) {
    // What ended the runs matters more than a report that lacks them.
    failure ??= error as Error;
  }
  // Late, so that a damaged file costs only the runs that need it.
  if (failure !== undefined) throw failure;
  return check?.failed === true ? EXIT.failed : EXIT.ok;
}

/** With --json standard output holds nothing but runs, so everything else moves to standard error. */
function printResults(
  runs: readonly ReplayRun[],
  check: ExpectedCheck | undefined,
  { json }: ReplayOptions,
  { context, stdout, stderr }: Session,
): void {
  if (!json) stdout.write(`${resultText(summarizeRuns(runs), textStyle(stdout.stream, context.env))}\n`);
  const output = json ? stderr : stdout;
  if (check !== undefined) output.write(`${check.text(textStyle(output.stream, context.env))}\n`);
}

/** A report draws one run per workload and policy; the nodes of a thousand runs would fill the memory. */
function isPictured(run: ReplayRun, earlier: readonly ReplayRun[], report: ReportFile | undefined): boolean {
  return (
    report !== undefined &&
    !earlier.some(({ workload, policy }) => workload === run.workload && policy === run.policy)
  );
}
