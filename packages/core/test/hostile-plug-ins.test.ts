/**
 * Plug-ins and descriptions that misbehave: each gives a coded error or a reported failure, and leaves no trace.
 */
import { asSoft, attributeEquals, matchExpressions } from '@stowage/constraints';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  constraint,
  fitness,
  type FitnessCalculator,
  type HardConstraint,
  PlacementEngine,
  Scheduler,
  type StowageError,
} from '../src/index.ts';

let scheduler: Scheduler;
const resources = { cpu: 1 };

beforeEach(() => {
  scheduler = new Scheduler();
  for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: { cpu: 8 }, attributes: { zone: id } });
});

function failureOf(...constraints: HardConstraint[]): StowageError | undefined {
  return scheduler.schedule([{ id: 'bad', resources, constraints }]).failures[0]?.error;
}

describe('a plug-in that calls back into the engine', () => {
  const calls: [string, () => unknown][] = [
    ['place', () => scheduler.schedule([{ id: 'inner', resources }]).failures[0].error?.code],
    ['begin', () => scheduler.begin()],
    ['add', () => scheduler.addAgent({ id: 'c', resources })],
    ['release', () => scheduler.release('first')],
    ['explain', () => scheduler.explain({ resources })],
    ['exchange the fitness', () => scheduler.useFitness([])],
    ['exchange the policies', () => scheduler.usePolicies({ constraints: [] })],
    ['adopt', () => scheduler.adopt({ id: 'inner', resources }, 'a')],
    ['confirm', () => scheduler.confirm('held')],
    ['start', () => scheduler.start('first')],
    ['resize', () => scheduler.resizeAgent('a', { cpu: 9 })],
    ['report', () => scheduler.reportAgent('a', { signals: { heat: 1 } })],
    ['tell the time', () => scheduler.advanceTo(1)],
  ];

  test.each(calls)('to %s is refused', (_, call) => {
    scheduler.schedule([{ id: 'first', resources }]);
    scheduler.schedule([{ id: 'held', resources }], { reserve: true });
    const before = new Uint8Array(scheduler.snapshot());
    let seen: unknown;
    const calling = constraint('calling', () => {
      try {
        seen = call();
      } catch (error) {
        seen = (error as StowageError).code;
        throw error;
      }
      return 'no';
    });
    failureOf(calling);
    expect(seen).toBe('REENTRANT_CALL');
    expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
    expect(scheduler.schedule([{ id: 'second', resources }]).placements).toHaveLength(1);
  });
});

describe('a plug-in that throws', () => {
  test.each([Object.create(null), undefined, Symbol('s'), 'text', 10n])(
    'even what is no error: %#',
    (thrown) => {
      const error = failureOf(
        constraint('throwing', () => {
          throw thrown;
        }),
      );
      expect(error?.code).toBe('PLUGIN_FAILED');
      expect(error?.cause).toBe(thrown);
    },
  );

  test('while a failed gang is explained does not leave the transaction open', () => {
    const bad: HardConstraint = {
      name: 'bad',
      bind: () => ({
        test: () => 1,
        explain() {
          throw new Error('boom');
        },
      }),
    };
    const { placements, failures } = scheduler.schedule(
      [
        { id: 'x', resources },
        { id: 'y', resources, constraints: [bad] },
      ],
      { allOrNothing: true },
    );
    expect(placements).toEqual([]);
    expect(failures.map(({ error }) => error?.code)).toEqual(['GANG_NOT_PLACED', 'PLUGIN_FAILED']);
    expect([scheduler.engine.transactionDepth, scheduler.engine.taskCount]).toEqual([0, 0]);
  });
});

describe('objects that are no plug-ins', () => {
  test.each<[string, () => unknown]>([
    ['a factory that was not called', () => new Scheduler({ fitness: fitness as never })],
    [
      'a single constraint',
      () => scheduler.schedule([{ id: 't', resources, constraints: attributeEquals('z', 'a') as never }]),
    ],
    [
      'a single soft constraint',
      () =>
        scheduler.schedule([
          { id: 't', resources, softConstraints: asSoft(attributeEquals('z', 'a')) as never },
        ]),
    ],
    ['null', () => scheduler.schedule([{ id: 't', resources, constraints: null as never }])],
    [
      'an object that cannot be shown',
      () => scheduler.schedule([{ id: 't', resources, constraints: [{ name: 1n } as never] }]),
    ],
    ['asSoft of nothing', () => asSoft(null as never)],
  ])('%s', (_, act) => {
    expect(act).toThrow('INVALID_PLUGIN');
  });

  test('bind that gives nothing to ask', () => {
    expect(failureOf({ name: 'empty', bind: () => ({}) as never })?.code).toBe('INVALID_PLUGIN');
  });
});

describe('descriptions that change or deceive', () => {
  test('a list of constraints that is changed afterwards does not change the class', () => {
    const constraints: HardConstraint[] = [];
    scheduler.schedule([{ id: 't', resources, constraints }]);
    constraints.push(attributeEquals('zone', 'nowhere'));
    scheduler.addAgent({ id: 'c', resources: { cpu: 9 } });
    expect(scheduler.schedule([{ id: 'u', resources, constraints: [] }]).placements).toHaveLength(1);
  });

  test('getters are read once', () => {
    let reads = 0;
    const attributes = Object.defineProperty({}, 'z', {
      enumerable: true,
      get: () => (reads++ === 0 ? 'v' : 5),
    });
    scheduler.addAgent({ id: 'c', resources, attributes });
    expect(scheduler.engine.attributesOf(2)).toEqual({ z: 'v' });
    let ids = 0;
    const task = Object.defineProperty({ resources }, 'id', { get: () => `t${ids++}` });
    expect(scheduler.schedule([task as never]).placements[0].task).toBe('t0');
    expect(scheduler.verify()).toEqual([]);
  });

  test('bad fields are refused whatever was scheduled before', () => {
    scheduler.schedule([{ id: 't', resources }]);
    for (const job of [null, NaN, () => 1, Symbol('s')]) {
      expect(() => scheduler.schedule([{ id: 'u', resources, job: job as never }])).toThrow('INVALID_SPEC');
    }
    expect(() => scheduler.schedule([{ id: 'u', resources, labels: 'undefined' as never }])).toThrow(
      'INVALID_SPEC',
    );
    expect(() => scheduler.addAgent({ id: 'c', resources: new Map([['cpu', 4]]) as never })).toThrow(
      'INVALID_SPEC',
    );
    expect(() => scheduler.schedule(null as never)).toThrow('INVALID_SPEC');
    expect(() => scheduler.explain(null as never)).toThrow('INVALID_SPEC');
    expect(() => new Scheduler(null as never)).toThrow('INVALID_SPEC');
    expect(() => scheduler.engine.place('length' as never)).toThrow('UNKNOWN_CLASS');
  });

  test('attribute keys may be any text, also those of Object.prototype', () => {
    const attributes = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>;
    scheduler.addAgent({ id: 'c', resources: { cpu: 8 }, attributes });
    const task = {
      resources,
      constraints: ['__proto__', 'constructor'].map((key) => matchExpressions([{ key, operator: 'Exists' }])),
    };
    expect(scheduler.schedule([{ id: 't', ...task }]).placements[0].agent).toBe('c');
    const restored = Scheduler.restore(scheduler.snapshot());
    expect(restored.schedule([{ id: 'u', ...task }]).placements[0].agent).toBe('c');
  });

  test('match expressions with other values are other constraints', () => {
    scheduler.addAgent({ id: 'c', resources: { cpu: 8 }, attributes: { zone: 'a b' } });
    const agentFor = (id: string, ...values: string[]): string => {
      const constraints = [matchExpressions([{ key: 'zone', operator: 'In', values }])];
      return scheduler.schedule([{ id, resources, constraints }]).placements[0].agent;
    };
    expect([agentFor('t', 'a', 'b'), agentFor('u', 'a b')]).toEqual(['a', 'c']);
  });
});

describe('soft constraints', () => {
  test('a part that writes nothing is found', () => {
    const silent = {
      ...asSoft(attributeEquals('zone', 'a')),
      key: 'silent',
      bind: () => ({ scoreInto: () => undefined }),
    };
    const { failures } = scheduler.schedule([
      { id: 't', resources, softConstraints: [asSoft(attributeEquals('zone', 'b')), silent] },
    ]);
    expect(failures[0].error?.code).toBe('INVALID_SCORE');
  });
});

test('a failure explains its own task, also when its class was dropped since', () => {
  const tasks = Array.from({ length: 5000 }, (_, i) => ({ id: `t${i}`, resources: { cpu: 9 + i } }));
  const { failures } = scheduler.schedule(tasks);
  scheduler.schedule([{ id: 'x', resources: { memory: 77 } }]);
  expect(failures[0].reason).toContain('lack cpu (nearest is short of 1)');
  expect(failures[4999].reason).toContain('lack cpu (nearest is short of 5000)');
});

test('the action of a what-if cannot make it permanent', () => {
  expect(() =>
    scheduler.whatIf(() => {
      scheduler.schedule([{ id: 't', resources }]);
      scheduler.commit();
    }),
  ).toThrow('NO_TRANSACTION');
  expect(scheduler.agentOf('t')).toBeUndefined();
});

describe('what a plug-in declares about itself', () => {
  const inert = { name: 'inert', bind: () => ({ scoreInto: () => {} }) };

  test.each([
    [{ groupedBy: 'zone' }, /grouped by "zone"; give an array/],
    [{ groupedBy: [''] }, /give an array of attributes/],
    [{ additive: { resources: 'cpu', prefer: 'greater' } }, /give resources, each once/],
    [{ additive: { resources: [], prefer: 'greater' } }, /give resources/],
    [{ additive: { resources: ['cpu', 'cpu'], prefer: 'greater' } }, /each once/],
    [{ additive: { resources: ['cpu'], prefer: 'more' } }, /"greater" or "smaller"/],
    [{ additive: null }, /declares to rank by the load null/],
  ])('is checked: %j', (claim, message) => {
    const engine = new PlacementEngine();
    const fitness = { ...inert, ...claim } as unknown as FitnessCalculator;
    expect(() => engine.useFitness(fitness)).toThrow(message);
    expect(() => engine.defineClass({ resources: {}, fitness })).toThrow(message);
  });

  test('names no unknown resource unnoticed', () => {
    const claim = { resources: ['no such'], prefer: 'greater' } as const;
    const engine = new PlacementEngine({ fitness: { ...inert, dependsOn: 'agent', additive: claim } });
    engine.addAgent({ resources: { cpu: 1 } });
    const taskClass = engine.defineClass({ resources: { cpu: 1 } });
    expect(() => engine.place(taskClass)).toThrow(/"no such" is not a resource/);
    expect(engine.taskCount).toBe(0);
  });
});

test('a plan of a class with a plug-in that cannot be bound is refused with a coded error', () => {
  const broken = {
    name: 'broken',
    bind: () => {
      throw new TypeError('oops');
    },
  };
  const engine = new PlacementEngine({ fitness: broken });
  const taskClass = engine.defineClass({ resources: {} });
  expect(() => engine.explainPlan(taskClass)).toThrow(/plug-in "broken" threw "oops"/);
  expect(engine.verify()).toEqual([]);
});

test.each([-1, 1 << 20, 1 << 29, -(1 << 30)])(
  'a calculator that writes %i for every row breaks no more than its own ranking',
  (written) => {
    const writing: FitnessCalculator = {
      name: 'writing',
      dependsOn: 'agent',
      bind: () => ({
        scoreInto: (rows, count, scores) => {
          scores.fill(0, 0, count);
          rows.fill(written, 0, count);
        },
      }),
    };
    const engine = new PlacementEngine({ fitness: writing, structure: 'class-tree' });
    for (let i = 0; i < 40; i++) engine.addAgent({ resources: { cpu: 8 } });
    const classId = engine.defineClass({ resources });
    engine.find(classId);
    const before = new Uint8Array(engine.snapshot());
    for (let turn = 0; turn < 20; turn++) {
      engine.drainAgent(turn);
      engine.drainAgent(turn, false);
      engine.find(classId);
    }
    expect(new Uint8Array(engine.snapshot())).toEqual(before);
    engine.useFitness([]);
    expect(engine.verify()).toEqual([]);
    expect(engine.agentOf(engine.place(classId))).toBe(0);
  },
);
