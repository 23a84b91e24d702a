import { describe, expect, test } from 'vitest';
import { scheduleArrivals } from '../../src/cell/job-arrivals.ts';
import { type ArrivalTimes, CELL_EPOCH_MS, type JobArrival } from '../../src/cell/scenario.ts';
import { VirtualClock } from '../../src/cell/virtual-clock.ts';
import { scenario } from './set-up.ts';

const HOUR_MS = 3_600_000;

function arrivals(when: ArrivalTimes, durationMs: number, fields: Partial<JobArrival> = {}, seed = 1) {
  const clock = new VirtualClock(CELL_EPOCH_MS);
  const seen: { atMs: number; jobId: string; spec: Readonly<Record<string, unknown>> }[] = [];
  const arrival = { name: 'job', when, spec: {}, ...fields };
  scheduleArrivals(scenario({ arrivals: [arrival], durationMs }), seed, clock, (jobId, spec) =>
    seen.push({ atMs: clock.nowMs() - CELL_EPOCH_MS, jobId, spec }),
  );
  while (clock.step(CELL_EPOCH_MS + durationMs));
  return seen;
}

describe('jobs arrive', () => {
  test('once, under the name of the arrival', () => {
    expect(arrivals({ atMs: 5 }, 100)).toEqual([{ atMs: 5, jobId: 'job', spec: {} }]);
  });

  test('several at one time, numbered', () => {
    expect(arrivals({ atMs: 5, count: 2 }, 100).map(({ jobId }) => jobId)).toEqual(['job-1', 'job-2']);
  });

  test('at equal distances, from, to and as often as given', () => {
    const times = (when: ArrivalTimes) => arrivals(when, 100).map(({ atMs }) => atMs);
    expect(times({ everyMs: 30 })).toEqual([0, 30, 60, 90]);
    expect(times({ everyMs: 30, fromMs: 10, toMs: 70 })).toEqual([10, 40]);
    expect(times({ everyMs: 30, count: 2 })).toEqual([0, 30]);
  });

  test('by chance as often as the rate says, hour by hour', () => {
    const profile = Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 0.5 : 2));
    const times = arrivals({ ratePerHour: 1_000, profile }, 48 * HOUR_MS).map(({ atMs }) => atMs);
    const inHours = (from: number, to: number) =>
      times.filter((atMs) => (atMs / HOUR_MS) % 24 >= from && (atMs / HOUR_MS) % 24 < to).length;
    expect(inHours(0, 12) / (24 * 500)).toBeCloseTo(1, 1);
    expect(inHours(12, 24) / (24 * 2_000)).toBeCloseTo(1, 1);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('by chance at the same times for the same seed', () => {
    const times = (seed: number) => arrivals({ ratePerHour: 100 }, HOUR_MS, {}, seed).map(({ atMs }) => atMs);
    expect(times(1)).toEqual(times(1));
    expect(times(1)).not.toEqual(times(2));
  });

  test('with a spec made for each, from its number and chance of its own', () => {
    const spec: JobArrival['spec'] = (n, random) => ({ n, drawn: random.below(1_000) });
    const specs = (seed: number) =>
      arrivals({ everyMs: 10 }, 30, { spec }, seed).map((arrival) => arrival.spec);
    expect(specs(1).map(({ n }) => n)).toEqual([1, 2, 3, 4].slice(0, specs(1).length));
    expect(specs(1)).toEqual(specs(1));
    expect(specs(1)).not.toEqual(specs(2));
  });
});
