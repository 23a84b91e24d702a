/**
 * Why tasks found no agent. To explain a failure is a look at all agents, so what was found may stand for a while for
 * tasks that are alike: made from one request, with the very same objects in what decides.
 */
import { classifyFailure, type FailureKind } from '@stowage/autoscale';
import type { PlacementFailure } from '@stowage/core';
import type { ServiceSettings } from './service-options.ts';
import type { ServiceTask } from './service-task.ts';

/** What the engine said of a failure, and when. */
interface KnownExplanation {
  readonly spec: ServiceTask;
  readonly atMs: number;
  readonly kind: FailureKind;
  readonly reason: string;
}

/** What requirements of a task decide whether an agent takes it, besides its resources. */
const DECISIVE = ['agent', 'job', 'labels', 'constraints', 'tolerations', 'opportunistic'] as const;

/** Why tasks found no agent, remembered for tasks that are alike. */
export class Explanations {
  readonly #ageMs: number;
  /** By the resources of the task; kept for as long as somebody holds these. */
  readonly #known = new WeakMap<object, KnownExplanation>();

  /** @param ageMs - for how long an explanation stands */
  constructor(ageMs: number) {
    this.#ageMs = ageMs;
  }

  of(
    failure: PlacementFailure,
    spec: ServiceTask,
    constraintKinds: ServiceSettings['constraintKinds'],
    nowMs: number,
  ): Pick<KnownExplanation, 'kind' | 'reason'> {
    const known = this.#known.get(spec.resources);
    if (
      failure.error === undefined &&
      known !== undefined &&
      nowMs - known.atMs < this.#ageMs &&
      DECISIVE.every((field) => known.spec[field] === spec[field])
    )
      return known;
    const explained = failure.explained();
    const kind: FailureKind =
      explained.error === undefined ? classifyFailure(explained.explanation, constraintKinds) : 'error';
    const entry = { spec, atMs: nowMs, kind, reason: explained.reason };
    if (this.#ageMs > 0 && explained.error === undefined) this.#known.set(spec.resources, entry);
    return entry;
  }
}
