import type { SlotDemand } from '@stowage/core';
import {
  floorOfQuotient,
  type Fraction,
  fraction,
  referenceAsSoft,
  referenceAttributeEquals,
  referenceAttributeIn,
  referenceBalanced,
  referenceBalancedSoft,
  referenceBinPacking,
  type ReferenceConstraint,
  referenceExclusiveHost,
  type ReferenceExpression,
  type ReferenceFitness,
  referenceMatchExpressions,
  type ReferenceRequirements,
  ReferenceScheduler,
  referenceSpreading,
  referenceUniqueAttribute,
  referenceUniqueHost,
  referenceWeighted,
  toFraction,
} from '@stowage/testing';
import { describe, expect, it } from 'vitest';

const resources = [
  { name: 'cpu', unitsPerWhole: 10 },
  { name: 'memory' },
  { name: 'nic', kind: 'set' as const },
];

/** An oracle with agents of the given cpu, each on its own row. */
function agentsWithCpu(...cpu: number[]): ReferenceScheduler {
  const oracle = new ReferenceScheduler({ resources });
  for (const cores of cpu) oracle.addAgent({ resources: { cpu: cores, memory: 10 } });
  return oracle;
}

function agentsInZones(...zones: (string | undefined)[]): ReferenceScheduler {
  const oracle = new ReferenceScheduler({ resources });
  for (const zone of zones) {
    oracle.addAgent({ resources: { cpu: 10 }, ...(zone !== undefined && { attributes: { zone } }) });
  }
  return oracle;
}

/** Places a task of a job on the agent of one row, whatever its constraints would say. */
function put(
  oracle: ReferenceScheduler,
  row: number,
  requirements: Partial<ReferenceRequirements> = {},
): number {
  const onRow: ReferenceConstraint = (_task, agent) => agent.row === row;
  return oracle.place({ resources: {}, ...requirements, constraints: [onRow] })!.id;
}

function scoreOn(
  oracle: ReferenceScheduler,
  row: number,
  fitness: ReferenceFitness,
  job?: string,
): bigint | Fraction {
  let seen: bigint | Fraction = -1n;
  const spy: ReferenceFitness = (task, agent, cluster) => {
    const score = fitness(task, agent, cluster);
    if (agent.row === row) seen = score;
    return score;
  };
  const everyRow: ReferenceFitness = (_task, agent) => (agent.row === row ? 1n : 0n);
  oracle.begin();
  oracle.place({ resources: { cpu: 0.5 }, ...(job !== undefined && { job }), fitness: [spy, everyRow] });
  oracle.rollback();
  return seen;
}

describe('choice of agents', () => {
  it('takes the lowest row without a fitness, and passes by what is full or drained', () => {
    const oracle = agentsWithCpu(1, 1, 1);
    oracle.drainAgent(1);
    const whole = { resources: { cpu: 1 } };
    expect([oracle.place(whole)?.row, oracle.place(whole)?.row, oracle.place(whole)?.row]).toEqual([
      0,
      2,
      undefined,
    ]);
    oracle.drainAgent(1, false);
    expect(oracle.place(whole)?.row).toBe(1);
  });

  it('compares fractions exactly: 4/12 ties with 3/9, and the lowest row wins', () => {
    const oracle = agentsWithCpu(0.9, 1.2);
    put(oracle, 0, { resources: { cpu: 0.2 } });
    put(oracle, 1, { resources: { cpu: 0.3 } });
    const task = { resources: { cpu: 0.1 } };
    expect(oracle.find({ ...task, fitness: [referenceBinPacking('cpu')] })).toBe(0);
    expect(oracle.find({ ...task, fitness: [referenceSpreading('cpu')] })).toBe(0);
    put(oracle, 1, { resources: { cpu: 0.1 } });
    expect(oracle.find({ ...task, fitness: [referenceBinPacking('cpu')] })).toBe(1);
    expect(oracle.find({ ...task, fitness: [referenceSpreading('cpu')] })).toBe(0);
  });

  it('sums soft constraints before the fitness, and lets later levels decide ties only', () => {
    const oracle = agentsInZones('a', 'b', 'b');
    const inB = referenceAsSoft(referenceAttributeEquals('zone', 'b'));
    const lastRow: ReferenceFitness = (_task, agent) => BigInt(agent.row);
    const firstRow: ReferenceFitness = (_task, agent) => BigInt(-agent.row);
    const none = { resources: {} };
    expect(oracle.find({ ...none, softConstraints: [inB], fitness: [firstRow] })).toBe(1);
    expect(oracle.find({ ...none, softConstraints: [inB], fitness: [lastRow] })).toBe(2);
    expect(oracle.find({ ...none, fitness: [inB, lastRow] })).toBe(2);
    expect(oracle.find({ ...none, fitness: [firstRow, inB] })).toBe(0);
  });

  it('gives an exclusive task an empty agent and keeps it for it', () => {
    const oracle = agentsWithCpu(1, 1);
    const exclusive = { resources: { cpu: 0.1 }, constraints: [referenceExclusiveHost()] };
    put(oracle, 0);
    const { id, row } = oracle.place(exclusive)!;
    expect(row).toBe(1);
    expect(oracle.feasibleRows({ resources: {} })).toEqual([0]);
    expect(oracle.place(exclusive)).toBeUndefined();
    oracle.release(id);
    expect(oracle.feasibleRows({ resources: {} })).toEqual([0, 1]);
  });
});

describe('slots', () => {
  const nic = (demand: SlotDemand) => ({ resources: { nic: demand } });

  it('prefers in use with the label, idle with it, unbound, idle with another label, by fewest free units', () => {
    const oracle = new ReferenceScheduler({ resources });
    oracle.addAgent({ resources: { nic: { slots: 3, unitsPerSlot: 2 } } });
    const slotOf = (demand: SlotDemand) => oracle.place(nic(demand))?.slots.nic;
    expect(slotOf({ units: 1, label: 'red' })).toEqual([0]);
    expect(slotOf({ units: 1, label: 'blue' })).toEqual([1]);
    expect(slotOf({ units: 1, label: 'blue' })).toEqual([1]);
    expect(slotOf({ units: 1, label: 'blue' })).toEqual([2]);
    expect(slotOf({ units: 2, label: 'green' })).toBeUndefined();
    oracle.release(0);
    expect(slotOf({ units: 2, label: 'green' })).toEqual([0]);
    oracle.release(3);
    expect(slotOf({ units: 1, label: 'red' })).toEqual([2]);
    expect(oracle.agent(0).sets.nic.labels).toEqual(['green', 'blue', 'red']);
  });

  it('lets a request without a label share with its like, tightest first, and re-bind idle slots last', () => {
    const oracle = new ReferenceScheduler({ resources });
    oracle.addAgent({ resources: { nic: { slots: 3, unitsPerSlot: 3 } } });
    const red = oracle.place(nic({ units: 1, label: 'red' }))!;
    oracle.release(red.id);
    expect(oracle.place(nic({ units: 2 }))?.slots.nic).toEqual([1]);
    expect(oracle.place(nic({ units: 2 }))?.slots.nic).toEqual([2]);
    expect(oracle.place(nic({ units: 1 }))?.slots.nic).toEqual([1]);
    expect(oracle.place(nic({ slots: 2, units: 1 }))?.slots.nic).toEqual([0, 2]);
    expect(oracle.agent(0).sets.nic.labels).toEqual([null, null, null]);
  });

  it('takes whole slots only when they are idle, and asks the slot fitness', () => {
    const oracle = new ReferenceScheduler({ resources });
    oracle.addAgent({ resources: { nic: { slots: 4, unitsPerSlot: 2 } } });
    const last: ReferenceFitness = Object.assign(() => 0n, {
      slotFitness: (_task: unknown, _agent: unknown, { number }: { number: number }) => BigInt(number),
    });
    expect(oracle.place({ ...nic({ units: 1 }), fitness: [last] })?.slots.nic).toEqual([3]);
    expect(oracle.place(nic({ slots: 3 }))?.slots.nic).toEqual([0, 1, 2]);
    expect(oracle.place(nic({}))).toBeUndefined();
  });
});

describe('agents and transactions', () => {
  it('gives a new agent the lowest free row', () => {
    const oracle = agentsWithCpu(1, 1, 1);
    oracle.removeAgent(1);
    expect(oracle.addAgent({ resources: {} })).toBe(1);
    expect(oracle.addAgent({ resources: {} })).toBe(3);
  });

  it('refuses what tasks in use do not allow', () => {
    const oracle = agentsWithCpu(1);
    put(oracle, 0, { resources: { cpu: 0.6 } });
    expect(() => oracle.removeAgent(0)).toThrow('AGENT_IN_USE');
    expect(() => oracle.updateAgent(0, { resources: { cpu: 0.5 } })).toThrow('AGENT_IN_USE');
    expect(() =>
      oracle.updateAgent(0, { resources: { cpu: 1, nic: { slots: 1, unitsPerSlot: 1 } } }),
    ).toThrow('AGENT_IN_USE');
    oracle.updateAgent(0, { resources: { cpu: 0.6 } });
    expect(oracle.agent(0).totals.cpu).toBe(6);
    expect(() => oracle.agent(7)).toThrow('UNKNOWN_AGENT');
    expect(() => oracle.release(7)).toThrow('UNKNOWN_TASK');
  });

  it('nests transactions', () => {
    const oracle = agentsWithCpu(10);
    const first = put(oracle, 0);
    oracle.begin();
    put(oracle, 0);
    oracle.begin();
    oracle.release(first);
    oracle.addAgent({ resources: {} });
    expect(() => oracle.advanceTo(1)).toThrow('TRANSACTION_OPEN');
    oracle.rollback();
    expect(oracle.cluster.agents).toHaveLength(1);
    expect(oracle.cluster.placements.map(({ id }) => id)).toEqual([0, 1]);
    oracle.begin();
    put(oracle, 0);
    oracle.commit();
    oracle.rollback();
    expect(oracle.cluster.placements.map(({ id }) => id)).toEqual([0]);
    expect(oracle.cluster.placementCount).toBe(1);
    expect(() => oracle.commit()).toThrow('NO_TRANSACTION');
  });
});

describe('reference constraints', () => {
  it.each<[ReferenceExpression['operator'], string[], number[]]>([
    ['In', ['2', 'new'], [1, 3]],
    ['NotIn', ['2', 'new'], [0, 2, 4]],
    ['Exists', [], [0, 1, 2, 3]],
    ['DoesNotExist', [], [4]],
    ['Gt', ['2'], [2]],
    ['Lt', ['2'], [0]],
  ])('%s %j', (operator, values, rows) => {
    const oracle = new ReferenceScheduler({ resources });
    for (const generation of ['-1', '2', '10', 'new'])
      oracle.addAgent({ resources: {}, attributes: { generation } });
    oracle.addAgent({ resources: {} });
    const constraint = referenceMatchExpressions([{ key: 'generation', operator, values }]);
    expect(oracle.feasibleRows({ resources: {}, constraints: [constraint] })).toEqual(rows);
  });

  it('attribute constraints and unique host', () => {
    const oracle = agentsInZones('a', 'b', 'a', undefined);
    const rows = (constraint: ReferenceConstraint, job?: string) =>
      oracle.feasibleRows({ resources: {}, ...(job !== undefined && { job }), constraints: [constraint] });
    put(oracle, 0, { job: 'web' });
    expect(rows(referenceAttributeEquals('zone', 'a'))).toEqual([0, 2]);
    expect(rows(referenceAttributeIn('zone', ['b', 'c']))).toEqual([1]);
    expect(rows(referenceUniqueHost(), 'web')).toEqual([1, 2, 3]);
    expect(rows(referenceUniqueHost(), 'other')).toEqual([0, 1, 2, 3]);
    expect(rows(referenceUniqueHost())).toEqual([0, 1, 2, 3]);
    expect(rows(referenceUniqueAttribute('zone'), 'web')).toEqual([1]);
    expect(rows(referenceUniqueAttribute('zone'))).toEqual([0, 1, 2]);
  });

  it('balanced as in Fenzo', () => {
    const oracle = agentsInZones('a', 'b', 'c', undefined);
    const rows = (expectedValues = 0) =>
      oracle.feasibleRows({
        resources: {},
        job: 'web',
        constraints: [referenceBalanced('zone', { expectedValues })],
      });
    expect(rows()).toEqual([0, 1, 2]);
    put(oracle, 0, { job: 'web' });
    expect([rows(), rows(2)]).toEqual([
      [0, 1, 2],
      [1, 2],
    ]);
    put(oracle, 0, { job: 'web' });
    put(oracle, 1, { job: 'web' });
    put(oracle, 3, { job: 'web' });
    expect(rows()).toEqual([1, 2]);
    put(oracle, 1, { job: 'web' });
    expect([rows(), rows(3)]).toEqual([[0, 1, 2], [2]]);
  });
});

describe('reference scores', () => {
  it('packing, spreading and preferences', () => {
    const oracle = agentsWithCpu(1, 2);
    put(oracle, 1, { resources: { cpu: 1, memory: 4 } });
    expect(
      floorOfQuotient(scoreOn(oracle, 0, referenceBinPacking('cpu')) as Fraction, fraction(1, 100)),
    ).toBe(50n);
    const both = scoreOn(oracle, 1, referenceBinPacking('cpu', 'memory', 'memory')) as Fraction;
    expect(floorOfQuotient(both, fraction(1, 100))).toBe(75n + 40n + 40n);
    const spread = scoreOn(oracle, 1, referenceSpreading('cpu')) as Fraction;
    expect(floorOfQuotient(spread, fraction(1, 100))).toBe(-75n);
  });

  it('the share of co-tasks elsewhere, rounded down', () => {
    const oracle = agentsInZones('a', 'b', 'c', undefined);
    const score = (row: number) => scoreOn(oracle, row, referenceBalancedSoft('zone'), 'web');
    expect([score(0), score(3)]).toEqual([1048576n, 0n]);
    put(oracle, 0, { job: 'web' });
    put(oracle, 0, { job: 'web' });
    put(oracle, 1, { job: 'web' });
    put(oracle, 3, { job: 'web' });
    expect([score(0), score(1), score(2), score(3)]).toEqual([349525n, 699050n, 1048576n, 0n]);
  });

  it('weighted sums of scaled scores', () => {
    const oracle = agentsInZones('a', 'b');
    put(oracle, 0, { resources: { cpu: 2.5 }, job: 'web' });
    const combined = referenceWeighted([
      { fitness: referenceBinPacking('cpu'), weight: 2 },
      { fitness: referenceSpreading('cpu', 'memory'), weight: 1 },
      { fitness: referenceBalancedSoft('zone'), weight: 3 },
    ]);
    const millionths = (score: bigint | Fraction) =>
      floorOfQuotient(toFraction(score), fraction(1, 1_000_000));
    expect(millionths(scoreOn(oracle, 0, combined, 'web'))).toBe(2n * 300_000n + 700_000n);
    expect(millionths(scoreOn(oracle, 1, combined, 'web'))).toBe(2n * 50_000n + 950_000n + 3n * 1_000_000n);
    expect(combined.range!(oracle.cluster).map(millionths)).toEqual([0n, 6_000_000n]);
  });

  it('rounds quotients down, below zero too', () => {
    expect([floorOfQuotient(fraction(7), fraction(2)), floorOfQuotient(fraction(-7), fraction(2))]).toEqual([
      3n,
      -4n,
    ]);
    expect(() => fraction(1, 0)).toThrow(RangeError);
    expect(() => floorOfQuotient(fraction(1), fraction(0))).toThrow(RangeError);
  });
});
