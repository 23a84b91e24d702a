/**
 * How the time of an operation grows with the cluster, where a structure is to keep it from growing: both axes
 * logarithmic, so that a straight line up is a scan and a flat one costs the same whatever the size.
 */
import { line } from 'd3-shape';
import type { ChurnFigure } from '../figures.ts';
import { endLabels } from './end-labels.ts';
import { aroundValues, decades, horizontalGrid, verticalGrid } from './log-axis.ts';
import { dot, label, path, svgDocument } from './svg.ts';
import { duration, grouped } from './text.ts';

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 70;
const RIGHT = WIDTH - 200;
const TOP = 66;
const BOTTOM = HEIGHT - 50;

/** Colour for the number of resources, dashes for distinct shapes; the scan of the first of each pair beside it. */
const CURVES = [
  { name: '100 shapes', text: '100 shapes', series: 0, dashed: false, scan: 'scan' },
  { name: 'distinct shapes', text: 'distinct', series: 0, dashed: true, scan: undefined },
  { name: '100 shapes, R=4', text: '100 shapes, R=4', series: 1, dashed: false, scan: 'scan, R=4' },
  { name: 'distinct shapes, R=4', text: 'distinct, R=4', series: 1, dashed: true, scan: undefined },
] as const;

/** Undefined when there are too few sizes to speak of growth. */
export function growthPlot(figures: readonly ChurnFigure[]): string | undefined {
  const curves = CURVES.map((curve) => ({ ...curve, points: pointsOf(figures, curve.name) })).filter(
    ({ points }) => points.length > 1,
  );
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return undefined;
  const x = aroundValues(
    points.map(({ agents }) => agents),
    [LEFT, RIGHT],
    14,
  );
  const y = decades(
    points.flatMap(({ ns, scanNs }) => [ns, scanNs]),
    [BOTTOM, TOP],
  );
  const own = line<Point>(
    ({ agents }) => x(agents),
    ({ ns }) => y(ns),
  ).digits(1);
  const scanned = line<Point>(
    ({ agents }) => x(agents),
    ({ scanNs }) => y(scanNs),
  ).digits(1);
  const ends = curves.flatMap((curve) => {
    const { agents, ns, scanNs } = curve.points.at(-1)!;
    const end = { text: `${curve.text}: ${duration(ns)}`, x: x(agents), y: y(ns) };
    if (curve.scan === undefined) return [end];
    return [end, { text: `${curve.scan}: ${duration(scanNs)}`, x: x(agents), y: y(scanNs) }];
  });
  return svgDocument({
    width: WIDTH,
    height: HEIGHT,
    title: 'Time of one operation by size of the cluster',
    description: curves.map(({ text, points }) => `${text}: ${describe(points)}.`).join(' '),
    content: [
      label(20, 50, 'release one task and place one, median; dotted: the plain scan of the same engine', {
        classes: 'soft',
      }),
      ...horizontalGrid(y, LEFT, RIGHT, duration),
      ...verticalGrid(x, [...new Set(points.map(({ agents }) => agents))], TOP, BOTTOM, grouped),
      label((LEFT + RIGHT) / 2, BOTTOM + 38, 'agents', { classes: 'soft', anchor: 'middle' }),
      ...curves
        .filter(({ scan }) => scan !== undefined)
        .map((curve) => path('scan', scanned(curve.points) ?? '')),
      ...curves.map(({ series, dashed, points }) =>
        path(`line series-${series}${dashed ? ' dashed' : ''}`, own(points) ?? ''),
      ),
      ...curves.flatMap(({ series, text, points }) =>
        points.map(({ agents, ns }) =>
          dot(series, x(agents), y(ns), `${text}, ${grouped(agents)} agents: ${duration(ns)}`),
        ),
      ),
      ...endLabels(ends),
    ],
  });
}

interface Point {
  readonly agents: number;
  readonly ns: number;
  readonly scanNs: number;
}

function pointsOf(figures: readonly ChurnFigure[], name: string): Point[] {
  return figures
    .filter((figure) => figure.case === name)
    .map(({ agents, nsP50, ratioToScan }) => ({ agents, ns: nsP50, scanNs: nsP50 * ratioToScan }));
}

function describe(points: readonly Point[]): string {
  return points.map(({ agents, ns }) => `${grouped(agents)} agents ${duration(ns)}`).join(', ');
}
