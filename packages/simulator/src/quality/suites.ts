/**
 * The one list of the quality suites, in the order in which they are run and reported.
 */
import { failoverBurst } from './failover-burst/failover-burst.ts';
import { rebalance } from './rebalance/rebalance.ts';
import type { QualitySuite } from './suite.ts';

/** @public */
export const QUALITY_SUITES: readonly QualitySuite[] = [failoverBurst, rebalance];
