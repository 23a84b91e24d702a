/**
 * Percentiles by nearest rank.
 */
import type { Percentiles } from './cell-run.ts';

/** Undefined for no values. Sorts the values given. */
export function percentilesOf(values: number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  values.sort((a, b) => a - b);
  const rank = (share: number): number => values[Math.max(0, Math.ceil(share * values.length) - 1)];
  return { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: values[values.length - 1] };
}
