import { SOFT_SCALE, type TaskSelector } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { maxSkew, maxSkewSoft } from '../src/index.ts';
import { softScores } from './soft-scores.ts';
import { acceptingRows, engineIn, put, refusals } from './topology.ts';

const web: TaskSelector = { matchLabels: { job: 'web' } };

/** One agent per zone a, b, c, ... with so many tasks of the job `web`. */
function zonesWith(...tasks: number[]) {
  const engine = engineIn(...tasks.map((_, zone) => 'abcdefgh'[zone]));
  tasks.forEach((count, row) => put(engine, row, 'web', count));
  return engine;
}

describe('maxSkew', () => {
  test.each<[number[], number, number[]]>([
    [[0, 0, 0], 1, [0, 1, 2]],
    [[2, 2, 1], 1, [2]],
    [[2, 2, 1], 2, [0, 1, 2]],
    [[2, 1, 0], 1, [2]],
    [[2, 1, 0], 2, [1, 2]],
    [[2, 1, 0], 3, [0, 1, 2]],
    [[3, 1, 1], 1, [1, 2]],
    [[2, 2, 2], 1, [0, 1, 2]],
    [[9, 0], 5, [1]],
  ])('with %j tasks per zone and at most %i the zones %j are open', (tasks, limit, rows) => {
    const engine = zonesWith(...tasks);
    expect(acceptingRows(engine, maxSkew('zone', limit), { job: 'web' })).toEqual(rows);
    expect(acceptingRows(engine, maxSkew('zone', limit, { selector: web }), { job: 'web' })).toEqual(rows);
  });

  test('counts all agents of a zone, and each agent where the attribute is its name', () => {
    // Four nodes in two zones with tasks on the first three: the zone leaves nodes 2 and 3, the node leaves 3.
    const engine = engineIn();
    ['a', 'a', 'b', 'b'].forEach((zone, node) =>
      engine.addAgent({ resources: { cpu: 10 }, attributes: { zone, node: `${node}` } }),
    );
    for (const row of [0, 1, 2]) put(engine, row, 'web');
    expect(acceptingRows(engine, maxSkew('zone', 1), { job: 'web' })).toEqual([2, 3]);
    expect(acceptingRows(engine, maxSkew('node', 1), { job: 'web' })).toEqual([3]);
    expect(acceptingRows(engine, [maxSkew('zone', 1), maxSkew('node', 1)], { job: 'web' })).toEqual([3]);
  });

  test('two of them can contradict each other', () => {
    // Zone a has three tasks on nodes 0 and 1, zone b two on node 2: the zone wants b, the node wants node 1.
    const engine = engineIn();
    ['a', 'a', 'b'].forEach((zone, node) =>
      engine.addAgent({ resources: { cpu: 10 }, attributes: { zone, node: `${node}` } }),
    );
    put(engine, 0, 'web', 2);
    put(engine, 1, 'web');
    put(engine, 2, 'web', 2);
    expect(acceptingRows(engine, maxSkew('zone', 1), { job: 'web' })).toEqual([2]);
    expect(acceptingRows(engine, maxSkew('node', 1), { job: 'web' })).toEqual([1]);
    expect(acceptingRows(engine, [maxSkew('zone', 1), maxSkew('node', 1)], { job: 'web' })).toEqual([]);
  });

  test('with fewer domains than there should be the emptiest counts as empty', () => {
    const engine = zonesWith(2, 2, 2);
    expect(acceptingRows(engine, maxSkew('zone', 2, { minDomains: 5 }), { job: 'web' })).toEqual([]);
    expect(acceptingRows(engine, maxSkew('zone', 3, { minDomains: 5 }), { job: 'web' })).toEqual([0, 1, 2]);
    expect(acceptingRows(engine, maxSkew('zone', 1, { minDomains: 3 }), { job: 'web' })).toEqual([0, 1, 2]);
  });

  test('domains come and go with their agents', () => {
    const engine = zonesWith(1, 1);
    const even = maxSkew('zone', 1);
    expect(acceptingRows(engine, even, { job: 'web' })).toEqual([0, 1]);
    const row = engine.addAgent({ resources: {}, attributes: { zone: 'c' } });
    expect(acceptingRows(engine, even, { job: 'web' })).toEqual([2]);
    engine.drainAgent(row);
    expect(acceptingRows(engine, even, { job: 'web' })).toEqual([]);
    engine.updateAgent(row, { resources: {}, attributes: { zone: 'a' } });
    expect(acceptingRows(engine, even, { job: 'web' })).toEqual([0, 1]);
    engine.updateAgent(row, { resources: {}, attributes: { zone: 'c' } });
    expect(acceptingRows(engine, even, { job: 'web' })).toEqual([]);
    engine.removeAgent(row);
    expect(acceptingRows(engine, even, { job: 'web' })).toEqual([0, 1]);
    engine.begin();
    engine.addAgent({ resources: {}, attributes: { zone: 'c' } });
    expect(acceptingRows(engine, even, { job: 'web' })).toEqual([2]);
    engine.rollback();
    expect(acceptingRows(engine, even, { job: 'web' })).toEqual([0, 1]);
    expect(engine.verify()).toEqual([]);
  });

  test('refuses agents without the attribute and ignores their tasks', () => {
    const engine = engineIn('a', undefined, 'b');
    put(engine, 1, 'web', 5);
    expect(acceptingRows(engine, maxSkew('zone', 1), { job: 'web' })).toEqual([0, 2]);
    expect(acceptingRows(engine, maxSkew('unheard-of', 1), { job: 'web' })).toEqual([]);
  });

  test('spreads the tasks of each value of the label for itself', () => {
    const engine = zonesWith(2, 0);
    expect(acceptingRows(engine, maxSkew('zone', 1), { job: 'other' })).toEqual([0, 1]);
    expect(acceptingRows(engine, maxSkew('zone', 1))).toEqual([0, 1]);
    put(engine, 1, { labels: { tier: 'gold' } });
    expect(
      acceptingRows(engine, maxSkew('zone', 1, { label: 'tier' }), { labels: { tier: 'gold' } }),
    ).toEqual([0]);
  });

  test('a task that its selector does not select adds nothing to the skew', () => {
    const engine = zonesWith(2, 1, 1);
    expect(acceptingRows(engine, maxSkew('zone', 1, { selector: web }), { job: 'other' })).toEqual([0, 1, 2]);
    put(engine, 0, 'web');
    expect(acceptingRows(engine, maxSkew('zone', 1, { selector: web }), { job: 'other' })).toEqual([1, 2]);
  });

  test('fills the zones in turn', () => {
    const engine = engineIn('a', 'b', 'c');
    const taskClass = engine.defineClass({ resources: {}, job: 'web', constraints: [maxSkew('zone', 1)] });
    const rows = Array.from({ length: 7 }, () => engine.agentOf(engine.place(taskClass)));
    expect(rows).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  test('explains with numbers', () => {
    const engine = engineIn('a', 'b', undefined);
    put(engine, 0, 'web', 3);
    put(engine, 1, 'web');
    const { name } = maxSkew('zone', 1, { selector: web });
    expect([maxSkew('zone', 1).name, name]).toEqual([
      'skew over zone per job at most 1',
      'skew over zone of tasks with job=web at most 1',
    ]);
    expect(refusals(engine, maxSkew('zone', 1), { job: 'web' })).toEqual([
      'zone a would have 4 tasks, 3 more than the fewest (1); at most 1 more are allowed',
      'zone is missing',
    ]);
  });
});

describe('maxSkewSoft', () => {
  test('rates a zone by how far it would be over the limit', () => {
    const engine = engineIn('a', 'b', 'c', 'd', undefined);
    [3, 2, 1, 0].forEach((count, row) => put(engine, row, 'web', count));
    const scores = (limit?: number) =>
      softScores(engine, maxSkewSoft('zone', limit), { resources: {}, job: 'web' });
    expect(scores()).toEqual([SOFT_SCALE / 4, 349525, SOFT_SCALE / 2, SOFT_SCALE, 0]);
    expect(scores(3)).toEqual([SOFT_SCALE / 2, SOFT_SCALE, SOFT_SCALE, SOFT_SCALE, 0]);
    const notSpread = { resources: {}, job: 'other' };
    expect(softScores(engine, maxSkewSoft('zone', 1, { selector: web }), notSpread)).toEqual([
      349525,
      SOFT_SCALE / 2,
      SOFT_SCALE,
      SOFT_SCALE,
      0,
    ]);
  });

  test('evens out instead of refusing', () => {
    const engine = engineIn('a', undefined, 'b');
    put(engine, 0, 'web', 2);
    const taskClass = engine.defineClass({
      resources: {},
      job: 'web',
      softConstraints: [maxSkewSoft('zone')],
    });
    const rows = Array.from({ length: 5 }, () => engine.agentOf(engine.place(taskClass)));
    expect(rows).toEqual([2, 2, 0, 2, 0]);
  });
});

test.each([
  () => maxSkew('', 1),
  () => maxSkew('zone', 0),
  () => maxSkew('zone', -1),
  () => maxSkew('zone', 1.5),
  () => maxSkew('zone', NaN),
  () => maxSkew('zone', Infinity),
  () => maxSkew('zone', '1' as unknown as number),
  () => maxSkew('zone', 1, { minDomains: 0 }),
  () => maxSkew('zone', 1, { minDomains: NaN }),
  () => maxSkew('zone', 1, { label: '' }),
  () => maxSkew('zone', 1, { label: 'job', selector: {} }),
  () => maxSkewSoft('', 1),
  () => maxSkewSoft('zone', 0),
  () => maxSkewSoft('zone', NaN),
])('refuses wrong parameters: %s', (make) => {
  expect(make).toThrow('INVALID_PLUGIN');
});

test.each([
  () => maxSkew('zone', 1, { selector: { matchExpressions: [{ key: 'a', operator: 'near' as 'In' }] } }),
  () => maxSkewSoft('zone', 1, { selector: null as unknown as TaskSelector }),
])('refuses wrong selectors: %s', (make) => {
  expect(make).toThrow('INVALID_SPEC');
});
