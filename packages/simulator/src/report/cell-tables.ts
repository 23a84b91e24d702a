/**
 * The figures of a simulated cell in words, runs side by side: milestones, objectives and totals. Page and terminal print
 * the same tables.
 */
import type { CellRun, CellTotals, Percentiles } from '../cell/cell-run.ts';
import { cellObjectives } from './cell-objectives.ts';
import { spanText } from './cell-times.ts';
import { count } from './markup.ts';

/** @public */
export interface CellTable {
  readonly title: string;
  readonly rows: readonly { readonly name: string; /** One a run. */ readonly cells: readonly string[] }[];
}

type Row = CellTable['rows'][number];

/** Tables without rows are left out, and so are rows that say nothing in any run. @public */
export function cellTables(runs: readonly CellRun[]): CellTable[] {
  return [
    { title: 'Milestones', rows: milestoneRows(runs) },
    { title: 'Objectives', rows: objectiveRows(runs) },
    { title: 'Totals', rows: totalRows(runs) },
  ].filter(({ rows }) => rows.length > 0);
}

/** By name, since runs of one scenario need not have the same. */
function milestoneRows(runs: readonly CellRun[]): Row[] {
  const names = new Set(runs.flatMap(({ milestones }) => milestones.map(({ name }) => name)));
  return [...names].map((name) => ({
    name,
    cells: runs.map(({ milestones }) => {
      const reading = milestones.find((milestone) => milestone.name === name);
      if (reading === undefined) return '–';
      return reading.atMs === undefined
        ? `${count(reading.reached)} of ${count(reading.count)}`
        : spanText(reading.atMs - reading.fromMs);
    }),
  }));
}

const PERCENTILES: readonly (readonly [name: string, key: keyof Percentiles])[] = [
  ['50 %', 'p50'],
  ['90 %', 'p90'],
  ['99 %', 'p99'],
  ['all', 'max'],
];

function objectiveRows(runs: readonly CellRun[]): Row[] {
  const rows = [
    row('availability of services', runs, (run) => shareText(cellObjectives(run).availability)),
    ...(['service', 'batch'] as const).flatMap((kind) => [
      row(`${kind} tasks: ended by a failure`, runs, (run) => shareText(cellObjectives(run)[kind].crashRate)),
      ...PERCENTILES.map(([name, key]) =>
        row(`${kind} tasks: ${name} started within`, runs, (run) =>
          spanText(cellObjectives(run)[kind].startMs?.[key]),
        ),
      ),
    ]),
  ];
  return rows.filter(({ cells }) => cells.some((cell) => cell !== '–'));
}

function shareText(share: number | undefined): string {
  return share === undefined ? '–' : `${(100 * share).toFixed(3)} %`;
}

const TOTALS: readonly (readonly [name: string, value: (totals: CellTotals) => number])[] = [
  ['jobs submitted', (totals) => totals.jobsSubmitted],
  ['jobs finished', (totals) => totals.jobsFinished],
  ['tasks created', (totals) => totals.tasksCreated],
  ['launches', (totals) => totals.launches],
  ['tasks started', (totals) => totals.starts],
  ['kills', (totals) => totals.kills],
  ['evictions', (totals) => totals.evictions],
  ['crash loops', (totals) => totals.crashLoops],
  ['agents booted', (totals) => totals.agentsBooted],
  ['agents removed', (totals) => totals.agentsRemoved],
  ['agents lost', (totals) => totals.agentsLost],
  ['images pulled', (totals) => totals.imagePulls],
  ['interfaces set up', (totals) => totals.interfaceSetUps],
  ['interfaces re-bound', (totals) => totals.interfaceRebinds],
  ['tries that found no agent', (totals) => totals.placementFailures],
  ['scheduling cycles', (totals) => totals.schedulingCycles],
  ['restarts of the master', (totals) => totals.masterRestarts],
];

function totalRows(runs: readonly CellRun[]): Row[] {
  const reasons = new Set(runs.flatMap(({ totals }) => Object.keys(totals.ends)));
  const codes = new Set(runs.flatMap(({ totals }) => Object.keys(totals.rejections)));
  const figures = [
    ...TOTALS,
    ...[...reasons].map(
      (reason) =>
        [
          `ends: ${reason}`,
          ({ ends }: CellTotals) => (ends as Readonly<Record<string, number | undefined>>)[reason] ?? 0,
        ] as const,
    ),
    ...[...codes].map(
      (code) => [`refused: ${code}`, ({ rejections }: CellTotals) => rejections[code] ?? 0] as const,
    ),
  ];
  return figures
    .filter(([, value]) => runs.some(({ totals }) => value(totals) !== 0))
    .map(([name, value]) => row(name, runs, ({ totals }) => count(value(totals))));
}

function row(name: string, runs: readonly CellRun[], cell: (run: CellRun) => string): Row {
  return { name, cells: runs.map(cell) };
}
