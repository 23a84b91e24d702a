/**
 * Figures as text for people.
 */
import type { RivalFigure } from './figures.ts';
import type { Spread } from './statistics.ts';

export const NOTES = `placements/s   decisions only: scheduleOnce with the offers of the hosts used before; place() for each task; the search of
               plain code. Median (least to most) over the repetitions.
per CPU-s      the same per second of processor time, over all threads: Fenzo uses two or more, the others one.
with release   as placements/s, with what completes the tasks: Fenzo's task assigner and unassigner; release().
same           share of the tasks that get the very agent which Stowage gives them.
Stowage is     how many times as many placements per second Stowage makes, repetition by repetition.
in CPU time    the same ratio by processor time, median only. It depends less on what else the machine does, and does not
               credit Fenzo for its threads.

Plain code must choose the agents that Stowage chooses, or the run fails. Fenzo decides ties by host name and its
hosts are named in the order of the rows. It sums up soft constraints and fitness, Stowage and plain code rank the former
first, so that soft-zone asks for two things; "stowage, fenzoFitness" asks for Fenzo's sum. In "new jobs each call" every
job is unknown before the call; its classes are defined between calls, as tasks are created for Fenzo, and bound within.
Recorded figures are of another machine at another time; a ratio to them is an indication.`;

const HEADINGS = [
  '',
  'placements/s',
  'per CPU-s',
  'with release',
  'agents used',
  'same',
  'Stowage is',
  'in CPU time',
];

/** The figures of one case at one size. */
export function table(figures: readonly RivalFigure[]): string {
  const rows = figures.map((figure) => [
    figure.source === 'recorded' ? `${figure.rival}, recorded` : figure.rival,
    spreadText(figure.placementsPerSecond, whole),
    figure.perCpuSecond === undefined ? '' : whole(figure.perCpuSecond.median),
    figure.totalPerSecond === undefined ? '' : whole(figure.totalPerSecond.median),
    figure.agentsUsed === undefined ? '' : whole(figure.agentsUsed),
    figure.sameDecisions === undefined ? '' : `${(figure.sameDecisions * 100).toFixed(1)} %`,
    spreadText(figure.ratio, times),
    figure.cpuRatio === undefined ? '' : times(figure.cpuRatio.median),
  ]);
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, c) => Math.max(...all.map((row) => row[c].length)));
  return all
    .map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '),
    )
    .join('\n');
}

function spreadText({ median, min, max }: Spread, text: (value: number) => string): string {
  return min === max ? text(median) : `${text(median)} (${text(min)} to ${text(max)})`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

function times(value: number): string {
  return `${value < 10 ? value.toFixed(value < 1 ? 2 : 1) : whole(value)} x`;
}
