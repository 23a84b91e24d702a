import {
  type HardConstraint,
  PlacementEngine,
  Scheduler,
  SOFT_SCALE,
  type TaskRequirements,
} from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  activeHost,
  agentManagement,
  asSoft,
  attributeEquals,
  availabilityZone,
  balanced,
  gpuMatch,
  launchGuard,
  machineType,
  matchesLabel,
  uniqueLabel,
  zoneBalance,
  zoneBalanceSoft,
} from '../src/index.ts';
import { softScores } from './soft-scores.ts';

const RESOURCES = [{ name: 'cpu' }, { name: 'accelerator' }, { name: 'gpu', kind: 'set' as const }];

function engineWith(...attributes: Record<string, string>[]): PlacementEngine {
  const engine = new PlacementEngine({ resources: RESOURCES });
  for (const given of attributes) engine.addAgent({ resources: { cpu: 100 }, attributes: given });
  return engine;
}

/** Rows that accept a task, and the reasons of those that do not. */
function verdicts(
  engine: PlacementEngine,
  constraint: HardConstraint,
  requirements: Partial<TaskRequirements> = {},
): { rows: number[]; reasons: string[] } {
  const given = { resources: {}, ...requirements };
  const taskClass = engine.defineClass({ ...given, constraints: [constraint] });
  const rows = Array.from({ length: engine.rowCount }, (_, row) => row).filter((row) => {
    const task = engine.placeOn(taskClass, row);
    if (task >= 0) engine.release(task);
    return task >= 0;
  });
  const reasons = Array.from({ length: engine.rowCount }, (_, row) => engine.explain(taskClass, row).reasons);
  return { rows, reasons: reasons.flat().map(({ example }) => example ?? '') };
}

describe('agentManagement', () => {
  test('opens active and phased-out agents without flags', () => {
    const engine = engineWith(
      { phase: 'active' },
      { phase: 'phasedOut', noPlacement: 'false' },
      { phase: 'inactive' },
      {},
      { phase: 'active', noPlacement: 'true' },
      { phase: 'active', systemNoPlacement: 'true' },
    );
    const { rows, reasons } = verdicts(engine, agentManagement());
    expect(rows).toEqual([0, 1]);
    expect(reasons).toEqual([
      'phase is inactive, not active or phasedOut',
      'phase is missing, not active or phasedOut',
      'noPlacement is set',
      'systemNoPlacement is set',
    ]);
  });

  test('takes other names, phases and flags', () => {
    const engine = engineWith({ state: 'up' }, { state: 'up', cordoned: 'true' }, { phase: 'active' });
    expect(verdicts(engine, agentManagement({ phase: 'state', open: ['up'], noPlacement: [] })).rows).toEqual(
      [0, 1],
    );
    const cordoned = agentManagement({ phase: 'state', open: ['up'], noPlacement: ['cordoned'] });
    expect(verdicts(engine, cordoned).rows).toEqual([0]);
  });

  test('copies its lists', () => {
    const open = ['active'];
    const constraint = agentManagement({ open });
    open[0] = 'inactive';
    expect(verdicts(engineWith({ phase: 'active' }, { phase: 'inactive' }), constraint).rows).toEqual([0]);
  });
});

describe('matchesLabel', () => {
  test('wants the attribute to say what the label says', () => {
    const engine = engineWith({ tier: 'critical' }, { tier: 'flex' }, {});
    expect(verdicts(engine, matchesLabel('tier'), { labels: { tier: 'flex' } }).rows).toEqual([1]);
    expect(verdicts(engine, matchesLabel('tier'), { labels: { tier: 'unheard-of' } }).rows).toEqual([]);
    expect(verdicts(engine, matchesLabel('tier', 'level'), { labels: { tier: 'flex' } }).rows).toEqual([
      0, 1, 2,
    ]);
    expect(verdicts(engine, matchesLabel('tier'), { labels: { tier: 'flex' } }).reasons).toEqual([
      'tier must be flex, not critical',
      'tier must be flex, but is missing',
    ]);
  });
});

describe('gpuMatch', () => {
  test('gives agents with GPUs to those who ask, and only to them', () => {
    const engine = new PlacementEngine({ resources: RESOURCES });
    engine.addAgent({ resources: { cpu: 1, gpu: { slots: 2, unitsPerSlot: 1 } } });
    engine.addAgent({ resources: { cpu: 1 } });
    expect(verdicts(engine, gpuMatch(), { resources: { gpu: {} } }).rows).toEqual([0]);
    const { rows, reasons } = verdicts(engine, gpuMatch());
    expect([rows, reasons]).toEqual([[1], ['is kept for tasks that ask for gpu']]);
  });

  test('works for scalars too', () => {
    const engine = new PlacementEngine({ resources: RESOURCES });
    engine.addAgent({ resources: { cpu: 1, accelerator: 1 } });
    engine.addAgent({ resources: { cpu: 1 } });
    expect(verdicts(engine, gpuMatch('accelerator'), { resources: { accelerator: 1 } }).rows).toEqual([0]);
    expect(verdicts(engine, gpuMatch('accelerator')).rows).toEqual([1]);
    expect(() => verdicts(engine, gpuMatch('tpu'))).toThrow('UNKNOWN_RESOURCE');
  });
});

describe('launchGuard', () => {
  const task = (id: string) => ({ id, resources: { cpu: 1 } });

  function schedulerWith(constraint: HardConstraint): Scheduler {
    const scheduler = new Scheduler({ resources: RESOURCES, constraints: [constraint] });
    for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: { cpu: 100 } });
    return scheduler;
  }

  test('lets one task start per agent, and the next when it runs or is gone', () => {
    const scheduler = schedulerWith(launchGuard());
    const { placements, failures } = scheduler.schedule(['1', '2', '3'].map(task));
    expect(placements.map(({ agent }) => agent)).toEqual(['a', 'b']);
    expect(failures).toHaveLength(1);
    scheduler.start('2');
    expect(scheduler.schedule([task('3')]).placements[0].agent).toBe('b');
    scheduler.release('1');
    expect(scheduler.schedule([task('4')]).placements[0].agent).toBe('a');
  });

  test('takes another number', () => {
    const scheduler = schedulerWith(launchGuard(3));
    const agents = scheduler.schedule(['1', '2', '3', '4'].map(task)).placements.map(({ agent }) => agent);
    expect(agents).toEqual(['a', 'a', 'a', 'b']);
  });

  test('is a preference through asSoft', () => {
    const scheduler = new Scheduler({ resources: RESOURCES, softConstraints: [asSoft(launchGuard())] });
    for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: { cpu: 100 } });
    const agents = scheduler.schedule(['1', '2', '3'].map(task)).placements.map(({ agent }) => agent);
    expect(agents).toEqual(['a', 'b', 'a']);
  });

  test('says why', () => {
    const engine = engineWith({});
    engine.place(engine.defineClass({ resources: {} }));
    expect(verdicts(engine, launchGuard()).reasons).toEqual(['has 1 tasks starting']);
  });
});

describe('uniqueLabel', () => {
  test('admits one placed task per value in the whole cluster', () => {
    const engine = engineWith({ zone: 'a' }, {});
    const holder = engine.place(engine.defineClass({ resources: {}, labels: { address: '10.0.0.1' } }));
    const same = { labels: { address: '10.0.0.1' } };
    expect(verdicts(engine, uniqueLabel('address'), same)).toEqual({
      rows: [],
      reasons: Array(2).fill('address 10.0.0.1 is held by a placed task'),
    });
    expect(verdicts(engine, uniqueLabel('address'), { labels: { address: '10.0.0.2' } }).rows).toEqual([
      0, 1,
    ]);
    expect(verdicts(engine, uniqueLabel('address')).rows).toEqual([0, 1]);
    engine.release(holder);
    expect(verdicts(engine, uniqueLabel('address'), same).rows).toEqual([0, 1]);
  });
});

describe('zoneBalance', () => {
  test('is balanced over three zones unless told otherwise', () => {
    expect(zoneBalance().key).toBe(balanced('zone', { expectedValues: 3 }).key);
    expect(zoneBalance({ expectedZones: 5, attribute: 'rack', label: 'app' }).key).toBe(
      balanced('rack', { expectedValues: 5, label: 'app' }).key,
    );
  });

  test('as a preference scores what is missing to the average', () => {
    const engine = engineWith({ zone: 'a' }, { zone: 'b' }, { zone: 'c' }, {});
    const web = { resources: {}, job: 'web' };
    const scores = (expectedZones: number) =>
      softScores(engine, zoneBalanceSoft({ expectedZones }), web).map((score) => score / SOFT_SCALE);
    const crowded = Math.floor(0.01 * SOFT_SCALE) / SOFT_SCALE;
    expect(scores(3)).toEqual([1, 1, 1, crowded]);
    const put = (...rows: number[]) => rows.forEach((row) => engine.placeOn(engine.defineClass(web), row));
    put(0, 0, 0, 1, 3);
    // 4 tasks in zones: the average is ceil(5 / 3) = 2 for three zones, ceil(5 / 2) = 3 for two.
    expect(scores(3)).toEqual([crowded, 0.5, 1, crowded]);
    expect(scores(2)).toEqual([crowded, Math.floor((2 / 3) * SOFT_SCALE) / SOFT_SCALE, 1, crowded]);
    expect(scores(0)).toEqual(scores(2));
    put(2);
    expect(scores(2)).toEqual([crowded, 0.5, 0.5, crowded]);
  });
});

describe('job constraints by name', () => {
  test('are attribute constraints', () => {
    expect(activeHost().key).toBe(attributeEquals('phase', 'active').key);
    expect(activeHost('state').key).toBe(attributeEquals('state', 'active').key);
    expect(availabilityZone('us-east-1a').key).toBe(attributeEquals('zone', 'us-east-1a').key);
    expect(machineType('m4.16xlarge').key).toBe(attributeEquals('machineType', 'm4.16xlarge').key);
    expect(machineType('m4.16xlarge', 'itype').key).toBe(attributeEquals('itype', 'm4.16xlarge').key);
  });

  test('machineid is a pin of the task', () => {
    const scheduler = new Scheduler();
    for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: {} });
    expect(scheduler.schedule([{ id: 't', resources: {}, agent: 'b' }]).placements[0].agent).toBe('b');
  });
});

test.each([
  () => agentManagement({ phase: '' }),
  () => agentManagement({ open: [] }),
  () => agentManagement({ open: 'active' as never }),
  () => agentManagement({ noPlacement: [''] }),
  () => matchesLabel(''),
  () => matchesLabel('tier', ''),
  () => gpuMatch(''),
  () => launchGuard(0),
  () => launchGuard(1.5),
  () => launchGuard('1' as never),
  () => uniqueLabel(''),
  () => zoneBalance({ expectedZones: -1 }),
  () => zoneBalanceSoft({ attribute: '' }),
  () => zoneBalanceSoft({ expectedZones: 0.5 }),
  () => activeHost(''),
  () => availabilityZone(''),
  () => machineType(1 as never),
])('refuses wrong parameters: %s', (make) => {
  expect(make).toThrow('INVALID_PLUGIN');
});
