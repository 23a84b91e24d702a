/** Short ways to say what the tests of this package say often. */
import { Scheduler, StowageError, type TaskSpec } from '@stowage/core';
import type { CycleReport, QueuedTask, TieredQueue } from '../src/index.ts';

export interface Run extends CycleReport {
  /** Ids in the order of the offers. */
  readonly offered: string[];
  readonly placedIds: string[];
  /** The buckets of the placed tasks. */
  readonly placedBuckets: string[];
  /** `id: CODE` */
  readonly refusals: string[];
}

/** A cycle that places every offered task that `place` says yes to, and ends after `batch` offers. */
export function run<T extends QueuedTask>(
  queue: TieredQueue<T>,
  place: (task: T) => boolean = () => true,
  { nowMs = 0, batch = Infinity }: { nowMs?: number; batch?: number } = {},
): Run {
  const offered: T[] = [];
  const placed: T[] = [];
  const cycle = queue.cycle(nowMs);
  while (offered.length < batch) {
    const task = cycle.next();
    if (task === undefined) break;
    offered.push(task);
    if (place(task)) {
      placed.push(task);
      cycle.placed(task);
    } else {
      cycle.failed(task);
    }
  }
  const report = cycle.end();
  return {
    ...report,
    offered: offered.map(({ id }) => id),
    placedIds: placed.map(({ id }) => id),
    placedBuckets: placed.map(({ bucket }) => bucket),
    refusals: report.refused.map(({ task, refusal }) => `${task.id}: ${refusal.code}`),
  };
}

/** Queues tasks `A1`, `A2` … of equal size in bucket `A`. */
export function enqueue(
  queue: TieredQueue,
  bucket: string,
  count: number,
  resources: Record<string, number> = { cpu: 1 },
  { tier = 0, nowMs = 0 }: { tier?: number; nowMs?: number } = {},
): string[] {
  const before = queue
    .entries()
    .filter(({ task }) => task.bucket === bucket && !task.id.includes('-run')).length;
  const ids = Array.from({ length: count }, (_, i) => `${bucket}${before + i + 1}`);
  for (const id of ids) queue.enqueue({ id, tier, bucket, resources }, nowMs);
  return ids;
}

/** Registers running tasks `A-run1` … of equal size in bucket `A`. */
export function launch(
  queue: TieredQueue,
  bucket: string,
  count: number,
  resources: Record<string, number> = { cpu: 1 },
  tier = 0,
): void {
  for (let i = 1; i <= count; i++) queue.addLaunched({ id: `${bucket}-run${i}`, tier, bucket, resources }, 0);
}

/** How often each value occurs. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof StowageError) return error.code;
    throw error;
  }
  return 'no error';
}

/** A task of the queue with what the engine is asked for. */
export interface ServiceTask extends QueuedTask {
  readonly spec?: Partial<TaskSpec>;
}

/** What a scheduling service does with an offer. */
export function placeOn(scheduler: Scheduler): (task: ServiceTask) => boolean {
  return ({ id, resources, spec }) =>
    scheduler.schedule([{ id, resources, ...spec }]).placements.length === 1;
}

/** Agents `host-1` … of 4 cores. */
export function cluster(hosts: number, cpu = 4): Scheduler {
  const scheduler = new Scheduler();
  for (let i = 1; i <= hosts; i++)
    scheduler.addAgent({ id: `host-${i}`, resources: { cpu, memory: cpu * 1000, network: cpu * 1000 } });
  return scheduler;
}
