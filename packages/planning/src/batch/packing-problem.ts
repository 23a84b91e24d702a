/**
 * Vector packing as users state it: items with integer demands, bins with free capacities that may differ, some bins
 * in use already. What is wrong is refused here, so that the packer need not look again.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';

/**
 * Matrices are flat, a row after the other: the demand of item i in dimension k is `demands[i * dimensions + k]`.
 * @public
 */
export interface PackingProblem {
  /** At least 1. */
  readonly dimensions: number;
  /** A row per item: integers from 0; their sum must be below 2^53. */
  readonly demands: ArrayLike<number>;
  /** A row per bin: what it still can take, integers from 0 with a sum below 2^53. */
  readonly free: ArrayLike<number>;
  /** By bin, whether it is in use already, so that using it opens nothing. Default: none is. */
  readonly used?: ArrayLike<boolean | number>;
}

/** A problem with its numbers in columns of one kind. */
export interface PackingModel {
  readonly dimensions: number;
  readonly itemCount: number;
  readonly binCount: number;
  readonly demands: Float64Array;
  readonly free: Float64Array;
  readonly used: Uint8Array;
}

/** @throws StowageError INVALID_PLANNING_OPTION */
export function packingModel({ dimensions, demands, free, used }: PackingProblem): PackingModel {
  if (!Number.isInteger(dimensions) || dimensions < 1) {
    fail(
      'INVALID_PLANNING_OPTION',
      `dimensions is ${show(dimensions)}; give an integer from 1: the numbers per item.`,
    );
  }
  const binCount = rowsOf(free, dimensions, 'free');
  if (used !== undefined && used.length !== binCount) {
    fail(
      'INVALID_PLANNING_OPTION',
      `used has ${used.length} entries for ${binCount} bins; give one per bin or leave it out.`,
    );
  }
  return {
    dimensions,
    itemCount: rowsOf(demands, dimensions, 'demands'),
    binCount,
    demands: Float64Array.from(demands),
    free: Float64Array.from(free),
    used: Uint8Array.from({ length: binCount }, (_, bin) => (used !== undefined && used[bin] ? 1 : 0)),
  };
}

/** Whether an item could lie in an empty bin. O(dimensions). */
export function fits({ dimensions, demands, free }: PackingModel, item: number, bin: number): boolean {
  for (let k = 0; k < dimensions; k++) {
    if (demands[item * dimensions + k] > free[bin * dimensions + k]) return false;
  }
  return true;
}

function rowsOf(matrix: ArrayLike<number>, dimensions: number, name: string): number {
  if (matrix.length % dimensions !== 0) {
    fail(
      'INVALID_PLANNING_OPTION',
      `${name} has ${matrix.length} numbers, which are no whole rows of ${dimensions}; give one number per dimension.`,
    );
  }
  let sum = 0;
  for (let i = 0; i < matrix.length; i++) {
    const value = matrix[i];
    if (!Number.isSafeInteger(value) || value < 0)
      fail('INVALID_PLANNING_OPTION', `${name}[${i}] is ${show(value)}; give an integer from 0.`);
    sum += value;
  }
  if (sum > Number.MAX_SAFE_INTEGER)
    fail('INVALID_PLANNING_OPTION', `the numbers of ${name} add up to 2^53 or more; use larger units.`);
  return matrix.length / dimensions;
}
