/**
 * What the report of a cell draws over time. Measures with one value are drawn for all runs in one plot; those made of
 * parts get a plot for each run.
 */
import type { CellRun, CellSample, PoolSample } from '../cell/cell-run.ts';

/** @param intervalMs - since the sample before */
type Reading = (sample: CellSample, intervalMs: number) => number | undefined;

/** One value at a moment. */
export interface SingleMeasure {
  readonly name: string;
  readonly note: string;
  readonly yLabel: string;
  readonly value: Reading;
}

/** Several values at a moment. */
export interface PartedMeasure {
  readonly name: string;
  readonly note: string;
  readonly yLabel: string;
  readonly form: 'lines' | 'stacked';
  /** Of all runs that are shown together, so that colours and order agree. */
  readonly parts: (runs: readonly CellRun[]) => readonly (readonly [label: string, value: Reading])[];
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

export const SINGLE_MEASURES: readonly SingleMeasure[] = [
  {
    name: 'Queue',
    note: 'Tasks that wait for an agent.',
    yLabel: 'tasks',
    value: ({ queued }) => queued,
  },
  {
    name: 'Launches',
    note: 'Tasks placed on an agent.',
    yLabel: 'tasks a minute',
    value: ({ placed }, intervalMs) => (placed * MINUTE_MS) / intervalMs,
  },
  {
    name: 'Evictions',
    note: 'Tasks moved for the sake of the platform, under the budgets of their jobs.',
    yLabel: 'tasks a minute',
    value: ({ evictions }, intervalMs) => (evictions * MINUTE_MS) / intervalMs,
  },
  {
    name: 'Crash loops',
    note: 'Tasks in a crash loop at the moment.',
    yLabel: 'tasks',
    value: ({ crashLoops }) => crashLoops,
  },
  {
    name: 'Image pulls',
    note: 'By agents that had not cached the image.',
    yLabel: 'a minute',
    value: ({ imagePulls }, intervalMs) => (imagePulls * MINUTE_MS) / intervalMs,
  },
  {
    name: 'Network calls',
    note: 'Interfaces set up or bound to other security groups; the account allows so many of these a second.',
    yLabel: 'a minute',
    value: ({ interfaceSetUps, interfaceRebinds }, intervalMs) =>
      ((interfaceSetUps + interfaceRebinds) * MINUTE_MS) / intervalMs,
  },
];

export const PARTED_MEASURES: readonly PartedMeasure[] = [
  {
    name: 'Tasks by state',
    note: 'Tasks that are not finished.',
    yLabel: 'tasks',
    form: 'stacked',
    parts: () =>
      (['started', 'start-initiated', 'launched', 'accepted', 'kill-initiated'] as const).map((state) => [
        state,
        ({ tasks }) => tasks[state],
      ]),
  },
  {
    name: 'Wait in the queue',
    note: 'Of the tasks placed since the point before.',
    yLabel: 'seconds',
    form: 'lines',
    parts: () => percentiles(({ waitMs }) => waitMs),
  },
  {
    name: 'Start latency',
    note: 'From accepted to started, of the tasks started since the point before.',
    yLabel: 'seconds',
    form: 'lines',
    parts: () => percentiles(({ startMs }) => startMs),
  },
  {
    name: 'Utilisation',
    note: 'What is booked, of what the agents in service have.',
    yLabel: '%',
    form: 'lines',
    parts: (runs) =>
      keysOf(runs, ({ utilisation }) => booked(utilisation)).map((resource) => [
        resource,
        ({ utilisation }) => 100 * (utilisation[resource] ?? 0),
      ]),
  },
  {
    name: 'Ends',
    note: 'Tasks that ended, by reason.',
    yLabel: 'tasks a minute',
    form: 'stacked',
    parts: (runs) =>
      keysOf(runs, ({ ends }) => ends).map((reason) => [
        reason,
        ({ ends }, intervalMs) =>
          (((ends as Readonly<Record<string, number | undefined>>)[reason] ?? 0) * MINUTE_MS) / intervalMs,
      ]),
  },
];

const POOL_PARTS: readonly (keyof PoolSample)[] = ['busy', 'draining', 'idle', 'starting'];

/** One for each pool: its agents by what they do. */
export function poolMeasures(runs: readonly CellRun[]): PartedMeasure[] {
  return keysOf(runs, ({ pools }) => pools).map((pool) => ({
    name: `Agents of pool ${pool}`,
    note: 'By what they do; those that start are ordered and not there yet.',
    yLabel: 'agents',
    form: 'stacked',
    parts: () => POOL_PARTS.map((part) => [part, ({ pools }) => pools[pool]?.[part] ?? 0]),
  }));
}

function percentiles(of: (sample: CellSample) => CellSample['waitMs']): (readonly [string, Reading])[] {
  return (['p50', 'p90', 'p99', 'max'] as const).map((key) => [
    key,
    (sample) => {
      const read = of(sample);
      return read === undefined ? undefined : read[key] / SECOND_MS;
    },
  ]);
}

/** Without resources of which nothing is booked. */
function booked(utilisation: CellSample['utilisation']): CellSample['utilisation'] {
  return Object.fromEntries(Object.entries(utilisation).filter(([, share]) => share > 0));
}

/** The keys that occur, in order of appearance. */
function keysOf(runs: readonly CellRun[], of: (sample: CellSample) => object): string[] {
  return [...new Set(runs.flatMap(({ samples }) => samples.flatMap((sample) => Object.keys(of(sample)))))];
}
