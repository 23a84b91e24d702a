import { PlacementEngine, SOFT_SCALE, type TaskSelector } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { antiAffinity, antiAffinitySoft, asSoft } from '../src/index.ts';
import { softScores } from './soft-scores.ts';
import { acceptingRows, engineIn, put, refusals } from './topology.ts';

const fromWeb: TaskSelector = { matchLabels: { job: 'web' } };
const byZone = { attribute: 'zone' };

describe('antiAffinity keeps its task away', () => {
  test('from agents and from domains with selected tasks', () => {
    const engine = engineIn('a', 'a', 'b', undefined);
    put(engine, 1, 'web');
    expect(acceptingRows(engine, antiAffinity(fromWeb))).toEqual([0, 2, 3]);
    expect(acceptingRows(engine, antiAffinity(fromWeb, byZone))).toEqual([2, 3]);
  });

  test('agents without the attribute are in no domain', () => {
    const engine = engineIn(undefined, undefined);
    put(engine, 0, 'web');
    expect(acceptingRows(engine, antiAffinity(fromWeb, byZone))).toEqual([0, 1]);
    expect(acceptingRows(engine, antiAffinity(fromWeb, { attribute: 'unheard-of' }))).toEqual([0, 1]);
  });

  test('explains with numbers', () => {
    const engine = engineIn('a', 'b');
    put(engine, 0, 'web', 2);
    expect(antiAffinity(fromWeb, byZone).name).toBe('anti-affinity to tasks with job=web by zone');
    expect(refusals(engine, antiAffinity(fromWeb, byZone))).toEqual(['zone a has tasks with job=web (2)']);
    expect(refusals(engine, antiAffinity(fromWeb))).toEqual(['the agent has tasks with job=web (2)']);
  });
});

describe('antiAffinity keeps others away from its task', () => {
  test('who bring no constraint', () => {
    const engine = engineIn('a', 'a', 'b', undefined);
    put(engine, 0, { job: 'batch', constraints: [antiAffinity(fromWeb)] });
    expect(acceptingRows(engine, [], { job: 'web' })).toEqual([1, 2, 3]);
    expect(acceptingRows(engine, [], { job: 'other' })).toEqual([0, 1, 2, 3]);
    const [task] = put(engine, 1, { job: 'batch', constraints: [antiAffinity(fromWeb, byZone)] });
    expect(acceptingRows(engine, [], { job: 'web' })).toEqual([2, 3]);
    engine.release(task);
    expect(acceptingRows(engine, [], { job: 'web' })).toEqual([1, 2, 3]);
  });

  test('whose class was placed before anybody was repelled', () => {
    const engine = engineIn('a', 'b');
    const web = engine.defineClass({ resources: {}, job: 'web' });
    expect(engine.agentOf(engine.place(web))).toBe(0);
    put(engine, 1, { constraints: [antiAffinity(fromWeb)] });
    expect(
      [engine.place(web), engine.place(web), engine.place(web)].map((task) => engine.agentOf(task)),
    ).toEqual([0, 0, 0]);
  });

  test('and says so', () => {
    const engine = engineIn('a');
    put(engine, 0, { constraints: [antiAffinity(fromWeb, byZone)] });
    const web = engine.defineClass({ resources: {}, job: 'web' });
    expect(engine.explain(web).reasons).toMatchObject([
      { name: 'anti-affinity of tasks on the same zone', example: 'a task on the same zone repels it' },
    ]);
  });

  test('also after a rollback and in a restored engine', () => {
    const engine = engineIn('a', 'b');
    engine.begin();
    put(engine, 0, { constraints: [antiAffinity(fromWeb)] });
    expect(acceptingRows(engine, [], { job: 'web' })).toEqual([1]);
    engine.rollback();
    expect(acceptingRows(engine, [], { job: 'web' })).toEqual([0, 1]);
    put(engine, 1, { constraints: [antiAffinity(fromWeb)] });
    const { engine: restored } = PlacementEngine.restore(engine.snapshot());
    expect(acceptingRows(restored, [], { job: 'web' })).toEqual([0]);
  });
});

test('tasks that select themselves are one per agent, or one per zone', () => {
  const engine = engineIn('a', 'a', 'b');
  const apart = engine.defineClass({
    resources: {},
    job: 'web',
    constraints: [antiAffinity(fromWeb, byZone)],
  });
  const rows = [0, 1, 2].map(() => engine.place(apart)).map((task) => (task < 0 ? -1 : engine.agentOf(task)));
  expect(rows).toEqual([0, 2, -1]);
});

test.each([
  ['of the host', antiAffinity(fromWeb)],
  ['by zone', antiAffinity(fromWeb, byZone)],
])('%s it needs no scan', (_where, constraint) => {
  const engine = engineIn('a', 'b', 'c');
  engine.usePolicies({ structure: 'class-tree' });
  const web = engine.defineClass({ resources: {}, job: 'web', constraints: [constraint] });
  engine.place(web);
  expect(engine.explainPlan(web).structure).toBe('class-tree');
});

test('as a preference it repels nobody', () => {
  const engine = engineIn('a', 'b');
  const apart = asSoft(antiAffinity(fromWeb));
  put(engine, 0, 'web');
  expect(softScores(engine, apart, { resources: {} })).toEqual([0, SOFT_SCALE]);
  put(engine, 1, { softConstraints: [apart, antiAffinitySoft(fromWeb)] });
  expect(acceptingRows(engine, [], { job: 'web' })).toEqual([0, 1]);
});

test('antiAffinitySoft rates a domain by its tasks, with the full score outside', () => {
  const engine = engineIn('a', 'a', 'b', 'c', undefined);
  put(engine, 0, 'web');
  put(engine, 1, 'web');
  put(engine, 2, 'web', 3);
  put(engine, 4, 'web');
  const third = 349525;
  expect(softScores(engine, antiAffinitySoft(fromWeb, byZone), { resources: {} })).toEqual([
    third,
    third,
    SOFT_SCALE / 4,
    SOFT_SCALE,
    SOFT_SCALE,
  ]);
  const half = SOFT_SCALE / 2;
  expect(softScores(engine, antiAffinitySoft(fromWeb), { resources: {} })).toEqual([
    half,
    half,
    SOFT_SCALE / 4,
    SOFT_SCALE,
    half,
  ]);
});

test('is unmoved by later changes of the selector, in both directions', () => {
  const values = ['web'];
  const apart = antiAffinity({ matchExpressions: [{ key: 'job', operator: 'In', values }] });
  values[0] = 'other';
  const engine = engineIn('a', 'b', 'c');
  put(engine, 0, 'web');
  put(engine, 1, 'other');
  expect(acceptingRows(engine, apart)).toEqual([1, 2]);
  put(engine, 2, { constraints: [apart] });
  expect(acceptingRows(engine, [], { job: 'web' })).toEqual([0, 1]);
  expect(acceptingRows(engine, [], { job: 'other' })).toEqual([0, 1, 2]);
});

test.each([
  ['INVALID_SPEC', () => antiAffinity(undefined as unknown as TaskSelector)],
  [
    'INVALID_SPEC',
    () => antiAffinity({ matchExpressions: [{ key: 'a', operator: 'Gt' as 'In', values: ['1'] }] }),
  ],
  ['INVALID_SPEC', () => antiAffinitySoft({ matchExpressions: [{ key: '', operator: 'Exists' }] })],
  ['INVALID_PLUGIN', () => antiAffinity({}, { attribute: '' })],
  ['INVALID_PLUGIN', () => antiAffinitySoft({}, { attribute: '' })],
])('refuses wrong parameters with %s: %s', (code, make) => {
  expect(make).toThrow(code);
});
