/**
 * The plug-in contract. A policy is a plain object made by a factory function; `bind` is called once per task
 * class and layout, returns closures over the columns of the engine, and is where names become numbers. What
 * is bound takes row numbers and gives integers, so a decision allocates nothing.
 *
 * A plug-in declares what its answers depend on, and the planner picks the structure from that. Declaring
 * nothing is always correct, only slower; `@stowage/testing` has a conformance suite that finds false claims.
 */
import type { ClusterView } from './cluster-view.ts';
import type { TaskClassView } from './task-class-view.ts';
import type { RepulsionSpec, TaskSelector } from '../tasks/task-selector.ts';

/**
 * What an answer for (task class, agent) may depend on besides the task class itself.
 *
 * - `attributes`: attributes of this agent only.
 * - `agent`: anything in this agent's own row: free and total resources, slots, task counts, counts of
 *   labelled tasks on this agent, attributes.
 * - `group`: all that, and counts of tasks and of agents per value of an attribute, over all agents (zone balance).
 * - `anything`: no promise.
 * @public
 */
export type Dependency = 'attributes' | 'agent' | 'group' | 'anything';

/**
 * A fitness that ranks by Σ used/total over `resources`, the task included, each resource counting the same. Agents of
 * one type are then in the same order for every task class. Refines the dependency `agent`.
 * @public
 */
export interface AdditiveLoad {
  readonly resources: readonly string[];
  /** `greater`: a higher load is better (packing); `smaller`: a lower one (spreading). */
  readonly prefer: 'greater' | 'smaller';
}

/** What hard constraints and fitness calculators have in common. @public */
export interface Plugin {
  /** Shown in explanations and errors. */
  readonly name: string;
  /**
   * Plug-ins with equal keys are interchangeable, so that tasks which carry equal but separately made policies
   * share one task class. Default: the object itself.
   */
  readonly key?: string;
  /** Default `anything`. */
  readonly dependsOn?: Dependency;
  /**
   * Refines `group`: attributes whose values on an agent are all that its answer depends on besides counts, so that
   * the engine asks for one agent of each group of equal values. Empty: the answer is the same for all agents.
   */
  readonly groupedBy?: readonly string[];
}

/**
 * Placed tasks that a constraint keeps away from: those with the same value of a label as the task that it is asked about,
 * none if that lacks the label; or those that a selector selects.
 * @public
 */
export type ExclusionSpec =
  | { readonly sameLabel: string; readonly selector?: undefined }
  | { readonly sameLabel?: undefined; readonly selector: TaskSelector };

/**
 * Decides whether an agent may run a task at all.
 * @public
 */
export interface HardConstraint extends Plugin {
  /**
   * Placing tasks never makes it accept an agent that it refuses, so a class that fits nowhere need not be looked at
   * again until tasks leave or agents change. True of every constraint on attributes, and of those that only exclude,
   * whether declared or not.
   */
  readonly onlyTightens?: boolean;
  /**
   * Refines the dependency `agent`: it refuses exactly the agents on which one of these tasks is placed. The engine then
   * keeps a bit per agent, and asks the constraint only in scans, about an agent that the caller names, and for explanations.
   */
  readonly excludes?: ExclusionSpec;
  /** While a task of this class runs, its agent takes no other task, and it starts only on an empty agent. */
  readonly claimsAgent?: boolean;
  /** Tasks that are kept away from where tasks of this class are; the engine enforces it against all tasks. */
  readonly repels?: RepulsionSpec;
  bind(cluster: ClusterView, task: TaskClassView): BoundConstraint;
}

/** A hard constraint with its names resolved for one task class. @public */
export interface BoundConstraint {
  /** Called once before the rows of a decision: the place for work that all rows share. */
  prepare?(): void;
  /**
   * 0 when the agent of this row is acceptable, otherwise a positive reason code. Must be pure, and answer for every agent:
   * constraints are asked in any order, and answers kept, so another constraint does not guard this one.
   */
  test(row: number): number;
  /** Text for a reason code, called only when a failure is explained. Default: the constraint's name. */
  explain?(row: number, reason: number): string;
}

/**
 * Where the search for the best agent may stop early; for calculators so slow that asking about every agent does
 * not pay. The answer is then the best of the agents seen.
 * @public
 */
export interface SearchLimit {
  /**
   * Stop at a score this far up the calculator's range: 0 takes the first feasible agent, 1 nothing but the greatest
   * score there can be. Heeded while the calculator ranks first, that is, in tasks without soft constraints.
   */
  readonly goodEnough?: number;
  /** Stop when at least this many feasible agents were seen, a positive integer. */
  readonly feasibleAgents?: number;
}

/**
 * Ranks the feasible agents of a task by exact integers; the greatest wins.
 * @public
 */
export interface FitnessCalculator extends Plugin {
  /** Smallest and greatest score that can occur; combinations that scale need it, here or when bound. */
  readonly range?: readonly [min: number, max: number];
  /** Refines `dependsOn: 'agent'`. */
  readonly additive?: AdditiveLoad;
  /** The choice of slots that belongs to this fitness. Default: the tightest slots that fit. */
  readonly slotFitness?: SlotFitness;
  /** Default: every agent is looked at. */
  readonly search?: SearchLimit;
  bind(cluster: ClusterView, task: TaskClassView): BoundFitness;
}

/** A fitness calculator with its names resolved for one task class. @public */
export interface BoundFitness {
  /** Smallest and greatest score, where they depend on the cluster; takes the place of the calculator's. */
  readonly range?: readonly [min: number, max: number];
  /** What users should know about how it scores here, shown by `explainPlan`. */
  readonly note?: string;
  /** Called once before the rows of a decision. */
  prepare?(): void;
  /**
   * Writes a safe integer into `scores[i]` for `rows[i]`, for all i < count; `rows` is not to be written: it may stand in one
   * memory with the engine's state. Every row is feasible. Must be pure: equal rows give equal scores however they are batched.
   */
  scoreInto(rows: Int32Array, count: number, scores: Float64Array): void;
}

/**
 * A preference among agents, as an integer from 0 (not at all) to `SOFT_SCALE` (fully met).
 * @public
 */
export interface SoftConstraint extends Omit<FitnessCalculator, 'slotFitness' | 'additive' | 'search'> {
  readonly range: readonly [0, typeof SOFT_SCALE];
}

/** The score of a soft constraint that is fully met: 2^20. @public */
export const SOFT_SCALE = 1_048_576;

/**
 * Ranks the slots of the chosen agent for a request on a resource set.
 * @public
 */
export interface SlotFitness {
  readonly name: string;
  bind(cluster: ClusterView, task: TaskClassView): BoundSlotFitness;
}

/** @public */
export interface BoundSlotFitness {
  /**
   * A safe integer for one eligible slot of set number `set` on the agent of `row`, before the task is placed;
   * the greatest are taken, ties to the lowest slot number.
   */
  score(row: number, set: number, slot: number): number;
}

/** Whether answers depend only on the agent's own row, so that they hold until that row changes. */
export function isRowLocal({ dependsOn }: Plugin): boolean {
  return dependsOn === 'attributes' || dependsOn === 'agent';
}

/** Whether answers are equal for agents with equal values of some attributes, at any one time. */
export function isGrouped({ dependsOn, groupedBy }: Plugin): boolean {
  return dependsOn === 'group' && groupedBy !== undefined;
}
