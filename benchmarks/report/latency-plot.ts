/**
 * How long single operations take: median, the slow ones, the slowest.
 */
import { line } from 'd3-shape';
import type { LatencyFigure } from '../figures.ts';
import { decades, horizontalGrid } from './log-axis.ts';
import { endLabels } from './end-labels.ts';
import { at, dot, label, path, svgDocument } from './svg.ts';
import { duration, grouped, shortCount } from './text.ts';

const WIDTH = 760;
const HEIGHT = 340;
const LEFT = 70;
const RIGHT = WIDTH - 220;
const TOP = 66;
const BOTTOM = HEIGHT - 34;

const PERCENTILES = [
  { key: 'nsP50', name: 'median' },
  { key: 'nsP99', name: '99 %' },
  { key: 'nsP999', name: '99.9 %' },
  { key: 'nsMax', name: 'slowest' },
] as const;

export function latencyPlot(figures: readonly LatencyFigure[]): string | undefined {
  if (figures.length === 0) return undefined;
  const y = decades(
    figures.flatMap((figure) => PERCENTILES.map(({ key }) => figure[key])),
    [BOTTOM, TOP],
  );
  const x = (i: number): number => LEFT + 60 + (i * (RIGHT - LEFT - 84)) / (PERCENTILES.length - 1);
  const curve = line<number>(
    (_, i) => x(i),
    (ns) => y(ns),
  ).digits(1);
  const least = Math.min(...figures.map(({ nsP50 }) => nsP50));
  const series = figures.map((figure) => ({
    name: `${figure.case}, ${shortCount(figure.agents)} agents`,
    ns: PERCENTILES.map(({ key }) => figure[key]),
    side: figure.nsP50 > least ? -1 : 1,
  }));
  return svgDocument({
    width: WIDTH,
    height: HEIGHT,
    title: 'Time of single operations',
    description: series.map(({ name, ns }) => `${name}: ${ns.map(duration).join(', ')}.`).join(' '),
    content: [
      label(20, 50, `each of ${grouped(figures[0].samples)} operations timed by itself, after warming up`, {
        classes: 'soft',
      }),
      ...horizontalGrid(y, LEFT, RIGHT, duration),
      ...PERCENTILES.flatMap(({ name }, i) => [
        path('grid', `M${at(x(i))} ${TOP}V${BOTTOM}`),
        label(x(i), BOTTOM + 17, name, { classes: 'soft', anchor: 'middle' }),
      ]),
      ...series.map(({ ns }, i) => path(`line series-${i % 4}`, curve(ns) ?? '')),
      ...series.flatMap(({ name, ns, side }, i) =>
        ns.flatMap((value, p) => [
          dot(i % 4, x(p), y(value), `${name}: ${duration(value)}`),
          // Above the upper line and below the lower one, which keep clear of each other.
          label(x(p) + side * 8, y(value) + (side > 0 ? 16 : -7), duration(value), {
            classes: 'soft small',
            anchor: side > 0 ? 'start' : 'end',
          }),
        ]),
      ),
      ...endLabels(series.map(({ name, ns }) => ({ text: name, x: x(3), y: y(ns[3]) }))),
    ],
  });
}
