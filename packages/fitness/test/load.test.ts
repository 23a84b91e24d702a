import { type FitnessCalculator, fitness, PlacementEngine } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binPacking, spreading, weighted } from '../src/index.ts';

function rowFor(
  policy: FitnessCalculator | FitnessCalculator[],
  agents: [cpu: number, memory: number][],
  cpu: number,
  memory: number,
): number {
  const engine = new PlacementEngine({ fitness: policy });
  for (const [agentCpu, agentMemory] of agents)
    engine.addAgent({ resources: { cpu: agentCpu, memory: agentMemory } });
  return engine.find(engine.defineClass({ resources: { cpu, memory } }));
}

describe('packing and spreading', () => {
  test('choose the fullest and the emptiest agent', () => {
    const agents: [number, number][] = [
      [16, 100],
      [4, 100],
      [8, 100],
    ];
    expect(rowFor(binPacking('cpu'), agents, 2, 0)).toBe(1);
    expect(rowFor(spreading('cpu'), agents, 2, 0)).toBe(0);
  });

  test('spreading can fill an agent completely', () => {
    expect(rowFor(spreading('cpu', 'memory'), [[2, 10]], 2, 10)).toBe(0);
  });

  test('a resource of which an agent has nothing adds nothing', () => {
    expect(
      rowFor(
        binPacking('cpu', 'memory'),
        [
          [4, 0],
          [4, 8],
        ],
        1,
        0,
      ),
    ).toBe(0);
  });

  test('compare ratios of different agents exactly, ties to the lowest row', () => {
    const total = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(total, total), { minLength: 1, maxLength: 8 }),
        total,
        total,
        (agents, cpu, memory) => {
          const fits = agents
            .map(([c, m], row) => ({ c, m, row }))
            .filter(({ c, m }) => c >= cpu && m >= memory);
          const best = fits.reduce<(typeof fits)[number] | undefined>(
            (winner, agent) =>
              winner === undefined ||
              BigInt(cpu * agent.m + memory * agent.c) * BigInt(winner.c * winner.m) >
                BigInt(cpu * winner.m + memory * winner.c) * BigInt(agent.c * agent.m)
                ? agent
                : winner,
            undefined,
          );
          expect(rowFor(binPacking('cpu', 'memory'), agents, cpu, memory)).toBe(best?.row ?? -1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each([() => binPacking(), () => spreading('cpu', 'cpu')])('refuse wrong parameters: %s', (make) => {
    expect(make).toThrow('INVALID_PLUGIN');
  });

  test('report an unknown resource when a class is first placed', () => {
    expect(() => rowFor(binPacking('cores'), [[1, 1]], 1, 1)).toThrow('UNKNOWN_RESOURCE');
  });
});

describe('weighted', () => {
  const ranked = (name: string, ...scores: number[]): FitnessCalculator => ({
    ...fitness(name, (_, agent) => scores[agent.row], 'agent'),
    range: [0, 100],
  });
  const agents: [number, number][] = [
    [1, 1],
    [1, 1],
    [1, 1],
  ];

  test('adds scaled scores by weight', () => {
    const parts = (a: number, b: number) =>
      weighted([
        { fitness: ranked('a', 100, 60, 0), weight: a },
        { fitness: ranked('b', 0, 60, 100), weight: b },
      ]);
    expect(rowFor(parts(1, 1), agents, 1, 1)).toBe(1);
    expect(rowFor(parts(3, 1), agents, 1, 1)).toBe(0);
    expect(rowFor(parts(1, 3), agents, 1, 1)).toBe(2);
  });

  test('scales parts of different units, among them loads whose range depends on the agents', () => {
    const policy = weighted([
      { fitness: binPacking('cpu'), weight: 2 },
      { fitness: spreading('memory'), weight: 1 },
    ]);
    expect(
      rowFor(
        policy,
        [
          [8, 100],
          [4, 100],
          [4, 1000],
        ],
        2,
        50,
      ),
    ).toBe(2);
  });

  test.each([101, -1, 0.5, NaN])('refuses %s from a part whose range is 0 to 100', (score) => {
    const policy = weighted([{ fitness: ranked('odd', score, score, score), weight: 1 }]);
    expect(() => rowFor(policy, agents, 1, 1)).toThrow('INVALID_SCORE');
  });

  test('depends on what its parts depend on', () => {
    const part = (dependsOn: 'agent' | 'group' | undefined) => ({
      fitness: { ...ranked('x', 1), dependsOn },
      weight: 1,
    });
    expect(weighted([part('agent')]).dependsOn).toBe('agent');
    expect(weighted([part('agent'), part('group')]).dependsOn).toBe('group');
    expect(weighted([part('group'), part(undefined)]).dependsOn).toBe('anything');
  });

  test.each([
    () => weighted([]),
    () => weighted([{ fitness: binPacking('cpu'), weight: 0 }]),
    () => weighted([{ fitness: binPacking('cpu'), weight: -0.5 }]),
    () => weighted([null as never]),
    () => weighted([{ weight: 1 } as never]),
    () => weighted([{ fitness: binPacking, weight: 1 }]),
    () => weighted([{ fitness: { ...binPacking('cpu'), dependsOn: 'agnt' as never }, weight: 1 }]),
    () => rowFor(weighted([{ fitness: fitness('no range', () => 1), weight: 1 }]), agents, 1, 1),
  ])('refuses wrong parameters: %s', (make) => {
    expect(make).toThrow('INVALID_PLUGIN');
  });
});
