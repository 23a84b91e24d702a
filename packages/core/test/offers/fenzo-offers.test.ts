/**
 * What Fenzo's tests say about leases, ports, expiry, rejection, single offers and active groups, said again about
 * `OfferPool`. Titles name Fenzo's tests; where we differ on purpose, the title says so.
 */
import { binPacking } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import {
  AgentGates,
  constraint,
  type Offer,
  OfferPool,
  type OfferPoolOptions,
  Scheduler,
} from '../../src/index.ts';
import { ids, newScheduler, offer, RESOURCES, task } from './offers.ts';

const EXPIRY_MS = 1000;

function setUp(options: OfferPoolOptions = {}) {
  const scheduler = newScheduler();
  return { scheduler, pool: new OfferPool(scheduler, { maxAgeMs: EXPIRY_MS, ...options }) };
}

const hosts = (count: number) => Array.from({ length: count }, (_, i) => `host-${i}`);
const offersOf = (agents: readonly string[], atMs = 0, round = 0): Offer[] =>
  agents.map((agent) => offer(`${agent}-offer-${round}`, agent, { cpu: 4, ports: [[1, 10]], atMs }));
const tasks = (count: number, resources: Record<string, number> = { cpu: 1 }, prefix = 't') =>
  Array.from({ length: count }, (_, i) => task(`${prefix}${i}`, resources));

/** One loop of a framework: schedule, then hand over. */
function launch(scheduler: Scheduler, pool: OfferPool, wanted: ReturnType<typeof tasks>) {
  const { placements, failures } = scheduler.schedule(wanted);
  return { placements, failures, handed: pool.handOver(placements) };
}

describe('BasicSchedulerTests', () => {
  test('BasicSchedulerTests.testScheduler1: three tasks fill one offer', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    const { handed } = launch(
      scheduler,
      pool,
      [1, 2, 1].map((cpu, i) => task(`t${i}`, { cpu })),
    );
    expect(handed.map((one) => [ids(one.offers), one.tasks.length])).toEqual([[['a-offer-0'], 3]]);
  });

  test('BasicSchedulerTests.testInsufficientPorts: of three tasks with 6 ports each, 10 ports serve one', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    const { placements, failures } = launch(scheduler, pool, tasks(3, { cpu: 1, ports: 6 }));
    expect([placements.length, failures.length]).toEqual([1, 2]);
  });

  test('BasicSchedulerTests.testPortsUsedAcrossRanges: 6 ports come from both ranges', () => {
    const { scheduler, pool } = setUp();
    const ranges = [
      [1, 4],
      [5, 10],
    ] as const;
    pool.add([offer('o1', 'a', { cpu: 4, ports: ranges })], 0);
    launch(scheduler, pool, [task('t', { cpu: 1, ports: 6 })]);
    const ports = pool.valuesOf('t').ports as number[];
    expect(ports).toHaveLength(6);
    for (const [begin, end] of ranges) expect(ports.some((port) => port >= begin && port <= end)).toBe(true);
  });

  test('BasicSchedulerTests.testRepeatedPortsUsage: ports used and offered again, five times, do not leak', () => {
    const { scheduler, pool } = setUp();
    for (let round = 0; round < 5; round++) {
      pool.add(offersOf(['a'], 0, round), 0);
      const { handed } = launch(scheduler, pool, tasks(1, { cpu: 1, ports: 10 }, `round-${round}-`));
      expect(handed[0].tasks[0].values.ports).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      pool.release(`round-${round}-0`);
    }
  });

  test('BasicSchedulerTests.testMultiportJob: tasks of one call get different ports', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    const { handed } = launch(scheduler, pool, tasks(3, { cpu: 1, ports: 3 }));
    expect(handed[0].tasks.map(({ values }) => values.ports)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
  });

  test('BasicSchedulerTests.testMultiportJob2: tasks of two calls get different ports', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    const first = launch(scheduler, pool, tasks(1, { cpu: 1, ports: 3 }, 'first-'));
    pool.add([offer('rest', 'a', { cpu: 3, ports: [[4, 10]] })], 0);
    const second = launch(scheduler, pool, tasks(1, { cpu: 1, ports: 3 }, 'second-'));
    expect([first, second].map(({ handed }) => handed[0].tasks[0].values.ports)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test('BasicSchedulerTests.testPortAllocation: a new offer that begins behind the port in use gives another port', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    launch(scheduler, pool, [task('t1', { cpu: 1, ports: 1 })]);
    const [used] = pool.valuesOf('t1').ports as number[];
    pool.add([offer('rest', 'a', { cpu: 3, ports: [[used + 1, 10]] })], 0);
    launch(scheduler, pool, [task('t2', { cpu: 1, ports: 1 })]);
    expect(pool.valuesOf('t2').ports).toEqual([used + 1]);
  });

  test('BasicSchedulerTests.testMultipleOffersOnOneHost: two offers add up', () => {
    const { scheduler, pool } = setUp();
    pool.add([offer('o1', 'a', { cpu: 2, memory: 20 }), offer('o2', 'a', { cpu: 2, memory: 60 })], 0);
    const { handed } = launch(scheduler, pool, tasks(2, { cpu: 1, memory: 40 }));
    expect([ids(handed[0].offers), handed[0].tasks.length]).toEqual([['o1', 'o2'], 2]);
  });

  test('BasicSchedulerTests.testMultipleHostsAndTasks: eight tasks fill two agents', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a', 'b']), 0);
    const { handed } = launch(scheduler, pool, tasks(8));
    expect(handed.map((one) => one.tasks.length)).toEqual([4, 4]);
  });

  test('BasicSchedulerTests.testOfferReuse: an offer that was not used serves the next call', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    expect(launch(scheduler, pool, [task('big', { cpu: 5 })]).handed).toEqual([]);
    expect(launch(scheduler, pool, [task('small')]).handed).toHaveLength(1);
  });

  test('BasicSchedulerTests.testOfferExpiry: an offer that is too old is given back', () => {
    const { pool } = setUp();
    pool.add(offersOf(['a']), 0);
    expect(pool.expire(EXPIRY_MS - 1)).toEqual([]);
    expect(pool.expire(EXPIRY_MS).map(({ offers, reason }) => [ids(offers), reason])).toEqual([
      [['a-offer-0'], 'expired'],
    ]);
  });

  test('BasicSchedulerTests.testOfferExpiryOnSeveralVms: some of ten old offers are given back', () => {
    const { pool } = setUp();
    pool.add(offersOf(hosts(10)), 0);
    expect(pool.expire(EXPIRY_MS)).toHaveLength(4);
  });

  test('BasicSchedulerTests.testVmCleanupAtBeginning: what was given back is not used, a new offer is', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    expect(pool.expireAll()).toHaveLength(1);
    expect(launch(scheduler, pool, [task('t')]).placements).toEqual([]);
    pool.add(offersOf(['a'], 0, 1), 0);
    expect(launch(scheduler, pool, [task('t')]).placements).toHaveLength(1);
  });

  test('BasicSchedulerTests.testASGsOfTwoTypes: kept offers of small and big agents serve small and big tasks', () => {
    const scheduler = new Scheduler({ resources: RESOURCES, fitness: binPacking('cpu') });
    const pool = new OfferPool(scheduler);
    pool.add([offer('o1', 'big', { cpu: 16 }), offer('o2', 'small', { cpu: 8 })], 0);
    expect(launch(scheduler, pool, [task('t1')]).placements[0].agent).toBe('small');
    expect(launch(scheduler, pool, [task('t2', { cpu: 16 })]).placements[0].agent).toBe('big');
  });

  test('BasicSchedulerTests.testOffersListInConstraintPlugin: on purpose, a constraint sees the sum of the offers, the pool lists them', () => {
    const { scheduler, pool } = setUp();
    const seen: [number, number][] = [];
    const look = constraint('look', (_, agent) => {
      seen.push([agent.free('cpu'), pool.offersOf('a').length]);
      return true;
    });
    const looking = (id: string) => ({ ...task(id, { cpu: 5 }), constraints: [look] });
    pool.add(offersOf(['a']), 0);
    scheduler.schedule([{ ...looking('t1'), resources: {} }]);
    pool.add(offersOf(['a'], 0, 1), 0);
    scheduler.schedule([{ ...looking('t2'), resources: {} }]);
    expect(seen).toEqual([
      [4000, 1],
      [8000, 2],
    ]);
  });
});

describe('OfferRejectionsTest', () => {
  test('OfferRejectionsTest.testOffersAreRejected: idle offers go back in the end', () => {
    const { pool } = setUp();
    pool.add(offersOf(hosts(6)), 0);
    let nowMs = EXPIRY_MS;
    const given: string[] = [];
    for (; given.length < 6 && nowMs < 10 * EXPIRY_MS; nowMs += EXPIRY_MS)
      given.push(...pool.expire(nowMs).map(({ agent }) => agent));
    expect(given).toEqual(hosts(6));
  });

  test('OfferRejectionsTest.testOffersRejectLimit: within a window no more agents lose their offers than allowed', () => {
    const { pool } = setUp({ maxAgentsPerWindow: 3 });
    pool.add(offersOf(hosts(10)), 0);
    let given = 0;
    for (let nowMs = EXPIRY_MS; nowMs < 2 * EXPIRY_MS; nowMs += 100) given += pool.expire(nowMs).length;
    expect(given).toBe(3);
    expect(pool.counts.held).toBe(7);
    expect(pool.expire(2 * EXPIRY_MS)).toHaveLength(3);
  });

  test('OfferRejectionsTest.testPartialOfferReject: idle offers of agents with running tasks go back too', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    launch(scheduler, pool, [task('t')]);
    pool.add([offer('rest', 'a', { cpu: 3 })], 0);
    expect(pool.expire(EXPIRY_MS).map(({ offers }) => ids(offers))).toEqual([['rest']]);
    expect(scheduler.agentOf('t')).toBe('a');
  });

  test('OfferRejectionsTest.testExpiryOfLease: a rescinded offer is not used', () => {
    const { scheduler, pool } = setUp();
    pool.add(offersOf(['a']), 0);
    pool.rescind('a-offer-0', 0);
    expect(launch(scheduler, pool, [task('t')]).placements).toEqual([]);
  });

  test('OfferRejectionsTest.testTimedOfferRejects: without limit, exactly 100 and then 200 offers go back', () => {
    const { pool } = setUp({ maxAgentsPerWindow: Infinity });
    pool.add(offersOf(hosts(100)), 0);
    pool.add(offersOf(hosts(200).slice(100), 500), 500);
    expect(pool.expire(EXPIRY_MS)).toHaveLength(100);
    expect(pool.expire(EXPIRY_MS + 499)).toHaveLength(0);
    pool.expire(EXPIRY_MS + 500);
    expect(pool.counts).toMatchObject({ held: 0, givenBack: 200 });
  });

  test('OfferRejectionsTest.testRejectAllOffersOfVm: the three offers of one agent go back together', () => {
    const { pool } = setUp({ maxAgentsPerWindow: 1 });
    // Only the first offer of each agent is old.
    for (let round = 0; round < 3; round++) pool.add(offersOf(hosts(4), 100 * round, round), 100 * round);
    const given = pool.expire(EXPIRY_MS);
    expect(given.map(({ agent, offers }) => [agent, ids(offers)])).toEqual([
      ['host-0', ['host-0-offer-0', 'host-0-offer-1', 'host-0-offer-2']],
    ]);
  });
});

describe('SingleOfferModelTests', () => {
  test('SingleOfferModelTests.testSingleOfferMultipleIterations: one offer serves tasks over several calls, until it is full', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    pool.add(offersOf(['a']), 0);
    expect(launch(scheduler, pool, tasks(1, { cpu: 1 }, 'first-')).placements).toHaveLength(1);
    expect(launch(scheduler, pool, tasks(3, { cpu: 1 }, 'next-')).placements).toHaveLength(3);
    expect(launch(scheduler, pool, [task('fifth')]).placements).toEqual([]);
  });

  test('SingleOfferModelTests.testWithInitialJobsAlreadyOnHost: a task that runs before the first offer is subtracted', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    pool.adopt(task('running'), 'a');
    pool.add(offersOf(['a']), 0);
    expect(launch(scheduler, pool, tasks(4)).placements).toHaveLength(3);
  });

  test('SingleOfferModelTests.testMultipleOffers: a second offer is refused, and said to be', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    pool.add(offersOf(['a']), 0);
    const { refused } = pool.add(offersOf(['a'], 0, 1), 0);
    expect(refused.map(({ offer: { id }, error }) => [id, error.code])).toEqual([
      ['a-offer-1', 'SECOND_OFFER'],
    ]);
    const { placements, handed } = launch(scheduler, pool, tasks(5));
    expect([placements.length, handed[0].offers.length]).toEqual([4, 1]);
  });
});

describe('ScalarResourceTests', () => {
  test('ScalarResourceTests.testInsufficientScalarResourcesWithSingleLeaseMode: four GPUs serve four tasks, over two calls', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    pool.add([offer('o1', 'a', { cpu: 16, gpu: 4 })], 0);
    expect(launch(scheduler, pool, tasks(3, { cpu: 1, gpu: 1 }, 'first-')).placements).toHaveLength(3);
    const { placements, failures } = launch(scheduler, pool, tasks(2, { cpu: 1, gpu: 1 }, 'next-'));
    expect([placements.length, failures.length]).toEqual([1, 1]);
  });

  test('ScalarResourceTests.testRemovingLeaseAndAddingBackSameLeaseWithSingleLeaseMode: the same offer can be given back and added again', () => {
    const { scheduler, pool } = setUp({ singleOffer: true });
    const [only] = offersOf(['a']);
    pool.add([only], 0);
    launch(scheduler, pool, [task('t1')]);
    expect(pool.expireAll()).toHaveLength(1);
    expect(launch(scheduler, pool, [task('t2')]).placements).toEqual([]);
    pool.add([only], 0);
    expect(launch(scheduler, pool, tasks(4, { cpu: 1 }, 'later-')).placements).toHaveLength(3);
  });
});

describe('ActiveVmGroupsTests', () => {
  const grouped = (agent: string, asg: string, cpu = 4) =>
    offer(`of-${agent}`, agent, { cpu, attributes: { asg } });

  test('ActiveVmGroupsTests.testInactiveVmGroup: tasks go to the active group only', () => {
    const gates = new AgentGates();
    gates.setActiveGroups('asg', ['active']);
    const { scheduler, pool } = setUp({ gates });
    pool.add([grouped('a', 'inactive'), grouped('b', 'active')], 0);
    const { placements } = launch(scheduler, pool, tasks(8));
    expect(new Set(placements.map(({ agent }) => agent))).toEqual(new Set(['b']));
    expect(placements).toHaveLength(4);
  });

  test('ActiveVmGroupsTests.testOffersRejectOnInactiveVMs: all offers of a group go back when it becomes inactive', () => {
    const gates = new AgentGates();
    gates.setActiveGroups('asg', ['one', 'two']);
    const { pool } = setUp({ gates });
    pool.add(
      hosts(20).map((agent, i) => grouped(agent, i < 10 ? 'one' : 'two')),
      0,
    );
    gates.setActiveGroups('asg', ['two']);
    expect(pool.expireClosed(0).map(({ agent }) => agent)).toEqual(hosts(10));
    expect(pool.counts.held).toBe(10);
  });

  test('ActiveVmGroupsTests.testRandomizedOfferRejection: on purpose not at random; the oldest goes back first, so over time every agent has its turn', () => {
    const { pool } = setUp({ maxAgentsPerWindow: 1 });
    pool.add(offersOf(hosts(3)), 0);
    const given: string[] = [];
    for (let round = 1; round <= 6; round++) {
      const nowMs = round * EXPIRY_MS;
      const back = pool.expire(nowMs).map(({ agent }) => agent);
      given.push(...back);
      pool.add(offersOf(back, nowMs, round), nowMs);
    }
    expect(given).toEqual([...hosts(3), ...hosts(3)]);
  });

  test('ActiveVmGroupsTests.testActiveASGsOfTwoTypes: with two active groups a big task finds the big agent', () => {
    const gates = new AgentGates();
    gates.setActiveGroups('asg', ['small', 'big']);
    const { scheduler, pool } = setUp({ gates });
    pool.add([grouped('a', 'small', 8), grouped('b', 'big', 16)], 0);
    expect(launch(scheduler, pool, [task('t', { cpu: 16 })]).placements[0].agent).toBe('b');
  });
});

describe('elsewhere in Fenzo', () => {
  test('AutoScalerTest.testScaledDownHostOffer: a new offer of a disabled agent is not used until the time has passed', () => {
    const gates = new AgentGates();
    const { scheduler, pool } = setUp({ gates });
    gates.disable('a', 5000);
    expect(pool.add(offersOf(['a']), 4999).givenBack).toMatchObject([{ agent: 'a', reason: 'disabled' }]);
    expect(launch(scheduler, pool, [task('t')]).placements).toEqual([]);
    pool.add(offersOf(['a'], 5000, 1), 5000);
    expect(launch(scheduler, pool, [task('t')]).placements).toHaveLength(1);
  });

  test('TaskSchedulingServiceTest.testInitWithPrevRunningTasks: an agent is known by its running task', () => {
    const { scheduler, pool } = setUp();
    pool.adopt(task('running'), 'a');
    expect([scheduler.agents(), scheduler.tasksOn('a')]).toEqual([['a'], ['running']]);
    expect(launch(scheduler, pool, [task('t')]).placements).toEqual([]);
  });

  const describeAgent = (_: string, { slots = '0' }: Readonly<Record<string, string>>) => ({
    slots: { ENIs: { slots: Number(slots), unitsPerSlot: 2 } },
  });
  const grouped = (id: string, label: string) => ({ id, resources: { cpu: 1, ENIs: { units: 1, label } } });

  test('ResourceSetsTests.testLeaseExpiry: slots stay in use while tasks run, though the offers go back', () => {
    const { scheduler, pool } = setUp({ describeAgent });
    const attributes = { slots: '1' };
    pool.add([offer('o1', 'a', { cpu: 2, attributes })], 0);
    pool.handOver(scheduler.schedule([grouped('t1', 'sg1')]).placements);
    pool.expireAll();
    pool.add([offer('o2', 'a', { cpu: 2, attributes })], 0);
    const { placements } = scheduler.schedule([grouped('t2', 'sg2'), grouped('t3', 'sg1')]);
    expect(placements.map((one) => one.task)).toEqual(['t3']);
  });

  test('ResourceSetsTests.testLeaseExpiryClearsResourceSets: without tasks the slots are those of the newest offer', () => {
    const { scheduler, pool } = setUp({ describeAgent });
    pool.add([offer('o1', 'a', { cpu: 4, attributes: { slots: '1' } })], 0);
    pool.expireAll();
    pool.add([offer('o2', 'a', { cpu: 4, attributes: { slots: '3' } })], 0);
    const { placements } = scheduler.schedule(['sg1', 'sg2', 'sg3'].map((label) => grouped(label, label)));
    expect(placements).toHaveLength(3);
  });
});
