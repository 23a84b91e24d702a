export { AgentGates, type AgentGatesState, type GateReason } from './agent-gates.ts';
export type { AgentReport } from './agent-report.ts';
export { NO_SIGNAL } from './agent-signals.ts';
export { type AgentView, constraint, fitness } from './agent-view.ts';
export type { AttributeColumn } from './attribute-table.ts';
export type { EngineWork } from './decider.ts';
export type { CachedItems } from './cached-items.ts';
export type { ClusterView } from './cluster-view.ts';
export type { EngineOptions, PolicyOptions } from './engine-options.ts';
export { CORE_ERRORS, type CoreErrorCode, StowageError } from './errors.ts';
export type { Eviction } from './evictions.ts';
export { describe, type Explanation, type FailureReason } from './explanation.ts';
export { type LoadWeights, loadWeights } from './load-weights.ts';
export type { AgentExtras, DescribeAgent } from './offers/agent-link.ts';
export type { NewPlacement } from './offers/hand-over-plan.ts';
export type { Items } from './offers/items.ts';
export type { Values } from './offers/lane-pool.ts';
export type {
  Offer,
  OfferedRanges,
  OfferedResource,
  OfferedScalar,
  OfferedSet,
  OfferedValues,
  PartIdentity,
  TakenPart,
  UnusablePart,
  TaskHolding,
} from './offers/offer.ts';
export type { OfferCounts } from './offers/offer-book.ts';
export { OFFER_ERRORS, type OfferErrorCode } from './offers/offer-errors.ts';
export { OfferPool } from './offers/offer-pool.ts';
export type { OfferPoolOptions } from './offers/offer-pool-options.ts';
export type {
  AddedOffers,
  GivenBack,
  HandedTask,
  HandOver,
  RefusedOffer,
  RescindedOffer,
} from './offers/offer-results.ts';
export { defaultResourceName } from './offers/part-identity.ts';
export type { Range, Ranges } from './offers/ranges.ts';
export { ItemPool, RangePool, ValuePool } from './offers/value-pool.ts';
export { PlacementColumns } from './placement-columns.ts';
export { PlacementEngine } from './placement-engine.ts';
export type { StructureName } from './placement-structure.ts';
export type { Plan } from './planner.ts';
export {
  type AdditiveLoad,
  type BoundConstraint,
  type BoundFitness,
  type BoundSlotFitness,
  type Dependency,
  type FitnessCalculator,
  type HardConstraint,
  type Plugin,
  type SearchLimit,
  SOFT_SCALE,
  type SlotFitness,
  type SoftConstraint,
} from './plugin.ts';
export { requirePlugin } from './plugin-check.ts';
export type {
  PreemptionOptions,
  PreemptionPlan,
  PreemptionVictim,
  TaskPreemptionOptions,
  TaskPreemptionPlan,
  TaskVictim,
} from './preemption-plan.ts';
export { MAX_UNITS } from './quantity.ts';
export {
  type AgentStatus,
  type Placement,
  PlacementFailure,
  type ScheduleResult,
  type TaskEviction,
} from './schedule-result.ts';
export { Scheduler } from './scheduler.ts';
export { DEFAULT_RESOURCES, type Resource, type ResourceDefinition, ResourceSchema } from './schema.ts';
export { show } from './show.ts';
export type { SlotColumns } from './slot-columns.ts';
export { MAX_SLOTS, WHOLE_SLOT } from './slot-table.ts';
export {
  type AgentShape,
  MAX_PRIORITY,
  type SlotCapacity,
  type SlotDemand,
  type TaskRequirements,
} from './specs.ts';
export type { Taint, TaintColumn, Toleration } from './taints.ts';
export type { SlotRequestView, TaskClassView } from './task-class-view.ts';
export type { SelectedCounts, TaskCounts } from './task-counts.ts';
export type { ScheduleOptions } from './task-placer.ts';
export {
  type CompiledSelector,
  compileSelector,
  type LabelExpression,
  type RepulsionSpec,
  type TaskSelector,
} from './task-selector.ts';
export type { AgentSpec, TaskSpec } from './task-spec.ts';
export { MAX_TASKS, type TaskStageName } from './task-table.ts';
