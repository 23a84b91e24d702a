/**
 * How many times as fast as the plain scan of the same engine, by case and size: bars from "the same" outwards, on a
 * logarithmic axis, so that twice as fast is as long as half as fast.
 */
import type { ChurnFigure } from '../figures.ts';
import { decades, verticalGrid } from './log-axis.ts';
import { at, label, path, svgDocument } from './svg.ts';
import { grouped, shortCount, threeDigits } from './text.ts';

const WIDTH = 860;
const LEFT = 250;
const RIGHT = WIDTH - 60;
const TOP = 72;
const BAR = 12;
const GAP = 9;

export function ratioBars(figures: readonly ChurnFigure[]): string | undefined {
  if (figures.length === 0) return undefined;
  const sizes = [...new Set(figures.map(({ agents }) => agents))].sort((a, b) => a - b);
  const x = decades([1, ...figures.map(({ ratioToScan }) => ratioToScan)], [LEFT, RIGHT]);
  let y = TOP;
  const rows = [...new Set(figures.map((figure) => figure.case))].flatMap((name) => {
    const own = figures.filter((figure) => figure.case === name);
    const top = y;
    y += own.length * BAR + GAP;
    return [
      label(LEFT - 12, top + (own.length * BAR) / 2 + 4, name, { anchor: 'end' }),
      ...own.flatMap(({ agents, ratioToScan }, i) =>
        bar(sizes.indexOf(agents), [x(1), x(ratioToScan)], top + i * BAR, ratioToScan),
      ),
    ];
  });
  return svgDocument({
    width: WIDTH,
    height: y + 34,
    title: 'Speed relative to the plain scan of the same engine',
    description: figures
      .map(({ case: name, agents, ratioToScan }) => `${name}, ${grouped(agents)} agents: ${ratioToScan}.`)
      .join(' '),
    content: [
      ...sizes.flatMap((size, i) => [
        `<rect class="size-${shade(i, sizes.length)}" x="${20 + i * 90}" y="42" width="12" height="12" rx="2"/>`,
        label(38 + i * 90, 52, shortCount(size)),
      ]),
      label(20 + sizes.length * 90, 52, 'agents', { classes: 'soft' }),
      ...verticalGrid(
        x,
        x.ticks().filter((tick) => /^[1]/.test(String(threeDigits(tick * 1e6)))),
        TOP - 6,
        y,
        (tick) => `${grouped(tick)}×`,
      ),
      ...rows,
      path('axis', `M${at(x(1))} ${TOP - 6}V${at(y)}`),
    ],
  });

  function bar(size: number, [one, end]: readonly [number, number], top: number, ratio: number): string[] {
    const left = Math.min(one, end);
    return [
      `<rect class="size-${shade(size, sizes.length)}" x="${at(left)}" y="${at(top)}" width="${at(Math.max(1, Math.abs(end - one)))}" height="${BAR - 1}"/>`,
      label(Math.max(one, end) + 5, top + BAR - 2, `${threeDigits(ratio)}×`, { classes: 'soft small' }),
    ];
  }
}

/** Sizes take the last shades, so that the greatest always looks the same. */
function shade(size: number, sizes: number): number {
  return Math.max(0, 4 - sizes + size);
}
