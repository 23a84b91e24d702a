/**
 * Presets for the two tiers of Titus. The critical tier keeps capacity ready: its pools are as large as the guarantees of
 * its capacity groups and the headroom demand, used or not. The flexible tier grows on demand and keeps a few agents idle.
 * The figures are those of Titus' agent pool auto-scaler.
 */
import type { ResourceDefinition } from '@stowage/core';
import {
  type CapacityGuarantee,
  guaranteedSizes,
  type Headroom,
  type SizedPool,
} from './guaranteed-sizes.ts';
import { checkedRule, type PoolRule } from './pool-rule.ts';

const CRITICAL = { minIdle: 0, maxIdle: 5, coolDownMs: 600_000, idleGraceMs: 900_000 } as const;
const FLEXIBLE = { minIdle: 5, maxIdle: 10, coolDownMs: 600_000, idleGraceMs: 900_000 } as const;

/** A rule in which the preset of a tier stands for what is left out. @public */
export type TierRule = Partial<PoolRule> & Pick<PoolRule, 'pool'>;

/** @public */
export interface CriticalTier {
  /** In the order given. */
  readonly rules: readonly PoolRule[];
  /** Guaranteed capacity that the pools cannot hold, a decimal per resource; empty when they can. */
  readonly shortage: Readonly<Record<string, number>>;
}

/** @public */
export interface CriticalTierOptions {
  /** Default: a share of 0.05. */
  readonly headroom?: Headroom;
  /** As given to the scheduler. Default: core's default resources. */
  readonly resources?: readonly ResourceDefinition[];
}

/**
 * Rules of pools that keep guaranteed capacity ready: `minSize` is what the guarantees and the headroom demand, or the
 * rule's own if that is greater; else minIdle 0, maxIdle 5, cool-down 600 s, idle grace 900 s. Compute them again and
 * replace the rules when guarantees change.
 *
 * @param pools - filled in the order given, each up to its `maxSize`
 * @throws StowageError INVALID_POOL_RULE, INVALID_AUTOSCALE_INPUT, UNKNOWN_RESOURCE, INVALID_SCHEMA
 * @public
 */
export function criticalTier(
  pools: readonly (TierRule & SizedPool)[],
  guarantees: readonly CapacityGuarantee[],
  { headroom, resources }: CriticalTierOptions = {},
): CriticalTier {
  const { sizes, shortage } = guaranteedSizes(pools, guarantees, headroom, resources);
  const rules = pools.map((rule, i) =>
    checkedRule({ ...CRITICAL, ...rule, minSize: Math.max(rule.minSize ?? 0, sizes[i].minSize) }),
  );
  return { rules, shortage };
}

/**
 * The rule of a pool that grows on demand: minIdle 5, maxIdle 10, cool-down 600 s, idle grace 900 s.
 * @throws StowageError INVALID_POOL_RULE
 * @public
 */
export function flexiblePool(rule: TierRule): PoolRule {
  return checkedRule({ ...FLEXIBLE, ...rule });
}
