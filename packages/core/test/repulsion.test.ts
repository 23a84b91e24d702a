/**
 * Placed tasks that keep others away: it binds tasks that bring no constraint of their own.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { type HardConstraint, type RepulsionSpec, Scheduler, type TaskSelector } from '../src/index.ts';

let scheduler: Scheduler;

/** Keeps others away and accepts any agent itself. */
function repelling(selector: TaskSelector, attribute?: string): HardConstraint[] {
  const repels: RepulsionSpec = { selector, ...(attribute !== undefined && { attribute }) };
  return [{ name: 'repelling', repels, bind: () => ({ test: () => 0 }) }];
}

function place(id: string, job?: string, constraints?: HardConstraint[]): string | undefined {
  const task = { id, resources: {}, ...(job !== undefined && { job }), ...(constraints && { constraints }) };
  return scheduler.schedule([task]).placements[0]?.agent;
}

const batch: TaskSelector = { matchLabels: { job: 'batch' } };

beforeEach(() => {
  scheduler = new Scheduler();
  for (const [id, zone] of [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'y'],
  ])
    scheduler.addAgent({ id, resources: {}, attributes: { zone } });
});

test('selected tasks go to other agents while the task is placed', () => {
  expect(place('first', 'batch')).toBe('a');
  place('web', 'web', repelling(batch));
  expect([place('t', 'batch'), place('u', 'other'), place('v')]).toEqual(['b', 'a', 'a']);
  scheduler.release('web');
  expect(place('w', 'batch')).toBe('a');
});

test('or to agents with another value of the attribute; who lacks it is in no domain', () => {
  place('web', 'web', repelling(batch, 'zone'));
  expect(place('t', 'batch')).toBe('c');
  scheduler.updateAgent({ id: 'b', resources: {} });
  expect(place('u', 'batch')).toBe('b');
  scheduler.updateAgent({ id: 'a', resources: {} });
  expect(place('v', 'batch')).toBe('a');
  expect(scheduler.verify()).toEqual([]);
});

test('it holds against the own class when that is selected', () => {
  const apart = repelling({ matchLabels: { job: 'web' } });
  expect(['t', 'u', 'v', 'w'].map((id) => place(id, 'web', apart))).toEqual(['a', 'b', 'c', undefined]);
});

test('two that say the same add up, and the last to leave opens the domain', () => {
  for (const id of ['t', 'u']) place(id, 'web', repelling(batch, 'zone'));
  scheduler.release('t');
  expect(place('v', 'batch')).toBe('c');
  scheduler.release('u');
  expect(place('w', 'batch')).toBe('a');
});

test('adopted tasks repel too, and may stand where they are repelled', () => {
  scheduler.adopt({ id: 't', resources: {}, job: 'batch' }, 'b');
  scheduler.adopt({ id: 'u', resources: {}, constraints: repelling({}) }, 'b');
  expect(scheduler.adopt({ id: 'v', resources: {}, job: 'batch' }, 'b').agent).toBe('b');
  expect(place('w')).toBe('a');
});

test('an explanation says so', () => {
  place('web', 'web', repelling(batch));
  expect(scheduler.explain({ resources: {}, job: 'batch', agent: 'a' }).reasons).toEqual([
    {
      kind: 'constraint',
      name: 'anti-affinity of tasks on the same agent',
      agents: 1,
      soleReason: 1,
      example: 'a task on the same agent repels it',
    },
  ]);
});

describe('selectors', () => {
  const labelled = (selector: TaskSelector) => {
    place('web', undefined, repelling(selector));
    return ['a', 'b', undefined].map((job, i) => place(`t${i}`, job) !== 'a');
  };

  test.each<[TaskSelector, boolean[]]>([
    [{}, [true, true, true]],
    [{ matchLabels: { job: 'a' } }, [true, false, false]],
    [{ matchExpressions: [{ key: 'job', operator: 'In', values: ['b', 'c'] }] }, [false, true, false]],
    [{ matchExpressions: [{ key: 'job', operator: 'NotIn', values: ['b', 'c'] }] }, [true, false, true]],
    [{ matchExpressions: [{ key: 'job', operator: 'Exists' }] }, [true, true, false]],
    [{ matchExpressions: [{ key: 'job', operator: 'DoesNotExist' }] }, [false, false, true]],
    [
      { matchLabels: { job: 'a' }, matchExpressions: [{ key: 'job', operator: 'NotIn', values: ['a'] }] },
      [false, false, false],
    ],
    [{ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, [false, false, false]],
  ])('%j selects of job a, job b and no job: %j', (selector, selected) => {
    expect(labelled(selector)).toEqual(selected);
  });

  test('a list that is changed afterwards changes nothing', () => {
    const values = ['batch'];
    place('web', 'web', repelling({ matchExpressions: [{ key: 'job', operator: 'In', values }] }));
    const before = new Uint8Array(scheduler.snapshot());
    values[0] = 'other';
    expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
    expect([place('t', 'batch'), place('u', 'other')]).toEqual(['b', 'a']);
  });
});

test('a selector with a field that does not exist is refused: empty, it would select every task', () => {
  const constraints = repelling({ labels: { job: 'web' } } as TaskSelector);
  expect(() => scheduler.check({ id: 't', resources: {}, constraints })).toThrow('no field "labels"');
});

test('what no class repels any more is forgotten, and known again when a class says it anew', () => {
  const { engine } = new Scheduler({ resources: [{ name: 'cpu' }] });
  engine.addAgent({ resources: { cpu: 10 } });
  const away = { resources: {}, constraints: repelling({ matchLabels: { job: 'web' } }) };
  const web = engine.defineClass({ resources: {}, job: 'web' });
  for (let round = 0; round < 3; round++) {
    const [first, second] = [engine.defineClass(away), engine.defineClass(away)];
    const handle = engine.place(second);
    engine.dropClass(first);
    expect(engine.find(web)).toBe(-1);
    engine.release(handle);
    engine.dropClass(second);
    expect(engine.find(web)).toBe(0);
    expect(engine.verify()).toEqual([]);
  }
});
