/**
 * Spread of a job over availability zones as Titus asks for it by `zonebalance`, as a demand and as a preference
 * (V3ZoneBalancedHardConstraintEvaluator, V3ZoneBalancedFitnessCalculator). Titus expects three zones, always; here
 * their number is a parameter.
 */
import { type HardConstraint, SOFT_SCALE, type SoftConstraint } from '@stowage/core';
import { balanced } from './balanced.ts';
import { CoTaskCounts } from './co-task-counts.ts';
import { requireCount, requireTexts } from './parameters.ts';

/** @public */
export interface ZoneBalanceOptions {
  /** Default `zone`. */
  readonly attribute?: string;
  /** Number of zones that should be used. Default 3. */
  readonly expectedZones?: number;
  /** Tasks with the same value of this label are balanced. Default `job`. */
  readonly label?: string;
}

/** 0.01, rounded down as all scores between 0 and 1 are. */
const CROWDED = Math.floor(SOFT_SCALE / 100);

/**
 * `balanced` over the zones: an agent is acceptable when its zone has no task of the job, or fewer than the fullest
 * zone, or when all zones are equally full.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function zoneBalance(options: ZoneBalanceOptions = {}): HardConstraint {
  const { attribute = 'zone', expectedZones = 3, label = 'job' } = options;
  requireCount('zoneBalance', 'expectedZones', expectedZones);
  return balanced(attribute, { label, expectedValues: expectedZones });
}

/**
 * 1.0 in a zone without tasks of the job; where there are fewer than the average, the share that is missing to it, the
 * average being ⌈(tasks of the job + 1) / zones⌉ over the greater of the zones expected and the zones used; else, and
 * where the attribute is missing, 0.01. From 0 to `SOFT_SCALE`, rounded down. O(zones) per decision, O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function zoneBalanceSoft(options: ZoneBalanceOptions = {}): SoftConstraint {
  const { attribute = 'zone', expectedZones = 3, label = 'job' } = options;
  requireTexts('zoneBalanceSoft', attribute, label);
  requireCount('zoneBalanceSoft', 'expectedZones', expectedZones);
  return {
    name: `zone balance over ${attribute} per ${label} (soft)`,
    key: JSON.stringify(['zoneBalanceSoft', attribute, expectedZones, label]),
    dependsOn: 'group',
    groupedBy: [attribute],
    range: [0, SOFT_SCALE],
    bind(cluster, task) {
      const coTasks = new CoTaskCounts(cluster, task, attribute, label);
      const { ids, counts } = coTasks;
      const scoreOf = new Float64Array(counts.length).fill(CROWDED);
      return {
        prepare() {
          coTasks.refresh();
          const zones = Math.max(1, expectedZones, coTasks.seen);
          const average = Math.ceil((coTasks.total + 1) / zones);
          for (let id = 1; id < counts.length; id++) {
            const missing = average - counts[id];
            scoreOf[id] =
              counts[id] === 0
                ? SOFT_SCALE
                : missing > 0
                  ? Math.floor((SOFT_SCALE * missing) / average)
                  : CROWDED;
          }
        },
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = scoreOf[ids[rows[i]]];
        },
      };
    },
  };
}
