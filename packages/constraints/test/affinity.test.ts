import { PlacementEngine, SOFT_SCALE, Scheduler, type TaskSelector } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { affinity, affinitySoft, asSoft } from '../src/index.ts';
import { softScores } from './soft-scores.ts';
import { acceptingRows, engineIn, put, refusals } from './topology.ts';

const toCache: TaskSelector = { matchLabels: { job: 'cache' } };

describe('affinity', () => {
  test('wants the agent of a selected task, or one with the same value of the attribute', () => {
    const engine = engineIn('a', 'a', 'b', undefined);
    put(engine, 1, 'cache');
    put(engine, 2, 'other');
    expect(acceptingRows(engine, affinity(toCache), { job: 'web' })).toEqual([1]);
    expect(acceptingRows(engine, affinity(toCache, { attribute: 'zone' }), { job: 'web' })).toEqual([0, 1]);
  });

  test('follows tasks that come and go, and agents that move', () => {
    const engine = engineIn('a', 'b');
    const byZone = affinity(toCache, { attribute: 'zone' });
    expect(acceptingRows(engine, byZone, { job: 'web' })).toEqual([]);
    const [task] = put(engine, 1, 'cache');
    expect(acceptingRows(engine, byZone, { job: 'web' })).toEqual([1]);
    engine.updateAgent(1, { resources: { cpu: 1000 }, attributes: { zone: 'a' } });
    expect(acceptingRows(engine, byZone, { job: 'web' })).toEqual([0, 1]);
    engine.release(task);
    expect(acceptingRows(engine, byZone, { job: 'web' })).toEqual([]);
    expect(engine.verify()).toEqual([]);
  });

  test('lets the first task of a group start, the others join it', () => {
    const engine = engineIn('a', 'b', 'b', undefined);
    const near = affinity({ matchLabels: { job: 'web' } }, { attribute: 'zone' });
    expect(acceptingRows(engine, near, { job: 'web' })).toEqual([0, 1, 2]);
    expect(acceptingRows(engine, near, { job: 'other' })).toEqual([]);
    const [first] = put(engine, 2, { job: 'web', constraints: [near] });
    expect(acceptingRows(engine, near, { job: 'web' })).toEqual([1, 2]);
    expect(acceptingRows(engine, near, { job: 'other' })).toEqual([1, 2]);
    engine.release(first);
    expect(acceptingRows(engine, near, { job: 'web' })).toEqual([0, 1, 2]);
  });

  test('a selected task outside all domains keeps nobody from being the first', () => {
    const engine = engineIn('a', undefined);
    put(engine, 1, 'web');
    const near = affinity({ matchLabels: { job: 'web' } }, { attribute: 'zone' });
    expect(acceptingRows(engine, near, { job: 'web' })).toEqual([0]);
    expect(acceptingRows(engine, affinity({ matchLabels: { job: 'web' } }), { job: 'web' })).toEqual([1]);
  });

  test('each of several must hold', () => {
    const engine = engineIn('a', 'a', 'b');
    put(engine, 0, 'cache');
    put(engine, 2, 'cache');
    put(engine, 1, 'index');
    const both = [
      affinity(toCache, { attribute: 'zone' }),
      affinity({ matchLabels: { job: 'index' } }, { attribute: 'zone' }),
    ];
    expect(acceptingRows(engine, both)).toEqual([0, 1]);
    expect(acceptingRows(engine, [affinity(toCache), affinity({ matchLabels: { job: 'index' } })])).toEqual(
      [],
    );
  });

  test.each<[TaskSelector, number[]]>([
    [{ matchLabels: { job: 'cache', tier: 'gold' } }, [0]],
    [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['gold', 'lead'] }] }, [0, 2]],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['gold'] }] }, [1, 2, 3]],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, [0, 2]],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, [1, 3]],
    [
      {
        matchLabels: { job: 'cache' },
        matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }],
      },
      [1],
    ],
    [{}, [0, 1, 2, 3]],
  ])('selects by %j', (selector, rows) => {
    const engine = engineIn('a', 'a', 'a', 'a', 'a');
    put(engine, 0, { job: 'cache', labels: { tier: 'gold' } });
    put(engine, 1, 'cache');
    put(engine, 2, { labels: { tier: 'lead' } });
    put(engine, 3, {});
    expect(acceptingRows(engine, affinity(selector))).toEqual(rows);
  });

  test('explains with numbers', () => {
    const engine = engineIn('a', 'b', undefined);
    put(engine, 0, 'cache', 3);
    const byZone = affinity(toCache, { attribute: 'zone' });
    expect(byZone.name).toBe('affinity to tasks with job=cache by zone');
    expect(refusals(engine, byZone)).toEqual([
      'zone b has no tasks with job=cache (3 elsewhere)',
      'zone is missing',
    ]);
    expect(refusals(engine, affinity(toCache))[0]).toBe(
      'the agent has no tasks with job=cache (3 elsewhere)',
    );
    const others = { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['x', 'y'] }] } as const;
    expect(affinity(others).name).toBe('affinity to tasks with tier NotIn x|y');
    expect(affinity({}).name).toBe('affinity to tasks');
  });

  test('is unmoved by later changes of the selector', () => {
    const labels = { job: 'cache' };
    const near = affinity({ matchLabels: labels });
    labels.job = 'other';
    const engine = engineIn('a', 'a');
    put(engine, 0, 'cache');
    put(engine, 1, 'other');
    expect(acceptingRows(engine, near)).toEqual([0]);
  });

  test('equal selectors share a class, however they are written', () => {
    const { key } = affinity({ matchLabels: { a: '1', b: '2' } });
    expect(affinity({ matchLabels: { b: '2', a: '1' } }).key).toBe(key);
    expect(affinity({ matchExpressions: [{ key: 'a', operator: 'In', values: ['1'] }] }).key).not.toBe(key);
    expect(affinity({ matchLabels: { a: '1', b: '2' } }, { attribute: 'zone' }).key).not.toBe(key);
  });

  test('says what its answers depend on', () => {
    expect(affinity(toCache).dependsOn).toBe('group');
    expect(affinitySoft(toCache).dependsOn).toBe('agent');
    expect(affinitySoft(toCache, { attribute: 'zone' }).dependsOn).toBe('group');
  });
});

describe('affinitySoft', () => {
  test('rates a domain by its tasks, with 0 outside', () => {
    const engine = engineIn('a', 'a', 'b', 'c', undefined);
    put(engine, 0, 'cache');
    put(engine, 1, 'cache', 2);
    put(engine, 2, 'cache');
    put(engine, 4, 'cache');
    const half = SOFT_SCALE / 2;
    const byZone = affinitySoft(toCache, { attribute: 'zone' });
    expect(softScores(engine, byZone, { resources: {} })).toEqual([786432, 786432, half, 0, 0]);
    // Two thirds of 1 048 576 are 699 050.67, rounded up.
    expect(softScores(engine, affinitySoft(toCache), { resources: {} })).toEqual([
      half,
      699051,
      half,
      0,
      half,
    ]);
  });

  test('as asSoft of the demand it knows only yes and no', () => {
    const engine = engineIn('a', 'b');
    put(engine, 1, 'cache', 3);
    expect(softScores(engine, asSoft(affinity(toCache)), { resources: {} })).toEqual([0, SOFT_SCALE]);
  });

  test('ranks without refusing', () => {
    const scheduler = new Scheduler();
    for (const id of ['x', 'y']) scheduler.addAgent({ id, resources: { cpu: 2 } });
    scheduler.schedule([{ id: 'cache', job: 'cache', resources: { cpu: 1 }, agent: 'y' }]);
    const task = { resources: { cpu: 1 }, softConstraints: [affinitySoft(toCache)] };
    const { placements } = scheduler.schedule([
      { id: 'one', ...task },
      { id: 'two', ...task },
    ]);
    expect(placements.map(({ agent }) => agent)).toEqual(['y', 'x']);
  });
});

test.each([
  () => affinity(undefined as unknown as TaskSelector),
  () => affinity([] as unknown as TaskSelector),
  () => affinity({ matchLabels: null as unknown as Record<string, string> }),
  () => affinity({ matchLabels: { job: 7 as unknown as string } }),
  () => affinity({ matchLabels: { '': 'x' } }),
  () => affinity({ matchExpressions: 'x' as unknown as [] }),
  () => affinity({ matchExpressions: [{ key: 'job', operator: 'Near' as 'In', values: ['x'] }] }),
  () => affinity({ matchExpressions: [{ key: 'job', operator: 'In' }] }),
  () => affinitySoft({ matchExpressions: [{ key: 'job', operator: 'Exists', values: ['x'] }] }),
  () => affinitySoft({ matchExpressions: [null as unknown as { key: string; operator: 'Exists' }] }),
])('refuses wrong selectors: %s', (make) => {
  expect(make).toThrow('INVALID_SPEC');
});

test.each([
  () => affinity({}, { attribute: '' }),
  () => affinity({}, { attribute: 5 as unknown as string }),
  () => affinitySoft({}, { attribute: null as unknown as string }),
])('refuses wrong attributes: %s', (make) => {
  expect(make).toThrow('INVALID_PLUGIN');
});

test('an engine without agents has nobody to be near', () => {
  const engine = new PlacementEngine();
  expect(engine.place(engine.defineClass({ resources: {}, constraints: [affinity({})] }))).toBe(-1);
});
