/**
 * The scenarios that come with the simulator.
 */
import { BUSY_DAY } from './busy-day.ts';
import { CRASH_LOOPING_JOB } from './crash-looping-job.ts';
import { NIGHTLY_BATCH_WAVE } from './nightly-batch-wave.ts';
import { REGIONAL_FAILOVER } from './regional-failover.ts';
import { ROLLING_REPLACEMENT } from './rolling-replacement.ts';
import type { ScenarioFamily } from './scenario-family.ts';
import { STEADY_SERVICE_FLEET } from './steady-service-fleet.ts';

/** In the order in which to show them. @public */
export const CELL_SCENARIOS: readonly ScenarioFamily[] = [
  STEADY_SERVICE_FLEET,
  NIGHTLY_BATCH_WAVE,
  REGIONAL_FAILOVER,
  ROLLING_REPLACEMENT,
  CRASH_LOOPING_JOB,
  BUSY_DAY,
];
