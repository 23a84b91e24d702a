/**
 * Fenzo's ResourceSetsTests: network interfaces that carry the addresses of one security group at a time. Hosts say what
 * they have by Fenzo's attribute `res`, tasks ask for addresses under a label.
 */
import { AutoScaler } from '@stowage/autoscale';
import type { SlotDemand, TaskSpec } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { type Amounts, framework, offer, serviceWithOffers } from './set-up.ts';

const THREE_BY_TWO = { res: 'ResourceSet-ENIs-3-2' };
const HOST: Amounts = { cpu: 4, memory: 4000 };

function host(attributes: Readonly<Record<string, string>> = THREE_BY_TWO) {
  const parts = framework();
  parts.pool.add([offer('offer-1', 'host', HOST, attributes)], 0);
  return parts;
}

let next = 0;
function task(demand?: SlotDemand, cpu = 0.1): TaskSpec {
  return { id: `task-${next++}`, resources: demand === undefined ? { cpu } : { cpu, ENIs: demand } };
}
const under = (label: string, units = 1): TaskSpec => task({ label, units });

/** Places without handing over, so that the same offer serves several calls. */
function slotsOf({ scheduler }: ReturnType<typeof framework>, ...given: TaskSpec[]): (number | string)[] {
  return given.map((one) => {
    const { placements, failures } = scheduler.schedule([one]);
    const [{ explanation }] = [...failures, { explanation: undefined }];
    return placements[0]?.slots.ENIs?.[0] ?? explanation?.reasons.map(({ kind }) => kind).join() ?? 'no slot';
  });
}

describe('ResourceSetsTests', () => {
  test('ResourceSetsTests.testSimpleResourceSetAllocation: two tasks of each of two groups use two interfaces', () => {
    const slots = slotsOf(host(), under('sg1'), under('sg1'), under('sg2'), under('sg2'));
    expect(slots).toEqual([0, 0, 1, 1]);
  });

  test('ResourceSetsTests.testResSetAllocationFailure: three interfaces take three groups, a fourth lacks a slot', () => {
    const slots = slotsOf(host(), ...['sg1', 'sg2', 'sg3', 'sg1', 'sg4'].map((label) => under(label)));
    expect(slots).toEqual([0, 1, 2, 0, 'slots']);
  });

  test('ResourceSetsTests.testResSetAllocFillupSubRes: tasks of two addresses fill an interface each, the fourth fails', () => {
    const slots = slotsOf(host(), ...[1, 2, 3, 4].map(() => under('sg1', 2)));
    expect(slots).toEqual([0, 1, 2, 'slots']);
  });

  test('ResourceSetsTests.testResSetAllocFillWith0SubresRequests: any number of tasks without addresses share one interface', () => {
    const slots = slotsOf(host(), ...Array.from({ length: 20 }, () => under('sg3', 0)));
    expect(new Set(slots)).toEqual(new Set([0]));
  });

  test('ResourceSetsTests.testNoResSetReqJob: on purpose, a task that asks for no interface takes none; one that asks for a share of any does', () => {
    const plain = host();
    expect(slotsOf(plain, under('sg1'), under('sg2'), task(), under('sg3'))).toEqual([0, 1, 'no slot', 2]);
    const sharing = host();
    const share = task({ units: 0 });
    expect(slotsOf(sharing, under('sg1'), under('sg2'), share, under('sg3'))).toEqual([0, 1, 2, 'slots']);
    sharing.pool.release(share.id);
    expect(slotsOf(sharing, under('sg3'))).toEqual([2]);
  });

  test('ResourceSetsTests.testInitingSchedulerWithPreviousTasks: after a restart tasks are adopted with their interfaces', () => {
    const parts = host();
    const running = [
      [under('sg1'), 0],
      [under('sg1'), 1],
      [under('sg2'), 2],
    ] as const;
    for (const [one, slot] of running) parts.pool.adopt(one, 'host', { slots: { ENIs: [slot] } });
    expect(slotsOf(parts, under('sg1'), under('sg3'))).toEqual([0, 'slots']);
    expect(slotsOf(parts, under('sg2'), under('sg3'))).toEqual([2, 'slots']);
  });

  test('ResourceSetsTests.testTwoHostAssignment: of four tasks with two addresses three fill the first agent', () => {
    const { pool, launch } = host();
    pool.add([offer('offer-2', 'other', HOST, THREE_BY_TWO)], 0);
    const { agents } = launch([1, 2, 3, 4].map(() => under('sg1', 2)));
    expect(agents).toEqual(['host', 'host', 'host', 'other']);
  });

  test('ResourceSetsTests.testReAssignment: an interface that a task has left takes another group', () => {
    const parts = host();
    const first = [1, 2, 3].map(() => under('sg1', 2));
    expect(slotsOf(parts, ...first, under('sg2'))).toEqual([0, 1, 2, 'slots']);
    parts.pool.release(first[1].id);
    expect(slotsOf(parts, under('sg2'))).toEqual([1]);
  });

  test('ResourceSetsTests.testScaleUp: the pool grows when interfaces run out, not before', () => {
    const { service, clock, submit } = serviceWithOffers({
      autoScaler: () =>
        new AutoScaler({
          poolAttribute: 'asg',
          rules: [{ pool: 'web', minIdle: 0, maxIdle: 1, coolDownMs: 2000 }],
        }),
    });
    const decisions = (): unknown[] => {
      clock.advance(3000);
      return (service.runCycle().scaling?.decisions ?? []).map(({ kind, pool }) => [kind, pool]);
    };
    service.addOffers([offer('offer-1', 'host', HOST, { ...THREE_BY_TWO, asg: 'web' })]);
    submit([under('sg1'), under('sg2'), under('sg3')]);
    expect(decisions()).toEqual([]);
    service.addOffers([offer('rest', 'host', { cpu: 3 })]);
    submit([under('sg4')]);
    expect(decisions()).toEqual([['scale-up', 'web']]);
  });

  test('ResourceSetsTests.testLeaseExpiry: interfaces stay in use while tasks run, though the offers have gone', () => {
    const parts = host();
    parts.launch([under('sg1', 2), under('sg2', 2)]);
    parts.pool.expireAll();
    parts.pool.add([offer('offer-2', 'host', { cpu: 2 }, THREE_BY_TWO)], 0);
    expect(slotsOf(parts, under('sg3'), under('sg1'))).toEqual([2, 'slots']);
  });

  test('ResourceSetsTests.testLeaseExpiryClearsResourceSets: without tasks an agent has the interfaces of its newest offer', () => {
    const { pool, launch } = host();
    pool.expireAll();
    pool.add([offer('offer-2', 'host', HOST, { res: 'ResourceSet-NewENIs-3-2' })], 0);
    const asking = (set: string): TaskSpec => ({ id: set, resources: { cpu: 1, [set]: { units: 1 } } });
    const { placements, failures } = launch([asking('ENIs'), asking('NewENIs')]);
    expect(placements.map(({ slots }) => slots)).toEqual([{ NewENIs: [0] }]);
    expect(failures[0].explanation.reasons).toMatchObject([{ kind: 'slots', name: 'ENIs' }]);
  });

  test('ResourceSetsTests.testResourceStatusValues: what is in use and what is free can be read, cores and interfaces', () => {
    const { scheduler, pool, launch } = host();
    launch([under('sg1'), under('sg2')]);
    pool.add([offer('rest', 'host', { cpu: 3.8 })], 0);
    expect(scheduler.usageOn('host').cpu).toBe(0.2);
    const row = scheduler.agents().indexOf('host');
    const { cluster } = scheduler.engine;
    const { slotCount, idleSlots } = cluster.slots('ENIs');
    expect(cluster.free('cpu')[row]).toBe(3800);
    expect([slotCount[row] - idleSlots[row], idleSlots[row]]).toEqual([2, 1]);
  });

  test('ResourceSetsTests.testNonExistentResourceSetRequest: an agent without interfaces lacks slots; a set nobody defined is an error', () => {
    const { launch, scheduler } = host({});
    const [{ explanation }] = launch([under('sg1')]).failures;
    expect(explanation.reasons).toEqual([
      { kind: 'slots', name: 'ENIs', agents: 1, soleReason: 1, leastShortfall: 1 },
    ]);
    const unknown = { id: 'unknown', resources: { EIPs: { units: 1 } } };
    expect(() => scheduler.schedule([unknown])).toThrow('UNKNOWN_RESOURCE');
  });
});
