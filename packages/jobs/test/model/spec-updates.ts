/** How users' events change the spec of a job: old spec and event in, new spec out. */
import type { JobEvent } from '../../src/machine/job-event.ts';
import type { Capacity, JobSpec, ServiceJobSpec } from '../../src/spec/job-spec.ts';

/** Given capacity over the present one; `desired` follows when it was not given. */
export function mergedCapacity(present: Capacity, asked: Partial<Capacity>): Capacity {
  const merged = { ...present, ...asked };
  if (asked.desired !== undefined) return merged;
  return { ...merged, desired: Math.min(Math.max(merged.desired, merged.min), merged.max) };
}

export function updatedSpec(spec: JobSpec, event: JobEvent): JobSpec {
  switch (event.kind) {
    case 'update-disruption-budget':
      return { ...spec, disruptionBudget: event.budget };
    case 'update-attributes': {
      const left = Object.entries(spec.attributes).filter(([name]) => event.remove?.includes(name) !== true);
      return { ...spec, attributes: { ...Object.fromEntries(left), ...event.set } };
    }
    default:
      return spec.kind === 'service' ? updatedService(spec, event) : spec;
  }
}

function updatedService(spec: ServiceJobSpec, event: JobEvent): ServiceJobSpec {
  switch (event.kind) {
    case 'update-capacity':
      return { ...spec, capacity: mergedCapacity(spec.capacity, event.capacity) };
    case 'update-processes':
      return { ...spec, processes: { ...spec.processes, ...event.processes } };
    case 'set-enabled':
      return { ...spec, enabled: event.enabled };
    default:
      return spec;
  }
}

/** With another desired size; the least size never is above it. */
export function resized(spec: JobSpec, by: number): JobSpec {
  if (spec.kind === 'batch') return spec;
  const desired = spec.capacity.desired + by;
  const min = Math.min(spec.capacity.min, desired);
  return { ...spec, capacity: { ...spec.capacity, min, desired } };
}

/** Text that is equal for equal data, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
