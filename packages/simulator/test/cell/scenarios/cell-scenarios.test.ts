/** The built-in scenarios, small: each runs without contradictions, and shows what its description says. */
import { describe, expect, test } from 'vitest';
import { sanitizeJobSpec } from '@stowage/jobs';
import { CELL_SCENARIOS, type CellRun, runCell, SeededRandom } from '../../../src/index.ts';
import type { TracedEvent } from '../set-up.ts';

function familyOf(name: string) {
  return CELL_SCENARIOS.find((family) => family.name === name)!;
}

function runsOf(name: string, scale: number): CellRun[] {
  return familyOf(name)
    .runs(scale)
    .map((scenario) => runCell(scenario));
}

const SCALES: readonly (readonly [name: string, scale: number])[] = [
  ['steady-service-fleet', 0.02],
  ['nightly-batch-wave', 0.02],
  ['regional-failover', 0.02],
  ['rolling-replacement', 0.05],
  ['crash-looping-job', 0.05],
  ['busy-day', 0.002],
];

test('every scenario has a name, a scale here, and runs with names of their own', () => {
  expect(CELL_SCENARIOS.map(({ name }) => name).sort()).toEqual(SCALES.map(([name]) => name).sort());
  for (const { name, runs } of CELL_SCENARIOS) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    const names = runs(1).map((scenario) => scenario.name);
    expect(new Set(names).size).toBe(names.length);
  }
});

test.each(SCALES)('%s at %d runs without a contradiction, and every job is taken', (name, scale) => {
  for (const scenario of familyOf(name).runs(scale)) {
    const run = runCell(scenario, { check: 200 });
    expect(run.totals.launches).toBeGreaterThan(0);
    expect(run.totals.rejections).not.toHaveProperty('INVALID_JOB_SPEC');
    expect(run.marks).toHaveLength(scenario.actions?.length ?? 0);
  }
});

test.each([0.001, 1, 4])('at scale %d every job is one that a job manager takes', (scale) => {
  for (const { arrivals, name } of CELL_SCENARIOS.flatMap(({ runs }) => runs(scale)))
    for (const { spec } of arrivals) {
      const input = typeof spec === 'function' ? spec(1, new SeededRandom(1)) : spec;
      expect(sanitizeJobSpec(input), name).toMatchObject({ ok: true, adjusted: [] });
    }
});

test('every scenario is the same from seed to trace', () => {
  for (const [name, scale] of [
    ['regional-failover', 0.01],
    ['nightly-batch-wave', 0.01],
  ] as const)
    expect(runsOf(name, scale).map(({ trace }) => trace)).toEqual(
      runsOf(name, scale).map(({ trace }) => trace),
    );
});

test('in a failover packing sets up fewer interfaces and pulls fewer images, and half of it starts sooner', () => {
  const [spreading, packing] = runsOf('regional-failover', 0.05);
  expect(packing.totals.starts).toBe(spreading.totals.starts);
  expect(packing.totals.imagePulls).toBeLessThan(spreading.totals.imagePulls);
  expect(packing.totals.interfaceSetUps).toBeLessThan(spreading.totals.interfaceSetUps);
  for (const { milestones } of [spreading, packing])
    expect(milestones.every(({ atMs }) => atMs !== undefined)).toBe(true);
  expect(packing.milestones[0].atMs).toBeLessThan(spreading.milestones[0].atMs!);
});

test('in a nightly wave teams with a guarantee are done before the one without, and services feel nothing', () => {
  const [{ milestones, totals }] = runsOf('nightly-batch-wave', 0.05);
  const [adhoc, ...guaranteed] = milestones.toReversed();
  expect(adhoc.name).toContain('adhoc');
  for (const { atMs } of guaranteed) expect(atMs).toBeLessThan(adhoc.atMs!);
  expect(Object.keys(totals.ends)).toEqual(['normal']);
  expect(totals.agentsBooted).toBeGreaterThan(0);
  expect(totals.agentsRemoved).toBeGreaterThan(0);
});

test('a crash-looping job is slowed down and does not touch its neighbours', () => {
  const events: TracedEvent[] = [];
  const [scenario] = familyOf('crash-looping-job').runs(0.05);
  const { totals } = runCell(scenario, {
    traceSink: (line) => events.push(JSON.parse(line) as TracedEvent),
  });
  const ended = events.filter(({ event, state }) => event === 'task' && state === 'finished');
  expect(ended.filter(({ task }) => (task as string).startsWith('good-'))).toEqual([]);
  const looping = events.filter(({ kind }) => kind === 'crash-loop-begun');
  expect(looping).toHaveLength(totals.crashLoops);
  expect(looping).toHaveLength(3);
  // Three chains for three hours: without a brake a try every 12 seconds, so 900 each.
  expect(ended.length).toBeLessThan(3 * 60);
});

test('a busy day launches in proportion to 750,000', () => {
  const [{ totals }] = runsOf('busy-day', 0.01);
  expect(totals.launches).toBeGreaterThanOrEqual(0.9 * 0.01 * 750_000);
});

describe('a steady fleet over a day', () => {
  const [{ outcomes, totals, samples }] = runsOf('steady-service-fleet', 0.02);

  test('is available all day, whatever is lost', () => {
    expect(totals.agentsLost).toBe(6);
    expect(outcomes.availability.share).toBeGreaterThan(0.995);
  });

  test('has more tasks in the evening than at night', () => {
    const startedAt = (hour: number) => samples.find(({ atMs }) => atMs >= hour * 3_600_000)!.tasks.started;
    expect(startedAt(20)).toBeGreaterThan(1.5 * startedAt(5));
  });
});
