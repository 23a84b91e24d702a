/**
 * Snapshots whose content was changed on purpose, checksum and all, and states that are easily lost on the way.
 */
import { describe, expect, test, vi } from 'vitest';
import { PlacementEngine, StowageError } from '../src/index.ts';
import { TaskTable } from '../src/task-table.ts';

const HEADER_WORDS = 5;

interface ForgedClass {
  id: unknown;
  demand: unknown[];
  slots: Record<string, unknown>[];
  labels: unknown;
  claimsAgent: unknown;
}

interface ForgedMeta {
  [field: string]: unknown;
  rowCount: number;
  taskHighWater: number;
  maxSlots: number[];
  attributes: [string, unknown][];
  resources: Record<string, unknown>[];
  classes: ForgedClass[];
}

type ColumnName =
  | 'state'
  | 'cpu'
  | 'slotCount'
  | 'unitsPerSlot'
  | 'label'
  | 'zone'
  | 'classOf'
  | 'agentOf'
  | 'generation'
  | 'slots';

/** Rows: 0 with a task, 1 gone, 2 draining. Task indices: 0 in use, 1 free. */
function engineWithAll(): PlacementEngine {
  const engine = new PlacementEngine({ resources: [{ name: 'cpu' }, { name: 'gpu', kind: 'set' }] });
  for (let row = 0; row < 3; row++) {
    const resources = { cpu: 8, gpu: { slots: 2 + row, unitsPerSlot: 4 } };
    engine.addAgent({ resources, attributes: { zone: `z${row}` } });
  }
  engine.removeAgent(1);
  engine.drainAgent(2);
  const id = engine.defineClass({
    resources: { cpu: 2, gpu: { units: 1, label: 'a' } },
    labels: { app: 'web' },
  });
  const [, second] = [engine.place(id), engine.place(id)];
  engine.release(second);
  return engine;
}

function read(snapshot: ArrayBuffer): { meta: ForgedMeta; words: Int32Array } {
  const textLength = new Int32Array(snapshot)[3];
  const characters = new Uint16Array(snapshot, HEADER_WORDS * 4, textLength);
  return {
    meta: JSON.parse(String.fromCharCode(...characters)) as ForgedMeta,
    words: new Int32Array(snapshot.slice((HEADER_WORDS + Math.ceil(textLength / 2)) * 4)),
  };
}

function write(text: string, words: Int32Array): ArrayBuffer {
  const textWords = Math.ceil(text.length / 2);
  const snapshot = new Int32Array(HEADER_WORDS + textWords + words.length);
  const characters = new Uint16Array(snapshot.buffer, HEADER_WORDS * 4, text.length);
  for (let i = 0; i < text.length; i++) characters[i] = text.charCodeAt(i);
  snapshot.set(words, HEADER_WORDS + textWords);
  snapshot.set([0x574f5453, 1, checksum(snapshot), text.length, words.length]);
  return snapshot.buffer;
}

/** Repeated here rather than imported: old snapshots must stay readable, so it must not change by accident. */
function checksum(words: Int32Array): number {
  let hash = 0x811c9dc5;
  for (let i = HEADER_WORDS; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i], 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** Views of the columns that a snapshot of `engineWithAll` has. */
function columnsOf({ rowCount, taskHighWater, maxSlots }: ForgedMeta, words: Int32Array) {
  let at = 0;
  const next = (length: number): Int32Array => words.subarray(at, (at += length));
  const columns: Record<ColumnName, Int32Array> = {
    state: next(rowCount),
    cpu: next(rowCount),
    slotCount: next(rowCount),
    unitsPerSlot: next(rowCount),
    label: next(rowCount * maxSlots[0]),
    zone: next(rowCount),
    classOf: next(taskHighWater),
    agentOf: next(taskHighWater),
    generation: next(taskHighWater),
    slots: next(taskHighWater),
  };
  expect(at).toBe(words.length);
  return columns;
}

function forged(edit: (meta: ForgedMeta, columns: Record<ColumnName, Int32Array>) => void): ArrayBuffer {
  const { meta, words } = read(engineWithAll().snapshot());
  edit(meta, columnsOf(meta, words));
  return write(JSON.stringify(meta), words);
}

function refusal(snapshot: ArrayBuffer): StowageError {
  try {
    PlacementEngine.restore(snapshot);
  } catch (error) {
    expect(error).toBeInstanceOf(StowageError);
    return error as StowageError;
  }
  throw new Error('the snapshot was restored');
}

function withText(text: string): ArrayBuffer {
  return write(text, read(engineWithAll().snapshot()).words);
}

test('without an edit, what the test writes is what the engine wrote', () => {
  expect(bytes(forged(() => {}))).toEqual(bytes(engineWithAll().snapshot()));
});

describe('meta data that is refused', () => {
  test.each(['null', '[]', '7', '"x"', '{}', '{', ''])('%j as a whole', (text) => {
    expect(refusal(withText(text))).toMatchObject({ code: 'INVALID_SNAPSHOT' });
  });

  const fields = Object.keys(read(engineWithAll().snapshot()).meta);
  const wrong = [undefined, null, 'x', 1.5, -2, true, [null], [[]], { a: 1 }];

  test.each(fields)('%s missing or of another type', (field) => {
    for (const value of wrong) {
      const error = refusal(forged((meta) => void (meta[field] = value)));
      expect(error.code).toBe('INVALID_SNAPSHOT');
      expect(error.message).not.toContain('does not fit its own description');
    }
  });

  const edits: [what: string, message: string, edit: (meta: ForgedMeta) => void][] = [
    ['a resource without kind', 'resources[0].kind', (meta) => delete meta.resources[0].kind],
    ['a resource defined twice', 'description', (meta) => void (meta.resources[1].name = 'cpu')],
    ['units per whole 0', 'unitsPerWhole', (meta) => void (meta.resources[0].unitsPerWhole = 0)],
    ['33 slots at most', 'maxSlots[0]', (meta) => void (meta.maxSlots[0] = 33)],
    ['maxSlots for too many sets', 'maxSlots', (meta) => void meta.maxSlots.push(0)],
    ['an attribute value as number', 'attributes[0][1][0]', (meta) => void (meta.attributes[0][1] = [1])],
    ['an attribute twice', 'attribute key', (meta) => void meta.attributes.push(meta.attributes[0])],
    ['no class at all', 'task 0 ', (meta) => void (meta.classes = [])],
    ['a class twice', 'class id', (meta) => void meta.classes.push(meta.classes[0])],
    ['class id -1', 'classes[0].id', ({ classes }) => void (classes[0].id = -1)],
    ['class id 3e6', 'classes[0].id', ({ classes }) => void (classes[0].id = 3e6)],
    ['a fractional demand', 'demand[0]', ({ classes }) => void (classes[0].demand[0] = 0.5)],
    ['a negative demand', 'demand[0]', ({ classes }) => void (classes[0].demand[0] = -1)],
    ['a demand above 32 bits', 'demand[0]', ({ classes }) => void (classes[0].demand[0] = 2 ** 31)],
    ['a demand for too many scalars', 'demand', ({ classes }) => void classes[0].demand.push(1)],
    ['a label as number', 'labels["app"]', ({ classes }) => void (classes[0].labels = { app: 1 })],
    ['claimsAgent 1', 'claimsAgent', ({ classes }) => void (classes[0].claimsAgent = 1)],
    ['negative units', 'slots[0].units', ({ classes }) => void (classes[0].slots[0].units = -1)],
    ['no slots', 'slots[0].slots', ({ classes }) => void (classes[0].slots[0].slots = 0)],
    ['33 slots', 'slots[0].slots', ({ classes }) => void (classes[0].slots[0].slots = 33)],
    ['set -1', 'slots[0].set', ({ classes }) => void (classes[0].slots[0].set = -1)],
    ['set 1 of one', 'slots[0].set', ({ classes }) => void (classes[0].slots[0].set = 1)],
    ['a set twice', 'set in', ({ classes }) => void classes[0].slots.push(classes[0].slots[0])],
    ['slot label null', 'slots[0].label', ({ classes }) => void (classes[0].slots[0].label = null)],
    ['a free index that never was', 'taskFreeHead', (meta) => void (meta.taskFreeHead = 2)],
    ['a free index in use', 'free list', (meta) => void (meta.taskFreeHead = 0)],
    ['placements beyond 2^53', 'placements', (meta) => void (meta.placements = 2 ** 53)],
    ['a row less', 'slot count of row', (meta) => void meta.rowCount--],
  ];

  test.each(edits)('%s', (_, message, edit) => {
    const error = refusal(forged(edit));
    expect(error.code).toBe('INVALID_SNAPSHOT');
    expect(error.message).toContain(message);
  });

  test.each([
    ['rowCount', 2 ** 26],
    ['rowCount', 2 ** 31 - 1],
    ['taskHighWater', 2 ** 24],
  ])('%s %d, before room is made for so many', (field, count) => {
    const snapshot = forged((meta) => void (meta[field] = count));
    const grow = vi.spyOn(TaskTable.prototype, 'grow');
    const error = refusal(snapshot);
    expect(error.code).toBe('INVALID_SNAPSHOT');
    expect(error.message).toContain('shorter');
    expect(grow).not.toHaveBeenCalled();
    grow.mockRestore();
  });
});

describe('columns that are refused', () => {
  const edits: [column: ColumnName, at: number, value: number][] = [
    ['state', 0, 3],
    ['state', 0, -1],
    ['cpu', 0, -1],
    ['slotCount', 2, -1],
    ['slotCount', 2, 5],
    ['unitsPerSlot', 2, -4],
    ['unitsPerSlot', 2, 0],
    ['label', 0, 2],
    ['label', 0, -1],
    ['zone', 0, 3],
    ['zone', 0, -1],
    ['classOf', 0, 7],
    ['classOf', 1, -2],
    ['agentOf', 0, 1],
    ['agentOf', 0, 2 ** 30],
    ['agentOf', 1, -2],
    ['agentOf', 1, 1],
    ['generation', 0, 128],
    ['generation', 1, 128],
    ['generation', 1, -1],
    ['slots', 0, 0],
    ['slots', 0, 0b100],
    ['slots', 0, 0b101],
    ['slots', 0, 1 << 31],
  ];

  test.each(edits)('%s %d = %d', (column, at, value) => {
    const snapshot = forged((_, columns) => void (columns[column][at] = value));
    expect(refusal(snapshot).code).toBe('INVALID_SNAPSHOT');
  });

  test('too few or too many words', () => {
    const { meta, words } = read(engineWithAll().snapshot());
    const text = JSON.stringify(meta);
    expect(refusal(write(text, words.subarray(1))).code).toBe('INVALID_SNAPSHOT');
    expect(refusal(write(text, Int32Array.of(...words, 0))).code).toBe('INVALID_SNAPSHOT');
  });
});

describe('what a restored engine keeps', () => {
  test('keys that every object seems to have', () => {
    const keys = '{"__proto__":"p","constructor":"c","toString":"t"}';
    const odd = JSON.parse(keys) as Record<string, string>;
    const engine = new PlacementEngine({ resources: [{ name: 'cpu' }] });
    for (const attributes of [{}, odd, { zone: 'z' }]) engine.addAgent({ resources: { cpu: 1 }, attributes });
    engine.place(engine.defineClass({ resources: { cpu: 1 }, labels: odd }));
    engine.place(engine.defineClass({ resources: { cpu: 1 } }));
    const { engine: restored } = roundTrip(engine);
    for (const row of [0, 1, 2])
      expect(Object.entries(restored.attributesOf(row))).toEqual(Object.entries(engine.attributesOf(row)));
    expect(JSON.stringify(restored.attributesOf(1))).toBe(keys);
    const { classes } = read(restored.snapshot()).meta;
    expect(classes.map(({ labels }) => JSON.stringify(labels))).toEqual([keys, '{}']);
  });

  test('names under any key', () => {
    const names = JSON.parse('{"__proto__":["a"],"constructor":[]}') as Record<string, string[]>;
    const snapshot = engineWithAll().snapshot(names);
    expect(JSON.stringify(PlacementEngine.restore(snapshot).names)).toBe(JSON.stringify(names));
  });

  test('draining agents and gaps between rows', () => {
    const engine = engineWithAll();
    engine.addAgent({ resources: {} });
    engine.addAgent({ resources: { cpu: 1 } });
    engine.removeAgent(1);
    const { engine: restored } = roundTrip(engine);
    expect([0, 2, 3].map((row) => restored.isDraining(row))).toEqual([false, true, false]);
    expect([0, 1, 2, 3].map((row) => restored.hasAgent(row))).toEqual([true, false, true, true]);
    for (const one of [engine, restored])
      expect([one.addAgent({ resources: {} }), one.addAgent({ resources: {} })]).toEqual([1, 4]);
  });

  test('labels of idle slots', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'gpu', kind: 'set' }] });
    engine.addAgent({ resources: { gpu: { slots: 32, unitsPerSlot: 1 } } });
    const demand = (label: string) => ({ resources: { gpu: { label } } });
    const [a, b] = ['a', 'b'].map((label) => engine.place(engine.defineClass(demand(label))));
    engine.release(a);
    engine.release(b);
    const { engine: restored } = roundTrip(engine);
    for (const one of [engine, restored])
      expect(one.slotsOf(one.place(one.defineClass(demand('b'))), 'gpu')).toBe(0b10);
  });

  test('all 32 slots of a task', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'gpu', kind: 'set' }] });
    engine.addAgent({ resources: { gpu: { slots: 32, unitsPerSlot: 1 } } });
    const handle = engine.place(engine.defineClass({ resources: { gpu: { slots: 32 } } }));
    expect(roundTrip(engine).engine.slotsOf(handle, 'gpu')).toBe(2 ** 32 - 1);
  });

  test('the order and generation of free task indices', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'cpu' }] });
    engine.addAgent({ resources: { cpu: 9 } });
    const requirements = { resources: { cpu: 1 } };
    const id = engine.defineClass(requirements);
    const handles = Array.from({ length: 5 }, () => engine.place(id));
    for (const which of [3, 0, 2]) engine.release(handles[which]);
    const { engine: restored } = roundTrip(engine);
    expect(handles.map((handle) => restored.hasTask(handle))).toEqual([false, true, false, false, true]);
    const again = (one: PlacementEngine): number[] => {
      const fresh = one.defineClass(requirements);
      return Array.from({ length: 5 }, () => one.place(fresh));
    };
    const placed = again(restored);
    expect(placed).toEqual(again(engine));
    expect(placed.map((handle) => handle & 0xffffff)).toEqual([2, 0, 3, 5, 6]);
    expect(handles.filter((handle) => restored.hasTask(handle))).toEqual([handles[1], handles[4]]);
  });
});

test('what happened in between and left nothing does not show', () => {
  const engine = engineWithAll();
  const before = bytes(engine.snapshot());
  const resources = { cpu: 1, gpu: { units: 1, label: 'other' } };
  const row = engine.addAgent({ resources: {}, attributes: { zone: 'other', extra: 'x' } });
  engine.removeAgent(row);
  const id = engine.defineClass({ resources, labels: { other: 'x' } });
  engine.begin();
  engine.place(id);
  engine.release(engine.place(id));
  engine.rollback();
  expect(bytes(engine.snapshot())).toEqual(before);
});

function roundTrip(engine: PlacementEngine): { engine: PlacementEngine } {
  const snapshot = engine.snapshot();
  const restored = PlacementEngine.restore(snapshot);
  expect(restored.engine.verify()).toEqual([]);
  expect(bytes(restored.engine.snapshot())).toEqual(bytes(snapshot));
  return restored;
}

function bytes(snapshot: ArrayBuffer): Uint8Array {
  return new Uint8Array(snapshot);
}
