import { describe, expect, test } from 'vitest';
import { AgentGates } from '../../src/index.ts';
import { fits, ids, offer, setUp, task } from './offers.ts';

describe('rescinding', () => {
  test('an offer that was rescinded before it came is refused, as long as that is remembered', () => {
    const { scheduler, pool } = setUp({ rescindMemoryMs: 1000 });
    expect(pool.rescind('o1', 0)).toEqual({ offer: undefined, takenBack: [] });
    expect(pool.add([offer('o1', 'a')], 999).refused[0].error.code).toBe('OFFER_RESCINDED');
    expect(scheduler.agents()).toEqual([]);
    expect(ids(pool.add([offer('o1', 'a')], 1000).accepted)).toEqual(['o1']);
  });

  test('an offer delivered again after its rescind is refused', () => {
    const { pool } = setUp();
    pool.add([offer('o1', 'a')], 0);
    expect(pool.rescind('o1', 1).offer?.id).toBe('o1');
    expect(pool.add([offer('o1', 'a')], 2).refused[0].error.code).toBe('OFFER_RESCINDED');
    expect(pool.counts).toEqual({ held: 0, handedOver: 0, givenBack: 0, rescinded: 1, refused: 1 });
  });

  test('new tasks that lose what they were placed on are taken back, the others stay', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a', { cpu: 2, memory: 10 }), offer('o2', 'a', { cpu: 2 })], 0);
    scheduler.schedule([task('t1', { cpu: 1 }), task('t2', { memory: 10 }), task('t3', { cpu: 1 })]);
    expect(pool.rescind('o1', 1).takenBack).toEqual(['t2']);
    expect(scheduler.tasksOn('a')).toEqual(['t1', 't3']);
    expect(pool.rescind('o2', 1).takenBack).toEqual(['t3', 't1']);
    expect(scheduler.tasksOn('a')).toEqual([]);
  });

  test('running tasks lose nothing', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a')], 0);
    pool.handOver(scheduler.schedule([task('t1')]).placements);
    pool.add([offer('o2', 'a')], 1);
    expect(pool.rescind('o2', 2).takenBack).toEqual([]);
    expect(scheduler.agentOf('t1')).toBe('a');
  });

  test.each([[''], [undefined as unknown as string]])('the id %j is refused', (id) => {
    expect(() => setUp().pool.rescind(id, 0)).toThrow('INVALID_SPEC');
  });
});

describe('DUPLICATE_OFFER', () => {
  test.each(['a', 'b'])('a second offer of the same id from agent %s changes nothing', (agent) => {
    const { scheduler, pool } = setUp();
    const first = offer('o1', 'a', { cpu: 1, attributes: { zone: 'x' } });
    pool.add([first], 0);
    const { accepted, refused } = pool.add([offer('o1', agent, { cpu: 8, attributes: { zone: 'y' } })], 1);
    expect([accepted, refused[0].error.code]).toEqual([[], 'DUPLICATE_OFFER']);
    expect(scheduler.agents()).toEqual(['a']);
    expect(scheduler.engine.attributesOf(0)).toEqual({ zone: 'x' });
    expect(fits(scheduler, 'a', { cpu: 1.001 })).toBe(false);
    expect(pool.offersOf('a')).toEqual([first]);
  });

  test('also within one call; and the id is free again once its offer has gone', () => {
    const { pool } = setUp();
    expect(pool.add([offer('o1', 'a'), offer('o1', 'a')], 0).refused).toHaveLength(1);
    pool.expireAll();
    expect(pool.add([offer('o1', 'a')], 0).accepted).toHaveLength(1);
  });
});

describe('giving back', () => {
  test('agents with tasks that wait for their hand-over are left alone', () => {
    const { scheduler, pool } = setUp({ maxAgeMs: 100 });
    pool.add([offer('o1', 'a'), offer('o2', 'b')], 0);
    scheduler.schedule([{ ...task('t1'), agent: 'a' }]);
    expect(pool.expire(100).map(({ agent }) => agent)).toEqual(['b']);
    pool.release('t1');
    expect(pool.expire(100).map(({ agent }) => agent)).toEqual(['a']);
  });

  test('oldest first; offers of the same age in the order of arrival', () => {
    const { pool } = setUp({ maxAgeMs: 10, maxAgentsPerWindow: Infinity });
    const times = { a: 5, b: 3, c: 5, d: 1 };
    pool.add(
      Object.entries(times).map(([agent, atMs]) => offer(`of-${agent}`, agent, { cpu: 1, atMs })),
      6,
    );
    expect(pool.expire(14).map(({ agent }) => agent)).toEqual(['d', 'b']);
    expect(pool.expire(1000).map(({ agent }) => agent)).toEqual(['a', 'c']);
  });

  test('a clock that goes backwards expires nothing and lifts no limit', () => {
    const { pool } = setUp({ maxAgeMs: 100, maxAgentsPerWindow: 1 });
    pool.add([offer('o1', 'a', { atMs: 1000 }), offer('o2', 'b', { atMs: 1000 })], 1000);
    expect(pool.expire(900)).toEqual([]);
    expect(pool.expire(1100)).toHaveLength(1);
    expect(pool.expire(900)).toEqual([]);
    expect(pool.expire(1199)).toEqual([]);
    expect(pool.expire(1200)).toHaveLength(1);
  });

  test('expireAgent and expireAll give back without limit and take new tasks back', () => {
    const { scheduler, pool } = setUp({ maxAgentsPerWindow: 0 });
    pool.add(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((agent) => offer(`of-${agent}`, agent)),
      0,
    );
    scheduler.schedule([{ ...task('t1'), agent: 'b' }]);
    expect(pool.expire(1e9)).toEqual([]);
    expect(pool.expireAgent('b')).toMatchObject({ reason: 'requested', takenBack: ['t1'] });
    expect(pool.expireAgent('b')).toBeUndefined();
    expect(pool.expireAgent('nobody')).toBeUndefined();
    expect(pool.expireAll()).toHaveLength(5);
    expect(pool.counts).toMatchObject({ held: 0, givenBack: 6 });
  });

  test('offers of agents that take no tasks are given back when they come and when the gates change', () => {
    const gates = new AgentGates();
    const { scheduler, pool } = setUp({ gates });
    gates.disable('a', 100);
    const { accepted, givenBack } = pool.add(
      [offer('o1', 'a'), offer('o2', 'b', { cpu: 4, attributes: { asg: 'blue' } }), offer('o3', 'a')],
      0,
    );
    expect(ids(accepted)).toEqual(['o2']);
    expect(givenBack.map(({ agent, offers, reason }) => [agent, ids(offers), reason])).toEqual([
      ['a', ['o1', 'o3'], 'disabled'],
    ]);
    scheduler.schedule([task('t1')]);
    gates.setActiveGroups('asg', ['green']);
    expect(pool.expireClosed(0)).toMatchObject([{ agent: 'b', reason: 'inactive', takenBack: ['t1'] }]);
    expect(pool.expireClosed(0)).toEqual([]);
    gates.setActiveGroups('asg');
    expect(pool.add([offer('o4', 'a')], 100).accepted).toHaveLength(1);
    gates.drain('a');
    expect(pool.expireClosed(100)).toMatchObject([{ agent: 'a', reason: 'draining' }]);
    expect(pool.counts).toEqual({ held: 0, handedOver: 0, givenBack: 4, rescinded: 0, refused: 0 });
  });

  test('gates that throw get the offer refused', () => {
    const gates = {
      reasonFor: () => {
        throw new Error('no idea');
      },
    };
    const { pool } = setUp({ gates });
    expect(pool.add([offer('o1', 'a')], 0).refused[0].error.code).toBe('PLUGIN_FAILED');
  });
});
