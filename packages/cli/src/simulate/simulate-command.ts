/**
 * `stowage simulate`: runs a whole cell through a scenario on a virtual clock and tells what became of it. Results go to
 * standard output, progress and complaints to standard error.
 */
import { setImmediate } from 'node:timers/promises';
import type { Command } from 'commander';
import { type CellRun, type CellScenario, cellSteps, renderCellReport } from '@stowage/simulator';
import { EXIT } from '../cli-errors.ts';
import { ReportFile } from '../report-file.ts';
import type { Session } from '../session.ts';
import { textStyle } from '../text-style.ts';
import { addSimulateOptions, readSimulateOptions, type SimulateOptions } from './simulate-options.ts';
import { SimulateProgress } from './simulate-progress.ts';
import { scenarioLines, scenarioList, simulateLine, simulateText } from './simulate-text.ts';
import { TraceWriter } from './trace-writer.ts';

/** Steps of a run, after which progress is shown and the end of a pipe is noticed. */
const STEPS = 250;

const HELP_AFTER = `
Exit codes:
  0  all runs were made
  1  a run failed, or --check found a contradiction
  2  wrong call: unknown option or scenario, report or trace not writable

Examples:
  stowage simulate
  stowage simulate regional-failover --scale 0.2
  stowage simulate busy-day --json --trace busy-day.jsonl
`;

/** Adds the command to the program. */
export function addSimulateCommand(program: Command, session: Session): void {
  const command = program
    .command('simulate')
    .description('run a whole cell through a scenario on a virtual clock')
    .addHelpText('after', HELP_AFTER);
  addSimulateOptions(command).action(async () => {
    session.finish(await runSimulate(readSimulateOptions(command), session));
  });
}

async function runSimulate(options: SimulateOptions, session: Session): Promise<number> {
  const { context, stdout, stderr } = session;
  const { family, json, scale } = options;
  const style = textStyle(stdout.stream, context.env);
  if (family === undefined) {
    stdout.write(json ? scenarioLines() : scenarioList(style));
    return EXIT.ok;
  }
  const report = options.report === undefined ? undefined : new ReportFile(options.report, session);
  const trace =
    options.trace === undefined ? undefined : new TraceWriter(options.trace, context.workingFolder);

  const scenarios = family.runs(scale);
  const progress = new SimulateProgress(
    stderr,
    context.now,
    scenarios.map(({ name }) => name),
  );
  const runs: CellRun[] = [];
  try {
    for (const [index, scenario] of scenarios.entries()) {
      progress.begin(index);
      const isWanted = (): boolean => !stdout.closed || report !== undefined || trace !== undefined;
      const run = await runScenario(scenario, options, trace, progress, isWanted);
      if (run === undefined) return EXIT.ok;
      progress.end();
      progress.clear();
      runs.push(run);
      if (json) stdout.write(simulateLine(family, scale, run));
    }
  } finally {
    progress.clear();
    trace?.close();
  }

  if (!json) stdout.write(simulateText(family, runs, style));
  const output = json ? stderr : stdout;
  if (trace !== undefined) output.write(`Trace: ${trace.path}\n`);
  report?.write((meta) => renderCellReport(family, runs, meta));
  if (report !== undefined) output.write(`Report: ${report.path}\n`);
  return EXIT.ok;
}

/** @returns undefined when nobody wants the result any more */
async function runScenario(
  scenario: CellScenario,
  { seed, check }: SimulateOptions,
  trace: TraceWriter | undefined,
  progress: SimulateProgress,
  isWanted: () => boolean,
): Promise<CellRun | undefined> {
  trace?.add(JSON.stringify({ run: scenario.name, seed }));
  const steps = cellSteps(scenario, {
    seed,
    check,
    progressMs: Math.ceil(scenario.durationMs / STEPS),
    ...(trace === undefined ? {} : { traceSink: trace.add }),
  });
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    progress.update(step.value);
    // A cell never waits, so this is where the end of a pipe is noticed.
    await setImmediate();
    if (!isWanted()) return undefined;
  }
}
