/**
 * How many class trees an engine may have: what bounds their memory.
 */
import { BYTES_PER_AGENT } from './tournament.ts';
import { BYTES_PER_TREE } from './tree-places.ts';

/** Memory that all trees of an engine may take together. */
const TREE_BYTES = 256 * 1024 * 1024;
/** Trees that may exist whatever they take. */
const LEAST_TREES = 16;

/** @param capacity - agents that there is room for */
export function mostTrees(capacity: number): number {
  return Math.max(LEAST_TREES, Math.floor(TREE_BYTES / (BYTES_PER_AGENT * capacity + BYTES_PER_TREE)));
}
