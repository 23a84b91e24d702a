import { PlacementEngine, SOFT_SCALE, Scheduler, type Taint } from '@stowage/core';
import { expect, test } from 'vitest';
import { preferUntainted } from '../src/index.ts';
import { softScores } from './soft-scores.ts';

const old: Taint = { key: 'hardware', value: 'old', effect: 'PreferNoSchedule' };
const noisy: Taint = { key: 'noisy', effect: 'PreferNoSchedule' };

function engineWith(...taints: Taint[][]): PlacementEngine {
  const engine = new PlacementEngine();
  for (const given of taints) engine.addAgent({ resources: { cpu: 10 }, taints: given });
  return engine;
}

test('rates by the number of taints that are not tolerated', () => {
  const engine = engineWith([], [old], [old, noisy], [{ ...noisy, effect: 'NoSchedule' }]);
  const tolerations = [{ key: 'noisy', effect: 'NoSchedule' as const }];
  const half = SOFT_SCALE / 2;
  expect(softScores(engine, preferUntainted(), { resources: {} })).toEqual([SOFT_SCALE, half, 349525]);
  expect(softScores(engine, preferUntainted(), { resources: {}, tolerations })).toEqual([
    SOFT_SCALE,
    half,
    349525,
    SOFT_SCALE,
  ]);
  const all = { resources: {}, tolerations: [{}] };
  expect(softScores(engine, preferUntainted(), all)).toEqual(Array(4).fill(SOFT_SCALE));
  const justOld = { resources: {}, tolerations: [{ key: 'hardware', value: 'old' }] };
  expect(softScores(engine, preferUntainted(), justOld)).toEqual([SOFT_SCALE, SOFT_SCALE, half]);
});

test('counts for nothing without taints', () => {
  expect(softScores(engineWith([], []), preferUntainted(), { resources: {} })).toEqual([
    SOFT_SCALE,
    SOFT_SCALE,
  ]);
});

test('uses tainted agents when there are no others, and follows changes of the taints', () => {
  const scheduler = new Scheduler();
  for (const id of ['x', 'y']) scheduler.addAgent({ id, resources: { cpu: 2 } });
  scheduler.updateAgent({ id: 'x', resources: { cpu: 2 }, taints: [old] });
  const agents = (...ids: string[]) =>
    scheduler
      .schedule(ids.map((id) => ({ id, resources: { cpu: 1 }, softConstraints: [preferUntainted()] })))
      .placements.map(({ agent }) => agent);
  expect(agents('1', '2', '3')).toEqual(['y', 'y', 'x']);
  for (const id of ['1', '2', '3']) scheduler.release(id);
  expect(agents('4')).toEqual(['y']);
  scheduler.updateAgent({ id: 'y', resources: { cpu: 2 }, taints: [old, noisy] });
  expect(agents('5')).toEqual(['x']);
});
