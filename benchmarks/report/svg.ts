/**
 * The frame of every plot: an SVG that is readable by itself, in light and dark, wherever it is embedded. It paints its
 * own ground, because the page around it may be dark when the reader's system is light.
 *
 * Colours are the Okabe–Ito set, darkened or lightened until each stands at least 3:1 against its ground.
 */
import { escapeText } from './text.ts';

interface Palette {
  readonly ground: string;
  readonly ink: string;
  readonly soft: string;
  readonly rule: string;
  readonly grid: string;
  readonly series: readonly string[];
  /** Shades for sizes of a cluster, the greatest last. */
  readonly sizes: readonly string[];
}

const LIGHT: Palette = {
  ground: '#ffffff',
  ink: '#1b1f24',
  soft: '#59636e',
  rule: '#c9d0d8',
  grid: '#e9ecef',
  series: ['#0072b2', '#c24e00', '#00845f', '#a3468c'],
  sizes: ['#9ccbe6', '#56a5d3', '#1b78b4', '#0b4a78'],
};
const DARK: Palette = {
  ground: '#171b21',
  ink: '#e7eaee',
  soft: '#9aa5b1',
  rule: '#3b434e',
  grid: '#262c34',
  series: ['#4fa8e0', '#ff8a3d', '#2ec89a', '#e08cc8'],
  sizes: ['#2a5c80', '#3f86b8', '#62b0e3', '#b3defa'],
};

const STYLE = `
svg { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.title { font-size: 15px; font-weight: 600; }
.panel-title { font-weight: 600; }
.small { font-size: 10.5px; }
path { fill: none; }
.line { stroke-width: 2; stroke-linejoin: round; }
.dashed { stroke-dasharray: 7 4; }
.scan { stroke-width: 1.5; stroke-dasharray: 2 3; }
.target { stroke-width: 1.5; }
${colours(LIGHT)}
@media (prefers-color-scheme: dark) {
${colours(DARK)}
}
`;

/** Rules instead of variables: not every renderer of SVG knows those. */
function colours({ ground, ink, soft, rule, grid, series, sizes }: Palette): string {
  return [
    `.ground { fill: ${ground}; stroke: ${grid}; }`,
    `text { fill: ${ink}; }`,
    `.soft { fill: ${soft}; }`,
    `.grid { stroke: ${grid}; }`,
    `.axis, .leader { stroke: ${rule}; }`,
    `.scan { stroke: ${soft}; }`,
    `.target { stroke: ${ink}; }`,
    ...series.map(
      (colour, i) =>
        `.line.series-${i} { stroke: ${colour}; } .dot.series-${i} { fill: ${colour}; stroke: ${ground}; }`,
    ),
    ...sizes.map((colour, i) => `.size-${i} { fill: ${colour}; }`),
  ].join('\n');
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What the plot shows, for those who cannot see it. */
  readonly description: string;
  readonly content: readonly string[];
}

export function svgDocument({ width, height, title, description, content }: Frame): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<desc>${escapeText(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    label(20, 30, title, { classes: 'title' }),
    ...content,
    '</svg>\n',
  ].join('\n');
}

interface LabelStyle {
  readonly classes?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** Text with its baseline at y. */
export function label(
  x: number,
  y: number,
  text: string,
  { classes = '', anchor = 'start' }: LabelStyle = {},
): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" class="${classes}">${escapeText(text)}</text>`;
}

/** Lines given as the commands of a path. */
export function path(classes: string, commands: string): string {
  return `<path class="${classes}" d="${commands}"/>`;
}

export function dot(series: number, x: number, y: number, tooltip: string): string {
  return `<circle class="dot series-${series}" cx="${at(x)}" cy="${at(y)}" r="4"><title>${escapeText(tooltip)}</title></circle>`;
}

/** A coordinate: a tenth of a pixel is finer than any screen shows. */
export function at(value: number): number {
  return Math.round(value * 10) / 10;
}
