/**
 * Recorded orders of one openb workload, a compressed JSON file: per seed the pods in order of arrival (numbers
 * into the list sorted by name, repetitions allowed) and the place of every node in the tie-break order.
 */
import { gunzipSync } from 'node:zlib';
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import { PODS_PREFIX } from './openb-pods.ts';
import { readTraceFile } from '../trace-file.ts';

/** The orders of one seed. */
interface Sequence {
  readonly podOrder: readonly number[];
  readonly nodePerm: readonly number[];
}

/** Unchecked orders by seed. */
export interface SequenceFile {
  readonly path: string;
  readonly pods: number;
  readonly seeds: Readonly<Record<string, Partial<Record<keyof Sequence, unknown>>>>;
}

/**
 * @param name - the workload that the file must be about
 * @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE
 */
export function readSequenceFile(path: string, name: string): SequenceFile {
  const compressed = readTraceFile(path);
  let content: (Partial<SequenceFile> & { readonly workload?: unknown }) | null;
  try {
    content = JSON.parse(gunzipSync(compressed).toString('utf8')) as typeof content;
  } catch (error) {
    return fail(
      'MALFORMED_TRACE',
      `${path}: not a complete gzip file with JSON (${String(error)}); copy it again.`,
      error,
    );
  }
  const { pods, seeds, workload = name } = content ?? {};
  if (workload !== name && workload !== PODS_PREFIX + name) {
    fail(
      'MALFORMED_TRACE',
      `${path} holds orders of ${show(workload)}, not of ${name}; copy the right file.`,
    );
  }
  if (typeof pods !== 'number' || typeof seeds !== 'object' || seeds === null) {
    return fail('MALFORMED_TRACE', `${path}: "pods" (a number) or "seeds" (an object) is missing.`);
  }
  if (Object.keys(seeds).length === 0) fail('MALFORMED_TRACE', `${path}: "seeds" is empty; copy it again.`);
  return { path, pods, seeds };
}

/** Seeds of a file in ascending order. @throws StowageError MALFORMED_TRACE */
export function seedsOf({ path, seeds }: SequenceFile): number[] {
  return Object.keys(seeds)
    .map((seed) =>
      /^(0|[1-9]\d*)$/.test(seed)
        ? Number(seed)
        : fail('MALFORMED_TRACE', `${path}: "${seed}" is not a seed; use an integer.`),
    )
    .sort((a, b) => a - b);
}

/**
 * The checked orders of a seed.
 * @throws StowageError UNKNOWN_SEED, MALFORMED_TRACE
 */
export function sequenceOf(file: SequenceFile, seed: number, podCount: number, nodeCount: number): Sequence {
  const { path, pods, seeds } = file;
  if (!Object.hasOwn(seeds, String(seed))) {
    fail('UNKNOWN_SEED', `${path} has no seed ${seed}; use one of ${seedsOf(file).join(', ')}.`);
  }
  if (pods !== podCount) {
    fail(
      'MALFORMED_TRACE',
      `${path} was made for ${pods} pods, but the pod list has ${podCount}; copy both files again.`,
    );
  }
  const { podOrder, nodePerm } = seeds[seed] ?? {};
  const where = `${path} seed ${seed}`;
  requireIndices(podOrder, podCount, `${where} podOrder`);
  requireIndices(nodePerm, nodeCount, `${where} nodePerm`);
  if (podOrder.length === 0) fail('MALFORMED_TRACE', `${where} podOrder: is empty; nothing would arrive.`);
  if (nodePerm.length !== nodeCount || new Set(nodePerm).size !== nodeCount) {
    fail(
      'MALFORMED_TRACE',
      `${where} nodePerm: is not a permutation of the ${nodeCount} nodes of the node list.`,
    );
  }
  return { podOrder, nodePerm };
}

function requireIndices(value: unknown, count: number, where: string): asserts value is readonly number[] {
  if (!Array.isArray(value)) fail('MALFORMED_TRACE', `${where}: is missing or not a list.`);
  const wrong = value.findIndex((index) => !(Number.isInteger(index) && index >= 0 && index < count));
  if (wrong >= 0) {
    fail(
      'MALFORMED_TRACE',
      `${where}: entry ${wrong} is ${JSON.stringify(value[wrong])}; it must be an integer from 0 to ${count - 1}.`,
    );
  }
}
