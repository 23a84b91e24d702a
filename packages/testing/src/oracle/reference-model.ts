/**
 * What the oracle knows and what its policies are: plain objects, and plain functions of a task, an agent and the
 * whole cluster. Nothing is kept that follows from the placements; what is used is summed up again whenever it is
 * asked for, so it cannot be stale. Policies declare nothing that an engine could exploit and share no code with
 * it, so an error would have to be made twice to go unseen.
 */
import type { RepulsionSpec, Taint, TaskRequirements, TaskStageName, Toleration } from '@stowage/core';
import type { Fraction } from './fraction.ts';

/** An agent of the oracle. @public */
export interface ReferenceAgent {
  readonly row: number;
  /** Units by scalar resource, overcommitment included. */
  readonly totals: Readonly<Record<string, number>>;
  /** Slots by resource set. */
  readonly sets: Readonly<Record<string, ReferenceSlots>>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly draining: boolean;
  readonly taints: readonly Taint[];
  /** Units by scalar resource that tasks have booked and do not use, as reported. */
  readonly lent: Readonly<Record<string, number>>;
  /** Numbers by name, as reported; -1 = unknown. */
  readonly signals: Readonly<Record<string, number>>;
  /** Items by kind, as reported. */
  readonly cached: Readonly<Record<string, readonly string[]>>;
}

/** The slots of one resource set on one agent. @public */
export interface ReferenceSlots {
  readonly unitsPerSlot: number;
  /** The label that each slot was last bound to; null = none yet. */
  readonly labels: readonly (string | null)[];
  /** When the last task left each slot. */
  readonly idleSinceMs: readonly number[];
  /** How long an idle slot stays with its label. */
  readonly rebindAfterMs: number;
}

/** A slot demand in units. @public */
export interface ReferenceSlotDemand {
  readonly set: string;
  readonly slots: number;
  /** Undefined = the whole slot. */
  readonly units: number | undefined;
  readonly label: string | null;
}

/** What a task asks for, in units. @public */
export interface ReferenceTask {
  /** Units by scalar resource. */
  readonly demand: Readonly<Record<string, number>>;
  /** Units by scalar resource that may be what others hold and do not use. */
  readonly opportunistic: Readonly<Record<string, number>>;
  readonly slotDemands: readonly ReferenceSlotDemand[];
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly tolerations: readonly Toleration[];
  readonly constraints: readonly ReferenceConstraint[];
  readonly softConstraints: readonly ReferenceFitness[];
  /** Undefined = the scheduler's. */
  readonly fitness: readonly ReferenceFitness[] | undefined;
}

/** A task on an agent. @public */
export interface ReferencePlacement {
  /** Never given out twice; greater = placed later. */
  readonly id: number;
  readonly task: ReferenceTask;
  readonly row: number;
  readonly stage: TaskStageName;
  /** Slot numbers taken, ascending, by resource set. */
  readonly slots: Readonly<Record<string, readonly number[]>>;
}

/** The state of the oracle. @public */
export interface ReferenceCluster {
  /** In row order. */
  readonly agents: readonly ReferenceAgent[];
  /** In the order they were made. */
  readonly placements: readonly ReferencePlacement[];
  /** Placements ever made, less those rolled back. */
  readonly placementCount: number;
  readonly nowMs: number;
}

/** Requirements as for the engine, with reference policies in place of plug-ins. @public */
export interface ReferenceRequirements extends Omit<
  TaskRequirements,
  'constraints' | 'softConstraints' | 'fitness'
> {
  readonly constraints?: readonly ReferenceConstraint[];
  readonly softConstraints?: readonly ReferenceFitness[];
  readonly fitness?: readonly ReferenceFitness[];
}

/** Whether an agent may run a task at all. @public */
export interface ReferenceConstraint {
  (task: ReferenceTask, agent: ReferenceAgent, cluster: ReferenceCluster): boolean;
  /** While the task runs, its agent takes no other task, and it starts only on an empty agent. Default false. */
  readonly claimsAgent?: boolean;
  /** Tasks that are kept away while the task is placed. Default: none. */
  readonly repels?: RepulsionSpec;
}

/** How good a feasible agent is, exactly; the greatest wins. @public */
export interface ReferenceFitness {
  (task: ReferenceTask, agent: ReferenceAgent, cluster: ReferenceCluster): bigint | Fraction;
  /** The choice of slots that belongs to this fitness. Default: the least free units. */
  readonly slotFitness?: ReferenceSlotFitness;
  /** Smallest and greatest score that the present agents allow; needed by `referenceWeighted`. */
  readonly range?: (cluster: ReferenceCluster) => readonly [min: bigint | Fraction, max: bigint | Fraction];
}

/** How good an eligible slot is before the task is placed; the greatest are taken. @public */
export type ReferenceSlotFitness = (
  task: ReferenceTask,
  agent: ReferenceAgent,
  slot: ReferenceSlotState,
  cluster: ReferenceCluster,
) => bigint | Fraction;

/** One slot with what follows from the placements. @public */
export interface ReferenceSlotState {
  readonly set: string;
  readonly number: number;
  readonly unitsFree: number;
  readonly isIdle: boolean;
  /** The label it was last bound to; null = none yet. */
  readonly label: string | null;
}
