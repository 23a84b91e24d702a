/**
 * Classes are found by the values of requirements, whatever objects hold them: tasks go where an engine puts them that
 * reads all requirements anew for every task, while objects are shared, changed and frozen between the calls.
 */
import { binPacking } from '@stowage/fitness';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  constraint,
  type FitnessCalculator,
  type HardConstraint,
  PlacementEngine,
  Scheduler,
  StowageError,
  type TaskRequirements,
  type TaskSpec,
} from '../src/index.ts';
import { ClassRegistry } from '../src/tasks/class-registry.ts';
import { ClassSpellings } from '../src/tasks/class-spellings.ts';
import { RequirementTokens } from '../src/tasks/requirement-tokens.ts';

type Loose = Record<string, unknown>;

const RESOURCES = [
  { name: 'cpu', unitsPerWhole: 4 },
  { name: 'memory' },
  { name: 'nic', kind: 'set' },
] as const;
const FITNESS = binPacking('memory');
const OPTIONS = { resources: RESOURCES, fitness: binPacking('cpu', 'memory') };
const TASK_IDS = Array.from({ length: 40 }, (_, i) => `task-${i}`);
const PLUGINS = [
  constraint('even', (_task, agent) => agent.row % 2 === 0 || 'odd row'),
  { ...constraint('odd', (_task, agent) => agent.row % 2 === 1 || 'even row'), key: 'odd' },
];

/** Mostly good values; bad ones stay until they are replaced, so they must be few. */
function mostly(good: readonly unknown[], bad: readonly unknown[]) {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...bad) },
  );
}

const amount = mostly([0, 0.25, 1, 2], [-1, 0.3, '1', undefined, null, NaN]);
const name = mostly(['x', 'y', '1'], [1, '', {}]);
const demands = [
  { units: 1 },
  { units: 2 },
  { units: 1, label: 'x' },
  { slots: 2 },
  { slots: undefined },
  {},
];
const tolerations = [
  [],
  [{ key: 'k' }],
  [{ value: 'k' }],
  [{ key: 'k', value: 'x' }, {}],
  [{}, { key: 'k' }],
];
const field = (path: string, value: fc.Arbitrary<unknown>) => fc.tuple(fc.constant(path), value);

/** A field of a task and a value for it. */
const change = fc.oneof(
  { weight: 3, arbitrary: field('resources.cpu', amount) },
  { weight: 2, arbitrary: field('resources.memory', amount) },
  { weight: 2, arbitrary: field('resources.nic', mostly(demands, [1, [], new Date(0), { slots: 0 }])) },
  { weight: 2, arbitrary: field('labels.x', name) },
  field('labels.y', name),
  { weight: 2, arbitrary: field('job', name) },
  { weight: 2, arbitrary: field('opportunistic.cpu', amount) },
  { weight: 2, arbitrary: field('priority', mostly([undefined, 0, 1, 2], [0.5, '1', null])) },
  {
    weight: 2,
    arbitrary: field('tolerations', mostly([undefined, ...tolerations], [null, {}, [null], [[]]])),
  },
  {
    weight: 2,
    arbitrary: field(
      'constraints',
      mostly([undefined, [], PLUGINS, ...PLUGINS.map((one) => [one])], [[null], 1]),
    ),
  },
  field('fitness', mostly([undefined, [], FITNESS, [FITNESS]], [null, [undefined]])),
  field('labels', mostly([undefined, {}], [null, [], new Map()])),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('change'), pool: fc.nat(2), change }) },
  fc.record({ kind: fc.constant('freeze'), pool: fc.nat(2) }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('schedule'),
      reserve: fc.boolean(),
      tasks: fc.array(
        fc.record({
          id: fc.constantFrom(...TASK_IDS),
          pool: fc.nat(2),
          as: fc.constantFrom('shared', 'copied', 'reversed'),
          agent: fc.constantFrom(undefined, undefined, undefined, 'agent-1', 'nowhere'),
        }),
        { maxLength: 4 },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release'), id: fc.constantFrom(...TASK_IDS) }) },
);

/** Every call defines the classes of its tasks anew. */
class AnewEveryTime {
  readonly engine = new PlacementEngine(OPTIONS);
  readonly handles = new Map<string, number>();
  /** What placed tasks asked for, by id. */
  readonly asked = new Map<string, string>();

  schedule(tasks: readonly TaskSpec[], reserve: boolean) {
    const seen = new Set<string>();
    const classes = tasks.map((task) => {
      const classId = this.engine.defineClass(task);
      if (seen.has(task.id) || this.handles.has(task.id)) throw new StowageError('DUPLICATE_TASK', '');
      seen.add(task.id);
      return classId;
    });
    const [placements, failures]: [unknown[], unknown[]] = [[], []];
    tasks.forEach((task, i) => {
      const { id, agent } = task;
      const row = agent === undefined ? undefined : ['agent-0', 'agent-1', 'agent-2'].indexOf(agent);
      if (row === -1) {
        failures.push([id, 'UNKNOWN_AGENT']);
        return;
      }
      const handle = reserve
        ? this.engine.reserve(classes[i], row)
        : row === undefined
          ? this.engine.place(classes[i])
          : this.engine.placeOn(classes[i], row);
      if (handle < 0) {
        failures.push([id, undefined]);
        return;
      }
      this.handles.set(id, handle);
      this.asked.set(id, inWords(task));
      const mask = this.engine.slotsOf(handle, 'nic');
      const held = [0, 1, 2].filter((slot) => (mask >>> slot) & 1);
      const taken = held.length > 0 ? { nic: held } : {};
      placements.push({ task: id, agent: `agent-${this.engine.agentOf(handle)}`, slots: taken });
    });
    return { placements, failures };
  }

  release(id: string): void {
    this.engine.release(this.handles.get(id)!);
    this.handles.delete(id);
    this.asked.delete(id);
  }
}

function addAgents(
  add: (
    agent: { resources: Record<string, number | { slots: number; unitsPerSlot: number }> },
    row: number,
  ) => void,
) {
  for (let row = 0; row < 3; row++)
    add({ resources: { cpu: 12, memory: 12, nic: { slots: 3, unitsPerSlot: 8 } } }, row);
}

function set(target: Loose, path: string, value: unknown): void {
  const [field, name] = path.split('.');
  if (name === undefined) {
    target[field] = value;
    return;
  }
  const isOpen = Object.isExtensible(target[field]) && !Array.isArray(target[field]);
  if (!isOpen || target[field] instanceof Map) target[field] = {};
  (target[field] as Loose)[name] = value;
}

function isPlugin(value: unknown): value is HardConstraint | FitnessCalculator {
  return value === FITNESS || PLUGINS.includes(value as HardConstraint);
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || isPlugin(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

/** The same values in other objects, with the names in another order if asked. */
function copied(value: unknown, reversed: boolean): unknown {
  if (typeof value !== 'object' || value === null || isPlugin(value)) return value;
  if (Array.isArray(value)) return value.map((element) => copied(element, reversed));
  if (value instanceof Map || value instanceof Date) return value;
  const entries = Object.entries(value).map(([name, part]) => [name, copied(part, reversed)] as const);
  return Object.fromEntries(reversed ? entries.reverse() : entries);
}

/** Requirements as a text, with names in order. */
function inWords(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === 'id' || key === 'agent') return undefined;
    if (isPlugin(part)) return part.name;
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort());
  });
}

/** Placed tasks have the same class exactly when they ask for the same. */
function expectClasses({ engine }: Scheduler, { asked, handles }: AnewEveryTime): void {
  const classByWords = new Map([...asked].map(([id, words]) => [words, engine.classOf(handles.get(id)!)]));
  for (const [id, words] of asked) expect(engine.classOf(handles.get(id)!)).toBe(classByWords.get(words));
  expect(new Set(classByWords.values()).size).toBe(classByWords.size);
}

/** What an action gives, or the code of what it throws. */
function outcome<T>(action: () => T): T | string {
  try {
    return action();
  } catch (error) {
    if (error instanceof StowageError) return error.code;
    throw error;
  }
}

test('tasks go where they go when all requirements are read anew for every task', () => {
  let placed = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const model = new AnewEveryTime();
      const scheduler = new Scheduler(OPTIONS);
      addAgents((agent) => model.engine.addAgent(agent));
      addAgents((agent, row) => scheduler.addAgent({ id: `agent-${row}`, ...agent }));
      const pool: Loose[] = [0, 1, 2].map((i) => ({ resources: { cpu: 1 + i, memory: 1 } }));
      for (const one of steps) {
        if (one.kind === 'change') {
          const {
            pool: i,
            change: [path, value],
          } = one as { pool: number; change: [string, unknown] };
          if (Object.isFrozen(pool[i])) pool[i] = copied(pool[i], false) as Loose;
          set(pool[i], path, copied(value, false));
        } else if (one.kind === 'freeze') {
          freeze(pool[(one as { pool: number }).pool]);
        } else if (one.kind === 'release') {
          const { id } = one as { id: string };
          if (!model.handles.has(id)) continue;
          const handle = model.handles.get(id)!;
          model.release(id);
          scheduler.release(id);
          expect(scheduler.taskIdOf(handle)).toBeUndefined();
        } else {
          const { tasks, reserve } = one as unknown as {
            tasks: { id: string; pool: number; as: string; agent?: string }[];
            reserve: boolean;
          };
          const specs = tasks.map(({ id, pool: i, as, agent }) => {
            const fields = as === 'shared' ? pool[i] : (copied(pool[i], as === 'reversed') as Loose);
            return { ...fields, id, ...(agent === undefined ? {} : { agent }) } as unknown as TaskSpec;
          });
          const expected = outcome(() => model.schedule(specs, reserve));
          const actual = outcome(() => {
            const { placements, failures } = scheduler.schedule(specs, { reserve });
            return { placements, failures: failures.map(({ task, error }) => [task, error?.code]) };
          });
          expect(actual).toEqual(expected);
          if (typeof expected === 'string') refused++;
          else placed += expected.placements.length;
        }
        for (const [id, handle] of model.handles) expect(scheduler.taskIdOf(handle)).toBe(id);
        expectClasses(scheduler, model);
        expect(scheduler.verify()).toEqual([]);
      }
    }),
    { numRuns: 150 },
  );
  expect(placed).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(100);
});

function registry(): ClassRegistry {
  return new ClassRegistry(new PlacementEngine(OPTIONS));
}

describe('the memory of what was read', () => {
  test('what is written as before is read once', () => {
    const classes = registry();
    let reads = 0;
    const written = () => ({
      get resources() {
        reads++;
        return { cpu: 1, memory: 2 };
      },
    });
    const id = classes.classFor(written());
    reads = 0;
    expect(classes.classFor(written())).toBe(id);
    expect(reads).toBe(1);
  });

  test('it begins anew when there are too many ways of writing, and when classes are swept', () => {
    const classes = registry();
    const orders = permutations(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    const last = Array.from({ length: 20 }, (_, i) => `z${i}`);
    expect(orders).toHaveLength(5040);
    for (const order of orders)
      expect(
        classes.classFor({
          resources: {},
          labels: Object.fromEntries([...order, ...last].map((key) => [key, 'x'])),
        }),
      ).toBe(0);
    for (let memory = 0; memory < 5000; memory++) classes.classFor({ resources: { memory } });
    classes.sweep();
    const ids = new Set([1, 2, 3].map((memory) => classes.classFor({ resources: { memory } })));
    expect(ids.size).toBe(3);
  });

  test('a getter may ask for another class meanwhile', () => {
    const classes = registry();
    const plain = classes.classFor({ resources: { cpu: 1, memory: 1 } });
    const other = classes.classFor({ resources: { cpu: 2 }, job: 'j' });
    const nested = {
      get cpu() {
        expect(classes.classFor({ resources: { cpu: 2 }, job: 'j' })).toBe(other);
        return 1;
      },
      memory: 1,
    };
    expect(classes.classFor({ resources: nested })).toBe(plain);
  });

  test('an object of a class of its own is refused whatever was accepted before', () => {
    const classes = registry();
    classes.classFor({ resources: {}, labels: {} });
    const given = { resources: {}, labels: new Map() as unknown as Record<string, string> };
    expect(() => classes.classFor(given)).toThrow(StowageError);
  });

  test('fields that follow each other are not confused', () => {
    const classes = registry();
    const specs: TaskRequirements[] = [
      { resources: { cpu: 1, memory: 2 } },
      { resources: { cpu: 1 }, opportunistic: { memory: 2 } },
      { resources: { cpu: 1 }, job: 'memory' },
      { resources: { cpu: 1 }, labels: { memory: '2' } },
      { resources: { cpu: 1 }, priority: 2 },
      { resources: { cpu: 1 }, tolerations: [{ key: 'memory' }] },
      { resources: { cpu: 1 }, tolerations: [{ value: 'memory' }] },
      { resources: { cpu: 1 }, constraints: [PLUGINS[0]] },
      { resources: { cpu: 1 }, softConstraints: [] },
      { resources: { nic: { slots: 1 } } },
      { resources: { nic: { units: 1 } } },
      { resources: { nic: {} } },
    ];
    for (let round = 0; round < 2; round++)
      expect(specs.map((spec) => classes.classFor(spec))).toEqual(specs.map((_, i) => i));
  });
});

test('a trie of spellings is a map of lists, and counts its nodes', () => {
  const element = fc.constantFrom<unknown>('a', 'b', 'c', 1, 1.5, 2, undefined);
  fc.assert(
    fc.property(fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 40 }), (lists) => {
      const spellings = new ClassSpellings();
      const model = new Map<string, number>();
      const prefixes = new Set<string>();
      lists.forEach((list, i) => {
        const tokens = tokensOf(list);
        const key = tokens.text();
        expect(spellings.classOf(tokens)).toBe(model.get(key) ?? -1);
        if (!model.has(key)) {
          spellings.add(tokens, i);
          model.set(key, i);
          list.forEach((_, last) => prefixes.add(tokensOf(list.slice(0, last + 1)).text()));
        }
        expect(spellings.classOf(tokens)).toBe(model.get(key));
        expect(spellings.nodeCount).toBe(prefixes.size);
      });
      spellings.clear();
      expect(spellings.nodeCount).toBe(0);
      for (const list of lists) expect(spellings.classOf(tokensOf(list))).toBe(-1);
    }),
  );
});

function tokensOf(list: readonly unknown[]): RequirementTokens {
  const tokens = new RequirementTokens(() => '');
  tokens.elements.push(...list);
  tokens.length = list.length;
  return tokens;
}

function permutations(items: readonly string[]): string[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
