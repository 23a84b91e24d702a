/**
 * Taints keep tasks off agents, tolerations let them on.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { Scheduler, type Taint, type Toleration } from '../src/index.ts';

let scheduler: Scheduler;
const gpuOnly: Taint = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };

function isFeasible(taints: Taint[], tolerations?: Toleration[]): boolean {
  scheduler.updateAgent({ id: 'a', resources: { cpu: 2 }, taints });
  return scheduler.explain({ resources: { cpu: 1 }, ...(tolerations && { tolerations }) }).feasible === 1;
}

beforeEach(() => {
  scheduler = new Scheduler();
  scheduler.addAgent({ id: 'a', resources: { cpu: 2 } });
});

test('NoSchedule and NoExecute keep tasks off, PreferNoSchedule does not', () => {
  const feasible = (effect: Taint['effect']) => isFeasible([{ key: 'k', effect }]);
  expect([feasible('NoSchedule'), feasible('NoExecute'), feasible('PreferNoSchedule')]).toEqual([
    false,
    false,
    true,
  ]);
});

test.each<[Toleration, boolean]>([
  [gpuOnly, true],
  [{ key: 'dedicated' }, true],
  [{ value: 'gpu' }, true],
  [{ effect: 'NoSchedule' }, true],
  [{}, true],
  [{ key: 'dedicated', value: '' }, false],
  [{ key: 'other' }, false],
  [{ ...gpuOnly, effect: 'NoExecute' }, false],
])('%j tolerates it: %s', (toleration, tolerated) => {
  expect(isFeasible([gpuOnly], [toleration])).toBe(tolerated);
});

test('every taint has to be tolerated, by any of the tolerations', () => {
  const taints: Taint[] = [gpuOnly, { key: 'k', effect: 'NoExecute' }];
  expect(isFeasible(taints, [gpuOnly])).toBe(false);
  expect(isFeasible(taints, [gpuOnly, { key: 'k', value: '' }])).toBe(true);
});

test('an explanation names the taints that are in the way', () => {
  isFeasible([gpuOnly, { key: 'k', effect: 'NoExecute' }]);
  expect(scheduler.explain({ resources: {}, tolerations: [] }).reasons).toEqual([
    {
      kind: 'constraint',
      name: 'taints',
      agents: 1,
      soleReason: 1,
      example: 'dedicated=gpu:NoSchedule, k:NoExecute',
    },
  ]);
});

test('classes that were placed before look again when a taint comes or goes', () => {
  const place = (id: string) => scheduler.schedule([{ id, resources: {} }]).placements.length;
  expect([place('t'), place('u')]).toEqual([1, 1]);
  isFeasible([gpuOnly]);
  expect(place('v')).toBe(0);
  isFeasible([]);
  expect(place('w')).toBe(1);
});

test('taints are no attributes, and their order does not matter', () => {
  const { engine } = scheduler;
  const taints: Taint[] = [{ key: 'k', effect: 'NoExecute' }, gpuOnly];
  scheduler.addAgent({ id: 'b', resources: {}, attributes: { zone: 'z' }, taints });
  scheduler.addAgent({ id: 'c', resources: {}, attributes: { zone: 'z' }, taints: [...taints].reverse() });
  expect([1, 2].map((row) => engine.attributesOf(row))).toEqual([{ zone: 'z' }, { zone: 'z' }]);
  expect([1, 2].map((row) => engine.cluster.taints.ids[row])).toEqual([1, 1]);
  expect(engine.taintsOf(2)).toEqual([gpuOnly, { key: 'k', value: '', effect: 'NoExecute' }]);
});

describe('evictions', () => {
  const asleep: Taint = { key: 'asleep', effect: 'NoExecute' };
  const add = (id: string, rest: object = {}) =>
    scheduler.schedule([{ id, resources: { cpu: 0.1 }, ...rest }]);
  const taint = (...taints: Taint[]) => scheduler.updateAgent({ id: 'a', resources: { cpu: 2 }, taints });

  test('of tasks that do not tolerate a NoExecute taint, in any stage', () => {
    add('t');
    add('tolerant', { tolerations: [{ key: 'asleep' }] });
    scheduler.schedule([{ id: 'held', resources: {} }], { reserve: true });
    taint(gpuOnly);
    expect(scheduler.evictions()).toEqual([]);
    taint(asleep);
    expect(scheduler.evictions()).toEqual([
      { task: 'held', agent: 'a', reason: 'taint' },
      { task: 't', agent: 'a', reason: 'taint' },
    ]);
  });

  test('lower priority first; who leaves anyway spares borrowers', () => {
    add('high', { priority: 1 });
    add('low', { priority: -1 });
    add('borrower', { resources: {}, opportunistic: { cpu: 1.8 }, tolerations: [{}] });
    add('owner', { resources: { cpu: 0.2 }, tolerations: [{}] });
    expect(scheduler.evictions().map(({ task }) => task)).toEqual(['borrower']);
    taint(asleep);
    expect(scheduler.evictions().map(({ task }) => task)).toEqual(['low', 'high']);
  });
});
