import { describe, expect, test } from 'vitest';
import { type OfferedResource, OfferPool, Scheduler } from '../../src/index.ts';
import { fits, offer, setUp, task } from './offers.ts';

const reserved = (name: string, amount: number, role: string, reservation?: string): OfferedResource => ({
  name,
  kind: 'scalar',
  amount,
  role,
  ...(reservation !== undefined && { reservation }),
});

describe('reserved resources', () => {
  test('are used first when they feed the same resource: by reservation, role, id; the result says what was taken', () => {
    const { scheduler, pool } = setUp({ roles: ['ads', 'web'], resourceFor: ({ name }) => name });
    const more = [
      reserved('cpu', 1, 'web'),
      reserved('cpu', 1, 'web', 'r2'),
      reserved('cpu', 1, 'web', 'r1'),
      reserved('cpu', 1, 'ads'),
    ];
    pool.add([offer('o1', 'a', { cpu: 1, more })], 0);
    const { placements } = scheduler.schedule([task('t1', { cpu: 1.5 }), task('t2', { cpu: 3 })]);
    const [{ tasks }] = pool.handOver(placements);
    const taken = tasks.map(({ parts }) =>
      parts.map(({ resource, role, reservation, amount }) => [resource, role, reservation, amount]),
    );
    expect(taken).toEqual([
      [
        ['cpu', 'web', 'r1', 1],
        ['cpu', 'web', 'r2', 0.5],
      ],
      [
        ['cpu', 'web', 'r2', 0.5],
        ['cpu', 'ads', undefined, 1],
        ['cpu', 'web', undefined, 1],
        ['cpu', '*', undefined, 0.5],
      ],
    ]);
    expect(pool.partsOf('t1')).toEqual(tasks[0].parts);
  });

  test('are a resource of their own by default', () => {
    const { scheduler, pool } = setUp({ roles: ['web'] });
    pool.add([offer('o1', 'a', { cpu: 1, more: [reserved('cpu', 2, 'web')] })], 0);
    expect(fits(scheduler, 'a', { cpu: 2 })).toBe(false);
    const { placements } = scheduler.schedule([task('t1', { cpu: 1, 'cpu(web)': 2 })]);
    expect(
      pool.handOver(placements)[0].tasks[0].parts.map(({ resource, amount }) => [resource, amount]),
    ).toEqual([
      ['cpu', 1],
      ['cpu(web)', 2],
    ]);
  });
});

describe('values', () => {
  test('tasks get the lowest free ports; overlapping offers count a port once', () => {
    const { scheduler, pool } = setUp();
    pool.add(
      [
        offer('o1', 'a', {
          cpu: 4,
          ports: [
            [5, 6],
            [1, 3],
          ],
        }),
        offer('o2', 'a', {
          cpu: 4,
          ports: [
            [3, 5],
            [2, 2],
          ],
        }),
      ],
      0,
    );
    expect([fits(scheduler, 'a', { ports: 6 }), fits(scheduler, 'a', { ports: 7 })]).toEqual([true, false]);
    expect(pool.freeValues('a', 'ports').ranges).toEqual([[1, 6]]);
    const { placements } = scheduler.schedule([task('t1', { ports: 2 }), task('t2', { ports: 3 })]);
    const [{ tasks }] = pool.handOver(placements);
    expect(tasks.map(({ values }) => values)).toEqual([{ ports: [1, 2] }, { ports: [3, 4, 5] }]);
    expect(tasks[1].parts).toEqual([
      { name: 'ports', kind: 'ranges', role: '*', resource: 'ports', amount: 3, ranges: [[3, 5]] },
    ]);
    expect(pool.valuesOf('t1')).toEqual({ ports: [1, 2] });
    pool.release('t1');
    expect(pool.valuesOf('t1')).toEqual({});
  });

  test('certain values can be asked for; the others get what is left', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a', { ports: [[1, 4]], device: ['x', 'y', 'z'] })], 0);
    const { placements } = scheduler.schedule([
      task('t1', { ports: 2, device: 1 }),
      task('t2', { ports: 2, device: 1 }),
    ]);
    const [{ tasks }] = pool.handOver(placements, { t2: { ports: [1], device: ['x'] } });
    expect(tasks.map(({ values }) => values)).toEqual([
      { ports: [2, 3], device: ['y'] },
      { ports: [1, 4], device: ['x'] },
    ]);
    expect(tasks[1].parts.map(({ name, items, ranges }) => [name, items ?? ranges])).toEqual([
      [
        'ports',
        [
          [1, 1],
          [4, 4],
        ],
      ],
      ['device', ['x']],
    ]);
  });

  test.each<[string, Record<string, Record<string, (number | string)[]>>, string]>([
    ['a port that is not offered', { t1: { ports: [9] } }, 'UNAVAILABLE_VALUES'],
    ['a port of another task', { t1: { ports: [100] } }, 'UNAVAILABLE_VALUES'],
    ['the same port for two', { t1: { ports: [1] }, t2: { ports: [1] } }, 'UNAVAILABLE_VALUES'],
    ['more than the task demands', { t1: { ports: [1, 2, 3] } }, 'UNAVAILABLE_VALUES'],
    ['a kind of values that the task does not demand', { t1: { device: ['x'] } }, 'UNAVAILABLE_VALUES'],
    ['a port twice', { t1: { ports: [1, 1] } }, 'INVALID_OFFER'],
    ['an item twice', { t1: { device: ['x', 'x'] } }, 'INVALID_OFFER'],
    ['a fraction', { t1: { ports: [1.5] } }, 'INVALID_OFFER'],
    ['no list', { t1: { ports: 1 as unknown as number[] } }, 'INVALID_OFFER'],
    ['no lists by name', { t1: [1] as unknown as Record<string, number[]> }, 'INVALID_OFFER'],
    ['values for a task that is not handed over', { t9: { ports: [1] } }, 'UNKNOWN_TASK'],
  ])('asking for %s: %s is refused with %s, and nothing has changed', (_, values, code) => {
    const { scheduler, pool } = setUp();
    pool.adopt(task('old', { ports: 1 }), 'a', { values: { ports: [100] } });
    pool.add(
      [
        offer('o1', 'a', {
          cpu: 2,
          ports: [
            [1, 4],
            [100, 100],
          ],
          device: ['x'],
        }),
      ],
      0,
    );
    const { placements } = scheduler.schedule([task('t1', { ports: 2 }), task('t2', { ports: 2 })]);
    expect(() => pool.handOver(placements, values)).toThrow(code);
    expect(pool.freeValues('a', 'ports').ranges).toEqual([[1, 4]]);
    expect(pool.counts.held).toBe(1);
    expect(pool.handOver(placements)[0].tasks.map((one) => one.values)).toEqual([
      { ports: [1, 2] },
      { ports: [3, 4] },
    ]);
  });

  test('a port that is reserved and not is given out once, as reserved', () => {
    const { scheduler, pool } = setUp({ roles: ['web'], resourceFor: ({ name }) => name });
    const forWeb: OfferedResource = { name: 'ports', kind: 'ranges', ranges: [[3, 4]], role: 'web' };
    pool.add([offer('o1', 'a', { ports: [[1, 4]], more: [forWeb] })], 0);
    expect(fits(scheduler, 'a', { ports: 5 })).toBe(false);
    const [{ tasks }] = pool.handOver(scheduler.schedule([task('t1', { ports: 3 })]).placements);
    expect(tasks[0].parts.map(({ role, ranges }) => [role, ranges])).toEqual([
      ['web', [[3, 4]]],
      ['*', [[1, 1]]],
    ]);
    expect(tasks[0].values).toEqual({ ports: [1, 3, 4] });
  });

  test('a very wide range costs nothing', () => {
    const scheduler = new Scheduler({ resources: [{ name: 'ports' }] });
    const pool = new OfferPool(scheduler);
    pool.add([offer('o1', 'a', { ports: [[0, 2 ** 31 - 2]] })], 0);
    const [{ tasks }] = pool.handOver(scheduler.schedule([task('t1', { ports: 2 })]).placements);
    expect(tasks[0].values).toEqual({ ports: [0, 1] });
  });
});
