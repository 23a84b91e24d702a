/**
 * The size of a service: how it may be changed.
 */
import type { Rejection } from '../errors.ts';
import { JOB_LIMITS } from '../spec/job-limits.ts';
import type { Capacity, ServiceJobSpec } from '../spec/job-spec.ts';
import type { JobDraft } from './job-draft.ts';
import type { EventOf } from './job-event.ts';
import { notAService, rejection } from './rejections.ts';

/** Whatever limits a manager sets. */
const MAX_SERVICE_SIZE = JOB_LIMITS.serviceMaxTasks.to;

export function updateCapacity(
  draft: JobDraft,
  { capacity: asked }: EventOf<'update-capacity'>,
): Rejection | undefined {
  const { spec } = draft.job;
  if (spec.kind !== 'service') return notAService(draft);
  const capacity = merged(spec.capacity, asked);
  const { min, desired, max } = capacity;
  if (!(0 <= min && min <= desired && desired <= max && max <= MAX_SERVICE_SIZE)) {
    return rejection(
      'INVALID_CAPACITY',
      `job ${draft.job.id} cannot have min ${min}, desired ${desired} and max ${max}; ` +
        `keep 0 ≤ min ≤ desired ≤ max ≤ ${MAX_SERVICE_SIZE}.`,
    );
  }
  const lock = lockOf(spec, desired);
  if (lock !== undefined) {
    return rejection(
      'CAPACITY_LOCKED',
      `job ${draft.job.id} wants ${spec.capacity.desired} tasks, and ${lock} forbids ${desired}; unset it first.`,
    );
  }
  if (min !== spec.capacity.min || desired !== spec.capacity.desired || max !== spec.capacity.max) {
    draft.job = { ...draft.job, spec: { ...spec, capacity } };
  }
  return undefined;
}

/** The service with so many more or fewer desired tasks; `min` gives way, `max` does not. */
export function resized(spec: ServiceJobSpec, by: 1 | -1): ServiceJobSpec {
  const desired = spec.capacity.desired + by;
  return { ...spec, capacity: { ...spec.capacity, min: Math.min(spec.capacity.min, desired), desired } };
}

/** Without a `desired` of its own, the one there was is brought between the limits. */
function merged(old: Capacity, { min = old.min, desired, max = old.max }: Partial<Capacity>): Capacity {
  return { min, desired: desired ?? Math.min(Math.max(old.desired, min), max), max };
}

function lockOf({ capacity, processes }: ServiceJobSpec, desired: number): string | undefined {
  if (desired > capacity.desired && processes.disableIncreaseDesired) return 'disableIncreaseDesired';
  if (desired < capacity.desired && processes.disableDecreaseDesired) return 'disableDecreaseDesired';
  return undefined;
}
