/**
 * Snapshots whose content was changed on purpose, checksum and all.
 */
import { describe, expect, test, vi } from 'vitest';
import { PlacementEngine, StowageError } from '../src/index.ts';
import { TaskTable } from '../src/tasks/task-table.ts';
import { bytes, engineWithAll, type ForgedMeta, HEADER_WORDS, read } from './snapshot-parts.ts';

const FORMAT = 2;
const MOST = 2 ** 31 - 1;

/** Columns with their words per row, slot or task. */
const COLUMNS = {
  state: ['row', 1],
  cpu: ['row', 1],
  lent: ['row', 1],
  heat: ['row', 1],
  slotCount: ['row', 1],
  unitsPerSlot: ['row', 1],
  label: ['slot', 1],
  idleSince: ['slot', 2],
  taints: ['row', 1],
  zone: ['row', 1],
  classOf: ['task', 1],
  agentOf: ['task', 1],
  generation: ['task', 1],
  stage: ['task', 1],
  ordinal: ['task', 2],
  slots: ['task', 1],
} as const;

type ColumnName = keyof typeof COLUMNS;

function write(text: string, words: Int32Array, format = FORMAT): ArrayBuffer {
  const textWords = Math.ceil(text.length / 2);
  const snapshot = new Int32Array(HEADER_WORDS + textWords + words.length);
  const characters = new Uint16Array(snapshot.buffer, HEADER_WORDS * 4, text.length);
  for (let i = 0; i < text.length; i++) characters[i] = text.charCodeAt(i);
  snapshot.set(words, HEADER_WORDS + textWords);
  snapshot.set([0x574f5453, format, checksum(snapshot), text.length, words.length]);
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
  const lengths = { row: rowCount, slot: rowCount * maxSlots[0], task: taskHighWater };
  let at = 0;
  const columns = Object.entries(COLUMNS).map(([name, [of, width]]) => {
    const column = words.subarray(at, (at += lengths[of] * width));
    return [name, column] as const;
  });
  expect(at).toBe(words.length);
  return Object.fromEntries(columns) as Record<ColumnName, Int32Array>;
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

test.each([0, 1, 3, -1])('format %d is refused, whatever its content', (format) => {
  const { meta, words } = read(engineWithAll().snapshot());
  expect(refusal(write(JSON.stringify(meta), words, format)).code).toBe('UNSUPPORTED_SNAPSHOT');
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
    ['units -2', 'slots[0].units', ({ classes }) => void (classes[0].slots[0].units = -2)],
    ['no slots', 'slots[0].slots', ({ classes }) => void (classes[0].slots[0].slots = 0)],
    ['33 slots', 'slots[0].slots', ({ classes }) => void (classes[0].slots[0].slots = 33)],
    ['set -1', 'slots[0].set', ({ classes }) => void (classes[0].slots[0].set = -1)],
    ['set 1 of one', 'slots[0].set', ({ classes }) => void (classes[0].slots[0].set = 1)],
    ['a set twice', 'set in', ({ classes }) => void classes[0].slots.push(classes[0].slots[0])],
    ['slot label null', 'slots[0].label', ({ classes }) => void (classes[0].slots[0].label = null)],
    ['a free index that never was', 'taskFreeHead', (meta) => void (meta.taskFreeHead = 2)],
    ['a free index in use', 'free list', (meta) => void (meta.taskFreeHead = 0)],
    ['placements beyond 2^53', 'placements', (meta) => void (meta.placements = 2 ** 53)],
    ['a row less', 'units per slot of row', (meta) => void meta.rowCount--],
    ['a task after the last placement', 'last placement', (meta) => void (meta.placements = 0)],
    ['nothing lent', 'opportunistic', ({ classes }) => void (classes[0].opportunistic = [])],
    ['a negative loan', 'opportunistic[0]', ({ classes }) => void (classes[0].opportunistic[0] = -1)],
    ['a priority as text', 'priority', ({ classes }) => void (classes[0].priority = '3')],
    ['a priority beyond 1e9', 'priority', ({ classes }) => void (classes[0].priority = -1e9 - 1)],
    ['a toleration as text', 'tolerations', ({ classes }) => void (classes[0].tolerations = ['k'])],
    ['an unknown effect', 'tolerations', ({ classes }) => void (classes[0].tolerations = [{ effect: 'x' }])],
    ['repels nobody', 'repels[0]', ({ classes }) => void (classes[0].repels = [null])],
    ['repels without a selector', 'selector', ({ classes }) => void (classes[0].repels = [{}])],
    ['a domain 1', 'attribute', ({ classes }) => void (classes[0].repels = [{ selector: {}, attribute: 1 }])],
    ['a ratio as text', 'overcommit', (meta) => void (meta.resources[0].overcommit = '1')],
    ['a ratio 0', 'description', (meta) => void (meta.resources[0].overcommit = 0)],
    ['a ratio of a set', 'description', (meta) => void (meta.resources[1].overcommit = 2)],
    ['a delay below 0', 'rebindAfterMs', (meta) => void (meta.resources[1].rebindAfterMs = -1)],
    ['a delay of a scalar', 'description', (meta) => void (meta.resources[0].rebindAfterMs = 1)],
    ['a time before what was', 'idle time', (meta) => void (meta.nowMs = 4)],
    ['a signal twice', 'signal', (meta) => void meta.signals.push('heat')],
    ['a signal less', 'instead of', (meta) => void meta.signals.pop()],
    ['a kind twice', 'kind', (meta) => void meta.cached.push(meta.cached[0])],
    ['a row of items twice', 'row', ({ cached }) => void cached[0].rows.push(cached[0].rows[0])],
    ['items of row 3', 'row 3', ({ cached }) => void (cached[0].rows[0].row = 3)],
    ['an item 1', 'items[0]', ({ cached }) => void (cached[0].rows[0].items = [1])],
    ['taints that are no JSON', 'taints', (meta) => void (meta.attributes[0][1] = ['k'])],
    ['taints out of order', 'taints', (meta) => void (meta.attributes[0][1] = ['[["k","","Never"]]'])],
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
    ['lent', 0, -1],
    ['lent', 0, MOST],
    ['heat', 0, -2],
    ['slotCount', 2, -1],
    ['slotCount', 2, 5],
    ['unitsPerSlot', 2, -4],
    ['unitsPerSlot', 2, 0],
    ['label', 0, 3],
    ['label', 0, -1],
    ['idleSince', 0, -1],
    ['idleSince', 1, 6],
    ['idleSince', 0, 1],
    ['taints', 0, 2],
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
    ['stage', 0, 3],
    ['stage', 0, -1],
    ['stage', 1, 1],
    ['ordinal', 0, 1],
    ['ordinal', 1, 2],
    ['ordinal', 1, -1],
    ['ordinal', 3, 1],
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
