/** One bad task, agent, hook or caller never takes others with it, and a call that throws has changed nothing. */
import { constraint, OfferPool, Scheduler } from '@stowage/core';
import { GroupLimits, TieredQueue } from '@stowage/queues';
import { describe, expect, test } from 'vitest';
import { type CycleResult, type QueuedServiceTask, SchedulingService } from '../src/index.ts';
import { FixedDelayLoop } from '../src/fixed-delay-loop.ts';
import { codeOf, RESOURCES, setUp, task } from './service-set-up.ts';
import { VirtualClock } from './virtual-clock.ts';

const placedIds = (service: SchedulingService) =>
  service.runCycle().placements.map((placement) => placement.task);

describe('bad tasks', () => {
  const cases: [code: string, what: string, fields: object][] = [
    ['INVALID_SPEC', 'label that is a number', { labels: { a: 1 } }],
    ['INVALID_SPEC', 'fractional priority', { priority: 0.5 }],
    ['INVALID_PLUGIN', 'constraint without bind', { constraints: [{ name: 'x' }] }],
    ['UNKNOWN_RESOURCE', 'unknown set', { resources: { gpus: { units: 1 } } }],
    ['INVALID_SERVICE_TASK', 'empty group', { group: '' }],
    ['INVALID_SERVICE_TASK', 'pools that are no list', { pools: 5 }],
    ['INVALID_SERVICE_TASK', 'service level that is no time', { sloMs: 'x' }],
  ];
  test.each(cases)('%s: %s is refused at the door', (code, _, fields) => {
    const { queue, service } = setUp();
    expect(codeOf(() => service.submit(task('bad', fields)))).toBe(code);
    expect(queue.size).toBe(0);
  });

  test('what only shows when it is placed fails that task alone, in every cycle', () => {
    const { scheduler, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 8 } });
    service.submit(task('t1'));
    service.submit(task('twice'));
    service.submit(task('t2'));
    scheduler.schedule([{ id: 'twice', resources: {} }]);
    const { placements, failures, errors } = service.runCycle();
    expect(placements.map((placement) => placement.task)).toEqual(['t1', 't2']);
    expect(failures).toMatchObject([{ kind: 'error', spec: { id: 'twice' } }]);
    expect(failures[0].reason).toContain('DUPLICATE_TASK');
    expect(errors).toEqual([]);
  });

  test('a task that its owner changes after submission is the one that was submitted', () => {
    const { scheduler, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
    const changing = { ...task('before') };
    service.submit(changing);
    changing.id = 'after';
    expect(placedIds(service)).toEqual(['before']);
  });

  test('a plug-in that throws while preemption is planned loses nothing', () => {
    const { scheduler, service } = setUp({ preemptionPlans: 5 });
    scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
    scheduler.addAgent({ id: 'b', resources: { cpu: 1 }, attributes: { zone: 'z' } });
    service.submit(task('low', { agent: 'a' }));
    service.runCycle();
    const touchy = constraint('touchy', (_task, agent) => {
      if (agent.taskCount === 0 && agent.row === 0) throw new Error('empty');
      return agent.row === 0 || 'elsewhere';
    });
    service.submit(task('ok'));
    service.submit(task('high', { priority: 5, constraints: [touchy] }));
    const { placements, errors } = service.runCycle();
    expect(placements.map((placement) => placement.task)).toEqual(['ok']);
    expect(errors).toEqual([]);
  });
});

describe('preemption', () => {
  test('preempt carries a plan out in queue, scheduler and limits, and later cycles go on', () => {
    const limits = new GroupLimits({ schema: new Scheduler({ resources: RESOURCES }).engine.schema });
    const { scheduler, queue, service } = setUp({ preemptionPlans: 1, limits });
    scheduler.addAgent({ id: 'a', resources: { cpu: 2 } });
    service.submit(task('low', { resources: { cpu: 2 } }));
    service.runCycle();
    service.submit(task('high', { priority: 5 }));
    const [plan] = service.runCycle().preemptions;
    expect(service.preempt(plan)).toMatchObject({ task: 'high', agent: 'a' });
    expect(queue.entries().map(({ task: { id }, state }) => [id, state])).toEqual([['high', 'launched']]);
    expect(scheduler.stageOf('high')).toBe('reserved');
    expect(limits.used('web')).toEqual({ cpu: 1 });
    service.confirm('high');
    expect(service.runCycle().errors).toEqual([]);
    expect(codeOf(() => service.preempt(plan))).toBe('INVALID_SERVICE_TASK');
    service.remove('high');
    expect([queue.size, scheduler.engine.taskCount]).toEqual([0, 0]);
  });

  test('is refused with offers, where what is left comes back as a new offer', () => {
    const scheduler = new Scheduler({ resources: RESOURCES });
    const queue = new TieredQueue<QueuedServiceTask>({ tiers: 1, schema: scheduler.engine.schema });
    const offers = new OfferPool(scheduler);
    const options = { scheduler, queue, offers, preemptionPlans: 1 };
    expect(codeOf(() => new SchedulingService(options))).toBe('INVALID_SERVICE_OPTION');
  });
});

describe('offers', () => {
  function withOffers() {
    const clock = new VirtualClock();
    const scheduler = new Scheduler({ resources: RESOURCES });
    const queue = new TieredQueue<QueuedServiceTask>({ tiers: 1, schema: scheduler.engine.schema });
    const offers = new OfferPool(scheduler);
    const service = new SchedulingService({ scheduler, queue, offers, clock });
    const cpu = [{ name: 'cpu', kind: 'scalar' as const, amount: 4 }];
    for (const agent of ['a', 'b'])
      service.addOffers([{ id: `o-${agent}`, agent, offeredAtMs: 0, resources: cpu }]);
    return { scheduler, queue, offers, service };
  }

  test('an agent that cannot be handed over holds up no other, and is handed over when it can be', () => {
    const { scheduler, offers, service } = withOffers();
    scheduler.schedule([{ id: 'outsider', agent: 'a', resources: { cpu: 1 } }]);
    service.submit(task('t1', { agent: 'a' }));
    service.submit(task('t2', { agent: 'b' }));
    const first = service.runCycle();
    expect(first.handOvers).toMatchObject([{ agent: 'b', tasks: [{ task: 't2' }] }]);
    expect(first.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('handing over the offers of agent "a"'),
    ]);
    offers.release('outsider');
    expect(service.runCycle().handOvers).toMatchObject([{ agent: 'a', tasks: [{ task: 't1' }] }]);
  });

  test('a taken-back task that the queue does not know is left alone', () => {
    const { scheduler, offers, service } = withOffers();
    scheduler.schedule([{ id: 'outsider', agent: 'a', resources: { cpu: 1 } }]);
    service.rescindOffer('o-a');
    expect(scheduler.agentOf('outsider')).toBeUndefined();
    expect(offers.counts).toMatchObject({ rescinded: 1 });
  });
});

describe('callers in disorder', () => {
  test('remove and retry work for a task that was released behind the back of the service', () => {
    const limits = new GroupLimits({ schema: new Scheduler({ resources: RESOURCES }).engine.schema });
    const { scheduler, queue, service } = setUp({ limits });
    scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
    for (const id of ['t1', 't2']) service.submit(task(id));
    service.runCycle();
    for (const id of ['t1', 't2']) scheduler.release(id);
    service.retry('t1');
    service.remove('t2');
    expect(limits.used('web')).toEqual({});
    expect(queue.entries().map(({ task: { id }, state }) => [id, state])).toEqual([['t1', 'queued']]);
    expect(placedIds(service)).toEqual(['t1']);
  });

  test('adopt refuses a holding with other fields, and keeps nothing', () => {
    const { scheduler, queue, service } = setUp();
    scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
    for (const holding of [{ ENIs: [0] }, null, 5])
      expect(codeOf(() => service.adopt(task('t'), 'a', holding as never))).toBe('INVALID_SERVICE_TASK');
    expect(codeOf(() => service.adopt(task('t', { group: '' }), 'a'))).toBe('INVALID_SERVICE_TASK');
    expect([queue.size, scheduler.engine.taskCount]).toEqual([0, 0]);
  });

  test('a cycle is refused inside a transaction and from within a hook', () => {
    const { scheduler, service } = setUp();
    expect(codeOf(() => scheduler.whatIf(() => service.runCycle()))).toBe('TRANSACTION_OPEN');
    const again = setUp({ beforeCycle: () => void again.service.runCycle() });
    expect(again.service.runCycle().errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('SERVICE_IN_CYCLE'),
    ]);
  });

  test('a failing afterCycle is counted, a rejected promise is in the next result', async () => {
    const sync = setUp({
      afterCycle: () => {
        throw new Error('no disk');
      },
    });
    sync.service.runCycle();
    expect(sync.service.metrics().errors).toBe(1);
    const reject: (result: CycleResult) => unknown = () => Promise.reject(new Error('late'));
    const late = setUp({ afterCycle: reject });
    late.service.runCycle();
    await Promise.resolve();
    await Promise.resolve();
    const [first] = late.service.runCycle().errors;
    expect(first.message).toContain('late');
  });

  test('options that are something else are refused', () => {
    const { scheduler, queue } = setUp();
    for (const field of ['offers', 'autoScaler', 'limits', 'beforeCycle', 'afterCycle', 'clock'])
      expect(codeOf(() => new SchedulingService({ scheduler, queue, [field]: 5 }))).toBe(
        'INVALID_SERVICE_OPTION',
      );
    const service = new SchedulingService({ scheduler, queue, delayMs: undefined });
    expect(service.isRunning).toBe(false);
  });
});

describe('ticks', () => {
  test('new policies and agents that return are reasons for a cycle', () => {
    const { clock, scheduler, service } = setUp({ maxDelayMs: 1e9 });
    scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
    service.tick();
    expect(service.tick()).toBeUndefined();
    scheduler.usePolicies({ constraints: [] });
    expect(service.tick()).toBeDefined();
    scheduler.disableAgent('a', 100);
    service.tick();
    clock.advance(50);
    expect(service.tick()).toBeUndefined();
    clock.advance(50);
    expect(service.tick()).toBeDefined();
  });

  test('a loop that its action stops and starts is one loop', () => {
    const clock = new VirtualClock();
    let calls = 0;
    const loop = new FixedDelayLoop(clock, 10, () => {
      calls++;
      loop.stop();
      loop.start();
    });
    loop.start();
    clock.advance(35);
    expect(calls).toBe(3);
    loop.stop();
    clock.advance(100);
    expect(calls).toBe(3);
  });
});
