/**
 * What the operator gives and takes of a container's resources: whoever asks for less than the least gets the least,
 * which is told; and no container may ask for more than the largest that its capacity group can hold.
 */
import { type FieldAdjustment, type FieldError, fieldError, type FieldLimit, shown } from './field-error.ts';
import type { JobLimitName, JobLimits } from './job-limits.ts';
import type { ContainerResources } from './job-spec.ts';
import { isRecord } from './plain-data.ts';

type Resource = keyof ContainerResources;

/** By capacity group. @public */
export type LargestContainers = Readonly<Record<string, Partial<ContainerResources>>>;

export const RESOURCES: readonly Resource[] = [
  'cpuMilli',
  'gpu',
  'memoryMiB',
  'diskMiB',
  'networkMbps',
  'shmMiB',
];

const LEAST: readonly (readonly [Resource, JobLimitName])[] = [
  ['cpuMilli', 'cpuMinMilli'],
  ['memoryMiB', 'memoryMinMiB'],
  ['diskMiB', 'diskMinMiB'],
  ['networkMbps', 'networkMinMbps'],
];

/**
 * Fills in and raises resources in the job itself, which is our copy; what is no whole number of at least 0 is left for
 * the schema to refuse.
 * @returns the raises; a default in place of nothing is none
 */
export function raiseResources(job: unknown, limits: JobLimits): readonly FieldAdjustment[] {
  const container = isRecord(job) ? job.container : undefined;
  if (!isRecord(container)) return [];
  const resources = (container.resources ??= {});
  if (!isRecord(resources)) return [];
  const adjusted: FieldAdjustment[] = [];
  const raise = (resource: Resource, to: number, limit: FieldLimit): void => {
    const from = resources[resource];
    if (from !== undefined && !(Number.isInteger(from) && (from as number) >= 0 && (from as number) < to))
      return;
    resources[resource] = to;
    const path = `container.resources.${resource}`;
    if (from !== undefined) adjusted.push({ path, from: from as number, to, limit });
  };
  for (const [resource, name] of LEAST) raise(resource, limits[name], { name, value: limits[name] });
  const { shmMiB, memoryMiB } = resources;
  if (shmMiB === undefined || shmMiB === 0) {
    const value = limits.shmDefaultMiB;
    const most = Number.isInteger(memoryMiB) && (memoryMiB as number) > 0 ? (memoryMiB as number) : value;
    raise('shmMiB', Math.min(value, most), { name: 'shmDefaultMiB', value });
  }
  return adjusted;
}

/** Resources beyond the largest container of the capacity group that the job names. */
export function beyondLargest(
  job: unknown,
  capacityGroup: string,
  largest: LargestContainers,
): readonly FieldError[] {
  if (!Object.hasOwn(largest, capacityGroup) || !isRecord(job) || !isRecord(job.container)) return [];
  const { resources } = job.container;
  if (!isRecord(resources)) return [];
  const errors: FieldError[] = [];
  for (const resource of RESOURCES) {
    const value = largest[capacityGroup][resource];
    const given = resources[resource];
    if (value === undefined || typeof given !== 'number' || given <= value) continue;
    const limit = { name: `largestContainers.${capacityGroup}.${resource}`, value };
    const advice = `at most ${value}, or choose another capacity group`;
    errors.push(fieldError(['container', 'resources', resource], 'TOO_LARGE', shown(given), advice, limit));
  }
  return errors;
}
