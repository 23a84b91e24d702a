/**
 * The oracle by example: stages, opportunistic tasks, taints, repulsion, reports, and agents in transactions.
 */
import type { AgentShape, RepulsionSpec, Taint } from '@stowage/core';
import { type ReferenceConstraint, type ReferenceRequirements, ReferenceScheduler } from '@stowage/testing';
import { describe, expect, it } from 'vitest';

const resources = [
  { name: 'cpu', unitsPerWhole: 10, overcommit: 1.5 },
  { name: 'memory' },
  { name: 'nic', kind: 'set' as const, rebindAfterMs: 10 },
];

function oracleWith(...agents: Partial<AgentShape>[]): ReferenceScheduler {
  const oracle = new ReferenceScheduler({ resources });
  for (const shape of agents) oracle.addAgent({ resources: { memory: 4 }, ...shape });
  return oracle;
}

const needs = (memory: number, rest: Partial<ReferenceRequirements> = {}): ReferenceRequirements => ({
  resources: { memory },
  ...rest,
});
const borrows = (memory: number, priority = 0) => needs(0, { opportunistic: { memory }, priority });

describe('stages', () => {
  it('go forward only', () => {
    const oracle = oracleWith({});
    const { id } = oracle.reserve(needs(1))!;
    expect(() => oracle.start(id)).toThrow('INVALID_STAGE');
    oracle.confirm(id);
    expect(() => oracle.confirm(id)).toThrow('INVALID_STAGE');
    oracle.start(id);
    oracle.start(id);
    expect(oracle.cluster.placements[0].stage).toBe('running');
    expect(oracle.reserve(needs(1), 0)?.row).toBe(0);
    expect(oracle.placeOn(needs(3), 0)).toBeUndefined();
  });

  it('adopted tasks run where they run, if there is room, on the slots they hold', () => {
    const oracle = oracleWith({ resources: { memory: 4, nic: { slots: 3, unitsPerSlot: 2 } } });
    oracle.drainAgent(0);
    const never: ReferenceConstraint = () => false;
    const task = { resources: { memory: 1, nic: { units: 2, slots: 2 } }, constraints: [never] };
    expect(oracle.adopt(task, 0, { nic: [2, 0] })).toMatchObject({
      stage: 'running',
      slots: { nic: [0, 2] },
    });
    expect(oracle.adopt({ resources: { nic: { units: 1 } } }, 0).slots).toEqual({ nic: [1] });
    const wrong: Record<string, number[]>[] = [{ nic: [0, 1] }, { nic: [1] }, { nic: [1, 3] }, {}];
    for (const slots of wrong) expect(() => oracle.adopt(task, 0, slots)).toThrow('AGENT_FULL');
    expect(() => oracle.adopt(needs(1), 0, { nic: [1] })).toThrow('AGENT_FULL');
    expect(() => oracle.adopt(needs(4), 0)).toThrow('AGENT_FULL');
  });
});

describe('opportunistic tasks', () => {
  it('use what is free, reserved or lent', () => {
    const oracle = oracleWith({});
    const { id } = oracle.reserve(needs(3))!;
    oracle.reportAgent(0, { lent: { memory: 2 } });
    expect([oracle.find(borrows(6)), oracle.find(borrows(7))]).toEqual([0, undefined]);
    oracle.confirm(id);
    expect([oracle.find(borrows(3)), oracle.find(borrows(4))]).toEqual([0, undefined]);
  });

  it('leave by priority, then the youngest first, but only those who are needed', () => {
    const oracle = oracleWith({ resources: { memory: 9 } });
    const [old, low, young] = [borrows(3), borrows(1, -1), borrows(3)].map((task) => oracle.place(task)!.id);
    const evicted = () => oracle.evictions().map(({ id }) => id);
    oracle.place(needs(3));
    expect(evicted()).toEqual([low]);
    oracle.place(needs(1));
    expect(evicted()).toEqual([young]);
    oracle.place(needs(4));
    expect(evicted()).toEqual([young, old]);
  });
});

describe('taints', () => {
  const taint = (effect: Taint['effect']): Taint => ({ key: 'k', value: 'v', effect });

  it('keep off who does not tolerate them', () => {
    const oracle = oracleWith({ taints: [taint('NoSchedule')] }, { taints: [taint('PreferNoSchedule')] });
    const rows = (...tolerations: object[]) => oracle.feasibleRows(needs(1, { tolerations }));
    expect(rows()).toEqual([1]);
    expect(rows({ value: '' }, { key: 'v' }, { effect: 'NoExecute' })).toEqual([1]);
    expect(rows({ key: 'k', value: 'v' })).toEqual([0, 1]);
  });

  it('NoExecute names who is there, in order of eviction', () => {
    const oracle = oracleWith({});
    for (const priority of [1, 0, 0]) oracle.place(needs(1, { priority }));
    oracle.place(needs(0, { tolerations: [{}] }));
    oracle.updateAgent(0, { resources: { memory: 4 }, taints: [taint('NoExecute')] });
    expect(oracle.evictions()).toEqual([2, 1, 0].map((id) => ({ id, row: 0, reason: 'taint' })));
  });
});

describe('repulsion', () => {
  it.each<[RepulsionSpec, number[]]>([
    [{ selector: { matchLabels: { job: 'web' } } }, [1, 2, 3]],
    [{ selector: { matchLabels: { job: 'web' } }, attribute: 'zone' }, [2, 3]],
    [{ selector: {}, attribute: 'zone' }, [2, 3]],
    [{ selector: { matchExpressions: [{ key: 'job', operator: 'NotIn', values: ['web'] }] } }, [0, 1, 2, 3]],
    [{ selector: {}, attribute: 'rack' }, [0, 1, 2, 3]],
  ])('%j leaves %j', (repels, rows) => {
    const zones = ['a', 'a', 'b'].map((zone) => ({ attributes: { zone } }));
    const oracle = oracleWith(...zones, {});
    oracle.placeOn(needs(0, { constraints: [Object.assign(() => true, { repels })] }), 0);
    expect(oracle.feasibleRows(needs(0, { job: 'web' }))).toEqual(rows);
  });
});

describe('agents', () => {
  it('have their total times the ratio, rounded down, unless a size is given', () => {
    const oracle = oracleWith({ resources: { cpu: 0.3, memory: 3 }, overcommit: { memory: 0.5 } });
    expect(oracle.agent(0).totals).toEqual({ cpu: 4, memory: 1 });
    oracle.resizeAgent(0, { cpu: 0.3 });
    expect(oracle.agent(0).totals).toEqual({ cpu: 3, memory: 0 });
    expect(() => oracle.resizeAgent(7, {})).toThrow('UNKNOWN_AGENT');
  });

  it('keep what they reported over an update, and everything over a rollback', () => {
    const oracle = oracleWith({});
    oracle.reportAgent(0, { lent: { memory: 1 }, signals: { heat: 1 }, cached: { image: ['x'] } });
    oracle.begin();
    oracle.reportAgent(0, { signals: { load: 2 }, cached: { image: ['y'] } });
    oracle.updateAgent(0, { resources: {}, attributes: { zone: 'a' } });
    expect(oracle.agent(0)).toMatchObject({
      lent: { memory: 1 },
      signals: { heat: 1, load: 2 },
      cached: { image: ['y'] },
    });
    oracle.removeAgent(0);
    oracle.rollback();
    expect(oracle.agent(0)).toMatchObject({ attributes: {}, signals: { heat: 1 }, cached: { image: ['x'] } });
  });

  it('keep an idle slot with its label for a while', () => {
    const oracle = oracleWith({ resources: { nic: { slots: 1, unitsPerSlot: 2 } } });
    const nic = (label?: string) => ({
      resources: { nic: { units: 1, ...(label !== undefined && { label }) } },
    });
    const ids = [nic('red'), nic('red')].map((task) => oracle.place(task)!.id);
    oracle.advanceTo(5);
    ids.forEach((id) => oracle.release(id));
    oracle.advanceTo(14);
    expect([oracle.find(nic('blue')), oracle.find(nic()), oracle.find(nic('red'))]).toEqual([
      undefined,
      undefined,
      0,
    ]);
    oracle.advanceTo(15);
    expect([oracle.find(nic('blue')), oracle.find(nic())]).toEqual([0, 0]);
    expect(() => oracle.advanceTo(14)).toThrow('INVALID_QUANTITY');
  });
});

it('policies that hold for every task come on top of its own', () => {
  const oracle = oracleWith({}, {}, {});
  oracle.usePolicies({
    constraints: [(_task, { row }) => row > 0],
    fitness: [(_task, { row }) => BigInt(row)],
  });
  expect([oracle.find(needs(1)), oracle.find(needs(1, { fitness: [] }))]).toEqual([2, 1]);
  oracle.usePolicies({ softConstraints: [(_task, { row }) => (row === 1 ? 2n : 0n)] });
  expect(oracle.find(needs(1))).toBe(1);
  const prefersLast = needs(1, { softConstraints: [(_task, { row }) => (row === 2 ? 3n : 0n)] });
  expect(oracle.find(prefersLast)).toBe(2);
});
