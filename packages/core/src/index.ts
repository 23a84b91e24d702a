export { AgentGates, type AgentGatesState, type GateReason } from './agents/agent-gates.ts';
export type { AgentReport } from './agents/agent-report.ts';
export { NO_SIGNAL } from './agents/agent-signals.ts';
export { type AgentView, constraint, fitness } from './plug-ins/agent-view.ts';
export type { AttributeColumn } from './agents/attribute-table.ts';
export type { EngineWork } from './decisions/decider.ts';
export type { CachedItems } from './agents/cached-items.ts';
export type { ClusterView } from './plug-ins/cluster-view.ts';
export type { EngineOptions, PolicyOptions, StructureChoice } from './engine-options.ts';
export { CORE_ERRORS, type CoreErrorCode, StowageError } from './errors.ts';
export type { Eviction } from './tasks/evictions.ts';
export { describe, type Explanation, type FailureReason } from './decisions/explanation.ts';
export { type LoadWeights, loadWeights } from './plug-ins/load-weights.ts';
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
export { PlacementColumns } from './decisions/placement-columns.ts';
export { PlacementEngine } from './placement-engine.ts';
export type { StructureName } from './structures/structure-name.ts';
export type { Plan } from './decisions/planner.ts';
export {
  type AdditiveLoad,
  type BoundConstraint,
  type BoundFitness,
  type BoundSlotFitness,
  type Dependency,
  type ExclusionSpec,
  type FitnessCalculator,
  type HardConstraint,
  type Plugin,
  type SearchLimit,
  SOFT_SCALE,
  type SlotFitness,
  type SoftConstraint,
} from './plug-ins/plugin.ts';
export { requirePlugin } from './plug-ins/plugin-check.ts';
export type {
  PreemptionOptions,
  PreemptionPlan,
  PreemptionVictim,
  TaskPreemptionOptions,
  TaskPreemptionPlan,
  TaskVictim,
} from './preemption/preemption-plan.ts';
export { MAX_UNITS } from './resources/quantity.ts';
export {
  type AgentStatus,
  type Placement,
  PlacementFailure,
  type ScheduleResult,
  type TaskEviction,
} from './schedule-result.ts';
export { Scheduler } from './scheduler.ts';
export {
  DEFAULT_RESOURCES,
  type Resource,
  type ResourceDefinition,
  ResourceSchema,
} from './resources/schema.ts';
export { show } from './support/show.ts';
export type { SlotColumns } from './slots/slot-columns.ts';
export { MAX_SLOTS, WHOLE_SLOT } from './slots/slot-table.ts';
export {
  type AgentShape,
  MAX_PRIORITY,
  type SlotCapacity,
  type SlotDemand,
  type TaskRequirements,
} from './resources/specs.ts';
export type { Taint, TaintColumn, Toleration } from './agents/taints.ts';
export type { SlotRequestView, TaskClassView } from './plug-ins/task-class-view.ts';
export type { SelectedCounts, TaskCounts } from './counts/task-counts.ts';
export type { ScheduleOptions } from './tasks/task-placer.ts';
export {
  type CompiledSelector,
  compileSelector,
  type LabelExpression,
  type RepulsionSpec,
  type TaskSelector,
} from './tasks/task-selector.ts';
export type { AgentSpec, TaskSpec } from './tasks/task-spec.ts';
export { MAX_TASKS, type TaskStageName } from './tasks/task-table.ts';
