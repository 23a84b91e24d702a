import { describe, expect, test } from 'vitest';
import { fitness, OfferPool, Scheduler } from '../../src/index.ts';
import { fits, ids, newScheduler, offer, RESOURCES, setUp, task } from './offers.ts';

describe('supply', () => {
  test('an agent has what is offered, and after a hand-over what its tasks use', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a', { cpu: 2 }), offer('o2', 'a', { cpu: 2 })], 0);
    const { placements } = scheduler.schedule([task('t1', { cpu: 3 })]);
    expect([fits(scheduler, 'a', { cpu: 1 }), fits(scheduler, 'a', { cpu: 1.001 })]).toEqual([true, false]);
    const [{ agent, offers, tasks }] = pool.handOver(placements);
    expect([agent, ids(offers), tasks.map((one) => one.task)]).toEqual(['a', ['o1', 'o2'], ['t1']]);
    expect(fits(scheduler, 'a', { cpu: 0.001 })).toBe(false);
    expect(scheduler.usageOn('a').cpu).toBe(3);
    pool.add([offer('o3', 'a', { cpu: 1 })], 1);
    expect([fits(scheduler, 'a', { cpu: 1 }), fits(scheduler, 'a', { cpu: 1.001 })]).toEqual([true, false]);
  });

  test('a released task frees nothing until its resources are offered again', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a')], 0);
    pool.handOver(scheduler.schedule([task('t1')]).placements);
    pool.release('t1');
    expect(fits(scheduler, 'a', { cpu: 0.001 })).toBe(false);
    pool.add([offer('o2', 'a')], 1);
    expect(fits(scheduler, 'a', { cpu: 4 })).toBe(true);
  });

  test('a task released before its hand-over gives back what it was to use', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a')], 0);
    scheduler.schedule([task('t1', { cpu: 4 })]);
    pool.release('t1');
    expect(fits(scheduler, 'a', { cpu: 4 })).toBe(true);
    expect(() => pool.release('t1')).toThrow('UNKNOWN_TASK');
  });

  test("the newest offer's attributes replace the agent's; an offer without keeps them", () => {
    const { scheduler, pool } = setUp();
    const attributes = () => scheduler.engine.attributesOf(0);
    pool.add([offer('o1', 'a', { attributes: { zone: 'x', rack: '1' } })], 0);
    expect(attributes()).toEqual({ zone: 'x', rack: '1' });
    pool.add([offer('o2', 'a', { cpu: 1 })], 0);
    expect(attributes()).toEqual({ zone: 'x', rack: '1' });
    scheduler.schedule([task('t1')]);
    pool.add([offer('o3', 'a', { attributes: { zone: 'y' } })], 0);
    expect(attributes()).toEqual({ zone: 'y' });
    pool.expireAll();
    expect(attributes()).toEqual({ zone: 'y' });
  });

  test('agents that were added as a whole stay as they are, and their placements are passed over', () => {
    const { scheduler, pool } = setUp();
    scheduler.addAgent({ id: 'whole', resources: { cpu: 8 } });
    pool.add([offer('o1', 'offered')], 0);
    const { placements } = scheduler.schedule([
      { ...task('t1'), agent: 'whole' },
      { ...task('t2'), agent: 'offered' },
    ]);
    expect(pool.handOver(placements).map(({ agent }) => agent)).toEqual(['offered']);
    pool.release('t1');
    expect(fits(scheduler, 'whole', { cpu: 8 })).toBe(true);
    expect(pool.valuesOf('t1')).toEqual({});
  });

  test('an agent that the scheduler has, for example from a snapshot, is used as offered from its first offer on', () => {
    const before = newScheduler();
    before.addAgent({ id: 'a', resources: { cpu: 8 } });
    before.schedule([task('t1', { cpu: 3 })]);
    const scheduler = Scheduler.restore(before.snapshot());
    const pool = new OfferPool(scheduler);
    pool.add([offer('o1', 'a', { cpu: 2 })], 0);
    expect([fits(scheduler, 'a', { cpu: 2 }), fits(scheduler, 'a', { cpu: 2.001 })]).toEqual([true, false]);
    expect(() => pool.handOver([{ task: 't1', agent: 'a' }])).toThrow('ALREADY_HANDED_OVER');
    pool.release('t1');
    expect([fits(scheduler, 'a', { cpu: 2 }), fits(scheduler, 'a', { cpu: 2.001 })]).toEqual([true, false]);
  });

  test.each([2, 0.5])('overcommitment by %f is not applied to offers', (overcommit) => {
    const scheduler = new Scheduler({ resources: [{ name: 'cpu', overcommit }] });
    const pool = new OfferPool(scheduler);
    pool.add([offer('o1', 'a', { cpu: 4, attributes: { zone: 'x' } })], 0);
    scheduler.schedule([task('t1', { cpu: 3 })]);
    const { accepted } = pool.add([offer('o2', 'a', { cpu: 4, attributes: { zone: 'y' } })], 0);
    expect(ids(accepted)).toEqual(['o2']);
    expect([fits(scheduler, 'a', { cpu: 5 }), fits(scheduler, 'a', { cpu: 6 })]).toEqual([true, false]);
  });

  test('agents without offers and tasks can be purged, and come back with their next offer', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a'), offer('o2', 'b'), offer('o3', 'c')], 0);
    pool.handOver(scheduler.schedule([{ ...task('t1'), agent: 'b' }]).placements);
    pool.expireAgent('a');
    expect(pool.purge()).toEqual(['a']);
    expect(scheduler.agents()).toEqual(['b', 'c']);
    pool.add([offer('o4', 'a')], 0);
    expect(fits(scheduler, 'a', { cpu: 4 })).toBe(true);
    scheduler.removeAgent('c');
    expect(pool.expireAgent('c')?.takenBack).toEqual([]);
    expect(pool.purge()).toEqual(['c']);
  });
});

describe('two-level resources and taints', () => {
  const describeAgent = (_: string, { ENIs = '0' }: Readonly<Record<string, string>>) => ({
    slots: { ENIs: { slots: Number(ENIs), unitsPerSlot: 2 } },
    taints: ENIs === '0' ? [{ key: 'no-network', effect: 'NoSchedule' as const }] : [],
  });
  const wantsENI = (id: string) => ({
    ...task(id, {}),
    resources: { cpu: 1, ENIs: { units: 1, label: id } },
  });

  test('follow from attributes, survive offers, and do not change under tasks', () => {
    const { scheduler, pool } = setUp({ describeAgent });
    pool.add([offer('o1', 'a', { cpu: 2, attributes: { ENIs: '1' } })], 0);
    const { placements } = scheduler.schedule([wantsENI('t1'), wantsENI('t2')]);
    expect(placements.map((one) => one.task)).toEqual(['t1']);
    pool.handOver(placements);
    const { accepted } = pool.add([offer('o2', 'a', { cpu: 2, attributes: { ENIs: '2' } })], 0);
    expect(ids(accepted)).toEqual(['o2']);
    expect(scheduler.schedule([wantsENI('t2')]).placements).toEqual([]);
    pool.release('t1');
    pool.add([offer('o3', 'a', { cpu: 2, attributes: { ENIs: '2' } })], 0);
    expect(scheduler.schedule([wantsENI('t2'), wantsENI('t3')]).placements).toHaveLength(2);
  });

  test('taints keep tasks off', () => {
    const { scheduler, pool } = setUp({ describeAgent });
    pool.add([offer('o1', 'a', { cpu: 2, attributes: {} })], 0);
    expect(scheduler.schedule([task('t1')]).placements).toEqual([]);
  });

  test('a description that throws or is wrong gets the offer refused, and nothing else happens', () => {
    const failing = setUp({
      describeAgent: () => {
        throw new Error('no idea');
      },
    });
    expect(failing.pool.add([offer('o1', 'a')], 0).refused[0].error.code).toBe('PLUGIN_FAILED');
    const wrong = setUp({ describeAgent: () => ({ slots: { ENIs: { slots: 99, unitsPerSlot: 1 } } }) });
    expect(wrong.pool.add([offer('o1', 'a')], 0).refused[0].error.code).toBe('INVALID_QUANTITY');
    expect([failing.scheduler.agents(), wrong.scheduler.agents()]).toEqual([[], []]);
    expect(() => wrong.pool.adopt(task('t1'), 'a')).toThrow('INVALID_QUANTITY');
    expect(wrong.scheduler.agents()).toEqual([]);
  });
});

describe('hand-over', () => {
  test('INCOMPLETE_HAND_OVER: all new tasks of an agent go together', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a'), offer('o2', 'b')], 0);
    const { placements } = scheduler.schedule(['t1', 't2'].map((id) => ({ ...task(id), agent: 'a' })));
    expect(() => pool.handOver(placements.slice(0, 1))).toThrow('agent "a" has the new tasks ["t2"] too');
    expect(pool.counts).toMatchObject({ held: 2, handedOver: 0 });
    pool.release('t2');
    expect(ids(pool.handOver(placements.slice(0, 1))[0].offers)).toEqual(['o1']);
    expect(ids(pool.offersOf('b'))).toEqual(['o2']);
  });

  test('a reservation has to be confirmed and handed over too, or released', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a')], 0);
    scheduler.schedule([task('r1')], { reserve: true });
    const { placements } = scheduler.schedule([task('t1')]);
    expect(() => pool.handOver(placements)).toThrow('INCOMPLETE_HAND_OVER');
    scheduler.confirm('r1');
    expect(pool.handOver([...placements, { task: 'r1', agent: 'a' }])[0].tasks).toHaveLength(2);
  });

  test.each([
    ['twice', (done: { task: string; agent: string }) => [done], 'ALREADY_HANDED_OVER'],
    ['on another agent', (done: { task: string }) => [{ ...done, agent: 'b' }], 'UNKNOWN_TASK'],
    ['unknown', () => [{ task: 'nobody', agent: 'a' }], 'UNKNOWN_TASK'],
    ['in no list', () => 'all' as unknown as [], 'INVALID_SPEC'],
  ])('a task %s is refused', (_, given, code) => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a'), offer('o2', 'b')], 0);
    const { placements } = scheduler.schedule([{ ...task('t1'), agent: 'a' }]);
    expect(() => pool.handOver([...placements, ...placements])).toThrow('ALREADY_HANDED_OVER');
    pool.handOver(placements);
    expect(() => pool.handOver(given(placements[0]))).toThrow(code);
    expect(pool.counts).toMatchObject({ held: 1, handedOver: 1 });
  });

  test('nothing new, nothing handed over', () => {
    const { pool } = setUp();
    pool.add([offer('o1', 'a')], 0);
    expect(pool.handOver([])).toEqual([]);
    expect(pool.counts.held).toBe(1);
  });
});

describe('going past the pool', () => {
  test('reconcile finds tasks that were released elsewhere, and takes back what was placed on what they left', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a', { cpu: 4, ports: [[1, 1]] })], 0);
    pool.handOver(scheduler.schedule([task('t1', { cpu: 3, ports: 1 })]).placements);
    scheduler.release('t1');
    scheduler.schedule([task('t2', { cpu: 2 })]);
    expect(pool.reconcile()).toEqual({ forgotten: ['t1'], takenBack: ['t2'] });
    expect(pool.reconcile()).toEqual({ forgotten: [], takenBack: [] });
    expect(fits(scheduler, 'a', { cpu: 0.001 })).toBe(false);
    pool.add([offer('o2', 'a', { cpu: 1, ports: [[1, 1]] })], 0);
    expect(fits(scheduler, 'a', { cpu: 1, ports: 1 })).toBe(true);
  });

  test('TRANSACTION_OPEN: offers are not handled inside a transaction', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a')], 0);
    const calls = [
      () => pool.add([], 0),
      () => pool.rescind('o1', 0),
      () => pool.expire(0),
      () => pool.expireAll(),
      () => pool.expireAgent('a'),
      () => pool.expireClosed(0),
      () => pool.handOver([]),
      () => pool.adopt(task('t'), 'a'),
      () => pool.release('t'),
      () => pool.reconcile(),
      () => pool.purge(),
    ];
    scheduler.begin();
    for (const call of calls) expect(call).toThrow('TRANSACTION_OPEN');
    scheduler.rollback();
    expect(pool.counts.held).toBe(1);
  });

  test('REENTRANT_CALL: a plug-in that handles offers is stopped before anything changes', () => {
    const pools: OfferPool[] = [];
    const meddling = fitness('meddling', () => {
      for (const pool of pools) pool.expireAll();
      return 0;
    });
    const scheduler = new Scheduler({ resources: RESOURCES, fitness: meddling });
    const pool = new OfferPool(scheduler);
    pools.push(pool);
    pool.add([offer('o1', 'a')], 0);
    expect(scheduler.schedule([task('t1')]).failures[0].reason).toContain('REENTRANT_CALL');
    expect(pool.counts.held).toBe(1);
  });

  test('times that are no times are refused', () => {
    const { pool } = setUp();
    for (const call of [
      () => pool.expire(Number.NaN),
      () => pool.expireClosed(Infinity),
      () => pool.rescind('o', NaN),
    ])
      expect(call).toThrow('INVALID_SPEC');
  });
});
