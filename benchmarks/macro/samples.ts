/**
 * Order statistics: on a machine that others use as well, a mean says more about them than about us.
 */

/** The smallest sample that at least this part of all samples do not exceed. @param part - above 0, at most 1 */
export function percentile(samples: Float64Array | readonly number[], part: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

export function median(samples: Float64Array | readonly number[]): number {
  return percentile(samples, 0.5);
}

/** To so many significant digits: more would be noise. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
