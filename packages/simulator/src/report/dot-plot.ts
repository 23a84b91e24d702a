/**
 * A dot plot as inline SVG: a line per place, on it a dot per series where its value lies. Bars would have to begin at
 * zero, where differences of tenths of a percent cannot be seen.
 */
import { scaleLinear } from 'd3-scale';
import { extent } from './extent.ts';
import { coordinate, escapeText } from './markup.ts';

interface DotSeries {
  readonly label: string;
  /** Index into the palette of the style sheet. */
  readonly colour: number;
  /** By place; anything but a finite number where there is none. */
  readonly values: readonly (number | undefined)[];
}

interface DotPlot {
  /** Unique in the document. */
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly places: readonly string[];
  readonly series: readonly DotSeries[];
}

const WIDTH = 600;
const LEFT = 150;
const RIGHT = 20;
const PITCH = 22;
const TOP = 8;
const AXIS = 44;
const RADIUS = 5;

/** The plot as an `<svg>` element, without legend. */
export function dotPlot({ id, title, xLabel, places, series }: DotPlot): string {
  const [least = 0, most = 1] = extent(series.flatMap((entry) => entry.values.filter(isFinite)));
  const x = scaleLinear([least, most], [LEFT + 12, WIDTH - RIGHT]).nice(5);
  const base = TOP + places.length * PITCH;
  const ticks = x.ticks(6).map((value) => {
    const at = coordinate(x(value));
    return `<path class="grid" d="M${at} ${TOP}V${base}"/><text class="tick-label" x="${at}" y="${base + 16}" text-anchor="middle">${value}</text>`;
  });
  const lines = places.map((place, index) => {
    const y = TOP + (index + 0.5) * PITCH;
    return `<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/><text class="tick-label" x="${LEFT - 8}" y="${y}" dy="0.35em" text-anchor="end">${escapeText(place)}</text>`;
  });
  const dots = series.flatMap(({ label, colour, values: own }) =>
    own.map((value, index) =>
      !isFinite(value)
        ? ''
        : `<circle class="dot series-${colour}" cx="${coordinate(x(value))}" cy="${TOP + (index + 0.5) * PITCH}" r="${RADIUS}"><title>${escapeText(`${label}, ${places[index]}: ${value}`)}</title></circle>`,
    ),
  );
  return [
    `<svg class="plot" role="img" viewBox="0 0 ${WIDTH} ${base + AXIS}" aria-labelledby="${id}-title">`,
    `<title id="${id}-title">${escapeText(title)}</title>`,
    ...ticks,
    ...lines,
    ...dots,
    `<text class="axis-label" x="${coordinate((LEFT + WIDTH - RIGHT) / 2)}" y="${base + 36}" text-anchor="middle">${escapeText(xLabel)}</text>`,
    '</svg>',
  ].join('');
}

function isFinite(value: number | undefined): value is number {
  return Number.isFinite(value);
}
