/**
 * Where each node stands in the picture of a cluster. Nodes of one GPU model form a block; inside it they stand in
 * rows, most GPUs first, then fullest first, so that the eye reads off how many are full, torn and empty. Blocks
 * are packed onto shelves from left to right, biggest first, as long as they fit beside each other.
 *
 * All measures are whole units of the viewBox, which keeps the paths short.
 */
import type { NodeFill } from '../replay/replay-run.ts';

/** Width of the picture. */
export const PICTURE_WIDTH = 1120;
/** Distance from one GPU of a node to the next, of which the cell takes all but one unit. */
export const CELL_PITCH = 5;
export const CELL_WIDTH = 6;
/** Width of the CPU bar at the left of the cells. */
export const BAR_WIDTH = 2;
/** Distance from the left edge of a node to its cells. */
export const CELL_OFFSET = 3;

const NODE_PITCH = 11;
const ROW_GAP = 5;
const HEADING = 20;
const BLOCK_GAP = 22;
const HEADING_CHARACTER = 6.4;
const LEAST_CELLS = 2;

/** A node with the left lower corner of its column. */
export interface PlacedNode {
  readonly node: NodeFill;
  readonly x: number;
  /** Lower edge; GPU 0 stands on it. */
  readonly y: number;
  /** Number of cells the column is high, at least 2 so that the CPU bar can be read. */
  readonly cells: number;
}

interface ModelBlock {
  readonly heading: string;
  readonly x: number;
  /** Base line of the heading. */
  readonly y: number;
  readonly nodes: readonly PlacedNode[];
}

export interface ClusterLayout {
  readonly height: number;
  readonly blocks: readonly ModelBlock[];
}

/** Heading of a block: model name (empty without GPUs) and its nodes. */
type BlockHeading = (model: string, nodes: readonly NodeFill[]) => string;

/** O(n log n). */
export function layoutCluster(nodes: readonly NodeFill[], headingOf: BlockHeading): ClusterLayout {
  const blocks: ModelBlock[] = [];
  let shelfTop = 0;
  let shelfHeight = 0;
  let left = 0;
  for (const [model, members] of byModel(nodes)) {
    const heading = headingOf(model, members);
    const perRow = Math.min(members.length, Math.floor(PICTURE_WIDTH / NODE_PITCH));
    const width = Math.max(perRow * NODE_PITCH, Math.ceil(heading.length * HEADING_CHARACTER));
    if (left > 0 && left + width > PICTURE_WIDTH) {
      shelfTop += shelfHeight + BLOCK_GAP;
      shelfHeight = 0;
      left = 0;
    }
    const placed = placeRows(members, left, shelfTop + HEADING, perRow);
    blocks.push({ heading, x: left, y: shelfTop + 11, nodes: placed.nodes });
    shelfHeight = Math.max(shelfHeight, placed.bottom - shelfTop);
    left += width + BLOCK_GAP;
  }
  return { height: shelfTop + shelfHeight + 2, blocks };
}

function byModel(nodes: readonly NodeFill[]): (readonly [string, readonly NodeFill[]])[] {
  const groups = new Map<string, NodeFill[]>();
  for (const node of nodes) {
    const group = groups.get(node.model);
    if (group === undefined) groups.set(node.model, [node]);
    else group.push(node);
  }
  return [...groups].sort(
    ([modelA, a], [modelB, b]) =>
      cellsOf(b) - cellsOf(a) || b.length - a.length || (modelA < modelB ? -1 : 1),
  );
}

function cellsOf(nodes: readonly NodeFill[]): number {
  return nodes.reduce((cells, node) => cells + node.gpuMilliUsed.length, 0);
}

function placeRows(
  members: readonly NodeFill[],
  left: number,
  top: number,
  perRow: number,
): { nodes: PlacedNode[]; bottom: number } {
  const sorted = members
    .map((node) => ({ node, used: node.gpuMilliUsed.reduce((sum, milli) => sum + milli, 0) }))
    .sort(
      (a, b) =>
        b.node.gpuMilliUsed.length - a.node.gpuMilliUsed.length ||
        b.used - a.used ||
        b.node.cpuMilliUsed / b.node.cpuMilli - a.node.cpuMilliUsed / a.node.cpuMilli ||
        (a.node.name < b.node.name ? -1 : 1),
    );
  const nodes: PlacedNode[] = [];
  let bottom = top - ROW_GAP;
  for (let start = 0; start < sorted.length; start += perRow) {
    const row = sorted.slice(start, start + perRow).map(({ node }) => ({
      node,
      cells: Math.max(LEAST_CELLS, node.gpuMilliUsed.length),
    }));
    bottom += ROW_GAP + row.reduce((cells, entry) => Math.max(cells, entry.cells), 0) * CELL_PITCH;
    row.forEach(({ node, cells }, column) => {
      nodes.push({ node, x: left + column * NODE_PITCH, y: bottom, cells });
    });
  }
  return { nodes, bottom };
}
