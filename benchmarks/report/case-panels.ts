/**
 * A small plot for every case: operations per second by size of the cluster, with the plain scan and the targets of the
 * design. All panels have the same axes, so that they can be compared.
 */
import { line } from 'd3-shape';
import type { ChurnFigure } from '../figures.ts';
import { aroundValues, decades, type LogScale, powersOfTen } from './log-axis.ts';
import { at, dot, label, path, svgDocument } from './svg.ts';
import { grouped, shortCount } from './text.ts';

const COLUMNS = 4;
const PANEL_WIDTH = 226;
const PANEL_HEIGHT = 184;
const LEFT = 20;
const TOP = 66;
/** Of the plot inside its panel. */
const INNER = { left: 40, right: PANEL_WIDTH - 12, top: 40, bottom: PANEL_HEIGHT - 34 };

interface Scales {
  readonly x: LogScale;
  readonly y: LogScale;
  readonly sizes: readonly number[];
}

export function casePanels(figures: readonly ChurnFigure[]): string | undefined {
  const names = [...new Set(figures.map((figure) => figure.case))];
  if (names.length === 0) return undefined;
  const sizes = [...new Set(figures.map(({ agents }) => agents))].sort((a, b) => a - b);
  const speeds = figures.flatMap(({ opsPerSecond, ratioToScan, target }) => [
    opsPerSecond,
    opsPerSecond / ratioToScan,
    ...(target === null ? [] : [target]),
  ]);
  const scales = {
    x: aroundValues(sizes.length > 1 ? sizes : [1, 2], [INNER.left, INNER.right], 12),
    y: decades(speeds, [INNER.bottom, INNER.top]),
    sizes,
  };
  const panels = names.map((name, i) => {
    const own = figures.filter((figure) => figure.case === name);
    const x = LEFT + (i % COLUMNS) * PANEL_WIDTH;
    const y = TOP + Math.floor(i / COLUMNS) * PANEL_HEIGHT;
    return `<g transform="translate(${x} ${y})">${panel(name, own, scales).join('')}</g>`;
  });
  return svgDocument({
    width: 2 * LEFT + COLUMNS * PANEL_WIDTH,
    height: TOP + Math.ceil(names.length / COLUMNS) * PANEL_HEIGHT + 10,
    title: 'Operations per second by size of the cluster',
    description: figures
      .map(
        ({ case: name, agents, opsPerSecond }) =>
          `${name}, ${grouped(agents)} agents: ${grouped(opsPerSecond)}.`,
      )
      .join(' '),
    content: [...legend(), ...panels],
  });
}

function legend(): string[] {
  return [
    path('line series-0', 'M20 46h24'),
    dot(0, 32, 46, 'engine'),
    label(50, 50, 'engine'),
    path('scan', 'M110 46h24'),
    label(140, 50, 'plain scan of the same engine'),
    path('target', 'M332 46h16'),
    label(354, 50, 'target of the design'),
  ];
}

function panel(name: string, figures: readonly ChurnFigure[], { x, y, sizes }: Scales): string[] {
  const own = line<ChurnFigure>(
    ({ agents }) => x(agents),
    ({ opsPerSecond }) => y(opsPerSecond),
  ).digits(1);
  const scanned = line<ChurnFigure>(
    ({ agents }) => x(agents),
    ({ opsPerSecond, ratioToScan }) => y(opsPerSecond / ratioToScan),
  ).digits(1);
  const last = figures.at(-1)!;
  return [
    label(0, 12, name, { classes: 'panel-title' }),
    label(0, 27, `${shortCount(last.opsPerSecond)} per second at ${shortCount(last.agents)} agents`, {
      classes: 'soft small',
    }),
    ...powersOfTen(y).flatMap((tick) => [
      path('grid', `M${INNER.left} ${at(y(tick))}H${INNER.right}`),
      label(INNER.left - 6, y(tick) + 4, shortCount(tick), { classes: 'soft small', anchor: 'end' }),
    ]),
    ...sizes.map((size) =>
      label(x(size), INNER.bottom + 15, shortCount(size), { classes: 'soft small', anchor: 'middle' }),
    ),
    path('axis', `M${INNER.left} ${INNER.bottom}H${INNER.right}`),
    path('scan', scanned(figures) ?? ''),
    ...figures.flatMap(({ agents, target }) =>
      target === null ? [] : [path('target', `M${at(x(agents) - 8)} ${at(y(target))}h16`)],
    ),
    path('line series-0', own(figures) ?? ''),
    ...figures.map(({ agents, opsPerSecond }) =>
      dot(0, x(agents), y(opsPerSecond), `${grouped(agents)} agents: ${grouped(opsPerSecond)} per second`),
    ),
  ];
}
