import { PlacementEngine, Scheduler, type TaskSpec } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  titusCriticalServiceSpreading,
  titusDefault,
  titusFailoverPacking,
  titusFitness,
} from '../src/index.ts';
import { decimalsOf } from './scores.ts';

const LABELS = { job: 'web', jobType: 'service', image: 'nginx', securityGroup: 'sg-1', tier: 'critical' };
const TASK = { resources: { cpu: 1, memory: 20 }, labels: LABELS };

/** One agent of 4 cpu and 100 MiB with two tasks of the job beside one of batch, of known quality. */
function engine(): PlacementEngine {
  const made = new PlacementEngine();
  made.addAgent({ resources: { cpu: 4, memory: 100 }, attributes: { phase: 'active' } });
  made.reportAgent(0, { signals: { quality: 900_000 }, cached: { image: ['nginx'] } });
  const web = made.defineClass({ resources: { cpu: 1, memory: 10 }, labels: LABELS });
  made.place(web);
  made.place(web);
  made.place(made.defineClass({ resources: { memory: 20 }, labels: { job: 'report', jobType: 'batch' } }));
  return made;
}

describe('presets of Titus add up their parts by the published weights', () => {
  const jobType = 2 / 3;
  const packed = (3 / 4 + 60 / 100) / 2;

  test('critical services in normal hours', () => {
    const expected = 0.05 * 0.25 + 0.05 * jobType + 0.1 * 0.25 + 0.3 * 0.25 + 0.5 * 0.9;
    expect(decimalsOf(engine(), titusCriticalServiceSpreading(), TASK)[0]).toBeCloseTo(expected, 9);
  });

  test('critical services during a failover', () => {
    const expected = 0.05 * jobType + 0.1 * packed + 0.15 * 1 + 0.2 * 0.01 + 0.5 * 0.9;
    expect(decimalsOf(engine(), titusFailoverPacking(), TASK)[0]).toBeCloseTo(expected, 9);
  });

  test('everything else', () => {
    const expected = 0.1 * packed + 0.1 * jobType + 0.15 * 1 + 0.15 * 0.01 + 0.5 * 0.9;
    expect(decimalsOf(engine(), titusDefault(), TASK)[0]).toBeCloseTo(expected, 9);
  });

  test('the right one for every task', () => {
    const scored = (policy: ReturnType<typeof titusFitness>, labels: Record<string, string>) =>
      decimalsOf(engine(), policy, { ...TASK, labels })[0];
    const flex = { ...LABELS, tier: 'flex' };
    const batch = { ...LABELS, jobType: 'batch' };
    expect(scored(titusFitness(), LABELS)).toBe(scored(titusCriticalServiceSpreading(), LABELS));
    expect(scored(titusFitness({ criticalServiceSpreading: false }), LABELS)).toBe(
      scored(titusFailoverPacking(), LABELS),
    );
    for (const labels of [flex, batch]) {
      expect(scored(titusFitness(), labels)).toBe(scored(titusDefault(), labels));
      expect(scored(titusFitness({ criticalServiceSpreading: false }), labels)).toBe(
        scored(titusDefault(), labels),
      );
    }
  });

  test('bring their choice of slots, and are told apart from sums without it', () => {
    const presets = [
      titusCriticalServiceSpreading(),
      titusFailoverPacking(),
      titusDefault(),
      titusFitness(),
      titusFitness({ criticalServiceSpreading: false }),
    ];
    for (const preset of presets) {
      expect(preset.slotFitness?.name).toBe("Titus's interfaces");
      expect(preset.dependsOn).toBe('agent');
    }
    expect(new Set(presets.map(({ key }) => key)).size).toBe(presets.length);
    expect(titusDefault().key).toBe(titusDefault().key);
  });
});

test('useFitness switches from spreading to packing while tasks run', () => {
  const scheduler = new Scheduler({ fitness: titusFitness() });
  for (const id of ['a', 'b', 'c']) {
    scheduler.addAgent({ id, resources: { cpu: 8, memory: 800 }, attributes: { phase: 'active' } });
  }
  const task = (id: string): TaskSpec => ({ id, resources: { cpu: 1, memory: 100 }, labels: LABELS });
  const agentsOf = (...ids: string[]) =>
    scheduler.schedule(ids.map(task)).placements.map(({ agent }) => agent);
  expect(new Set(agentsOf('1', '2', '3')).size).toBe(3);
  scheduler.useFitness(titusFitness({ criticalServiceSpreading: false }));
  expect(new Set(agentsOf('4', '5', '6')).size).toBe(1);
  scheduler.useFitness(titusFitness());
  const [packed] = agentsOf('7');
  expect(packed).not.toBe(scheduler.agentOf('4'));
  expect(scheduler.verify()).toEqual([]);
});
