/**
 * What a differential run did, to see that it was worth its time.
 */
import type { Explanation, FailureReason, Plan } from '@stowage/core';
import type { Operation } from '../arbitraries/operation-arbitrary.ts';
import type { ReferencePlacement } from '../oracle/reference-model.ts';

/** Why an agent refuses a task: as in explanations, with the constraints that the engine itself enforces apart. @public */
export type RefusalKind = FailureReason['kind'] | 'taint' | 'repulsion';

/** @public */
export interface DifferentialReport {
  readonly placed: number;
  /** Of these, tasks that took slots. */
  readonly placedOnSlots: number;
  /** Of these, tasks that booked what others hold and do not use. */
  readonly placedOpportunistically: number;
  readonly refused: number;
  /** Operations that both sides rejected, by error code. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Operations that had an effect, by kind. */
  readonly succeeded: Readonly<Record<Operation['kind'], number>>;
  /** Agents that refused a task for one reason only, by that reason. */
  readonly refusals: Readonly<Record<RefusalKind, number>>;
  /** Tasks named for eviction, after any operation, by reason. */
  readonly evictions: Readonly<Record<'opportunistic' | 'taint', number>>;
  /** Decisions by the structure that made them. */
  readonly decisions: Readonly<Record<Plan['structure'], number>>;
}

/** Counts while a run goes on. */
export class ReportCounts implements DifferentialReport {
  placed = 0;
  placedOnSlots = 0;
  placedOpportunistically = 0;
  refused = 0;
  readonly rejected: Record<string, number> = {};
  readonly succeeded: Record<Operation['kind'], number> = {
    place: 0,
    reserve: 0,
    confirm: 0,
    start: 0,
    release: 0,
    add: 0,
    update: 0,
    relabel: 0,
    resize: 0,
    report: 0,
    remove: 0,
    drain: 0,
    advance: 0,
    'place-on': 0,
    adopt: 0,
    cycle: 0,
    begin: 0,
    commit: 0,
    rollback: 0,
    'use-fitness': 0,
    'use-policies': 0,
    'use-structure': 0,
    forget: 0,
    restore: 0,
  };
  readonly refusals: Record<RefusalKind, number> = {
    draining: 0,
    claimed: 0,
    occupied: 0,
    resource: 0,
    opportunistic: 0,
    slots: 0,
    constraint: 0,
    taint: 0,
    repulsion: 0,
  };
  readonly evictions: Record<'opportunistic' | 'taint', number> = { opportunistic: 0, taint: 0 };
  readonly decisions: Record<Plan['structure'], number> = {
    scan: 0,
    'filtered-scan': 0,
    'sampled-scan': 0,
    'class-tree': 0,
    'ordered-index': 0,
    union: 0,
  };

  noteRejection(code: string): void {
    this.rejected[code] = (this.rejected[code] ?? 0) + 1;
  }

  notePlacement({ task }: ReferencePlacement): void {
    this.placed++;
    if (task.slotDemands.length > 0) this.placedOnSlots++;
    if (Object.values(task.opportunistic).some((units) => units > 0)) this.placedOpportunistically++;
  }

  noteRefusals({ reasons }: Explanation): void {
    for (const { kind, name, soleReason } of reasons) {
      const isOwn = kind === 'constraint';
      if (isOwn && name === 'taints') this.refusals.taint += soleReason;
      else if (isOwn && name.startsWith('anti-affinity of tasks')) this.refusals.repulsion += soleReason;
      else this.refusals[kind] += soleReason;
    }
  }
}
