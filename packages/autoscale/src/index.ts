export {
  AgentRemovals,
  type AgentRemovalsOptions,
  type RemovalsInput,
  type RemovalStep,
} from './agent-removals.ts';
export type { AgentRemoval, AgentRemovalsSnapshot } from './agent-removals-snapshot.ts';
export { AutoScaler } from './auto-scaler.ts';
export type { AutoScalerSnapshot } from './auto-scaler-snapshot.ts';
export {
  balancedByAttribute,
  balancedEvaluator,
  type BalancedEvaluatorOptions,
} from './balanced-scale-down.ts';
export type {
  Evaluation,
  HeldBack,
  PoolError,
  Reason,
  ReasonKind,
  ScaleDecision,
  ScaleDown,
  ScaleUp,
} from './decisions.ts';
export { dominantShortfall } from './dominant-shortfall.ts';
export { AUTOSCALE_ERRORS, type AutoscaleErrorCode } from './errors.ts';
export type { AutoscaleInput } from './evaluation.ts';
export {
  exactShortfall,
  type ExactShortfall,
  type ExactShortfallOptions,
  type PoolTemplate,
  whatIfShortfall,
} from './exact-shortfall.ts';
export type { FailedTask } from './failed-task.ts';
export { classifyFailure, type FailureClassification, type FailureKind } from './failure-kinds.ts';
export {
  type CapacityGuarantee,
  guaranteedSizes,
  type GuaranteedSizes,
  type Headroom,
  type SizedPool,
} from './guaranteed-sizes.ts';
export { inactiveFirst } from './inactive-first.ts';
export { naiveShortfall } from './naive-shortfall.ts';
export type { PoolAgent } from './pool-agent.ts';
export type { PoolClocks } from './pool-clocks.ts';
export type { PoolRule } from './pool-rule.ts';
export { longestIdleFirst, lowestIdFirst, type ScaleDownPolicy } from './scale-down-policy.ts';
export type { AutoScalerOptions } from './settings.ts';
export { noShortfall, type PoolRoom, type PoolShortfall, type ShortfallEvaluator } from './shortfall.ts';
export {
  criticalTier,
  type CriticalTier,
  type CriticalTierOptions,
  flexiblePool,
  type TierRule,
} from './tiers.ts';
export {
  anyOrder,
  type ScaleDownEvaluator,
  type ScaleDownOrder,
  type ScaleDownScore,
  type WeightedEvaluator,
  weightedScaleDown,
} from './weighted-scale-down.ts';
