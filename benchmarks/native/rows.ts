/**
 * Comparisons as rows of a table for people.
 */
import { rounded } from '../macro/samples.ts';
import type { Comparison } from './comparison.ts';
import type { Bandwidth, NativeAlgorithm } from './native-twin.ts';

type Row = Record<string, string | number>;

const COLUMNS: readonly (readonly [title: string, NativeAlgorithm])[] = [
  ['C scan', 'scan'],
  ['C scan, vectors', 'scan-by-vectors'],
  ['C tree', 'class-tree'],
  ['C index', 'ordered-index'],
];

export function comparisonRow(comparison: Comparison): Row {
  const { agents, algorithm, nsPerOp, native, hash } = comparison;
  const own = native.find((times) => times.algorithm === algorithm);
  const [least, median, greatest] = own?.ratios ?? [];
  return {
    case: comparison.case,
    agents,
    'ours by': algorithm ?? 'several',
    ours: nsPerOp,
    ...Object.fromEntries(
      COLUMNS.map(([title, name]) => [
        title,
        native.find((times) => times.algorithm === name)?.nsPerOp ?? '',
      ]),
    ),
    'by C': median === undefined ? '' : `${median} (${least} to ${greatest})`,
    'same hash': hash,
  };
}

export function bandwidthRow({ agents, resources, bytes, nsPerPass, gigabytesPerSecond }: Bandwidth): Row {
  return {
    agents,
    resources,
    bytes,
    'ns per pass': rounded(nsPerPass),
    'ns per agent': rounded(nsPerPass / agents, 3),
    'GB/s': gigabytesPerSecond,
  };
}
