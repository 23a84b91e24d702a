/**
 * Every error code of the package is provoked at least once, and each time the state stays byte for byte as it
 * was.
 */
import { describe, expect, test } from 'vitest';
import {
  constraint,
  CORE_ERRORS,
  fitness,
  type FitnessCalculator,
  type HardConstraint,
  PlacementEngine,
  Scheduler,
} from '../src/index.ts';
import { codeOf, invalid } from './refusals.ts';

/** Two agents with 6 of 8 cores in use each. */
function busyScheduler(): Scheduler {
  const scheduler = new Scheduler({
    resources: [
      { name: 'cpu', unitsPerWhole: 1000 },
      { name: 'memory' },
      { name: 'gpu', kind: 'set', unitsPerWhole: 1000 },
    ],
  });
  for (const id of ['a', 'b']) {
    scheduler.addAgent({
      id,
      resources: { cpu: 8, memory: 1024, gpu: { slots: 2, unitsPerSlot: 1 } },
      attributes: { zone: id },
    });
  }
  scheduler.schedule([
    { id: 'one', resources: { cpu: 6, gpu: { units: 0.5 } } },
    { id: 'two', resources: { cpu: 6 } },
  ]);
  return scheduler;
}

const broken = (act: () => number): FitnessCalculator => fitness('broken', act, 'agent');
const throwing: HardConstraint = constraint('throwing', () => {
  throw new Error('boom');
});
const task = { id: 't', resources: { cpu: 1 } };
/** A list with a hole before its only entry, which is a plug-in and might be a toleration. */
const withHole: unknown[] = [];
withHole[1] = { ...throwing, key: 'x' };

const cases: [code: string, what: string, act: (scheduler: Scheduler) => unknown][] = [
  [
    'INVALID_SCHEMA',
    'resource defined twice',
    () => new Scheduler({ resources: [{ name: 'a' }, { name: 'a' }] }),
  ],
  [
    'INVALID_SCHEMA',
    'fractional unit',
    () => new Scheduler({ resources: [{ name: 'a', unitsPerWhole: 0.5 }] }),
  ],
  ['INVALID_SCHEMA', 'resources by name', () => new Scheduler({ resources: invalid({ cpu: {} }) })],
  ['INVALID_SCHEMA', 'no resources', () => new Scheduler({ resources: invalid(null) })],
  ['INVALID_SCHEMA', 'unknown kind', () => new Scheduler({ resources: [{ name: 'a', kind: invalid('x') }] })],
  ['INVALID_SPEC', 'agent without resources', (s) => s.addAgent(invalid({ id: 'c' }))],
  ['INVALID_SPEC', 'agent without id', (s) => s.addAgent(invalid({ resources: {} }))],
  ['INVALID_SPEC', 'no agent at all', (s) => s.addAgent(invalid(undefined))],
  [
    'INVALID_SPEC',
    'attribute that is a number',
    (s) => s.addAgent({ id: 'c', resources: {}, attributes: { zone: invalid(3) } }),
  ],
  ['INVALID_SPEC', 'task that is null', (s) => s.schedule([invalid(null)])],
  ['INVALID_SPEC', 'empty task id', (s) => s.schedule([{ id: '', resources: {} }])],
  ['INVALID_SPEC', 'job that is a number', (s) => s.schedule([{ ...task, job: invalid(1) }])],
  ['INVALID_SPEC', 'agent capacity of zero', () => new Scheduler({ agentCapacity: 0 })],
  ['INVALID_QUANTITY', 'negative', (s) => s.addAgent({ id: 'c', resources: { cpu: -1 } })],
  ['INVALID_QUANTITY', 'NaN', (s) => s.addAgent({ id: 'c', resources: { cpu: NaN } })],
  ['INVALID_QUANTITY', 'infinite', (s) => s.schedule([{ id: 't', resources: { cpu: Infinity } }])],
  ['INVALID_QUANTITY', 'text', (s) => s.schedule([{ id: 't', resources: { cpu: invalid('2') } }])],
  [
    'INVALID_QUANTITY',
    'slots for a scalar',
    (s) => s.schedule([{ id: 't', resources: { cpu: { slots: 1 } } }]),
  ],
  [
    'INVALID_QUANTITY',
    '33 slots',
    (s) => s.addAgent({ id: 'c', resources: { gpu: { slots: 33, unitsPerSlot: 1 } } }),
  ],
  [
    'INVALID_QUANTITY',
    'an agent with slots of no units',
    (s) => s.addAgent({ id: 'c', resources: { gpu: { slots: 1, unitsPerSlot: 0 } } }),
  ],
  ['INVALID_QUANTITY', 'no slots', (s) => s.schedule([{ id: 't', resources: { gpu: { slots: 0 } } }])],
  ['INVALID_SPEC', 'a number for a set', (s) => s.schedule([{ id: 't', resources: { gpu: 1 } }])],
  [
    'FRACTIONAL_QUANTITY',
    'a tenth of a milli-core',
    (s) => s.schedule([{ id: 't', resources: { cpu: 0.0001 } }]),
  ],
  ['FRACTIONAL_QUANTITY', 'half a MiB', (s) => s.addAgent({ id: 'c', resources: { memory: 0.5 } })],
  ['QUANTITY_OVERFLOW', '2^31 MiB', (s) => s.addAgent({ id: 'c', resources: { memory: 2 ** 31 } })],
  ['UNKNOWN_RESOURCE', 'misspelt', (s) => s.schedule([{ id: 't', resources: { cpus: 1 } }])],
  ['DUPLICATE_AGENT', 'same id', (s) => s.addAgent({ id: 'a', resources: {} })],
  ['UNKNOWN_AGENT', 'remove', (s) => s.removeAgent('nobody')],
  ['UNKNOWN_AGENT', 'drain', (s) => s.drainAgent('nobody')],
  ['UNKNOWN_AGENT', 'update', (s) => s.updateAgent({ id: 'nobody', resources: {} })],
  ['UNKNOWN_AGENT', 'row out of range', (s) => s.engine.drainAgent(99)],
  ['UNKNOWN_AGENT', 'row that is no integer', (s) => s.engine.tasksOn(0.5)],
  ['AGENT_IN_USE', 'remove with tasks', (s) => s.removeAgent('a')],
  [
    'AGENT_IN_USE',
    'shrink below use',
    (s) => s.updateAgent({ id: 'a', resources: { cpu: 4, gpu: { slots: 2, unitsPerSlot: 1 } } }),
  ],
  [
    'AGENT_IN_USE',
    'change slots in use',
    (s) => s.updateAgent({ id: 'a', resources: { cpu: 8, gpu: { slots: 4, unitsPerSlot: 1 } } }),
  ],
  ['AGENT_FULL', 'adopt more cores than are free', (s) => s.adopt({ ...task, resources: { cpu: 3 } }, 'a')],
  [
    'AGENT_FULL',
    'adopt a slot that is in use',
    (s) => s.adopt({ id: 't', resources: { gpu: { slots: 1 } } }, 'a', { gpu: [0] }),
  ],
  ['AGENT_FULL', 'adopt with slots that are not asked for', (s) => s.adopt(task, 'a', { gpu: [1] })],
  ['UNKNOWN_AGENT', 'adopt', (s) => s.adopt(task, 'nobody')],
  ['INVALID_STAGE', 'confirm what is no reservation', (s) => s.confirm('one')],
  ['UNKNOWN_TASK', 'confirm', (s) => s.confirm('nobody')],
  ['UNKNOWN_TASK', 'start', (s) => s.start('nobody')],
  ['CLASS_IN_USE', 'drop a class with tasks', (s) => s.engine.dropClass(0)],
  ['DUPLICATE_TASK', 'placed already', (s) => s.schedule([task, { id: 'one', resources: {} }])],
  ['DUPLICATE_TASK', 'twice in one call', (s) => s.schedule([task, task])],
  ['UNKNOWN_TASK', 'release', (s) => s.release('nobody')],
  ['UNKNOWN_TASK', 'handle never given', (s) => s.engine.release(77)],
  ['UNKNOWN_TASK', 'negative handle', (s) => s.engine.release(-1)],
  ['UNKNOWN_TASK', 'handle that is NaN', (s) => s.engine.agentOf(NaN)],
  ['UNKNOWN_CLASS', 'place', (s) => s.engine.place(99)],
  ['CLASS_NOT_PLACEABLE', 'class of a snapshot', (s) => Scheduler.restore(s.snapshot()).engine.place(0)],
  ['INVALID_PLUGIN', 'fitness without bind', () => new Scheduler({ fitness: invalid({ name: 'x' }) })],
  [
    'INVALID_PLUGIN',
    'constraints that are no array',
    (s) => s.schedule([{ ...task, constraints: invalid('x') }]),
  ],
  [
    'INVALID_PLUGIN',
    'unknown dependency',
    (s) => s.schedule([{ ...task, constraints: [{ ...throwing, dependsOn: invalid('moon') }] }]),
  ],
  ...[null, {}, 'job', { sameLabel: '' }, { sameLabel: 'job', selector: {} }].map(
    (excludes): (typeof cases)[number] => [
      'INVALID_PLUGIN',
      `exclusion ${JSON.stringify(excludes)}`,
      (s) => s.schedule([{ ...task, constraints: [{ ...throwing, excludes: invalid(excludes) }] }]),
    ],
  ),
  [
    'INVALID_SPEC',
    'exclusion by a wrong selector',
    (s) =>
      s.schedule([{ ...task, constraints: [{ ...throwing, excludes: { selector: invalid({ job: 1 })! } }] }]),
  ],
  [
    'PLUGIN_FAILED',
    'constraint throws',
    (s) => s.engine.place(s.engine.defineClass({ resources: {}, constraints: [throwing] })),
  ],
  [
    'PLUGIN_FAILED',
    'bind throws',
    (s) =>
      s.engine.place(
        s.engine.defineClass({
          resources: {},
          constraints: [
            {
              name: 'x',
              bind: () => {
                throw new Error('no');
              },
            },
          ],
        }),
      ),
  ],
  ...[NaN, 0.5, Infinity, -Infinity, 2 ** 53].map((score): (typeof cases)[number] => [
    'INVALID_SCORE',
    `score ${score}`,
    (s) => s.engine.place(s.engine.defineClass({ resources: {}, fitness: broken(() => score) })),
  ]),
  [
    'INVALID_SCORE',
    'slot score NaN',
    (s) =>
      s.engine.place(
        s.engine.defineClass({
          resources: { gpu: { units: 0.1 } },
          fitness: { ...broken(() => 1), slotFitness: { name: 'nan', bind: () => ({ score: () => NaN }) } },
        }),
      ),
  ],
  [
    'INVALID_VERDICT',
    'neither true nor a text',
    (s) =>
      s.engine.place(
        s.engine.defineClass({ resources: {}, constraints: [constraint('odd', () => invalid(undefined))] }),
      ),
  ],
  [
    'INVALID_VERDICT',
    'NaN',
    (s) =>
      s.engine.place(
        s.engine.defineClass({
          resources: {},
          constraints: [{ name: 'odd', bind: () => ({ test: () => NaN }) }],
        }),
      ),
  ],
  ['NO_TRANSACTION', 'commit', (s) => s.commit()],
  ['NO_TRANSACTION', 'rollback', (s) => s.rollback()],
  ['INVALID_SNAPSHOT', 'empty', () => Scheduler.restore(new ArrayBuffer(0))],
  ['INVALID_SNAPSHOT', 'no buffer', () => Scheduler.restore(invalid('x'))],
  ['INVALID_SNAPSHOT', 'truncated', (s) => Scheduler.restore(s.snapshot().slice(0, -4))],
  ['INVALID_SNAPSHOT', 'of an engine, without ids', (s) => Scheduler.restore(s.engine.snapshot())],
  [
    'INVALID_SNAPSHOT',
    'one task under two ids',
    (s) => {
      const [handle] = s.engine.tasksOn().map(String);
      const names = { agentIds: ['a', 'b'], taskIds: ['x', 'y'], taskHandles: [handle, handle] };
      return Scheduler.restore(s.engine.snapshot(names));
    },
  ],
  [
    'INVALID_SNAPSHOT',
    'the id of a task that is not there',
    (s) => Scheduler.restore(s.engine.snapshot({ taskIds: ['x'], taskHandles: ['-1'] })),
  ],
  ['INVALID_SPEC', 'tolerations with a hole', (s) => s.check({ ...task, tolerations: invalid(withHole) })],
  ['INVALID_PLUGIN', 'constraints with a hole', (s) => s.check({ ...task, constraints: invalid(withHole) })],
  ['INVALID_PLUGIN', 'fitness with a hole', (s) => s.check({ ...task, fitness: invalid(withHole) })],
  [
    'UNSUPPORTED_SNAPSHOT',
    'later format',
    (s) => {
      const buffer = s.snapshot();
      new Int32Array(buffer)[1] = 99;
      return Scheduler.restore(buffer);
    },
  ],
];

describe('bad input', () => {
  test.each(cases)('%s: %s', (code, _, act) => {
    const scheduler = busyScheduler();
    const before = new Uint8Array(scheduler.snapshot());
    expect(codeOf(() => act(scheduler))).toBe(code);
    expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
    expect(scheduler.verify()).toEqual([]);
  });

  test.each<[string, (engine: PlacementEngine) => unknown]>([
    ['snapshot', (engine) => engine.snapshot()],
    ['dropClass', (engine) => engine.dropClass(0)],
    ['advanceTo', (engine) => engine.advanceTo(1)],
  ])('TRANSACTION_OPEN: %s', (_, act) => {
    const { engine } = busyScheduler();
    engine.begin();
    expect(codeOf(() => act(engine))).toBe('TRANSACTION_OPEN');
  });

  test('INVALID_STAGE: a reservation does not start', () => {
    const scheduler = busyScheduler();
    scheduler.schedule([task], { reserve: true });
    expect(codeOf(() => scheduler.start('t'))).toBe('INVALID_STAGE');
    expect(scheduler.stageOf('t')).toBe('reserved');
  });

  test('GANG_NOT_PLACED: reported for the fellows of a task that did not fit', () => {
    const scheduler = busyScheduler();
    const { failures } = scheduler.schedule(
      [
        { id: 'fits', resources: { cpu: 1 } },
        { id: 'huge', resources: { cpu: 100 } },
      ],
      {
        allOrNothing: true,
      },
    );
    expect(failures.map(({ error }) => error?.code)).toEqual(['GANG_NOT_PLACED', undefined]);
    expect(failures[1].reason).toContain('lack cpu');
  });

  test('the cases above provoke every code of the package', () => {
    // The others are provoked in the tests beside, in hostile-plug-ins.test.ts and in those of preemption.
    const elsewhere = ['TRANSACTION_OPEN', 'GANG_NOT_PLACED', 'REENTRANT_CALL', 'STALE_PLAN'];
    const provoked = new Set([...cases.map(([code]) => code), ...elsewhere]);
    expect([...provoked].sort()).toEqual(Object.keys(CORE_ERRORS).sort());
  });

  test('a plug-in that fails on one task leaves the others of the call placed', () => {
    const scheduler = busyScheduler();
    const { placements, failures } = scheduler.schedule([
      { id: 'p', resources: { cpu: 1 } },
      { id: 'q', resources: {}, constraints: [throwing] },
      { id: 'r', resources: { cpu: 1 } },
    ]);
    expect(placements.map(({ task: id }) => id)).toEqual(['p', 'r']);
    expect(failures.map(({ task: id, error }) => [id, error?.code])).toEqual([['q', 'PLUGIN_FAILED']]);
    expect(failures[0].error?.cause).toEqual(new Error('boom'));
  });

  test('releasing twice is refused the second time, also when the index is in use again', () => {
    const engine = new PlacementEngine();
    engine.addAgent({ resources: { cpu: 4 } });
    const taskClass = engine.defineClass({ resources: { cpu: 1 } });
    const first = engine.place(taskClass);
    engine.release(first);
    const second = engine.place(taskClass);
    expect(second).not.toBe(first);
    expect(codeOf(() => engine.release(first))).toBe('UNKNOWN_TASK');
    expect(engine.taskCount).toBe(1);
  });
});
