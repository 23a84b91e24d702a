/**
 * Fenzo's ActiveVmGroupsTests through the whole service: agents of groups that are not active get no tasks, and their
 * offers go back. The gates belong to the offer pool; without offers they belong to the scheduler (`setActiveGroups`).
 */
import { AgentGates } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { offer, placed, serviceWithOffers, tasks } from './set-up.ts';

function grouped(active: readonly string[]) {
  const gates = new AgentGates();
  gates.setActiveGroups('asg', active);
  return { gates, ...serviceWithOffers({ pool: { gates, maxAgeMs: 1000, maxAgentsPerWindow: 2 } }) };
}

const offers = (count: number, asg: string, cpu = 4) =>
  Array.from({ length: count }, (_, i) => offer(`${asg}-offer-${i}`, `${asg}-${i}`, { cpu }, { asg }));

describe('ActiveVmGroupsTests', () => {
  test('ActiveVmGroupsTests.testInactiveVmGroup: tasks go to the active group only', () => {
    const { service, submit } = grouped(['blue']);
    const { accepted, givenBack } = service.addOffers([...offers(1, 'green'), ...offers(1, 'blue')]);
    expect([accepted.map(({ agent }) => agent), givenBack.map(({ agent }) => agent)]).toEqual([
      ['blue-0'],
      ['green-0'],
    ]);
    submit(tasks(6));
    const { placements, failures } = service.runCycle();
    expect(new Set(placements.map(({ agent }) => agent))).toEqual(new Set(['blue-0']));
    expect([placements.length, failures.length]).toEqual([4, 2]);
  });

  test('ActiveVmGroupsTests.testOffersRejectOnInactiveVMs: when a group becomes inactive, the next cycle gives all its offers back, without limit', () => {
    const { gates, service, offers: pool } = grouped(['green', 'blue']);
    service.addOffers([...offers(10, 'green'), ...offers(10, 'blue')]);
    gates.setActiveGroups('asg', ['blue']);
    const { givenBack } = service.runCycle();
    expect(givenBack.map(({ agent, reason }) => [agent, reason])).toEqual(
      Array.from({ length: 10 }, (_, i) => [`green-${i}`, 'inactive']),
    );
    expect(pool.counts.held).toBe(10);
  });

  test('ActiveVmGroupsTests.testRandomizedOfferRejection: on purpose not at random; agents take turns, the oldest offer first', () => {
    const { service, clock } = grouped([]);
    service.addOffers(offers(6, 'blue'));
    const turns = [1, 2, 3].map(() => {
      clock.advance(1000);
      return service.runCycle().givenBack.map(({ agent }) => agent);
    });
    expect(turns).toEqual([
      ['blue-0', 'blue-1'],
      ['blue-2', 'blue-3'],
      ['blue-4', 'blue-5'],
    ]);
  });

  test('ActiveVmGroupsTests.testActiveASGsOfTwoTypes: with two active groups a task goes to the agents that are large enough', () => {
    const { service, submit } = grouped(['small', 'large']);
    service.addOffers([...offers(2, 'small', 8), ...offers(2, 'large', 16)]);
    submit(tasks(2, { cpu: 16 }));
    expect(service.runCycle().placements.map(({ agent }) => agent)).toEqual(['large-0', 'large-1']);
    submit(tasks(1, { cpu: 8 }, 'small-'));
    expect(placed(service.runCycle())).toEqual(['small-0']);
  });
});
