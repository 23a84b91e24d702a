/**
 * Whether a running task can be one of another job: what it runs and what it books must be the same there. What only
 * people and other programs read may differ, and the environment, which the task has read already. After Titus' MoveTask.
 */
import type { ContainerSpec, ServiceJobSpec } from '../spec/job-spec.ts';

const MAY_DIFFER: ReadonlySet<string> = new Set([
  'environment',
  'attributes',
] satisfies (keyof ContainerSpec)[]);

/** Paths of the fields in which they differ, in order. O(size of the specs). */
export function specDifferences(source: ServiceJobSpec, target: ServiceJobSpec): readonly string[] {
  // Queues book a task in its capacity group.
  return [
    ...differences('capacityGroup', source.capacityGroup, target.capacityGroup),
    ...differences('container', compared(source.container), compared(target.container)),
  ];
}

function compared(container: ContainerSpec): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(container).filter(([name]) => !MAY_DIFFER.has(name)));
}

function differences(path: string, a: unknown, b: unknown): readonly string[] {
  if (!isObject(a) || !isObject(b)) return a === b ? [] : [path];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.flatMap((name) => differences(`${path}.${name}`, own(a, name), own(b, name)));
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
