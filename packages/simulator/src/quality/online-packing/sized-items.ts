/**
 * Instances of online bin packing in one dimension: those of FunSearch (Romera-Paredes et al., Nature 2023), which are
 * OR3 of the OR-Library and five draws from a Weibull distribution, and new draws from the same two distributions.
 */
import { join } from 'node:path';
import { fail } from '../../errors.ts';
import type { SeededRandom } from '../../seeded-random.ts';
import { readTraceFile } from '../../trace-file.ts';
import type { VectorInstance } from '../vector-packing/vector-instance.ts';

const FILE = 'online-binpack-1d/or3_weibull5k.json';

/** A distribution of sizes and what is known about instances from it. */
export interface SizeFamily {
  /** As in the file. */
  readonly name: string;
  readonly capacity: number;
  /** Items of an instance. */
  readonly items: number;
  readonly draw: (random: SeededRandom) => number;
}

/** OR-Library: uniform from 20 to 100, bins of 150. */
export const OR3: SizeFamily = {
  name: 'OR3',
  capacity: 150,
  items: 500,
  draw: (random) => 20 + random.below(81),
};

/** Weibull with shape 3 and scale 45, rounded, from 1 to 100, bins of 100. */
export const WEIBULL: SizeFamily = {
  name: 'Weibull 5k',
  capacity: 100,
  items: 5_000,
  draw: (random) => {
    // From 2^-32 to 1, of which the logarithm is finite.
    const uniform = (random.next() + 1) / 2 ** 32;
    return Math.min(100, Math.max(1, Math.round(45 * (-Math.log(uniform)) ** (1 / 3))));
  },
};

export function generated({ name, capacity, items, draw }: SizeFamily, random: SeededRandom): VectorInstance {
  return { name, capacity: [capacity], items: Array.from({ length: items }, () => [draw(random)]) };
}

/**
 * The published instances of a family, in the order of the file.
 * @param data - folder with the public data
 * @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE
 */
export function readSized(data: string, { name, capacity }: SizeFamily): VectorInstance[] {
  const path = join(data, FILE);
  const families = parsed(path);
  const instances = isObject(families) ? families[name] : undefined;
  if (!isObject(instances))
    return fail('MALFORMED_TRACE', `${path}: has no instances of ${name}; copy the file again.`);
  return Object.entries(instances).map(([key, instance]) => {
    const items: unknown = isObject(instance) && instance.capacity === capacity ? instance.items : undefined;
    if (!Array.isArray(items) || items.length === 0 || !items.every((size) => isSize(size, capacity)))
      return fail(
        'MALFORMED_TRACE',
        `${path}: ${name} ${key} is no list of sizes for bins of ${capacity}; copy the file again.`,
      );
    return { name: key, capacity: [capacity], items: items.map((size) => [size]) };
  });
}

/** Bins that the items fill to the last unit. */
export function lowerBound({ capacity, items }: VectorInstance): number {
  return Math.ceil(items.reduce((sum, [size]) => sum + size, 0) / capacity[0]);
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readTraceFile(path).toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fail('MALFORMED_TRACE', `${path}: is no JSON (${error.message}); copy the file again.`, error);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSize(value: unknown, capacity: number): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= capacity;
}
