/**
 * Sums over the reports of many runs.
 */

/** The numbers of a report by path: `succeeded.place`. */
export function flatCounts(report: object, path = ''): [event: string, count: number][] {
  return Object.entries(report).flatMap(([key, value]: [string, unknown]): [string, number][] => {
    if (typeof value === 'number') return [[path + key, value]];
    return typeof value === 'object' && value !== null ? flatCounts(value, `${path}${key}.`) : [];
  });
}

export function addCounts(
  totals: Map<string, number>,
  counts: readonly [event: string, count: number][],
): void {
  for (const [event, count] of counts) totals.set(event, (totals.get(event) ?? 0) + count);
}
