import { describe, expect, test } from 'vitest';
import type { OfferPool } from '../../src/index.ts';
import { fits, ids, offer, setUp, task } from './offers.ts';

describe('adoption', () => {
  test('an agent can be known by its running tasks before its first offer', () => {
    const { scheduler, pool } = setUp();
    expect(pool.adopt(task('t1', { cpu: 2, ports: 2 }), 'a', { values: { ports: [8, 7] } })).toEqual({
      takenBack: [],
    });
    expect(scheduler.agents()).toEqual(['a']);
    expect(scheduler.stageOf('t1')).toBe('running');
    expect(pool.valuesOf('t1')).toEqual({ ports: [7, 8] });
    expect(fits(scheduler, 'a', { cpu: 0.001 })).toBe(false);
    pool.add([offer('o1', 'a', { cpu: 1, ports: [[7, 9]], attributes: { zone: 'x' } })], 0);
    expect(scheduler.engine.attributesOf(0)).toEqual({ zone: 'x' });
    expect([fits(scheduler, 'a', { cpu: 1 }), fits(scheduler, 'a', { cpu: 1.001 })]).toEqual([true, false]);
    expect([fits(scheduler, 'a', { ports: 1 }), fits(scheduler, 'a', { ports: 2 })]).toEqual([true, false]);
    const [{ tasks }] = pool.handOver(scheduler.schedule([task('t2', { ports: 1 })]).placements);
    expect(tasks[0].values).toEqual({ ports: [9] });
  });

  test('slots are adopted too', () => {
    const { scheduler, pool } = setUp({
      describeAgent: () => ({ slots: { ENIs: { slots: 2, unitsPerSlot: 1 } } }),
    });
    pool.adopt({ id: 't1', resources: { ENIs: { label: 'sg' } } }, 'a', { slots: { ENIs: [1] } });
    const { placements } = scheduler.schedule([{ id: 't2', resources: { ENIs: { label: 'sg' } } }]);
    expect(placements[0].slots).toEqual({ ENIs: [0] });
  });

  test.each<[string, (pool: OfferPool) => unknown, string]>([
    [
      'a task that is placed already',
      (pool) => pool.adopt(task('old', { ports: 1 }), 'a', { values: { ports: [2] } }),
      'DUPLICATE_TASK',
    ],
    [
      'a port of another task',
      (pool) => pool.adopt(task('t1', { ports: 1 }), 'a', { values: { ports: [1] } }),
      'UNAVAILABLE_VALUES',
    ],
    ['an unknown resource', (pool) => pool.adopt(task('t1', { magic: 1 }), 'new'), 'UNKNOWN_RESOURCE'],
    [
      'more than can be counted',
      (pool) => pool.adopt(task('t1', { cpu: 2 ** 31 / 1000 - 0.001 }), 'a'),
      'QUANTITY_OVERFLOW',
    ],
    [
      'slots that are not there',
      (pool) => pool.adopt({ id: 't1', resources: { ENIs: {} } }, 'new'),
      'AGENT_FULL',
    ],
    [
      'slots that are not there, with a free port',
      (pool) => pool.adopt({ id: 't1', resources: { ports: 1, ENIs: {} } }, 'a', { values: { ports: [2] } }),
      'AGENT_FULL',
    ],
    ['no id', (pool) => pool.adopt({} as ReturnType<typeof task>, 'a'), 'INVALID_SPEC'],
    ['no agent', (pool) => pool.adopt(task('t1'), ''), 'INVALID_SPEC'],
    [
      'malformed values',
      (pool) => pool.adopt(task('t1'), 'new', { values: { ports: [-1] } }),
      'INVALID_OFFER',
    ],
  ])('%s: refused, nothing has changed', (_, adopt, code) => {
    const { scheduler, pool } = setUp();
    pool.adopt(task('old', { cpu: 1, ports: 1 }), 'a', { values: { ports: [1] } });
    pool.add([offer('o1', 'a', { cpu: 1, ports: [[1, 3]] })], 0);
    const before = new Uint8Array(scheduler.snapshot());
    expect(() => adopt(pool)).toThrow(code);
    expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
    expect(pool.valuesOf('old')).toEqual({ ports: [1] });
    expect(pool.freeValues('a', 'ports').ranges).toEqual([[2, 3]]);
    expect(pool.purge()).toEqual([]);
  });
});

describe('single-offer mode', () => {
  test('the offer stays, is named in hand-overs, and ports come back', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    pool.add([offer('o1', 'a', { cpu: 2, ports: [[1, 2]] })], 0);
    for (let round = 0; round < 5; round++) {
      const { placements } = scheduler.schedule([task(`t${round}`, { cpu: 2, ports: 2 })]);
      const [{ offers, tasks }] = pool.handOver(placements);
      expect([ids(offers), tasks[0].values]).toEqual([['o1'], { ports: [1, 2] }]);
      expect(fits(scheduler, 'a', { cpu: 0.001 })).toBe(false);
      pool.release(`t${round}`);
    }
    expect(pool.counts).toMatchObject({ held: 1, handedOver: 0 });
    expect(pool.expire(1e12)).toEqual([]);
  });

  test('adopted tasks use the offer, known values are theirs; new tasks give way', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    pool.add([offer('o1', 'a', { cpu: 3, ports: [[1, 3]] })], 0);
    scheduler.schedule([task('new', { cpu: 2 })]);
    expect(pool.adopt(task('old', { cpu: 2, ports: 1 }), 'a', { values: { ports: [2] } })).toEqual({
      takenBack: ['new'],
    });
    expect([fits(scheduler, 'a', { cpu: 1, ports: 2 }), fits(scheduler, 'a', { ports: 3 })]).toEqual([
      true,
      false,
    ]);
    pool.release('old');
    expect(fits(scheduler, 'a', { cpu: 3, ports: 3 })).toBe(true);
  });

  test('what an adopted task uses beyond the offer is no one else’s loss', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    pool.adopt(task('old', { cpu: 5, ports: 1 }), 'a', { values: { ports: [99] } });
    pool.add([offer('o1', 'a', { cpu: 3, memory: 7, ports: [[1, 3]] })], 0);
    expect([fits(scheduler, 'a', { cpu: 0.001 }), fits(scheduler, 'a', { memory: 7, ports: 3 })]).toEqual([
      false,
      true,
    ]);
    expect(pool.valuesOf('old')).toEqual({ ports: [99] });
    pool.release('old');
    expect([fits(scheduler, 'a', { cpu: 3 }), fits(scheduler, 'a', { cpu: 3.001 })]).toEqual([true, false]);
  });

  test('a rescinded offer leaves the running tasks; the next one starts from what they use', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    pool.add([offer('o1', 'a', { cpu: 4, ports: [[1, 2]] })], 0);
    pool.handOver(scheduler.schedule([task('t1', { cpu: 1, ports: 1 })]).placements);
    pool.rescind('o1', 1);
    expect(fits(scheduler, 'a', { cpu: 0.001 })).toBe(false);
    pool.add([offer('o2', 'a', { cpu: 4, ports: [[1, 2]] })], 2);
    expect([fits(scheduler, 'a', { cpu: 3, ports: 1 }), fits(scheduler, 'a', { cpu: 3.001 })]).toEqual([
      true,
      false,
    ]);
    expect(fits(scheduler, 'a', { ports: 2 })).toBe(false);
  });
});
