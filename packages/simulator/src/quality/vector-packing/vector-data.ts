/**
 * The instances and published results of Mommessin et al., "Classification and evaluation of the algorithms for vector
 * bin packing" (Computers & Operations Research): 1,080 "New" and 240 "Triplet" instances, 351 heuristics. Items arrive
 * in the order in which the authors' loader shuffles them, which decides first fit and all ties.
 */
import { basename, join } from 'node:path';
import { fail } from '../../errors.ts';
import { readTraceFile, TraceRow } from '../../trace-file.ts';
import { readTarGz } from './tar-archive.ts';
import { parseVectorInstance, type VectorInstance } from './vector-instance.ts';

export const INSTANCE_SETS = ['New', 'Triplet'] as const;

/** @public */
export type InstanceSet = (typeof INSTANCE_SETS)[number];

const FILES = {
  New: { archive: 'New_instances.tar.gz', results: 'New_multidim_full.csv', known: 'New_summary_known.csv' },
  Triplet: {
    archive: 'Triplet_instances.tar.gz',
    results: 'Triplet_multidim.csv',
    known: 'Triplet_summary_known.csv',
  },
} as const;
const SHUFFLE = 'item_shuffle_by_n.txt';

/** An instance with what is known about it. */
export interface PublishedInstance {
  readonly instance: VectorInstance;
  /** Fewest bins if known, else the fewest that one of the 351 heuristics needs. */
  readonly bestKnown: number;
  /** Fewest bins that one of the 351 heuristics needs. */
  readonly bestOfAll: number;
  /** Bins that a heuristic needs, by its published name. */
  readonly published: Readonly<Record<string, number>>;
}

/**
 * All instances of a set.
 * @param heuristics - columns to read
 * @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE
 */
export function readPublished(
  folder: string,
  set: InstanceSet,
  heuristics: readonly string[],
): PublishedInstance[] {
  const { archive, results, known } = FILES[set];
  const orders = readOrders(join(folder, SHUFFLE));
  const resultOf = byInstance(join(folder, results), ['instance_name', ...heuristics]);
  const knownOf = byInstance(join(folder, known), ['instance_name', 'OPT', 'best_overall']);
  const path = join(folder, archive);
  const files = readTarGz(path).filter((file) => file.path.endsWith('.vbp'));
  if (files.length === 0 || files.length !== resultOf.size)
    fail(
      'MALFORMED_TRACE',
      `${path}: holds ${files.length} instances, ${results} has ${resultOf.size}; copy all files again.`,
    );
  return files.map((file) => {
    const name = basename(file.path, '.vbp');
    const where = `${path}: ${file.path}`;
    const inFile = parseVectorInstance(name, file.text, where);
    const order = orders.get(inFile.items.length);
    const result = resultOf.get(name);
    const summary = knownOf.get(name);
    if (order === undefined || result === undefined || summary === undefined) {
      return fail(
        'MALFORMED_TRACE',
        `${where}: ${SHUFFLE} or a table does not know it; copy all files again.`,
      );
    }
    const bestOfAll = summary.integer('best_overall', 1);
    // Unknown optima are written as -1.
    const isOptimumKnown = summary.text('OPT') !== '-1';
    return {
      instance: { ...inFile, items: order.map((index) => inFile.items[index]) },
      bestKnown: isOptimumKnown ? summary.integer('OPT', 1) : bestOfAll,
      bestOfAll,
      published: Object.fromEntries(heuristics.map((column) => [column, result.integer(column, 1)])),
    };
  });
}

/** Permutations by number of items: a line each, the number first. */
function readOrders(path: string): Map<number, number[]> {
  const lines = readTraceFile(path).toString('utf8').trim().split('\n');
  return new Map(
    lines.map((line, i) => {
      const [count, ...order] = line.trim().split(/\s+/).map(Number);
      if (order.length !== count || order.toSorted((a, b) => a - b).some((value, index) => value !== index))
        fail('MALFORMED_TRACE', `${path} line ${i + 1}: is no permutation of ${count} items; copy it again.`);
      return [count, order];
    }),
  );
}

/** Lines of a table with tabs between its fields, by the name of the instance. */
function byInstance(path: string, columns: readonly string[]): Map<string, TraceRow> {
  const [header, ...lines] = readTraceFile(path).toString('utf8').trimEnd().split('\n');
  const names = header.split('\t');
  const places = columns.map((column) => names.indexOf(column));
  const missing = columns.filter((_, i) => places[i] < 0);
  if (missing.length > 0)
    fail('MALFORMED_TRACE', `${path} line 1: no column ${missing.join(', ')}; is this the right file?`);
  return new Map(
    lines.map((line, i) => {
      const fields = line.split('\t');
      const record = Object.fromEntries(columns.map((column, c) => [column, fields[places[c]] ?? '']));
      const row = new TraceRow(record, path, i + 2);
      return [row.text('instance_name'), row];
    }),
  );
}
