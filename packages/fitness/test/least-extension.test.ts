import { PlacementEngine } from '@stowage/core';
import { checkFitness } from '@stowage/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastExtension, type LeastExtensionOptions } from '../src/index.ts';
import { scoresOf } from './scores.ts';

interface Agent {
  readonly cpu: number;
  readonly memory: number;
  readonly exitS: number;
}

type Forecast = NonNullable<LeastExtensionOptions['forecast']>;

const NOW_S = 1_000;
const HOST = { cpu: 64, memory: 256 };

/** Agents of one size with so much in use, and what they have reported. */
function engineWith(agents: readonly Agent[]): PlacementEngine {
  const engine = new PlacementEngine({ resources: [{ name: 'cpu' }, { name: 'memory' }] });
  for (const { cpu, memory, exitS } of agents) {
    const row = engine.addAgent({ resources: HOST });
    engine.placeOn(engine.defineClass({ resources: { cpu, memory } }), row);
    engine.reportAgent(row, { signals: { exitS } });
  }
  engine.advanceTo(NOW_S * 1000);
  return engine;
}

/** The formula as documented, in seconds. */
function costOf({ cpu, memory, exitS }: Agent, runTimeS: number, forecast: Forecast): number {
  const run = Math.min(runTimeS, 172_800);
  const left = Math.min(Math.max(0, exitS - NOW_S), 172_800);
  const outlasts = (a: number, b: number): number =>
    forecast === 'exact' ? Math.max(0, a - b) : (a * a) / (a + b);
  const before = [1 - cpu / 64, 1 - memory / 256];
  const after = [before[0] - 8 / 64, before[1] - 14 / 256];
  const imbalance = ([a, b]: readonly number[]): number => Math.abs(a - b);
  return (
    outlasts(run, left) +
    { exact: 0.1, predicted: 0.01, guessed: 0.003 }[forecast] * outlasts(left, run) +
    36_000 * (imbalance(after) - imbalance(before)) +
    3_600 * (after[0] + after[1])
  );
}

function chosen(agents: readonly Agent[], runTimeS: number, options: LeastExtensionOptions = {}): number {
  const engine = engineWith(agents);
  const fitness = leastExtension(options);
  return engine.find(
    engine.defineClass({ resources: { cpu: 8 }, labels: { runTimeS: String(runTimeS) }, fitness }),
  );
}

describe('leastExtension', () => {
  const agent = fc.record({
    cpu: fc.nat({ max: 56 }),
    memory: fc.nat({ max: 242 }),
    exitS: fc.constantFrom(-1, 0, 500, 1_000, 1_001, 5_000, 90_000, 300_000, 2_147_483_647),
  });

  test('scores as documented, whatever the agents are like', () => {
    fc.assert(
      fc.property(
        fc.array(agent, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 400_000 }),
        fc.constantFrom<Forecast>('exact', 'predicted', 'guessed'),
        (agents, runTimeS, forecast) => {
          const policy = leastExtension({ forecast });
          const { scores, greatest } = scoresOf(engineWith(agents), policy, {
            resources: { cpu: 8, memory: 14 },
            labels: { runTimeS: String(runTimeS) },
          });
          agents.forEach((one, row) => {
            expect(scores[row]).toBeGreaterThanOrEqual(policy.range![0]);
            expect(scores[row]).toBeLessThanOrEqual(greatest);
            expect(Math.abs(scores[row]! + 1024 * costOf(one, runTimeS, forecast))).toBeLessThanOrEqual(0.51);
          });
        },
      ),
    );
  });

  const half = { cpu: 32, memory: 128 };

  test('a short task goes where it extends nothing, a long one to the agent that outlives it least', () => {
    const agents = [
      { ...half, exitS: 2_000 },
      { ...half, exitS: 50_000 },
      { ...half, exitS: 100_000 },
    ];
    expect(chosen(agents, 900, { forecast: 'exact' })).toBe(0);
    expect(chosen(agents, 20_000, { forecast: 'exact' })).toBe(1);
    expect(chosen(agents, 90_000, { forecast: 'exact' })).toBe(2);
  });

  test('rough forecasts leave the agent alone that is about to fall empty', () => {
    const agents = [
      { ...half, exitS: 2_000 },
      { ...half, exitS: 50_000 },
    ];
    expect(chosen(agents, 900)).toBe(1);
  });

  test('an agent that reported nothing counts as about to fall empty', () => {
    expect(
      chosen(
        [
          { ...half, exitS: -1 },
          { ...half, exitS: 3_000 },
        ],
        10_000,
      ),
    ).toBe(1);
  });

  test('between equal exits the fuller agent is taken, of equally full ones the lowest', () => {
    const agents = [
      { cpu: 8, memory: 32, exitS: 9_000 },
      { cpu: 40, memory: 160, exitS: 9_000 },
      { cpu: 40, memory: 160, exitS: 9_000 },
    ];
    expect(chosen(agents, 600)).toBe(1);
  });

  test.each<[string, LeastExtensionOptions]>([
    ['no resource', { resources: [] }],
    ['a resource twice', { resources: ['cpu', 'cpu'] }],
    ['an empty name', { exit: '' }],
    ['no horizon', { horizonS: 0 }],
    ['an endless horizon', { horizonS: Infinity }],
    ['no run time', { unknownRunTimeS: 0 }],
    ['another forecast', { forecast: 'wild' as 'exact' }],
  ])('refuses %s', (_, options) => {
    expect(() => leastExtension(options)).toThrow(/INVALID_PLUGIN/);
  });

  test.each(['0', '-1', 'soon', 'Infinity'])('refuses the run time %s', (runTimeS) => {
    const engine = engineWith([{ ...half, exitS: 0 }]);
    const fitness = leastExtension();
    const classId = engine.defineClass({ resources: {}, labels: { runTimeS }, fitness });
    expect(() => engine.find(classId)).toThrow(/runTimeS/);
  });

  test.each(['exact', 'guessed'] as const)('%s: keeps the promises of the plug-in contract', (forecast) => {
    checkFitness(leastExtension({ forecast }), { labels: { runTimeS: ['60', '7200', '1e6'] } });
  });
});
