/**
 * Defects of Fenzo that concern offers, queue and scheduler together, and what happens here instead. docs/fenzo.md lists
 * all that are known and says where each is tested.
 */
import { AutoScaler } from '@stowage/autoscale';
import { Scheduler } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { framework, offer, placed, RESOURCES, serviceWithOffers, tasks } from './set-up.ts';

describe('offers', () => {
  test('what is accepted is not counted as refused', () => {
    const { pool } = framework();
    const { accepted, refused, givenBack } = pool.add(
      ['a', 'b'].map((agent) => offer(`offer-${agent}`, agent, { cpu: 4 })),
      0,
    );
    expect([accepted.length, refused.length, givenBack.length]).toEqual([2, 0, 0]);
    expect(pool.counts).toMatchObject({ held: 2, refused: 0 });
  });

  test('a task may ask for every port that is offered, also while the pool has a rule', () => {
    const { service, submit } = serviceWithOffers({
      autoScaler: () =>
        new AutoScaler({
          poolAttribute: 'asg',
          rules: [{ pool: 'web', minIdle: 0, maxIdle: 1, coolDownMs: 0 }],
        }),
    });
    service.addOffers([offer('offer-1', 'host', { cpu: 4, ports: [[1, 10]] }, { asg: 'web' })]);
    submit(tasks(1, { cpu: 1, ports: 10 }));
    const [{ tasks: handed }] = service.runCycle().handOvers;
    expect(handed[0].values).toEqual({ ports: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
  });

  test('an agent may be disabled before its first offer', () => {
    const { scheduler, service, clock, submit } = serviceWithOffers();
    scheduler.disableAgent('host', 1000);
    const { givenBack } = service.addOffers([offer('offer-1', 'host', { cpu: 4 })]);
    expect(givenBack.map(({ reason }) => reason)).toEqual(['disabled']);
    submit(tasks(1));
    expect(service.runCycle().placements).toEqual([]);
    clock.advance(1000);
    service.runCycle();
    service.addOffers([offer('offer-2', 'host', { cpu: 4 })]);
    expect(placed(service.runCycle())).toEqual(['task-0']);
  });
});

describe('resource sets', () => {
  const ONE_SLOT = { ENIs: { slots: 1, unitsPerSlot: 2 } };
  const slotOf = (scheduler: Scheduler, id: string, label?: string): readonly number[] | undefined =>
    scheduler.schedule([{ id, resources: { ENIs: { units: 1, ...(label === undefined ? {} : { label }) } } }])
      .placements[0]?.slots.ENIs;

  test('a task without a group leaves nothing behind', () => {
    const scheduler = new Scheduler({ resources: RESOURCES });
    scheduler.addAgent({ id: 'host', resources: ONE_SLOT });
    expect([slotOf(scheduler, 'plain'), slotOf(scheduler, 'early', 'sg1')]).toEqual([[0], undefined]);
    scheduler.release('plain');
    expect(slotOf(scheduler, 'late', 'sg1')).toEqual([0]);
  });

  test('a task that was placed and never launched gives its slot back', () => {
    const { service, submit } = serviceWithOffers();
    const under = (id: string, label: string) => ({ id, resources: { cpu: 1, ENIs: { units: 1, label } } });
    const attributes = { res: 'ResourceSet-ENIs-1-2' };
    service.addOffers([offer('offer-1', 'host', { cpu: 2 }, attributes)]);
    submit([under('first', 'sg1')]);
    expect(placed(service.runCycle())).toEqual(['first']);
    service.retry('first', 60_000);
    service.addOffers([offer('offer-2', 'host', { cpu: 2 }, attributes)]);
    submit([under('second', 'sg2')]);
    expect(service.runCycle().placements.map(({ task, slots }) => [task, slots])).toEqual([
      ['second', { ENIs: [0] }],
    ]);
  });
});

describe('tasks', () => {
  test('without agents every task fails with a reason', () => {
    const { service, submit } = serviceWithOffers();
    submit(tasks(2));
    expect(service.runCycle().failures.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['no-active-agents', 'there are no agents'],
      ['no-active-agents', 'there are no agents'],
    ]);
  });

  test('the same task twice is an error, in a list and in the queue', () => {
    const { scheduler, submit } = serviceWithOffers();
    const [task] = tasks(1);
    expect(() => scheduler.schedule([task, task])).toThrow('DUPLICATE_TASK');
    expect(() => submit([task, task])).toThrow('DUPLICATE_QUEUED_TASK');
  });

  test('a task that only a former agent could take says what it lacks now', () => {
    const { scheduler, pool, launch } = framework();
    pool.add([offer('offer-1', 'small', { cpu: 4 }), offer('offer-2', 'large', { cpu: 16 })], 0);
    pool.expireAgent('large');
    expect(pool.purge()).toEqual(['large']);
    expect(launch(tasks(1, { cpu: 16 })).failures[0].explanation.reasons).toMatchObject([
      { name: 'cpu', agents: 1, leastShortfall: 12 },
    ]);
    expect(scheduler.agents()).toEqual(['small']);
  });
});

test('an evaluation decides about every pool, however many there are', () => {
  const pools = Array.from({ length: 30 }, (_, i) => `pool-${String(i).padStart(2, '0')}`);
  const rules = pools.map((pool) => ({ pool, minIdle: 1, maxIdle: 2, coolDownMs: 0 }));
  const scaler = new AutoScaler({ rules });
  scaler.evaluate({ agents: [] }, 0);
  const { decisions } = scaler.evaluate({ agents: [] }, 1);
  expect(decisions.map(({ pool }) => pool)).toEqual(pools);
});
