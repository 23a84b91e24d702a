/**
 * The invariants of a queue, checked from nothing: sums equal what launched tasks ask for, counts equal the tasks,
 * every queued task is in exactly one place.
 */
import { add, equalUnits } from './amounts.ts';
import type { Bucket, TaskRecord } from './bucket.ts';
import type { QueuedTask } from './queued-task.ts';
import type { QueueState } from './queue-state.ts';
import type { Tier } from './tier.ts';

interface Recount {
  readonly used: Float64Array;
  queued: number;
  launched: number;
}

/** Broken invariants in words; where the tasks are that an open cycle has taken is not checked. O(tasks + buckets). */
export function problemsOf<T extends QueuedTask>(state: QueueState<T>): string[] {
  const recounts = new Map<Bucket<T>, Recount>();
  const problems: string[] = [];
  let waiting = 0;
  for (const record of state.records.values()) {
    waiting += placesOf(state, record);
    problems.push(...recordProblems(state, record));
    recount(recounts, record);
  }
  const ready = state.tiers.flatMap(({ buckets }) =>
    [...buckets.values()].map((bucket) => bucket.ready.size),
  );
  if (ready.reduce((a, b) => a + b, state.delayed.size) !== waiting)
    problems.push('a task waits that is not in the queue');
  return [...problems, ...state.tiers.flatMap((tier) => tierProblems(tier, recounts))];
}

/** In how many places the task waits. */
function placesOf<T extends QueuedTask>(state: QueueState<T>, record: TaskRecord<T>): number {
  return Number(record.bucket.ready.has(record)) + Number(state.delayed.has(record));
}

function recordProblems<T extends QueuedTask>(state: QueueState<T>, record: TaskRecord<T>): string[] {
  const problems: string[] = [];
  const { id, bucket } = record;
  const places = placesOf(state, record);
  const expected = record.state === 'queued' ? 1 : 0;
  const isTaken = state.inCycle && places === 0;
  if (places !== expected && !isTaken)
    problems.push(`task "${id}" is ${record.state} and waits in ${places} places`);
  if (state.tiers[bucket.tier].buckets.get(bucket.name) !== bucket)
    problems.push(`task "${id}" has a bucket that its tier does not know`);
  return problems;
}

function recount<T extends QueuedTask>(recounts: Map<Bucket<T>, Recount>, record: TaskRecord<T>): void {
  const { bucket, units } = record;
  let counted = recounts.get(bucket);
  if (counted === undefined) {
    counted = { used: new Float64Array(units.length), queued: 0, launched: 0 };
    recounts.set(bucket, counted);
  }
  counted[record.state] += 1;
  if (record.state === 'launched') add(counted.used, units);
}

function tierProblems<T extends QueuedTask>(tier: Tier<T>, recounts: Map<Bucket<T>, Recount>): string[] {
  const problems: string[] = [];
  const tierUse = new Float64Array(tier.used.length);
  for (const bucket of tier.buckets.values()) {
    const where = `bucket "${bucket.name}" of tier ${tier.number}`;
    const counted = recounts.get(bucket);
    if (counted === undefined) {
      problems.push(`${where} is empty and was kept`);
      continue;
    }
    add(tierUse, counted.used);
    if (!equalUnits(bucket.used, counted.used))
      problems.push(`the use of ${where} is not that of its launched tasks`);
    if (bucket.queued !== counted.queued || bucket.launched !== counted.launched)
      problems.push(`the counts of ${where} are wrong`);
  }
  if (!equalUnits(tier.used, tierUse))
    problems.push(`the use of tier ${tier.number} is not that of its buckets`);
  if (!equalUnits(tier.reserved, tier.recomputeReserved()))
    problems.push(`what tier ${tier.number} has reserved is not the sum over its buckets`);
  return problems;
}
