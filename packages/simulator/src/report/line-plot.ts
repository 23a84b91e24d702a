/**
 * A line plot as inline SVG: one line per series, a band from the lowest to the highest run where there are
 * several, and each line named at its right end, so that nobody has to match colours with a legend.
 *
 * Colours come from the style sheet (`series-0`…), which knows the dark and the light palette.
 */
import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { coordinate, escapeText } from './markup.ts';
import { spreadLabels } from './spread-labels.ts';

/** A place on a line: the mean of some runs between the lowest and the highest. */
export interface PlotPoint {
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What one line shows. */
interface LineSeries {
  readonly label: string;
  /** Index into the palette of the style sheet. */
  readonly colour: number;
  /** By ascending x; those outside of the range or without finite mean are left out. */
  readonly points: readonly PlotPoint[];
}

interface LinePlot {
  /** Unique in the document. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** First and last value of the x axis. */
  readonly range: readonly [from: number, to: number];
  /** Start the y axis at 0 instead of below the lowest value. */
  readonly fromZero: boolean;
  /** Also draw what could be had if nothing ever failed: as much as arrived, at most 100 %. */
  readonly ideal: boolean;
  /** Name each line at its right end; else only its last value stands there. */
  readonly named: boolean;
  readonly series: readonly LineSeries[];
}

const WIDTH = 600;
const HEIGHT = 340;
const LEFT = 60;
const RIGHT = 146;
const TOP = 14;
const BOTTOM = 46;
const LABEL_GAP = 15;

/** The plot as an `<svg>` element. */
export function linePlot(plot: LinePlot): string {
  const [from, to] = plot.range;
  const lines = plot.series.map((series) => ({ ...series, points: shownPoints(series.points, from, to) }));
  const x = scaleLinear([from, to], [LEFT, WIDTH - RIGHT]);
  const y = scaleLinear(yDomain(plot, lines), [HEIGHT - BOTTOM, TOP]).nice(5);
  const [bottom, top] = y.domain();

  const path = line<PlotPoint>(
    ({ x: at }) => x(at),
    ({ mean }) => y(mean),
  ).digits(1);
  const band = area<PlotPoint>(
    ({ x: at }) => x(at),
    ({ low }) => y(low),
    ({ high }) => y(high),
  ).digits(1);
  const bands = lines
    .filter(({ points }) => points.some(({ low, high }) => high > low))
    .map(({ colour, points }) => `<path class="band series-${colour}" d="${band(points) ?? ''}"/>`);
  const paths = lines.map(
    ({ label, colour, points }) =>
      `<path class="line series-${colour}" d="${path(points) ?? ''}"><title>${escapeText(label)}</title></path>`,
  );

  return [
    `<svg class="plot" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-labelledby="${plot.id}-title ${plot.id}-desc">`,
    `<title id="${plot.id}-title">${escapeText(plot.title)}</title>`,
    `<desc id="${plot.id}-desc">${escapeText(plot.description)}</desc>`,
    axes(plot, x, y),
    plot.ideal ? idealLine(from, to, bottom, top, x, y) : '',
    ...bands,
    ...paths,
    ...endLabels(lines, y, plot.named),
    '</svg>',
  ].join('');
}

function shownPoints(points: readonly PlotPoint[], from: number, to: number): PlotPoint[] {
  return points.filter(({ x, mean }) => x >= from && x <= to && Number.isFinite(mean));
}

function yDomain(plot: LinePlot, lines: readonly { points: readonly PlotPoint[] }[]): [number, number] {
  const points = lines.flatMap((entry) => entry.points);
  const highest = points.reduce((value, { high }) => Math.max(value, high), plot.ideal ? 100 : 0);
  const lowest = points.reduce((value, { low }) => Math.min(value, low), highest);
  const start = plot.fromZero ? Math.min(0, lowest) : lowest;
  return highest > start ? [start, highest] : [start, start + 1];
}

function axes(plot: LinePlot, x: ScaleLinear<number, number>, y: ScaleLinear<number, number>): string {
  const right = WIDTH - RIGHT;
  const base = HEIGHT - BOTTOM;
  const xTicks = x.ticks(6).map((value) => {
    const at = coordinate(x(value));
    return `<path class="tick" d="M${at} ${base}v5"/><text class="tick-label" x="${at}" y="${base + 18}" text-anchor="middle">${value}</text>`;
  });
  const yTicks = y.ticks(6).map((value) => {
    const at = coordinate(y(value));
    return `<path class="grid" d="M${LEFT} ${at}H${right}"/><text class="tick-label" x="${LEFT - 8}" y="${at}" dy="0.35em" text-anchor="end">${value}</text>`;
  });
  const middle = coordinate((TOP + base) / 2);
  return [
    ...yTicks,
    ...xTicks,
    `<path class="axis" d="M${LEFT} ${base}H${right}"/>`,
    `<text class="axis-label" x="${coordinate((LEFT + right) / 2)}" y="${HEIGHT - 8}" text-anchor="middle">${escapeText(plot.xLabel)}</text>`,
    `<text class="axis-label" transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">${escapeText(plot.yLabel)}</text>`,
  ].join('');
}

function idealLine(
  from: number,
  to: number,
  bottom: number,
  top: number,
  x: ScaleLinear<number, number>,
  y: ScaleLinear<number, number>,
): string {
  const corners = [Math.max(from, bottom), Math.min(100, top), to]
    .filter((percent) => percent >= from && percent <= to)
    .map((percent) => `${coordinate(x(percent))} ${coordinate(y(Math.min(percent, 100, top)))}`);
  return `<path class="ideal" d="M${corners.join('L')}"><title>everything placed</title></path>`;
}

function endLabels(lines: readonly LineSeries[], y: ScaleLinear<number, number>, named: boolean): string[] {
  const shown = lines.flatMap(({ label, colour, points }) => {
    const end = points.at(-1);
    return end === undefined
      ? []
      : [{ label: named ? label : '', colour, end: y(end.mean), value: end.mean }];
  });
  const positions = spreadLabels(
    shown.map(({ end }) => end),
    LABEL_GAP,
    TOP,
    HEIGHT - BOTTOM,
  );
  const start = WIDTH - RIGHT;
  return shown.map(({ label, colour, end, value }, index) => {
    const at = coordinate(positions[index]);
    return (
      `<path class="leader series-${colour}" d="M${start + 2} ${coordinate(end)}L${start + 14} ${at}H${start + 20}"/>` +
      `<text class="end-label" x="${start + 24}" y="${at}" dy="0.35em">${escapeText(label)} <tspan class="end-value">${value.toFixed(1)}</tspan></text>`
    );
  });
}
