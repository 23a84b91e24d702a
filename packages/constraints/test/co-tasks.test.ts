import { type AgentSpec, Scheduler, type TaskRequirements } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { balanced, balancedSoft, uniqueAttribute, uniqueHost } from '../src/index.ts';

function schedulerOn(zones: (string | undefined)[], cpu = 100): Scheduler {
  const scheduler = new Scheduler();
  zones.forEach((zone, i) => {
    const agent: AgentSpec = {
      id: `${i}`,
      resources: { cpu },
      attributes: zone === undefined ? {} : { zone },
    };
    scheduler.addAgent(agent);
  });
  return scheduler;
}

let next = 0;
function agentsFor(
  scheduler: Scheduler,
  count: number,
  task: Partial<TaskRequirements>,
): (string | undefined)[] {
  return Array.from({ length: count }, () => {
    const { placements } = scheduler.schedule([{ id: `task-${next++}`, resources: { cpu: 1 }, ...task }]);
    return placements[0]?.agent;
  });
}

describe('uniqueHost', () => {
  test('keeps tasks of a job apart, not those of different jobs or without a job', () => {
    const scheduler = schedulerOn(['a', 'b']);
    const constraints = [uniqueHost()];
    expect(agentsFor(scheduler, 3, { job: 'x', constraints })).toEqual(['0', '1', undefined]);
    expect(agentsFor(scheduler, 1, { job: 'y', constraints })).toEqual(['0']);
    expect(agentsFor(scheduler, 2, { constraints })).toEqual(['0', '0']);
  });

  test('counts tasks placed before the constraint was first used, and by any label', () => {
    const scheduler = schedulerOn(['a', 'b']);
    expect(agentsFor(scheduler, 1, { labels: { tier: 'db' } })).toEqual(['0']);
    expect(agentsFor(scheduler, 2, { labels: { tier: 'db' }, constraints: [uniqueHost('tier')] })).toEqual([
      '1',
      undefined,
    ]);
  });
});

describe('uniqueAttribute', () => {
  test('allows one task of a job per value and refuses agents without the attribute', () => {
    const scheduler = schedulerOn(['a', 'a', undefined, 'b']);
    expect(agentsFor(scheduler, 3, { job: 'x', constraints: [uniqueAttribute('zone')] })).toEqual([
      '0',
      '3',
      undefined,
    ]);
  });

  test('follows an agent that changes its value while tasks run', () => {
    const scheduler = schedulerOn(['a', 'b']);
    const task = { job: 'x', constraints: [uniqueAttribute('zone')] };
    agentsFor(scheduler, 1, task);
    scheduler.updateAgent({ id: '0', resources: { cpu: 100 }, attributes: { zone: 'b' } });
    expect(agentsFor(scheduler, 1, task)).toEqual([undefined]);
    scheduler.updateAgent({ id: '0', resources: { cpu: 100 }, attributes: { zone: 'c' } });
    expect(agentsFor(scheduler, 1, task)).toEqual(['1']);
    expect(scheduler.verify()).toEqual([]);
  });
});

describe('balanced', () => {
  test('fills the values evenly', () => {
    const scheduler = schedulerOn(['a', 'b', 'c']);
    expect(agentsFor(scheduler, 6, { job: 'x', constraints: [balanced('zone')] })).toEqual([
      '0',
      '0',
      '0',
      '0',
      '0',
      '0',
    ]);
    expect(
      agentsFor(scheduler, 6, { job: 'y', constraints: [balanced('zone', { expectedValues: 3 })] }),
    ).toEqual(['0', '1', '2', '0', '1', '2']);
  });

  test('refuses what would imbalance further and agents without the attribute', () => {
    const scheduler = schedulerOn(['a', undefined, 'b'], 1);
    expect(
      agentsFor(scheduler, 3, { job: 'x', constraints: [balanced('zone', { expectedValues: 2 })] }),
    ).toEqual(['0', '2', undefined]);
  });
});

describe('balancedSoft', () => {
  test('prefers the value with the fewest co-tasks, agents without the attribute last', () => {
    const scheduler = schedulerOn([undefined, 'a', 'b', 'a'], 2);
    const task = { job: 'x', softConstraints: [balancedSoft('zone')] };
    expect(agentsFor(scheduler, 8, task)).toEqual(['1', '2', '1', '2', '3', '3', '0', '0']);
  });

  test('follows releases', () => {
    const scheduler = schedulerOn(['a', 'b']);
    const task = { resources: { cpu: 1 }, job: 'x', softConstraints: [balancedSoft('zone')] };
    scheduler.schedule(['p', 'q', 'r'].map((id) => ({ id, ...task })));
    scheduler.release('p');
    scheduler.release('r');
    expect(agentsFor(scheduler, 1, task)).toEqual(['0']);
  });
});

test.each([
  () => uniqueHost(''),
  () => uniqueAttribute(''),
  () => balanced('zone', { expectedValues: -1 }),
  () => balanced('zone', { expectedValues: 1.5 }),
  () => balancedSoft('zone', { label: '' }),
])('refuses wrong parameters: %s', (make) => {
  expect(make).toThrow('INVALID_PLUGIN');
});
