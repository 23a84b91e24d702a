import { PlacementEngine, type TaskRequirements } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  agentManagementFitness,
  cachedImage,
  cachedItem,
  cachedSecurityGroup,
  defaultFitness,
  imageLocality,
  imageSpreading,
  jobSpreading,
  jobTypeCoLocation,
  labelSpreading,
  securityGroupSpreading,
  titusSlots,
} from '../src/index.ts';
import { decimalsOf } from './scores.ts';

const RESOURCES = [{ name: 'cpu' }, { name: 'eni', kind: 'set' as const }];

function engineWith(...attributes: Record<string, string>[]): PlacementEngine {
  const engine = new PlacementEngine({ resources: RESOURCES });
  for (const given of attributes) {
    engine.addAgent({ resources: { cpu: 8, eni: { slots: 4, unitsPerSlot: 8 } }, attributes: given });
  }
  return engine;
}

/** Places tasks with the given labels on one row. */
function put(engine: PlacementEngine, row: number, ...labels: Record<string, string>[]): void {
  for (const given of labels) {
    expect(engine.placeOn(engine.defineClass({ resources: {}, labels: given }), row)).toBeGreaterThanOrEqual(
      0,
    );
  }
}

const withLabels = (labels: Record<string, string>): TaskRequirements => ({ resources: {}, labels });

describe('labelSpreading', () => {
  test('scores 1.0 without like tasks, else 0.5 by their number', () => {
    const engine = engineWith({}, {}, {}, {});
    put(engine, 0, { job: 'web' }, { job: 'web' }, { job: 'other' });
    put(engine, 1, { job: 'web' });
    put(engine, 2, { job: 'other' }, {});
    put(engine, 3, { job: 'web' }, { job: 'web' }, { job: 'web' });
    expect(decimalsOf(engine, jobSpreading(), withLabels({ job: 'web' }))).toEqual([
      0.25, 0.5, 1, 0.166666666,
    ]);
    expect(decimalsOf(engine, jobSpreading(), withLabels({}))).toEqual([1, 1, 1, 1]);
  });

  test('counts the tasks of the same job, not all tasks of the agent as Titus does', () => {
    const engine = engineWith({});
    put(engine, 0, { job: 'a' }, { job: 'b' }, { job: 'c' });
    expect(decimalsOf(engine, jobSpreading(), withLabels({ job: 'web' }))).toEqual([1]);
    expect(decimalsOf(engine, jobSpreading(), withLabels({ job: 'a' }))).toEqual([0.5]);
  });

  test('spreads images and security groups by their labels', () => {
    const engine = engineWith({}, {});
    put(engine, 0, { image: 'nginx', securityGroup: 'sg-1:sg-2' });
    expect(decimalsOf(engine, imageSpreading(), withLabels({ image: 'nginx' }))).toEqual([0.5, 1]);
    expect(decimalsOf(engine, securityGroupSpreading(), withLabels({ securityGroup: 'sg-1:sg-2' }))).toEqual([
      0.5, 1,
    ]);
    expect(decimalsOf(engine, securityGroupSpreading(), withLabels({ securityGroup: 'sg-1' }))).toEqual([
      1, 1,
    ]);
    expect(imageSpreading('container').key).toBe(labelSpreading('container').key);
  });
});

describe('jobTypeCoLocation', () => {
  test('scores 0.7 when empty, 0.01 among others, else the share of like tasks', () => {
    const engine = engineWith({}, {}, {}, {});
    put(engine, 1, { jobType: 'batch' });
    put(engine, 2, { jobType: 'batch' }, { jobType: 'service' }, { jobType: 'service' });
    put(engine, 3, { jobType: 'service' });
    const task = withLabels({ jobType: 'service' });
    expect(decimalsOf(engine, jobTypeCoLocation(), task)).toEqual([0.7, 0.01, 0.666666667, 1]);
    expect(decimalsOf(engine, jobTypeCoLocation(), withLabels({}))).toEqual([0.7, 0.01, 0.01, 0.01]);
  });
});

describe('cachedItem', () => {
  test('scores 1.0 where the agent has the item, else 0.01', () => {
    const engine = engineWith({}, {}, {});
    engine.reportAgent(1, { cached: { image: ['nginx', 'redis'], securityGroup: ['sg-1'] } });
    engine.reportAgent(2, { cached: { image: ['redis'] } });
    expect(decimalsOf(engine, cachedImage(), withLabels({ image: 'nginx' }))).toEqual([0.01, 1, 0.01]);
    expect(decimalsOf(engine, cachedImage(), withLabels({ image: 'redis' }))).toEqual([0.01, 1, 1]);
    expect(decimalsOf(engine, cachedImage(), withLabels({ image: 'unseen' }))).toEqual([0.01, 0.01, 0.01]);
    expect(decimalsOf(engine, cachedImage(), withLabels({}))).toEqual([0.01, 0.01, 0.01]);
    expect(decimalsOf(engine, cachedSecurityGroup(), withLabels({ securityGroup: 'sg-1' }))).toEqual([
      0.01, 1, 0.01,
    ]);
  });

  test('follows reports, also of items that nobody had when the class was first placed', () => {
    const engine = engineWith({}, {});
    const taskClass = engine.defineClass({ ...withLabels({ image: 'new' }), fitness: cachedImage() });
    expect([engine.find(taskClass), engine.find(taskClass)]).toEqual([0, 0]);
    engine.reportAgent(1, { cached: { image: ['new'] } });
    expect([engine.find(taskClass), engine.find(taskClass)]).toEqual([1, 1]);
    engine.reportAgent(1, { cached: { image: [] } });
    expect(engine.find(taskClass)).toBe(0);
  });
});

describe('imageLocality', () => {
  const sizes: Record<string, number> = { base: 500, app: 1500, tiny: 10 };
  const policy = imageLocality({ sizeMiB: (image) => sizes[image] });

  test('rates the size at hand between the thresholds of Kubernetes', () => {
    const engine = engineWith({}, {}, {}, {}, {});
    engine.reportAgent(1, { cached: { image: ['base'] } });
    engine.reportAgent(2, { cached: { image: ['base', 'app'] } });
    engine.reportAgent(3, { cached: { image: ['tiny'] } });
    engine.reportAgent(4, { cached: { image: ['tiny', 'app', 'other'] } });
    const task = withLabels({ images: 'base, app,tiny' });
    const share = (atHandMiB: number) => Math.round(((atHandMiB - 23) / (3000 - 23)) * 1e9) / 1e9;
    expect(decimalsOf(engine, policy, task)).toEqual([0, share(500), share(2000), 0, share(1510)]);
    expect(decimalsOf(engine, policy, withLabels({ images: 'app' }))).toEqual([0, 0, 1, 0, 1]);
    expect(decimalsOf(engine, policy, withLabels({}))).toEqual([0, 0, 0, 0, 0]);
  });

  test('takes images of unknown size for equal, and a repeated one once', () => {
    const engine = engineWith({}, {}, {});
    engine.reportAgent(1, { cached: { image: ['a'] } });
    engine.reportAgent(2, { cached: { image: ['a', 'b'] } });
    const options = { leastMiB: 0, greatestMiB: 256 };
    expect(decimalsOf(engine, imageLocality(options), withLabels({ images: 'a,b,a,' }))).toEqual([0, 0.5, 1]);
  });

  test('is one policy for equal options, unless a function tells the sizes', () => {
    expect(imageLocality().key).toBe(imageLocality({ label: 'images' }).key);
    expect(imageLocality().key).not.toBe(imageLocality({ leastMiB: 1 }).key);
    expect(policy.key).toBeUndefined();
  });

  test('refuses a size that is none', () => {
    const engine = engineWith({});
    expect(() => decimalsOf(engine, policy, withLabels({ images: 'unheard-of' }))).toThrow('INVALID_PLUGIN');
  });
});

describe('agentManagementFitness', () => {
  test('scores the quality by phase', () => {
    const engine = engineWith(
      { phase: 'active' },
      { phase: 'active' },
      { phase: 'phasedOut' },
      { phase: 'active', preferNoPlacement: 'true' },
      { phase: 'active', preferNoPlacement: 'false' },
      { phase: 'inactive' },
      {},
    );
    for (const row of [1, 2, 3, 4, 5, 6]) engine.reportAgent(row, { signals: { quality: 800_000 } });
    expect(decimalsOf(engine, agentManagementFitness())).toEqual([0.5, 0.8, 8e-7, 8e-7, 0.8, 0.01, 0.01]);
  });

  test('leaves a quality of 0 at 0, which Titus takes for unknown', () => {
    const engine = engineWith({ phase: 'active' }, { phase: 'phasedOut' }, { phase: 'phasedOut' });
    engine.reportAgent(0, { signals: { quality: 0 } });
    engine.reportAgent(1, { signals: { quality: 0 } });
    expect(decimalsOf(engine, agentManagementFitness())).toEqual([0, 0, 5e-7]);
    engine.reportAgent(0, { signals: { quality: -1 } });
    expect(decimalsOf(engine, agentManagementFitness())).toEqual([0.5, 0, 5e-7]);
  });

  test('takes other names and another best quality, above which nothing counts', () => {
    const engine = engineWith({ state: 'active' }, { state: 'active' }, { state: 'active', drain: 'true' });
    engine.reportAgent(0, { signals: { health: 3 } });
    engine.reportAgent(1, { signals: { health: 99 } });
    engine.reportAgent(2, { signals: { health: 5 } });
    const policy = agentManagementFitness({
      signal: 'health',
      best: 5,
      phase: 'state',
      preferNoPlacement: 'drain',
    });
    expect(decimalsOf(engine, policy)).toEqual([0.6, 1, 1e-6]);
  });
});

describe('titusSlots', () => {
  const slots = (requirements: TaskRequirements['resources']) => ({
    resources: requirements,
    fitness: { ...defaultFitness(), slotFitness: titusSlots() },
  });

  test('fills slots in use, then takes one with the label, a new one, another', () => {
    const engine = new PlacementEngine({ resources: RESOURCES });
    engine.addAgent({ resources: { eni: { slots: 3, unitsPerSlot: 4 } } });
    const place = (units: number, label: string) =>
      engine.place(engine.defineClass(slots({ eni: { units, label } })));
    const slotOf = (handle: number) => Math.log2(engine.slotsOf(handle, 'eni'));
    const first = place(2, 'a');
    const second = place(3, 'a');
    expect([first, second].map(slotOf)).toEqual([0, 1]);
    expect(slotOf(place(1, 'a'))).toBe(1);
    engine.release(first);
    expect(slotOf(place(1, 'b'))).toBe(2);
    const third = place(1, 'c');
    expect(slotOf(third)).toBe(0);
    engine.release(third);
    expect(slotOf(place(3, 'c'))).toBe(0);
  });

  test('scores as published', () => {
    const engine = engineWith({});
    const put = (label: string, units: number) =>
      engine.place(engine.defineClass({ resources: { eni: { units, label } } }));
    put('web', 2);
    engine.release(put('db', 1));
    let scores: number[] = [];
    const spy = {
      name: 'spy',
      bind: (...context: Parameters<ReturnType<typeof titusSlots>['bind']>) => {
        const bound = titusSlots().bind(...context);
        scores = [0, 1, 2].map((slot) => bound.score(0, 0, slot));
        return bound;
      },
    };
    const ask = (label: string, units?: number) => {
      const demand = units === undefined ? { label } : { units, label };
      engine.begin();
      engine.place(
        engine.defineClass({
          resources: { eni: demand },
          fitness: { ...defaultFitness(), slotFitness: spy },
        }),
      );
      engine.rollback();
      return scores.map((score) => score / 1e9);
    };
    expect(ask('web', 3)).toEqual([0.17, 0.09, 0.099]);
    expect(ask('web', 6)).toEqual([0.2, 0.09, 0.099]);
    expect(ask('db', 1)[1]).toBe(0.1);
    engine.advanceTo(150_000);
    expect(ask('web', 3)).toEqual([0.17, 0.094, 0.099]);
    engine.advanceTo(900_000);
    expect(ask('web', 3)).toEqual([0.17, 0.098, 0.099]);
  });
});

test.each([
  () => labelSpreading(''),
  () => jobTypeCoLocation(1 as never),
  () => cachedItem('', 'image'),
  () => cachedImage(''),
  () => imageLocality({ label: '' }),
  () => imageLocality({ leastMiB: 1000 }),
  () => imageLocality({ greatestMiB: Infinity }),
  () => titusSlots({ longIdleMs: 0 }),
  () => titusSlots({ longIdleMs: Infinity }),
  () => agentManagementFitness({ best: 0 }),
  () => agentManagementFitness({ best: 2 ** 31 }),
  () => agentManagementFitness({ signal: '' }),
])('refuses wrong parameters: %s', (make) => {
  expect(make).toThrow('INVALID_PLUGIN');
});
