export { type AgentView, constraint, fitness } from './agent-view.ts';
export type { AttributeColumn } from './attribute-table.ts';
export type { ClusterView } from './cluster-view.ts';
export { CORE_ERRORS, type CoreErrorCode, StowageError } from './errors.ts';
export { describe, type Explanation, type FailureReason } from './explanation.ts';
export { type LoadWeights, loadWeights } from './load-weights.ts';
export { PlacementColumns } from './placement-columns.ts';
export { type EngineOptions, PlacementEngine } from './placement-engine.ts';
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
  SOFT_SCALE,
  type SlotFitness,
  type SoftConstraint,
} from './plugin.ts';
export { requirePlugin } from './plugin-check.ts';
export { MAX_UNITS } from './quantity.ts';
export { type Placement, PlacementFailure, type ScheduleResult } from './schedule-result.ts';
export { type AgentSpec, Scheduler, type TaskSpec } from './scheduler.ts';
export { DEFAULT_RESOURCES, type Resource, type ResourceDefinition, ResourceSchema } from './schema.ts';
export { show } from './show.ts';
export type { SlotColumns } from './slot-columns.ts';
export { MAX_SLOTS } from './slot-table.ts';
export type { AgentShape, SlotCapacity, SlotDemand, TaskRequirements } from './specs.ts';
export type { TaskClassView } from './task-class-view.ts';
export type { TaskCounts } from './task-counts.ts';
export { MAX_TASKS } from './task-table.ts';
