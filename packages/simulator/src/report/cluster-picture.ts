/**
 * A picture of the cluster at the end of one run: every node a column, every GPU a cell coloured by how full it
 * is, the CPU a bar at its left. Used GPUs are calm, idle ones loud: what a policy wastes is what catches the eye.
 *
 * Economy: all cells of one colour are one path of short strokes (about 10 bytes a GPU), all CPU bars two more;
 * only the tooltips cost an element per node. A cluster of 1,200 nodes and 6,200 GPUs takes about 250 kB.
 */
import type { NodeFill, ReplayRun } from '../replay/replay-run.ts';
import {
  BAR_WIDTH,
  CELL_OFFSET,
  CELL_PITCH,
  CELL_WIDTH,
  type ClusterLayout,
  layoutCluster,
  PICTURE_WIDTH,
  type PlacedNode,
} from './cluster-layout.ts';
import { coordinate, count, escapeText, plural } from './markup.ts';

/** Colour steps of a GPU, emptiest first: names for the legend, and the fullest that belongs to the step. */
export const FILL_STEPS: readonly { readonly name: string; readonly atMost: number }[] = [
  { name: 'GPU free', atMost: 0 },
  { name: 'up to ¼ used', atMost: 250 },
  { name: 'up to ½', atMost: 500 },
  { name: 'up to ¾', atMost: 750 },
  { name: 'above ¾', atMost: 999 },
  { name: 'full', atMost: Infinity },
];

const FULL = 1000;

/** The picture as an `<svg>` element; `id` must be unique in the document. */
export function clusterPicture(run: ReplayRun, id: string): string {
  const layout = layoutCluster(run.nodes, blockHeading);
  const nodes = layout.blocks.flatMap((block) => block.nodes);
  const gpus = gpuTotals(run.nodes);
  const description =
    `${plural(run.nodes.length, 'node', 'nodes')} with ${plural(gpus.gpus, 'GPU', 'GPUs')} by GPU model: ` +
    `${count(gpus.full)} full, ${count(gpus.partial)} partly used, ${count(gpus.free)} free.`;
  return [
    `<svg class="cluster" role="img" viewBox="0 0 ${PICTURE_WIDTH} ${layout.height}" aria-labelledby="${id}-title ${id}-desc">`,
    `<title id="${id}-title">${escapeText(`Cluster after ${run.policy}, ${run.workload}, seed ${run.seed}`)}</title>`,
    `<desc id="${id}-desc">${escapeText(description)}</desc>`,
    ...headings(layout),
    ...cells(nodes),
    ...cpuBars(nodes),
    ...nodes.map(tooltip),
    '</svg>',
  ].join('');
}

/** How many GPUs are full, partly used and free, and the used share of all. */
export function gpuTotals(nodes: readonly NodeFill[]): {
  gpus: number;
  full: number;
  partial: number;
  free: number;
  usedPercent: number;
} {
  let gpus = 0;
  let full = 0;
  let free = 0;
  let used = 0;
  for (const node of nodes) {
    for (const milli of node.gpuMilliUsed) {
      gpus++;
      used += milli;
      if (milli >= FULL) full++;
      else if (milli === 0) free++;
    }
  }
  return {
    gpus,
    full,
    partial: gpus - full - free,
    free,
    usedPercent: gpus === 0 ? NaN : used / (gpus * 10),
  };
}

function blockHeading(model: string, nodes: readonly NodeFill[]): string {
  const { gpus, usedPercent } = gpuTotals(nodes);
  const machines = plural(nodes.length, 'node', 'nodes');
  if (gpus === 0) return `${model || 'CPU only'} · ${machines}`;
  return `${model || 'unknown model'} · ${machines}, ${plural(gpus, 'GPU', 'GPUs')} · ${usedPercent.toFixed(1)} %`;
}

function headings({ blocks }: ClusterLayout): string[] {
  return blocks.map(
    ({ heading, x, y }) => `<text class="block-label" x="${x}" y="${y}">${escapeText(heading)}</text>`,
  );
}

function cells(nodes: readonly PlacedNode[]): string[] {
  const paths = FILL_STEPS.map(() => [] as string[]);
  for (const { node, x, y } of nodes) {
    node.gpuMilliUsed.forEach((milli, gpu) => {
      const step = FILL_STEPS.findIndex(({ atMost }) => milli <= atMost);
      paths[step].push(`M${x + CELL_OFFSET} ${y - gpu * CELL_PITCH - 2}h${CELL_WIDTH}`);
    });
  }
  return paths.flatMap((path, step) =>
    path.length === 0 ? [] : [`<path class="gpu fill-${step}" d="${path.join('')}"/>`],
  );
}

function cpuBars(nodes: readonly PlacedNode[]): string[] {
  const track: string[] = [];
  const used: string[] = [];
  for (const { node, x, y, cells: high } of nodes) {
    const height = high * CELL_PITCH - 1;
    const share = node.cpuMilli === 0 ? 0 : Math.min(1, node.cpuMilliUsed / node.cpuMilli);
    track.push(`M${x + BAR_WIDTH / 2} ${y}v${-height}`);
    if (share > 0) used.push(`M${x + BAR_WIDTH / 2} ${y}v${coordinate(-height * share)}`);
  }
  return [
    `<path class="cpu cpu-track" d="${track.join('')}"/>`,
    `<path class="cpu cpu-used" d="${used.join('')}"/>`,
  ];
}

function tooltip({ node, x, y, cells: high }: PlacedNode): string {
  const height = high * CELL_PITCH;
  return `<path class="hit" d="M${x} ${y}v${-height}h10v${height}z"><title>${escapeText(nodeText(node))}</title></path>`;
}

function nodeText(node: NodeFill): string {
  const gpus = node.gpuMilliUsed.map((milli) => (milli / FULL).toFixed(2).replace(/\.?0+$/, '')).join(' ');
  return [
    node.model === '' ? node.name : `${node.name} (${node.model})`,
    `CPU ${cores(node.cpuMilliUsed)} of ${cores(node.cpuMilli)} cores`,
    `memory ${gibibytes(node.memoryMiBUsed)} of ${gibibytes(node.memoryMiB)} GiB`,
    ...(gpus === '' ? [] : [`GPUs used: ${gpus}`]),
  ].join('\n');
}

function cores(milli: number): string {
  return coordinate(milli / 1000);
}

function gibibytes(mebibytes: number): string {
  return coordinate(mebibytes / 1024);
}
