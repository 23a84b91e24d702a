/**
 * Every field of agents, tasks, reports and options with values that make no sense: refused with the right code, and
 * nothing has changed.
 */
import { describe, expect, test } from 'vitest';
import { constraint, type HardConstraint, Scheduler } from '../src/index.ts';
import { codeOf, invalid } from './refusals.ts';

const MOST = 2 ** 31 - 1;

function scheduler(): Scheduler {
  const made = new Scheduler({
    resources: [{ name: 'cpu', unitsPerWhole: 1000 }, { name: 'memory' }, { name: 'gpu', kind: 'set' }],
  });
  made.addAgent({ id: 'a', resources: { cpu: 8, memory: 64, gpu: { slots: 2, unitsPerSlot: 4 } } });
  made.reportAgent('a', { lent: { cpu: 1 }, signals: { heat: 3 }, cached: { image: ['x'] } });
  made.schedule([{ id: 'one', resources: { cpu: 6, gpu: { units: 1 } } }]);
  return made;
}

type Case = [code: string, field: string, values: unknown[]];
const text: unknown[] = [null, 7, ''];
const objects: unknown[] = [null, 7, 'x', [1], new Map()];

/** The refusals of every value of every case. */
function refusals(cases: readonly Case[], act: (given: Scheduler, field: string, value: unknown) => unknown) {
  test.each(cases.flatMap(([code, field, values]) => values.map((value) => [code, field, value] as const)))(
    '%s: %s = %j',
    (code, field, value) => {
      const given = scheduler();
      const before = new Uint8Array(given.snapshot());
      expect(codeOf(() => act(given, field, value))).toBe(code);
      expect(new Uint8Array(given.snapshot())).toEqual(before);
      expect(given.verify()).toEqual([]);
    },
  );
}

describe('agents', () => {
  const cases: Case[] = [
    ['INVALID_SPEC', 'taints', [null, 'x', [null], ['x'], [[]], [{}], [{ key: '', effect: 'NoSchedule' }]]],
    [
      'INVALID_SPEC',
      'taints',
      [[{ key: 'k', effect: 'Never' }], [{ key: 'k', value: 1, effect: 'NoExecute' }]],
    ],
    ['INVALID_SPEC', 'overcommit', [null, 2, [2]]],
    ['INVALID_QUANTITY', 'overcommit', [0, -1, NaN, Infinity, 1000.1, '2', null].map((cpu) => ({ cpu }))],
    ['UNKNOWN_RESOURCE', 'overcommit', [{ cpus: 2 }, { gpu: 2 }]],
    ['QUANTITY_OVERFLOW', 'overcommit', [{ memory: 1000 }]],
    ['INVALID_SPEC', 'attributes', [...objects, { '\0taints': '[]' }, { '\0': 'x' }]],
  ];
  const shape = { resources: { cpu: 8, memory: 2 ** 30, gpu: { slots: 2, unitsPerSlot: 4 } } };
  refusals(cases, (given, field, value) => given.addAgent({ id: 'b', ...shape, [field]: value }));
  refusals(cases, (given, field, value) => given.updateAgent({ id: 'a', ...shape, [field]: value }));
});

describe('tasks', () => {
  const cases: Case[] = [
    ['INVALID_SPEC', 'priority', [null, 0.5, NaN, '1', 1_000_000_001, -1_000_000_001]],
    ['INVALID_SPEC', 'opportunistic', objects],
    ['INVALID_QUANTITY', 'opportunistic', [-1, NaN, '1', { units: 1 }].map((cpu) => ({ cpu }))],
    ['FRACTIONAL_QUANTITY', 'opportunistic', [{ memory: 0.5 }]],
    ['UNKNOWN_RESOURCE', 'opportunistic', [{ cpus: 1 }, { gpu: 1 }]],
    ['QUANTITY_OVERFLOW', 'opportunistic', [{ memory: 2 ** 31 }, { memory: MOST }]],
    ['INVALID_SPEC', 'tolerations', [null, {}, 'x', [null], [[]], [{ key: 1 }], [{ value: null }]]],
    ['INVALID_SPEC', 'tolerations', [[{ effect: 'Never' }], [{ effect: null }]]],
    ['INVALID_SPEC', 'agent', text],
    ['INVALID_SPEC', 'repels', [...objects, {}]],
    ['INVALID_SPEC', 'repels', text.map((attribute) => ({ selector: {}, attribute }))],
    ['INVALID_SPEC', 'selector', objects.slice(0, 4)],
    ['INVALID_SPEC', 'matchLabels', [...objects.slice(0, 4), { a: 1 }]],
    ['INVALID_SPEC', 'matchExpressions', [null, {}, 'x', [null], [{}], [{ key: 'a', operator: 'Gt' }]]],
    [
      'INVALID_SPEC',
      'matchExpressions',
      [
        [{ key: '', operator: 'Exists' }],
        [{ key: 'a', operator: 'In' }],
        [{ key: 'a', operator: 'NotIn', values: [] }],
        [{ key: 'a', operator: 'In', values: 'x' }],
        [{ key: 'a', operator: 'In', values: [1] }],
        [{ key: 'a', operator: 'Exists', values: ['x'] }],
      ],
    ],
  ];
  const repelling = (repels: unknown): { constraints: HardConstraint[] } => ({
    constraints: [{ name: 'repelling', repels: invalid(repels), bind: () => ({ test: () => 0 }) }],
  });
  const fields = (field: string, value: unknown): object => {
    if (field === 'repels') return repelling(value);
    if (field === 'selector') return repelling({ selector: value });
    return field.startsWith('match') ? repelling({ selector: { [field]: value } }) : { [field]: value };
  };
  const memory = { memory: 1 };
  refusals(cases, (given, field, value) =>
    given.schedule([{ id: 't', resources: memory, ...fields(field, value) }]),
  );
  refusals(cases, (given, field, value) =>
    given.adopt({ id: 't', resources: memory, ...fields(field, value) }, 'a'),
  );
});

describe('reports, sizes and adopted slots', () => {
  const cases: Case[] = [
    ['INVALID_SPEC', 'lent', objects],
    ['INVALID_QUANTITY', 'lent', [{ cpu: -1 }, { cpu: null }]],
    ['UNKNOWN_RESOURCE', 'lent', [{ gpu: 1 }]],
    ['QUANTITY_OVERFLOW', 'lent', [{ memory: MOST - 63 }]],
    ['INVALID_SPEC', 'signals', [...objects, { '': 1 }]],
    ['INVALID_QUANTITY', 'signals', [-2, 0.5, NaN, 2 ** 31, '1'].map((heat) => ({ heat }))],
    ['INVALID_SPEC', 'cached', [...objects, { '': ['x'] }, { image: null }, { image: [''] }, { image: [1] }]],
  ];
  refusals(cases, (given, field, value) => given.reportAgent('a', { signals: { heat: 1 }, [field]: value }));
  refusals([['INVALID_SPEC', 'report', objects]], (given, _, value) =>
    given.reportAgent('a', invalid(value)),
  );
  refusals(
    [
      ['INVALID_SPEC', 'resources', objects],
      ['AGENT_IN_USE', 'resources', [{ memory: 1 }, { cpu: 5.999 }]],
      ['UNKNOWN_RESOURCE', 'resources', [{ cpu: 8, gpu: 1 }]],
    ],
    (given, _, value) => given.resizeAgent('a', invalid(value)),
  );
  const adopted = { id: 't', resources: { gpu: { slots: 1, units: 1 } } };
  refusals(
    [
      ['INVALID_SPEC', 'slots', [...objects, { gpu: 0 }, { gpu: [0, 0] }, { gpu: [-1] }, { gpu: [32] }]],
      ['UNKNOWN_RESOURCE', 'slots', [{ cpu: [0] }, { gpus: [0] }]],
      ['AGENT_FULL', 'slots', [{ gpu: [] }, { gpu: [2] }, { gpu: [31] }, { gpu: [0, 1] }]],
    ],
    (given, _, value) => given.adopt(adopted, 'a', invalid(value)),
  );
  refusals([['AGENT_FULL', 'mask', [0, 0.5, 2 ** 32 + 1, -(2 ** 31) - 1, NaN, '1']]], ({ engine }, _, gpu) =>
    engine.adopt(0, 0, { gpu: invalid(gpu) }),
  );
});

describe('options', () => {
  const cases: Case[] = [
    ['INVALID_SCHEMA', 'overcommit', [0, -1, NaN, Infinity, 1001, '2', null]],
    ['INVALID_SCHEMA', 'rebindAfterMs', [1, -1, NaN]],
  ];
  refusals(cases, (_, field, value) => new Scheduler({ resources: [{ name: 'cpu', [field]: value }] }));
  test('a set is not overcommitted', () => {
    const act = () => new Scheduler({ resources: [{ name: 'gpu', kind: 'set', overcommit: 2 }] });
    expect(codeOf(act)).toBe('INVALID_SCHEMA');
  });

  const any = constraint('any', () => true);
  const binding: HardConstraint[] = [
    { ...any, claimsAgent: true },
    { ...any, repels: { selector: {} } },
  ];
  refusals(
    [['INVALID_PLUGIN', 'constraints', [null, any, [null], ...binding.map((one) => [one])]]],
    (given, _, value) => given.usePolicies({ constraints: invalid(value) }),
  );
  refusals([['INVALID_PLUGIN', 'softConstraints', [null, [7]]]], (given, _, value) =>
    given.usePolicies({ softConstraints: invalid(value) }),
  );
  refusals([['INVALID_PLUGIN', 'fitness', [undefined, null, [7]]]], (given, _, value) =>
    given.useFitness(invalid(value)),
  );
  refusals([['INVALID_SPEC', 'policies', [null, 7, 'x']]], (given, _, value) => {
    expect(codeOf(() => Scheduler.restore(given.snapshot(), invalid(value)))).toBe('INVALID_SPEC');
    given.usePolicies(invalid(value));
  });
});
