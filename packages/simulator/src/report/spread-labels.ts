/**
 * Moves labels apart that would overlap on one axis. Labels keep their order; each cluster of labels that touch
 * is centred on the mean of where its members wanted to be (pool adjacent violators), which minimises the sum of
 * squared shifts.
 */

interface Pool {
  /** Sum over the members of (wanted position − offset inside the pool). */
  total: number;
  members: number;
}

/**
 * Positions at least `gap` apart within `low`…`high`, in the order of the input. When the range is too short for
 * all labels they leave it at its upper end. O(n log n).
 */
export function spreadLabels(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const pools: Pool[] = [];
  for (const index of order) {
    let pool: Pool = { total: wanted[index], members: 1 };
    for (let previous = pools.at(-1); previous !== undefined; previous = pools.at(-1)) {
      if (startOf(previous) + previous.members * gap <= startOf(pool)) break;
      pools.pop();
      pool = {
        total: previous.total + pool.total - pool.members * previous.members * gap,
        members: previous.members + pool.members,
      };
    }
    pools.push(pool);
  }

  const placed = pools.flatMap((pool) =>
    Array.from({ length: pool.members }, (_, member) => startOf(pool) + member * gap),
  );
  for (let i = placed.length - 1, limit = high; i >= 0; i--, limit = placed[i + 1] - gap) {
    placed[i] = Math.min(placed[i], limit);
  }
  for (let i = 0, limit = low; i < placed.length; i++, limit = placed[i - 1] + gap) {
    placed[i] = Math.max(placed[i], limit);
  }

  const positions: number[] = new Array<number>(wanted.length);
  order.forEach((index, rank) => (positions[index] = placed[rank]));
  return positions;
}

function startOf(pool: Pool): number {
  return pool.total / pool.members;
}
