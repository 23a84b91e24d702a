/**
 * The timelines of a scenario as cards: what never was anything but zero is left out, and plots of different runs that
 * show the same have one scale.
 */
import type { CellRun } from '../cell/cell-run.ts';
import { shownMarks } from './cell-marks.ts';
import {
  PARTED_MEASURES,
  type PartedMeasure,
  poolMeasures,
  SINGLE_MEASURES,
  type SingleMeasure,
} from './cell-measures.ts';
import { cellTimeline, highestOf, type TimelineSeries } from './cell-timeline.ts';
import { escapeText } from './markup.ts';
import { SERIES_COLOURS } from './page-style.ts';

/** @param id - prefix of the ids inside, unique in the document */
export function cellPlots(runs: readonly CellRun[], id: string): string[] {
  return [
    ...PARTED_MEASURES.slice(0, 1).flatMap((measure, n) => partedCards(measure, runs, `${id}-first-${n}`)),
    ...SINGLE_MEASURES.flatMap((measure, n) => singleCard(measure, runs, `${id}-single-${n}`)),
    ...[...PARTED_MEASURES.slice(1), ...poolMeasures(runs)].flatMap((measure, n) =>
      partedCards(measure, runs, `${id}-parted-${n}`),
    ),
  ];
}

function singleCard(
  { name, note, yLabel, value }: SingleMeasure,
  runs: readonly CellRun[],
  id: string,
): string[] {
  const series = runs.map((run, index) => seriesOf(run, run.scenario.name, index, value));
  if (highestOf({ form: 'lines', series }) === 0) return [];
  const marks = shownMarks(runs.flatMap((run) => run.marks)).marks;
  const durationMs = Math.max(...runs.map(({ scenario }) => scenario.durationMs));
  const svg = cellTimeline({ id, title: name, yLabel, durationMs, form: 'lines', series, marks });
  return [card(name, note, runs.length > 1 ? series : [], svg)];
}

function partedCards(measure: PartedMeasure, runs: readonly CellRun[], id: string): string[] {
  const { name, note, yLabel, form } = measure;
  const parts = measure.parts(runs);
  const all = runs.map((run) => parts.map(([label, value], index) => seriesOf(run, label, index, value)));
  const top = Math.max(...all.map((series) => highestOf({ form, series })));
  if (top === 0) return [];
  return runs.map((run, index) => {
    const title = runs.length > 1 ? `${name}: ${run.scenario.name}` : name;
    const { durationMs } = run.scenario;
    const { marks } = shownMarks(run.marks);
    const plot = { id: `${id}-${index}`, title, yLabel, durationMs, form, series: all[index], top, marks };
    return card(title, note, all[index], cellTimeline(plot));
  });
}

function seriesOf(
  { samples }: CellRun,
  label: string,
  index: number,
  value: SingleMeasure['value'],
): TimelineSeries {
  return {
    label,
    colour: index % SERIES_COLOURS,
    timesMs: samples.map(({ atMs }) => atMs),
    values: samples.map((sample, at) => value(sample, sample.atMs - (samples[at - 1]?.atMs ?? 0))),
  };
}

function card(title: string, note: string, legend: readonly TimelineSeries[], svg: string): string {
  const items = legend.map(
    ({ label, colour }) => `<li><span class="swatch series-${colour}"></span>${escapeText(label)}</li>`,
  );
  const list = items.length === 0 ? '' : `<ul class="legend">${items.join('')}</ul>`;
  return `<div class="card"><h3>${escapeText(title)}</h3><p class="note">${escapeText(note)}</p>${list}${svg}</div>`;
}
