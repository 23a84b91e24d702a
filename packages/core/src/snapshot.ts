/**
 * The state in one ArrayBuffer: five 32-bit words of header (magic, version, checksum, characters of meta data,
 * words of columns), the meta data as JSON in UTF-16, then columns of 32-bit words in platform byte order.
 *
 * Only what cannot be derived is kept: free amounts, counts and summaries are rebuilt from the tasks on loading,
 * and text ids are renumbered in order of first use. So a snapshot cannot contradict itself in what it does not
 * contain, and there are equal bytes for the same agents on the same rows and the same tasks under the same handles
 * and class ids, whatever happened in between; but what a released task leaves behind is state too: its free handle,
 * its labels on idle slots and the number of placements.
 */
import type { AgentTable } from './agent-table.ts';
import { ABSENT, DRAINING } from './agent-table.ts';
import { fail, StowageError } from './errors.ts';
import { Interner } from './interner.ts';
import type { LabelVocabulary } from './label-vocabulary.ts';
import type { Ledger } from './ledger.ts';
import { MAX_UNITS } from './quantity.ts';
import type { Resource, ResourceDefinition, ResourceSchema } from './schema.ts';
import { type ClassMeta, invalid, type Meta, parseMeta } from './snapshot-meta.ts';
import { TaskClass } from './task-class.ts';
import { checksum, WordReader, WordWriter } from './words.ts';

const MAGIC = 0x574f5453;
const VERSION = 1;
const HEADER_WORDS = 5;

/** Generations are seven bits, so that handles are not negative. */
const MAX_GENERATION = 0x7f;

/** A snapshot whose parts are sound; whether they fit together is checked while it is loaded. */
export interface Snapshot {
  readonly meta: Meta;
  /** Rows that the engine must have room for. */
  readonly capacity: number;
  loadInto(ledger: Ledger, vocabulary: LabelVocabulary): void;
}

export function writeSnapshot(
  schema: ResourceSchema,
  ledger: Ledger,
  names: Readonly<Record<string, readonly string[]>>,
): ArrayBuffer {
  const { agents, tasks } = ledger;
  const columns = new WordWriter();
  const rows = agents.rowCount;
  columns.column(agents.state, rows);
  for (const total of agents.total) columns.column(total, rows);
  const maxSlots: number[] = [];
  const slotLabels = agents.slots.map((slots) => {
    columns.column(slots.slotCount, rows);
    columns.column(slots.unitsPerSlot, rows);
    const stride = slots.slotCount.reduce((most, count) => Math.max(most, count), 0);
    maxSlots.push(stride);
    const renumbered = new Interner();
    for (let row = 0; row < rows; row++) {
      for (let slot = 0; slot < stride; slot++) {
        const label =
          slot < slots.maxSlots ? slots.labels.textOf(slots.labelOf[row * slots.maxSlots + slot]) : undefined;
        columns.word(label === undefined ? 0 : renumbered.intern(label));
      }
    }
    return textsOf(renumbered);
  });
  const attributes = writeAttributes(agents, columns);
  columns.column(tasks.classOf, tasks.highWater);
  columns.column(tasks.agentOf, tasks.highWater);
  columns.column(tasks.generation, tasks.highWater);
  for (const masks of tasks.slotMasks) columns.column(masks, tasks.highWater);
  const meta = {
    resources: [...schema.scalars, ...schema.sets].map(withoutIndex),
    rowCount: rows,
    attributes,
    slotLabels,
    maxSlots,
    classes: ledger.classes
      .filter((taskClass) => taskClass !== undefined && taskClass.liveTasks > 0)
      .map((taskClass) => classMeta(taskClass!, agents)),
    taskHighWater: tasks.highWater,
    taskFreeHead: tasks.freeHead,
    placements: ledger.placements,
    names,
  };
  return frame(JSON.stringify(meta), columns);
}

/** @throws StowageError INVALID_SNAPSHOT, UNSUPPORTED_SNAPSHOT */
export function readSnapshot(buffer: ArrayBuffer): Snapshot {
  const { text, words } = unframe(buffer);
  const meta = parseMeta(text);
  const columns = readColumns(meta, words);
  return {
    meta,
    capacity: Math.max(1, meta.rowCount),
    loadInto(ledger, vocabulary) {
      loadAgents(columns, ledger.agents);
      loadTasks(meta, columns, ledger, vocabulary);
    },
  };
}

/** What to throw for an error while a snapshot is loaded: a wrong content can break anything anywhere. */
export function snapshotError(error: unknown): StowageError {
  const isCoded = error instanceof StowageError && error.code === 'INVALID_SNAPSHOT';
  if (isCoded) return error;
  return new StowageError(
    'INVALID_SNAPSHOT',
    'the content does not fit its own description; take an older snapshot.',
    error,
  );
}

/** Maps, because any text can be a key, `constructor` too. */
function writeAttributes(agents: AgentTable, columns: WordWriter): Meta['attributes'] {
  const perRow = Array.from(
    { length: agents.rowCount },
    (_, row) => new Map(Object.entries(agents.attributes.get(row))),
  );
  const keys = [...new Set(perRow.flatMap((attributes) => [...attributes.keys()]))].sort();
  return keys.map((key) => {
    const renumbered = new Interner();
    for (const attributes of perRow) {
      const value = attributes.get(key);
      columns.word(value === undefined ? 0 : renumbered.intern(value));
    }
    return [key, textsOf(renumbered)] as const;
  });
}

type Columns = ReturnType<typeof readColumns>;

/** Views of all columns: that the words are there is known before anything is made as large as the meta data says. */
function readColumns(meta: Meta, words: WordReader) {
  const { rowCount: rows, taskHighWater: tasks } = meta;
  const scalars = meta.resources.filter(({ kind }) => kind === 'scalar');
  const columns = {
    states: words.column('state of row', rows, ABSENT, DRAINING),
    totals: scalars.map(({ name }) => words.column(`${name} of row`, rows, 0, MAX_UNITS)),
    slots: meta.maxSlots.map((stride, set) => ({
      stride,
      counts: words.column('slot count of row', rows, 0, stride),
      unitsPerSlot: words.column('units per slot of row', rows, 0, MAX_UNITS),
      texts: meta.slotLabels[set],
      labels: words.column('slot label', rows * stride, 0, meta.slotLabels[set].length),
    })),
    attributes: meta.attributes.map(([key, values]) => ({
      key,
      values,
      ids: words.column('attribute value of row', rows, 0, values.length),
    })),
    classOf: words.column('class of task', tasks, -1, MAX_UNITS),
    agentOf: words.column('agent of task', tasks, -1, MAX_UNITS),
    generation: words.column('generation of task', tasks, 0, MAX_GENERATION),
    masks: meta.maxSlots.map(() => words.column('slots of task', tasks, -(2 ** 31), MAX_UNITS)),
  };
  words.end();
  return columns;
}

function loadAgents({ states, totals, slots, attributes }: Columns, agents: AgentTable): void {
  for (let row = 0; row < states.length; row++) {
    agents.add({
      scalars: Int32Array.from(totals, (column) => column[row]),
      slots: slots.map(({ counts, unitsPerSlot }) => {
        if (counts[row] > 0 && unitsPerSlot[row] === 0) invalid(`agent ${row} has slots without units`);
        return { slots: counts[row], unitsPerSlot: unitsPerSlot[row] };
      }),
      attributes: Object.fromEntries(
        attributes
          .filter(({ ids }) => ids[row] !== 0)
          .map(({ key, values, ids }) => [key, values[ids[row] - 1]]),
      ),
    });
    slots.forEach(({ stride, texts, labels }, set) => {
      const table = agents.slots[set];
      for (let slot = 0; slot < table.slotCount[row]; slot++) {
        const label = labels[row * stride + slot];
        table.labelOf[row * table.maxSlots + slot] = label === 0 ? 0 : table.labels.intern(texts[label - 1]);
      }
      table.refresh(row);
    });
    if (states[row] === DRAINING) agents.setState(row, DRAINING);
  }
  for (let row = states.length - 1; row >= 0; row--) if (states[row] === ABSENT) agents.remove(row);
}

function loadTasks(meta: Meta, columns: Columns, ledger: Ledger, vocabulary: LabelVocabulary): void {
  const { agents, tasks } = ledger;
  for (const { id, demand, slots, labels, claimsAgent } of meta.classes) {
    const slotRequests = slots.map(({ set, slots: count, units, label }) => ({
      set,
      slots: count,
      units,
      label: label === undefined ? 0 : agents.slots[set].labels.intern(label),
    }));
    ledger.classes[id] = new TaskClass(
      id,
      { demand: Int32Array.from(demand), slotRequests, labels },
      claimsAgent,
      undefined,
      vocabulary,
    );
  }
  for (let id = 0; id < ledger.classes.length; id++) ledger.classes[id] ??= undefined;
  const count = meta.taskHighWater;
  if (count > tasks.capacity) tasks.grow(count);
  const { classOf, agentOf, generation, masks } = columns;
  tasks.generation.set(generation);
  for (let index = 0; index < count; index++) {
    const row = agentOf[index];
    if (classOf[index] < 0) {
      tasks.agentOf[index] = row;
      continue;
    }
    const taskClass = ledger.classes[classOf[index]];
    if (taskClass === undefined || !agents.isPresent(row))
      invalid(`task ${index} refers to a class or agent that is not there`);
    const slots = taskClass.slotRequests.map(({ set }) => masks[set][index]);
    taskClass.slotRequests.forEach(({ set }, i) => {
      const slotCount = agents.slots[set].slotCount[row];
      if (slots[i] >>> 0 >= 2 ** slotCount)
        invalid(`task ${index} holds slots beyond the ${slotCount} of agent ${row}`);
    });
    ledger.restore(index, taskClass, row, Int32Array.from(slots));
  }
  tasks.highWater = count;
  tasks.freeHead = meta.taskFreeHead;
  ledger.placements = meta.placements;
}

function classMeta(taskClass: TaskClass, agents: AgentTable): ClassMeta {
  return {
    id: taskClass.id,
    demand: [...taskClass.demand],
    slots: taskClass.slotRequests.map(({ set, slots, units, label }) => ({
      set,
      slots,
      units,
      label: agents.slots[set].labels.textOf(label),
    })),
    labels: taskClass.labels(),
    claimsAgent: taskClass.claimsAgent,
  };
}

function withoutIndex({ name, kind, unitsPerWhole, unit }: Resource): ResourceDefinition {
  return { name, kind, unitsPerWhole, unit };
}

function textsOf(interner: Interner): string[] {
  return Array.from({ length: interner.size - 1 }, (_, i) => interner.textOf(i + 1)!);
}

function frame(text: string, columns: WordWriter): ArrayBuffer {
  const textWords = Math.ceil(text.length / 2);
  const buffer = new ArrayBuffer((HEADER_WORDS + textWords + columns.length) * 4);
  const characters = new Uint16Array(buffer, HEADER_WORDS * 4, text.length);
  for (let i = 0; i < text.length; i++) characters[i] = text.charCodeAt(i);
  const words = new Int32Array(buffer);
  columns.copyTo(words, HEADER_WORDS + textWords);
  words.set([MAGIC, VERSION, checksum(words, HEADER_WORDS), text.length, columns.length]);
  return buffer;
}

function unframe(buffer: ArrayBuffer): { text: string; words: WordReader } {
  if (
    !(buffer instanceof ArrayBuffer) ||
    buffer.byteLength < HEADER_WORDS * 4 ||
    buffer.byteLength % 4 !== 0
  ) {
    fail(
      'INVALID_SNAPSHOT',
      'not an ArrayBuffer with a whole snapshot; check that it was stored completely.',
    );
  }
  const words = new Int32Array(buffer);
  const [magic, version, sum, textLength, columnWords] = words;
  if (magic !== MAGIC)
    fail('INVALID_SNAPSHOT', 'the buffer does not begin like a snapshot; pass what snapshot() returned.');
  if (version !== VERSION) {
    fail(
      'UNSUPPORTED_SNAPSHOT',
      `the snapshot has format ${version}, this version reads ${VERSION}; read it with the version that wrote it.`,
    );
  }
  const textWords = Math.ceil(textLength / 2);
  if (
    textLength < 0 ||
    columnWords < 0 ||
    words.length !== HEADER_WORDS + textWords + columnWords ||
    checksum(words, HEADER_WORDS) !== sum
  ) {
    invalid('the snapshot is truncated or damaged (length or checksum differs)');
  }
  const characters = new Uint16Array(buffer, HEADER_WORDS * 4, textLength);
  let text = '';
  for (let at = 0; at < textLength; at += 8192)
    text += String.fromCharCode(...characters.subarray(at, at + 8192));
  return { text, words: new WordReader(words, HEADER_WORDS + textWords) };
}
