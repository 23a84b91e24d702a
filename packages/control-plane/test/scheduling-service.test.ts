/** The scheduling loop, on a virtual clock. Names in titles are those of Fenzo's tests of the same behaviour. */
import { AutoScaler } from '@stowage/autoscale';
import { constraint, OfferPool, Scheduler } from '@stowage/core';
import { GroupLimits, TieredQueue } from '@stowage/queues';
import { describe, expect, test } from 'vitest';
import { type CycleResult, type QueuedServiceTask, SchedulingService } from '../src/index.ts';
import { codeOf, RESOURCES, setUp, task } from './service-set-up.ts';
import { VirtualClock } from './virtual-clock.ts';

const placedIds = (results: readonly CycleResult[]) =>
  results.flatMap(({ placements }) => placements.map((placement) => placement.task));

describe('the loop', () => {
  test('TaskSchedulingServiceTest.testOneTaskAssignment: a submitted task is placed by the next tick', () => {
    const { clock, scheduler, service, results } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
    service.start();
    service.submit(task('t'));
    clock.advance(50);
    expect(results.at(-1)!.placements).toMatchObject([{ task: 't', agent: 'a', waitedMs: 50 }]);
    expect(scheduler.stageOf('t')).toBe('assigned');
    service.started('t');
    expect(scheduler.stageOf('t')).toBe('running');
  });

  test('TaskSchedulingServiceTest.testOneTaskWithResourceSet: the slots taken are in the result', () => {
    const { scheduler, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 4, ENIs: { slots: 3, unitsPerSlot: 2 } } });
    service.submit(task('t', { resources: { cpu: 1, ENIs: { units: 1, label: 'sg1' } } }));
    expect(service.runCycle().placements).toMatchObject([{ task: 't', slots: { ENIs: [0] } }]);
  });

  test('TaskSchedulingServiceTest.testMultipleTaskAssignments: over several loops', () => {
    const { clock, scheduler, service, results } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 100 } });
    service.start();
    for (let i = 0; i < 10; i++) {
      service.submit(task(`t${i}`));
      clock.advance(50);
    }
    expect(placedIds(results)).toEqual(Array.from({ length: 10 }, (_, i) => `t${i}`));
  });

  test('TaskSchedulingServiceTest.testMultiTierAllocation: tier 0 comes before tier 1, which stays queued when nothing is left', () => {
    const { scheduler, queue, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 2 } });
    service.submit(task('low', { tier: 1 }));
    service.submit(task('high-1'));
    service.submit(task('high-2'));
    expect(placedIds([service.runCycle()])).toEqual(['high-1', 'high-2']);
    expect(queue.get('low')!.state).toBe('queued');
  });

  test('TaskSchedulingServiceTest.testRemoveFromQueue: a removed task is no longer on its agent', () => {
    const { scheduler, queue, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 2 } });
    service.submit(task('t'));
    service.runCycle();
    service.remove('t');
    expect(scheduler.tasksOn('a')).toEqual([]);
    expect(queue.size).toBe(0);
    expect(scheduler.verify()).toEqual([]);
  });

  test('TaskSchedulingServiceTest.testMaxSchedIterDelay: an idle loop waits maxDelayMs; a new task or agent runs it sooner', () => {
    const { clock, scheduler, service, results } = setUp({ maxDelayMs: 2000 });
    service.start();
    clock.advance(50);
    expect(results).toHaveLength(1);
    clock.advance(1900);
    expect(results).toHaveLength(1);
    clock.advance(150);
    expect(results).toHaveLength(2);
    service.submit(task('t'));
    clock.advance(50);
    expect(results).toHaveLength(3);
    scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
    clock.advance(50);
    expect(placedIds(results)).toEqual(['t']);
  });

  test('TaskSchedulingServiceTest.testInitWithPrevRunningTasks: a task that runs already counts on its agent', () => {
    const { scheduler, queue, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
    service.adopt(task('old', { resources: { cpu: 3 } }), 'a');
    expect(queue.get('old')!.state).toBe('launched');
    service.submit(task('t-1'));
    service.submit(task('t-2'));
    expect(placedIds([service.runCycle()])).toEqual(['t-1']);
  });

  test('a running task that does not fit is refused, and the queue has not kept it', () => {
    const { scheduler, queue, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
    expect(codeOf(() => service.adopt(task('old', { resources: { cpu: 3 } }), 'a'))).toBe('AGENT_FULL');
    expect(queue.size).toBe(0);
  });

  test('TaskSchedulingServiceTest.testNotReadyTask: a task that is not ready is neither placed nor failed', () => {
    const { clock, scheduler, service, results } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
    service.submit(task('t', { readyAtMs: 1000 }));
    service.start();
    clock.advance(900);
    expect(results.every(({ placements, failures }) => placements.length + failures.length === 0)).toBe(true);
    clock.advance(150);
    expect(placedIds(results)).toEqual(['t']);
  });

  test('TaskSchedulingServiceTest.testAssignableVMsEvaluator: closed agents take nothing; here by group instead of a callback', () => {
    const { scheduler, service } = setUp();
    for (let i = 0; i < 10; i++) {
      scheduler.addAgent({
        id: `a${i}`,
        resources: { cpu: 1 },
        attributes: { group: i === 0 ? 'on' : 'off' },
      });
    }
    scheduler.setActiveGroups('group', ['on']);
    for (let i = 0; i < 5; i++) service.submit(task(`t${i}`));
    const { placements, failures } = service.runCycle();
    expect(placements.map(({ agent }) => agent)).toEqual(['a0']);
    expect(failures).toHaveLength(4);
    expect(service.metrics().agents).toEqual({ count: 10, idle: 9, closed: 9 });
  });

  test('a batch ends the cycle, and the next one goes on behind it', () => {
    const { scheduler, service } = setUp({ batchSize: 2 });
    scheduler.addAgent({ id: 'a', resources: { cpu: 100 } });
    for (let i = 0; i < 5; i++) service.submit(task(`t${i}`));
    const [first, second, third] = [service.runCycle(), service.runCycle(), service.runCycle()];
    expect([first, second, third].map(({ placements }) => placements.length)).toEqual([2, 2, 1]);
    expect([first.complete, third.complete]).toEqual([false, true]);
  });

  test('stop ends the loop, and it can be started again', () => {
    const { clock, service, results } = setUp();
    service.start();
    clock.advance(50);
    service.stop();
    expect(service.isRunning).toBe(false);
    clock.advance(60_000);
    expect(results).toHaveLength(1);
    service.start();
    clock.advance(50);
    expect(results).toHaveLength(2);
  });
});

describe('failures', () => {
  test('have a kind and a reason, and other placements of the cycle stand', () => {
    const explode = constraint('explodes', () => {
      throw new Error('boom');
    });
    const { scheduler, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 2 } });
    service.submit(task('first'));
    service.submit(task('bad', { constraints: [explode] }));
    service.submit(task('large', { resources: { cpu: 8 } }));
    service.submit(task('last'));
    const { placements, failures } = service.runCycle();
    expect(placements.map((placement) => placement.task)).toEqual(['first', 'last']);
    expect(failures.map(({ spec, kind }) => [spec.id, kind])).toEqual([
      ['bad', 'error'],
      ['large', 'all-agents-full'],
    ]);
    expect(failures[0].reason).toContain('PLUGIN_FAILED');
    expect(failures[1].reason).toContain('lack cpu');
    expect(service.metrics().failures).toEqual({ 'all-agents-full': 1, error: 1 });
  });

  test('a limit of the group refuses, with its numbers; a launch that failed gives the share back', () => {
    const limits = new GroupLimits({ limits: { web: { cpu: 2 } } });
    const { scheduler, service } = setUp({ limits });
    scheduler.addAgent({ id: 'a', resources: { cpu: 100 } });
    for (let i = 0; i < 3; i++) service.submit(task(`t${i}`));
    const { placements, failures } = service.runCycle();
    expect(placements).toHaveLength(2);
    expect(failures).toMatchObject([{ kind: 'above-capacity-limit' }]);
    service.retry('t0', 10_000);
    expect(limits.used('web')).toEqual({ cpu: 1 });
    expect(placedIds([service.runCycle()])).toEqual(['t2']);
  });

  test('a hook that throws is reported, and the cycle goes on', () => {
    const { scheduler, service } = setUp({
      beforeCycle: () => {
        throw new Error('no agents file');
      },
      afterCycle: () => {
        throw new Error('no disk');
      },
    });
    scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
    service.submit(task('t'));
    const { placements, errors } = service.runCycle();
    expect(placements).toHaveLength(1);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['HOOK_FAILED', 'HOOK_FAILED: beforeCycle failed: no agents file'],
      ['HOOK_FAILED', 'HOOK_FAILED: afterCycle failed: no disk'],
    ]);
  });

  test('an auto-scaler that fails leaves the placements alone', () => {
    const autoScaler = new AutoScaler({
      shortfall: {
        name: 'broken',
        shortfall: () => {
          throw new Error('broken');
        },
      },
      rules: [{ pool: 'p', minIdle: 1, maxIdle: 1, maxSize: 5, coolDownMs: 0 }],
      poolAttribute: 'pool',
    });
    const { scheduler, service } = setUp({ autoScaler });
    scheduler.addAgent({ id: 'a', resources: { cpu: 1 }, attributes: { pool: 'p' } });
    service.submit(task('t'));
    service.submit(task('u'));
    const { placements, errors, scaling } = service.runCycle();
    expect(placements).toHaveLength(1);
    expect(errors.map(({ code }) => code)).toEqual(['CYCLE_FAILED']);
    expect(scaling).toBeUndefined();
  });

  test('a plug-in that calls the service in the middle of a cycle fails its own task only', () => {
    const { scheduler, service } = setUp();
    const meddler = constraint('meddler', () => {
      service.submit(task('other'));
      return true;
    });
    scheduler.addAgent({ id: 'a', resources: { cpu: 2 } });
    service.submit(task('bad', { constraints: [meddler] }));
    service.submit(task('good'));
    const { placements, failures } = service.runCycle();
    expect(placements.map((placement) => placement.task)).toEqual(['good']);
    expect(failures[0].reason).toContain('SERVICE_IN_CYCLE');
  });
});

describe('what a cycle asks of its caller', () => {
  test('offers: what to launch on which, and what to decline', () => {
    const clock = new VirtualClock();
    const scheduler = new Scheduler({ resources: RESOURCES });
    const queue = new TieredQueue<QueuedServiceTask>({ tiers: 1, schema: scheduler.engine.schema });
    const offers = new OfferPool(scheduler, { maxAgeMs: 1000 });
    const service = new SchedulingService({ scheduler, queue, offers, clock });
    const cpu = (amount: number) => [{ name: 'cpu', kind: 'scalar' as const, amount }];
    service.addOffers([
      { id: 'o1', agent: 'a', offeredAtMs: 0, resources: cpu(2) },
      { id: 'o2', agent: 'b', offeredAtMs: 0, resources: cpu(2) },
    ]);
    service.submit(task('t'));
    const { handOvers } = service.runCycle();
    expect(handOvers).toMatchObject([{ agent: 'a', offers: [{ id: 'o1' }], tasks: [{ task: 't' }] }]);
    clock.advance(2000);
    expect(service.runCycle().givenBack).toMatchObject([{ agent: 'b', reason: 'expired' }]);
    service.remove('t');
    expect(scheduler.usageOn('a')).toEqual({ cpu: 0, ports: 0 });
  });

  test('a rescinded offer takes tasks back that were not handed over yet', () => {
    const clock = new VirtualClock();
    const scheduler = new Scheduler({ resources: RESOURCES });
    const queue = new TieredQueue<QueuedServiceTask>({ tiers: 1, schema: scheduler.engine.schema });
    const offers = new OfferPool(scheduler);
    const service = new SchedulingService({ scheduler, queue, offers, clock });
    service.rescindOffer('o1');
    const resources = [{ name: 'cpu', kind: 'scalar' as const, amount: 2 }];
    const { refused } = service.addOffers([{ id: 'o1', agent: 'a', offeredAtMs: 0, resources }]);
    expect(refused).toMatchObject([{ error: { code: 'OFFER_RESCINDED' } }]);
  });

  test('scaling: failed tasks and idle agents reach the auto-scaler', () => {
    const autoScaler = new AutoScaler({
      rules: [{ pool: 'p', minIdle: 0, maxIdle: 0, maxSize: 5, coolDownMs: 0 }],
      poolAttribute: 'pool',
    });
    const { scheduler, service } = setUp({ autoScaler });
    scheduler.addAgent({ id: 'a', resources: { cpu: 1 }, attributes: { pool: 'p' } });
    service.submit(task('t'));
    service.submit(task('u'));
    expect(service.runCycle().scaling!.decisions).toMatchObject([{ kind: 'scale-up', pool: 'p', count: 1 }]);
    expect(service.metrics().agentsRequested).toBe(1);
  });

  test('evictions: opportunistic tasks that stand in the way of an owner', () => {
    const { scheduler, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
    scheduler.schedule([{ id: 'held', resources: { cpu: 4 } }], { reserve: true });
    service.submit(task('guest', { resources: {}, opportunistic: { cpu: 3 } }));
    expect(service.runCycle().evictions).toEqual([]);
    scheduler.confirm('held');
    expect(service.runCycle().evictions).toEqual([{ task: 'guest', agent: 'a', reason: 'opportunistic' }]);
  });

  test('preemptions: a plan for a task of higher priority, and nothing done', () => {
    const { scheduler, service } = setUp({ preemptionPlans: 1 });
    scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
    service.submit(task('low'));
    service.runCycle();
    service.submit(task('high', { priority: 10 }));
    const { preemptions } = service.runCycle();
    expect(preemptions).toMatchObject([{ agent: 'a', victims: [{ task: 'low' }] }]);
    expect(scheduler.agentOf('low')).toBe('a');
  });
});

describe('metrics', () => {
  test('count waits above 1, 5, 10 and 15 minutes, evaluations and utilisation', () => {
    const arrivals = [0, 2, 7, 12].map((min) => min * 60_000);
    const { clock, scheduler, service } = setUp();
    for (const [i, at] of arrivals.entries()) {
      clock.advance(at - clock.nowMs());
      service.submit(task(`t${i}`));
    }
    clock.advance(16 * 60_000 - clock.nowMs());
    expect(service.metrics().queuedFor).toEqual({
      count: 4,
      sumMs: (16 + 14 + 9 + 4) * 60_000,
      longerThan: [4, 4, 4, 3, 2, 1],
    });
    scheduler.addAgent({ id: 'a', resources: { cpu: 8 } });
    service.runCycle();
    const metrics = service.metrics();
    expect(metrics.placedAfter.longerThan).toEqual([4, 4, 4, 3, 2, 1]);
    expect(metrics.queuedFor.count).toBe(0);
    expect(metrics.resources[0]).toEqual({ resource: 'cpu', total: 8, booked: 4, utilisation: 0.5 });
    expect(metrics.decisions).toBe(4);
    expect(metrics.evaluations).toBeGreaterThanOrEqual(4);
    expect(metrics.tiers).toEqual([
      { queued: 0, launched: 4 },
      { queued: 0, launched: 0 },
    ]);
  });
});
