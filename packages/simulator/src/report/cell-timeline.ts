/**
 * A timeline of a cell as inline SVG: lines or stacked areas over the virtual time of day, with actions as dashed vertical
 * lines. Unlike the line plot it has a time axis, and a legend instead of names at the ends, which stacked areas lack.
 */
import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { area, curveStepBefore, line } from 'd3-shape';
import type { ShownMark } from './cell-marks.ts';
import { clockText, clockTicks } from './cell-times.ts';
import { coordinate, count, escapeText } from './markup.ts';

export interface TimelineSeries {
  readonly label: string;
  /** Index into the palette of the style sheet. */
  readonly colour: number;
  /** One a moment; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
  /** Ascending, in ms. */
  readonly timesMs: readonly number[];
}

export interface Timeline {
  /** Unique in the document. */
  readonly id: string;
  readonly title: string;
  readonly yLabel: string;
  readonly durationMs: number;
  /** `stacked` needs series with the same times and a value at each. */
  readonly form: 'lines' | 'stacked';
  readonly series: readonly TimelineSeries[];
  /** Where the y axis ends at least, so that plots side by side have one scale. Default: the highest value. */
  readonly top?: number;
  readonly marks: readonly ShownMark[];
}

const WIDTH = 600;
const HEIGHT = 260;
const LEFT = 74;
const RIGHT = 22;
const TOP = 12;
const BOTTOM = 42;
const BASE = HEIGHT - BOTTOM;
const MOST_TICKS = 8;

/** The highest value that a timeline of these series has to show; 0 of none. */
export function highestOf({ form, series }: Pick<Timeline, 'form' | 'series'>): number {
  const values =
    form === 'lines' ? series.flatMap((entry) => entry.values) : (stacked(series).at(-1)?.highs ?? []);
  return values.reduce<number>((highest, value) => Math.max(highest, value ?? 0), 0);
}

/** The timeline as an `<svg>` element, without legend. */
export function cellTimeline(timeline: Timeline): string {
  const { id, title, durationMs, form, series } = timeline;
  const x = scaleLinear([0, durationMs], [LEFT, WIDTH - RIGHT]);
  const y = scaleLinear([0, timeline.top ?? highestOf(timeline)], [BASE, TOP]).nice(5);
  if (y.domain()[1] === 0) y.domain([0, 1]);
  return [
    `<svg class="plot" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-labelledby="${id}-title">`,
    `<title id="${id}-title">${escapeText(title)}</title>`,
    yAxis(timeline.yLabel, y),
    ...(form === 'lines' ? linePaths(series, x, y) : areaPaths(series, x, y)),
    xAxis(durationMs, x),
    ...timeline.marks.map(({ atMs, label }) => {
      const text = `${clockText(atMs)} ${label}`;
      return `<path class="axis" stroke-dasharray="5 3" d="M${coordinate(x(atMs))} ${TOP}V${BASE}"><title>${escapeText(text)}</title></path>`;
    }),
    '</svg>',
  ].join('');
}

type Scale = ScaleLinear<number, number>;

function linePaths(series: readonly TimelineSeries[], x: Scale, y: Scale): string[] {
  return series.map(({ label, colour, timesMs, values }) => {
    const path = line<number>(
      (_, at) => x(timesMs[at]),
      (_, at) => y(values[at]!),
    )
      .defined((_, at) => values[at] !== undefined)
      .digits(1);
    // Round ends make a dot of a point whose neighbours are missing.
    return `<path class="line series-${colour}" stroke-linecap="round" d="${path([...timesMs]) ?? ''}"><title>${escapeText(label)}</title></path>`;
  });
}

interface Layer {
  readonly series: TimelineSeries;
  readonly lows: readonly number[];
  readonly highs: readonly number[];
}

/** Each upon the one before. */
function stacked(series: readonly TimelineSeries[]): Layer[] {
  const layers: Layer[] = [];
  for (const entry of series) {
    const lows = layers.at(-1)?.highs ?? entry.values.map(() => 0);
    layers.push({ series: entry, lows, highs: entry.values.map((value, at) => lows[at] + (value ?? 0)) });
  }
  return layers;
}

function areaPaths(series: readonly TimelineSeries[], x: Scale, y: Scale): string[] {
  return stacked(series).map(({ series: { label, colour, timesMs }, lows, highs }) => {
    const path = area<number>(
      (_, at) => x(timesMs[at]),
      (_, at) => y(lows[at]),
      (_, at) => y(highs[at]),
    )
      .curve(curveStepBefore)
      .digits(1);
    return `<path class="bar series-${colour}" d="${path([...timesMs]) ?? ''}"><title>${escapeText(label)}</title></path>`;
  });
}

function yAxis(label: string, y: Scale): string {
  const ticks = y.ticks(5).map((value) => {
    const at = coordinate(y(value));
    const text = Number.isInteger(value) ? count(value) : String(value);
    return `<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/><text class="tick-label" x="${LEFT - 8}" y="${at}" dy="0.35em" text-anchor="end">${text}</text>`;
  });
  const middle = coordinate((TOP + BASE) / 2);
  return `${ticks.join('')}<text class="axis-label" transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">${escapeText(label)}</text>`;
}

function xAxis(durationMs: number, x: Scale): string {
  const ticks = clockTicks(durationMs, MOST_TICKS).map((atMs) => {
    const at = coordinate(x(atMs));
    return `<path class="tick" d="M${at} ${BASE}v5"/><text class="tick-label" x="${at}" y="${BASE + 18}" text-anchor="middle">${clockText(atMs)}</text>`;
  });
  const middle = coordinate((LEFT + WIDTH - RIGHT) / 2);
  return `${ticks.join('')}<path class="axis" d="M${LEFT} ${BASE}H${WIDTH - RIGHT}"/><text class="axis-label" x="${middle}" y="${HEIGHT - 6}" text-anchor="middle">virtual time</text>`;
}
