/**
 * Reads the trace of a rolling replacement and holds every eviction to the budget of its job, by rules of its own: nothing
 * here asks the quota engine.
 */
import { expect, test } from 'vitest';
import { ROLLING_REPLACEMENT } from '../../../src/cell/scenarios/rolling-replacement.ts';
import { runCell } from '../../../src/index.ts';
import type { TracedEvent } from '../set-up.ts';

const HOUR_MS = 3_600_000;
const TASKS = 100;

interface Eviction {
  readonly atMs: number;
  readonly job: string;
  readonly serial: number;
  readonly agent: string;
  /** Tasks of the job that are started once this one is not. */
  readonly startedAfter: number;
}

const drainedAtMs = new Map<string, number>();
const evictions: Eviction[] = [];
const started = new Map<string, Set<string>>();

const [scenario] = ROLLING_REPLACEMENT.runs(1);
const run = runCell(scenario, {
  traceSink: (line) => {
    const event = JSON.parse(line) as TracedEvent;
    if (event.event === 'agent' && event['state'] === 'draining')
      drainedAtMs.set(event['agent'] as string, event.atMs);
    if (event.event === 'task') readTask(event);
  },
});

function readTask({ atMs, task, state, reason, agent }: TracedEvent): void {
  const dot = (task as string).lastIndexOf('.');
  const job = (task as string).slice(0, dot);
  const serial = Number((task as string).slice(dot + 1));
  const running = started.get(job) ?? new Set();
  started.set(job, running);
  if (state === 'started') running.add(task as string);
  else running.delete(task as string);
  if (state === 'kill-initiated' && reason === 'evicted')
    evictions.push({ atMs, job, serial, agent: agent as string, startedAfter: running.size });
}

function evictionsOf(job: string): Eviction[] {
  return evictions.filter((eviction) => eviction.job === job);
}

function mostInAnHour(job: string): number {
  const own = evictionsOf(job);
  const counts = own.map(
    ({ atMs: toMs }) => own.filter(({ atMs }) => atMs > toMs - HOUR_MS && atMs <= toMs).length,
  );
  return Math.max(...counts);
}

test('all agents are exchanged, and every task on an old one is moved once', () => {
  expect(run.totals).toMatchObject({ agentsBooted: 100, agentsRemoved: 100, evictions: 6 * TASKS });
  expect(evictions).toHaveLength(6 * TASKS);
  expect(run.milestones.every(({ atMs }) => atMs !== undefined)).toBe(true);
});

test('nothing is evicted from an agent that is not drained', () => {
  for (const { atMs, agent } of evictions) expect(drainedAtMs.get(agent)).toBeLessThanOrEqual(atMs);
});

test.each([
  ['ninety-percent', 90],
  ['twenty-an-hour', 95],
  ['quarter-an-hour', 50],
  ['at-night', 80],
])('%s never has less than %d tasks started', (job, least) => {
  expect(Math.min(...evictionsOf(job).map(({ startedAfter }) => startedAfter))).toBeGreaterThanOrEqual(least);
});

test.each([
  ['twenty-an-hour', 20],
  ['quarter-an-hour', 25],
])('%s loses at most %d tasks within any hour, and the limit is met', (job, most) => {
  expect(mostInAnHour(job)).toBe(most);
});

test('the service with hours is evicted within them only', () => {
  for (const { atMs } of evictionsOf('at-night')) {
    expect(atMs % (24 * HOUR_MS)).toBeGreaterThanOrEqual(2 * HOUR_MS);
    expect(atMs % (24 * HOUR_MS)).toBeLessThan(8 * HOUR_MS);
  }
});

test('the service that moves itself gets its hour', () => {
  for (const { atMs, agent } of evictionsOf('moves-itself'))
    expect(atMs - drainedAtMs.get(agent)!).toBeGreaterThanOrEqual(HOUR_MS);
});

test('no task of the batch job is evicted that replaced an evicted one', () => {
  const serials = evictionsOf('long-batch').map(({ serial }) => serial);
  expect(Math.max(...serials)).toBeLessThan(TASKS);
  expect(new Set(serials).size).toBe(serials.length);
});
