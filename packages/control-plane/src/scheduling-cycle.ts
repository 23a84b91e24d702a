/**
 * One cycle: tasks in the order of the queue, each placed by the engine before the next one is asked for, until the
 * queue has no more or the batch is full. Every task ends as placed, or as failed with a kind and a reason.
 */
import { classifyFailure, type FailureKind } from '@stowage/autoscale';
import type { PlacementFailure, TaskPreemptionPlan } from '@stowage/core';
import type { Refusal } from '@stowage/queues';
import type { ServiceFailure, ServicePlacement } from './cycle-result.ts';
import type { ServiceSettings } from './service-options.ts';
import { groupOf, type QueuedServiceTask, type ServiceTask } from './service-task.ts';

/** What became of the tasks. */
export interface PlacedAndFailed {
  readonly placements: readonly ServicePlacement[];
  readonly failures: readonly ServiceFailure[];
  readonly preemptions: readonly TaskPreemptionPlan[];
  readonly complete: boolean;
}

export function placeQueued(settings: ServiceSettings, nowMs: number): PlacedAndFailed {
  const { queue, batchSize } = settings;
  const placements: ServicePlacement[] = [];
  const failures: ServiceFailure[] = [];
  const preemptions: TaskPreemptionPlan[] = [];
  const cycle = queue.cycle(nowMs);
  try {
    while (placements.length < batchSize) {
      const next = cycle.next();
      if (next === undefined) break;
      const waitedMs = nowMs - queue.get(next.id)!.enqueuedAtMs;
      const outcome = placeOne(settings, next.task, waitedMs);
      if ('kind' in outcome) {
        cycle.failed(next);
        failures.push(outcome);
        const plan = preemptions.length < settings.preemptionPlans ? planFor(settings, outcome) : undefined;
        if (plan !== undefined) preemptions.push(plan);
      } else {
        cycle.placed(next);
        placements.push(outcome);
      }
    }
  } finally {
    cycle.end();
  }
  const { refused, complete } = cycle.end();
  for (const { task, refusal } of refused) failures.push(refusedByQueue(settings, task, refusal, nowMs));
  return { placements, failures, preemptions, complete };
}

function placeOne(
  settings: ServiceSettings,
  spec: ServiceTask,
  waitedMs: number,
): ServicePlacement | ServiceFailure {
  const { scheduler, limits } = settings;
  const { resources } = settings.queue.get(spec.id)!.task;
  const refusal = limits?.refusal(groupOf(spec), resources);
  if (refusal !== undefined) return { spec, waitedMs, kind: 'above-capacity-limit', reason: refusal.reason };
  const { placements, failures } = scheduler.schedule([spec]);
  if (failures.length > 0) return notPlaced(settings, spec, waitedMs, failures[0]);
  limits?.take(groupOf(spec), resources);
  return { ...placements[0], spec, waitedMs };
}

function notPlaced(
  { constraintKinds }: ServiceSettings,
  spec: ServiceTask,
  waitedMs: number,
  failure: PlacementFailure,
): ServiceFailure {
  const explained = failure.explained();
  const kind: FailureKind =
    explained.error === undefined ? classifyFailure(explained.explanation, constraintKinds) : 'error';
  return { spec, waitedMs, kind, reason: explained.reason };
}

function refusedByQueue(
  { queue }: ServiceSettings,
  { id, task }: QueuedServiceTask,
  refusal: Refusal,
  nowMs: number,
): ServiceFailure {
  const waitedMs = nowMs - queue.get(id)!.enqueuedAtMs;
  return { spec: task, waitedMs, kind: 'above-capacity-limit', reason: refusal.reason };
}

/** Only room can be made; what a limit or a failing plug-in refuses is not helped by preemption. */
function planFor(
  { scheduler }: ServiceSettings,
  { spec, kind }: ServiceFailure,
): TaskPreemptionPlan | undefined {
  return kind === 'above-capacity-limit' || kind === 'error' ? undefined : scheduler.planPreemption(spec);
}
