/**
 * The one list of the quality suites, in the order in which they are run and reported.
 */
import { elasticHosts } from './elastic/elastic-hosts.ts';
import { failoverBurst } from './failover-burst/failover-burst.ts';
import { fillUp } from './fill-up/fill-up.ts';
import { onlinePacking } from './online-packing/online-packing.ts';
import { rebalance } from './rebalance/rebalance.ts';
import type { QualitySuite } from './suite.ts';
import { vectorPacking } from './vector-packing/vector-packing.ts';

/** @public */
export const QUALITY_SUITES: readonly QualitySuite[] = [
  fillUp,
  vectorPacking,
  onlinePacking,
  elasticHosts,
  failoverBurst,
  rebalance,
];
