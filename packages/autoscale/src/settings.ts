/**
 * The options of an auto-scaler, checked and with their defaults filled in.
 */
import { requireAmount, requireMethod, requireObject, requireText } from './checks.ts';
import { Classifier, type FailureClassification } from './failure-kinds.ts';
import { naiveShortfall } from './naive-shortfall.ts';
import type { PoolRule } from './pool-rule.ts';
import { lowestIdFirst, type ScaleDownPolicy } from './scale-down-policy.ts';
import type { ShortfallEvaluator } from './shortfall.ts';

/** @public */
export interface AutoScalerOptions {
  /** One per pool; more can be added later. Default: none. */
  readonly rules?: readonly PoolRule[];
  /** Agents that name no pool belong to that of this attribute's value. */
  readonly poolAttribute?: string;
  /** How many agents failed tasks call for. Default `naiveShortfall()`. */
  readonly shortfall?: ShortfallEvaluator;
  /** Which idle agents go first. Default: the lowest id. */
  readonly scaleDown?: ScaleDownPolicy;
  /** Which failures call for agents. */
  readonly failures?: FailureClassification;
  /** A failed task for which agents were asked for counts again after more than this. Default 600,000. */
  readonly retryMs?: number;
  /** A new pool's first step comes after this or its cool-down, whichever is shorter. Default 120,000. */
  readonly initialDelayMs?: number;
  /** Agents to remove should be disabled for so long, but at least for the cool-down. Default 0. */
  readonly disableMs?: number;
  /** How long agents asked for count as on their way when `AutoscaleInput.starting` is not given. Default 600,000. */
  readonly startTimeoutMs?: number;
}

/** What an evaluation needs of the options. */
export interface Settings {
  readonly poolAttribute: string | undefined;
  readonly shortfall: ShortfallEvaluator;
  readonly policy: ScaleDownPolicy;
  readonly classifier: Classifier;
  readonly retryMs: number;
  readonly initialDelayMs: number;
  readonly disableMs: number;
  readonly startTimeoutMs: number;
}

const CODE = 'INVALID_AUTOSCALE_OPTION';

/** @throws StowageError INVALID_AUTOSCALE_OPTION */
export function checkedSettings(options: AutoScalerOptions): Settings {
  const {
    poolAttribute,
    shortfall = naiveShortfall(),
    scaleDown = lowestIdFirst(),
    failures,
    retryMs = 600_000,
    initialDelayMs = 120_000,
    disableMs = 0,
    startTimeoutMs = 600_000,
  } = requireObject<AutoScalerOptions>(CODE, 'the options', options);
  return {
    poolAttribute:
      poolAttribute === undefined ? undefined : requireText(CODE, 'poolAttribute', poolAttribute),
    shortfall: requireMethod<ShortfallEvaluator>(CODE, 'shortfall', shortfall, 'shortfall'),
    policy: requireMethod<ScaleDownPolicy>(CODE, 'scaleDown', scaleDown, 'rank'),
    classifier: new Classifier(failures),
    retryMs: requireAmount(CODE, 'retryMs', retryMs),
    initialDelayMs: requireAmount(CODE, 'initialDelayMs', initialDelayMs),
    disableMs: requireAmount(CODE, 'disableMs', disableMs),
    startTimeoutMs: requireAmount(CODE, 'startTimeoutMs', startTimeoutMs),
  };
}
