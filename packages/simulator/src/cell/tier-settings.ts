/**
 * What queues are told of a tier: the guarantees of its capacity groups, and as capacity what its pools may grow to, so
 * that guarantees are kept free for their owners and everything else is there for all.
 */
import type { Amounts, TierSettings } from '@stowage/queues';
import type { CellScenario, CellTier } from './scenario.ts';

/** More than any cell has; no capacity at all would be that of the guarantees. */
const UNLIMITED = 1e9;

/** Undefined, so unlimited, for a tier without guarantees. */
export function tierSettings(
  { capacityGroups = [], pools }: CellScenario,
  tier: CellTier,
): TierSettings | undefined {
  const guaranteed = capacityGroups.filter((group) => group.tier === tier && group.guarantee !== undefined);
  if (guaranteed.length === 0) return undefined;
  const totals = { cpu: 0, memory: 0, disk: 0, network: 0 };
  for (const { shape, agents, autoscale, tier: own } of pools) {
    if (own !== tier) continue;
    const size = Math.max(agents, autoscale === undefined ? 0 : (autoscale.maxSize ?? Infinity));
    totals.cpu += size * shape.cpu;
    totals.memory += size * shape.memoryMiB;
    totals.disk += size * shape.diskMiB;
    totals.network += size * shape.networkMbps;
  }
  const bounded = Object.entries(totals).map(([name, amount]) => [name, Math.min(amount, UNLIMITED)]);
  const capacity: Amounts = Object.fromEntries(bounded) as Amounts;
  return {
    capacity,
    buckets: Object.fromEntries(guaranteed.map(({ name, guarantee }) => [name, { guarantee }])),
  };
}
