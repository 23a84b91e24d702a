/**
 * What a simulation found, as text and as JSON: the same tables as in the report, and a line per run for scripts.
 */
import {
  CELL_SCENARIOS,
  cellObjectives,
  type CellRun,
  cellTables,
  type ScenarioFamily,
} from '@stowage/simulator';
import { count } from '../numbers.ts';
import type { TextStyle } from '../text-style.ts';
import { type Alignment, textTable } from '../text-table.ts';

/** The scenarios that there are; ends with a line break. */
export function scenarioList(style: TextStyle): string {
  const rows = CELL_SCENARIOS.map(({ name, title }) => [name, title]);
  const [header, ...lines] = textTable(['scenario', 'what it shows'], rows, ['left', 'left']);
  return [style.bold(header), ...lines, ''].join('\n');
}

/** The same as lines of JSON. */
export function scenarioLines(): string {
  return CELL_SCENARIOS.map(
    ({ name, title, description }) => `${JSON.stringify({ name, title, description })}\n`,
  ).join('');
}

/** Ends with a line break. */
export function simulateText(family: ScenarioFamily, runs: readonly CellRun[], style: TextStyle): string {
  const names = runs.map(({ scenario }) => scenario.name);
  const alignments: Alignment[] = ['left', ...names.map(() => 'right' as const)];
  return [
    style.bold(`Scenario ${family.name}: ${family.title}`),
    style.dim(family.description),
    '',
    ...cellTables(runs).flatMap(({ title, rows }) => {
      const cells = rows.map(({ name, cells: own }) => [name, ...own]);
      const [header, ...lines] = textTable([title.toLowerCase(), ...names], cells, alignments);
      return [style.bold(header), ...lines, ''];
    }),
    ...runs.map(({ scenario, seed, trace, wallMs }) =>
      style.dim(
        `${scenario.name}, seed ${seed}: ${count(trace.events)} events in ${(wallMs / 1_000).toFixed(1)} s, trace ${trace.hash}`,
      ),
    ),
    '',
  ].join('\n');
}

/** One line of JSON, keys in this order; `wallSeconds` is the only one that two equal runs differ in. */
export function simulateLine(family: ScenarioFamily, scale: number, run: CellRun): string {
  const { scenario, seed, milestones, totals, trace, wallMs } = run;
  const line = {
    scenario: family.name,
    run: scenario.name,
    seed,
    scale,
    milestones,
    totals,
    objectives: cellObjectives(run),
    trace,
    wallSeconds: wallMs / 1_000,
  };
  return `${JSON.stringify(line)}\n`;
}
