/**
 * One cycle: tasks in the order of the queue, each placed by the engine before the next one is asked for, until the
 * queue has no more or the batch is full. Every task ends as placed, or as failed with a kind and a reason.
 */
import { show, StowageError } from '@stowage/core';
import type { Refusal } from '@stowage/queues';
import type { ServiceFailure, ServicePlacement, ServicePreemption } from './cycle-result.ts';
import type { Explanations } from './explanations.ts';
import type { ServiceSettings } from './service-options.ts';
import type { QueuedServiceTask } from './service-task.ts';

/** What became of the tasks; filled as the cycle goes on, so that nothing is lost when a part of it fails. */
export class TaskOutcomes {
  readonly placements: ServicePlacement[] = [];
  readonly failures: ServiceFailure[] = [];
  readonly preemptions: ServicePreemption[] = [];
  complete = false;
}

export function placeQueued(
  settings: ServiceSettings,
  explanations: Explanations,
  nowMs: number,
  outcomes: TaskOutcomes,
): void {
  const { queue, batchSize } = settings;
  const { placements, failures } = outcomes;
  const cycle = queue.cycle(nowMs);
  try {
    while (placements.length < batchSize) {
      const next = cycle.next();
      if (next === undefined) break;
      const outcome = placeOne(settings, explanations, next, nowMs);
      if ('kind' in outcome) {
        cycle.failed(next);
        failures.push(outcome);
        planPreemption(settings, outcome, outcomes);
      } else {
        cycle.placed(next);
        placements.push(outcome);
      }
    }
  } finally {
    const { refused, complete } = cycle.end();
    outcomes.complete = complete;
    for (const { task, refusal } of refused) failures.push(refusedByQueue(settings, task, refusal, nowMs));
  }
}

/** Whatever is wrong with one task is a failure of that task. */
function placeOne(
  { scheduler, queue, limits, constraintKinds }: ServiceSettings,
  explanations: Explanations,
  { id, task: spec, group, resources }: QueuedServiceTask,
  nowMs: number,
): ServicePlacement | ServiceFailure {
  const waitedMs = nowMs - queue.get(id)!.enqueuedAtMs;
  try {
    const refusal = limits?.refusal(group, resources);
    if (refusal !== undefined)
      return { spec, waitedMs, kind: 'above-capacity-limit', reason: refusal.reason };
    const { placements, failures } = scheduler.schedule([spec]);
    if (failures.length > 0) {
      const { kind, reason } = explanations.of(failures[0], spec, constraintKinds, nowMs);
      return { spec, waitedMs, kind, reason };
    }
    limits?.take(group, resources);
    const [{ task, agent, slots }] = placements;
    return { task, agent, slots, spec, waitedMs };
  } catch (error) {
    return { spec, waitedMs, kind: 'error', reason: error instanceof Error ? error.message : show(error) };
  }
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
function planPreemption(
  { scheduler, preemptionPlans }: ServiceSettings,
  { spec, kind }: ServiceFailure,
  { preemptions }: TaskOutcomes,
): void {
  if (preemptions.length >= preemptionPlans || kind === 'above-capacity-limit' || kind === 'error') return;
  try {
    const plan = scheduler.planPreemption(spec);
    if (plan !== undefined) preemptions.push({ ...plan, preemptor: spec.id });
  } catch (error) {
    // The task has failed already, with a reason; a plug-in that also fails while it is planned for adds nothing.
    if (!(error instanceof StowageError)) throw error;
  }
}
