import {
  type HardConstraint,
  Scheduler,
  type SoftConstraint,
  type TaskRequirements,
  type TaskSpec,
} from '@stowage/core';
import { cpuMemBinPacker } from '@stowage/fitness';
import { expect, test } from 'vitest';
import {
  asSoft,
  balancedHostAttribute,
  balancedSoft,
  exclusiveHost,
  fenzoBalancedSoft,
  hostAttributeValue,
  uniqueHostAttribute,
} from '../src/index.ts';

const ZONES = ['zoneA', 'zoneB', 'zoneC'];

function zones(count = 3): Scheduler {
  const scheduler = new Scheduler({ fitness: cpuMemBinPacker() });
  for (const Zone of ZONES.slice(0, count)) {
    scheduler.addAgent({ id: `host-${Zone}`, resources: { cpu: 4, memory: 4000 }, attributes: { Zone } });
  }
  return scheduler;
}

function hosts(count: number): Scheduler {
  const scheduler = new Scheduler({ fitness: cpuMemBinPacker() });
  for (let i = 0; i < count; i++) scheduler.addAgent({ id: `host${i}`, resources: { cpu: 8, memory: 8000 } });
  return scheduler;
}

let next = 0;
function tasks(count: number, requirements: Partial<TaskRequirements> = {}): TaskSpec[] {
  return Array.from({ length: count }, () => ({
    id: `task-${next++}`,
    resources: { cpu: 1, memory: 1000 },
    ...requirements,
  }));
}

function agentsOf(scheduler: Scheduler, given: readonly TaskSpec[]): string[] {
  return scheduler.schedule(given).placements.map(({ agent }) => agent);
}

/** Tasks per agent, of the agents that have some. */
function loads(agents: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const agent of agents) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return [...counts.values()];
}

const apart = (constraints: HardConstraint[], softConstraints: SoftConstraint[] = []) => ({
  job: 'job',
  constraints,
  softConstraints,
});

test('ConstraintsTests.testHardConstraint1', () => {
  const given = tasks(3, apart([uniqueHostAttribute('Zone')]));
  expect(loads(agentsOf(zones(), given))).toEqual([1, 1, 1]);
});

test('ConstraintsTests.testHardConstraint2', () => {
  const oneByOne = (requirements: Partial<TaskRequirements>) => {
    const scheduler = zones();
    return tasks(3, requirements).flatMap((task) => agentsOf(scheduler, [task]));
  };
  expect(loads(oneByOne({}))).toEqual([3]);
  expect(loads(oneByOne(apart([uniqueHostAttribute('Zone')])))).toEqual([1, 1, 1]);
});

test('ConstraintsTests.testSoftConstraint1', () => {
  const given = tasks(3, apart([], [asSoft(uniqueHostAttribute('Zone'))]));
  expect(loads(agentsOf(zones(), given))).toEqual([1, 1, 1]);
});

test('ConstraintsTests.testSoftConstraint2', () => {
  const given = tasks(3, apart([], [asSoft(uniqueHostAttribute('Zone'))]));
  expect(loads(agentsOf(zones(2), given)).sort()).toEqual([1, 2]);
});

test('ConstraintsTests.testBalancedHostAttrSoftConstraint', () => {
  for (const soft of [fenzoBalancedSoft('Zone', { expectedValues: 3 }), balancedSoft('Zone')]) {
    expect(loads(agentsOf(zones(), tasks(6, apart([], [soft]))))).toEqual([2, 2, 2]);
  }
});

test('ConstraintsTests.testBalancedHostAttrHardConstraint', () => {
  const given = tasks(6, apart([balancedHostAttribute('Zone', 3)]));
  expect(loads(agentsOf(zones(), given))).toEqual([2, 2, 2]);
});

test('ConstraintsTests.testUniqueHostConstraint', () => {
  const scheduler = hosts(5);
  expect(loads(agentsOf(scheduler, tasks(5)))).toEqual([5]);
  expect(loads(agentsOf(scheduler, tasks(5, apart([uniqueHostAttribute()]))))).toEqual([1, 1, 1, 1, 1]);
});

test('ConstraintsTests.testExclusiveHostConstraint', () => {
  const scheduler = hosts(2);
  const [used] = agentsOf(scheduler, tasks(1));
  const [plain, exclusive] = [tasks(1)[0], tasks(1, { constraints: [exclusiveHost()] })[0]];
  expect(agentsOf(scheduler, [plain, exclusive])).toEqual([used, 'host1']);
});

test('ConstraintsTests.testExclusiveHostOnExistingTask, within the same cycle too, where Fenzo lets a task slip in', () => {
  const scheduler = hosts(1);
  const [exclusive, plain, later] = [...tasks(1, { constraints: [exclusiveHost()] }), ...tasks(2)];
  expect(agentsOf(scheduler, [exclusive, plain])).toEqual(['host0']);
  expect(agentsOf(scheduler, [later])).toEqual([]);
  scheduler.addAgent({ id: 'hostB', resources: { cpu: 8, memory: 8000 } });
  expect(agentsOf(scheduler, [later])).toEqual(['hostB']);
});

test('ConstraintsTests.testHostAttrValueConstraint', () => {
  const scheduler = zones();
  const [used, again] = agentsOf(scheduler, tasks(2));
  expect(again).toBe(used);
  const other = ZONES.find((zone) => used !== `host-${zone}`)!;
  const pinned = tasks(1, { constraints: [hostAttributeValue('Zone', other)] });
  expect(agentsOf(scheduler, [...tasks(1), ...pinned])).toEqual([used, `host-${other}`]);
});

test('ConstraintsTests.testHostnameValueConstraint: a pin of the task, as the host name is the id of the agent', () => {
  const scheduler = zones();
  const [first, second, third] = tasks(3);
  const pinned = [
    { ...first, agent: 'host-zoneA' },
    { ...second, agent: 'host-zoneB' },
  ];
  expect(agentsOf(scheduler, pinned)).toEqual(['host-zoneA', 'host-zoneB']);
  expect(agentsOf(scheduler, [{ ...third, agent: 'host-zoneC' }])).toEqual(['host-zoneC']);
});

test('ConstraintsTests.testExceptionInConstraints: differs, only the task of the failing plug-in stays unplaced', () => {
  const broken: HardConstraint = {
    name: 'broken',
    bind: () => ({
      test() {
        throw new TypeError('Test exception');
      },
    }),
  };
  const [first, second, third] = [...tasks(1), ...tasks(1, { constraints: [broken] }), ...tasks(1)];
  const { placements, failures } = zones().schedule([first, second, third]);
  expect(placements.map(({ task }) => task)).toEqual([first.id, third.id]);
  expect(failures.map(({ task, error }) => [task, error?.code])).toEqual([[second.id, 'PLUGIN_FAILED']]);
});
