/**
 * `npm run bench`: figures on standard output, progress on standard error. The measurements run one after the other,
 * each in its own process.
 */
import type { AnyFigure } from './figures.ts';
import { inChild } from './in-child.ts';
import { machine } from './machine.ts';
import { HELP, parseOptions, type RunOptions } from './options.ts';
import { labelOf, planOf } from './plan.ts';
import { printTables, Progress } from './print.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  let options: RunOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    return usage((error as Error).message);
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const plan = planOf(options);
  if (plan.length === 0) return usage('There is no part or case of this name and size.');

  if (options.json) console.log(JSON.stringify({ machine: machine() }));
  const progress = new Progress(plan.length);
  const figures: AnyFigure[] = [];
  let failed = false;
  for (const measurement of plan) {
    const label = labelOf(measurement);
    progress.begin(label);
    try {
      for (const figure of await inChild(measurement, (text) => progress.detail(text))) {
        figures.push(figure);
        if (options.json) console.log(JSON.stringify(figure));
        if (figure.sameAssignments !== false) continue;
        failed = true;
        progress.note(`${label}: the engine and its yardstick decided differently.`);
      }
    } catch (error) {
      failed = true;
      progress.note(`${label}: ${(error as Error).message}.`);
    }
  }
  progress.end();
  if (!options.json) printTables(figures);
  return failed ? 1 : 0;
}

function usage(problem: string): number {
  console.error(`${problem}\n\n${HELP}`);
  return 2;
}
