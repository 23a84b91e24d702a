/**
 * The state in one ArrayBuffer: five 32-bit words of header (magic, version, checksum, characters of meta data,
 * words of columns), the meta data as JSON in UTF-16, then columns of 32-bit words in platform byte order.
 *
 * Only what cannot be derived is kept: free amounts, counts and summaries are rebuilt from the tasks on loading,
 * and text ids are renumbered in order of first use. So equal states give equal bytes whatever their history,
 * and a snapshot cannot contradict itself in what it does not contain.
 */
import type { AgentTable } from './agent-table.ts';
import { DRAINING } from './agent-table.ts';
import { fail, StowageError } from './errors.ts';
import { Interner } from './interner.ts';
import type { LabelVocabulary } from './label-vocabulary.ts';
import type { Ledger } from './ledger.ts';
import type { Resource, ResourceDefinition, ResourceSchema } from './schema.ts';
import { MAX_SLOTS } from './slot-table.ts';
import type { SlotUnits } from './specs.ts';
import { TaskClass } from './task-class.ts';
import { WordReader, WordWriter } from './words.ts';

const MAGIC = 0x574f5453;
const VERSION = 1;
const HEADER_WORDS = 5;

interface ClassMeta {
  readonly id: number;
  readonly demand: readonly number[];
  readonly slots: readonly SlotUnits[];
  readonly labels: Readonly<Record<string, string>>;
  readonly claimsAgent: boolean;
}

interface Meta {
  readonly resources: readonly ResourceDefinition[];
  readonly rowCount: number;
  readonly attributes: readonly (readonly [key: string, values: readonly string[]])[];
  readonly slotLabels: readonly (readonly string[])[];
  readonly maxSlots: readonly number[];
  readonly classes: readonly ClassMeta[];
  readonly taskHighWater: number;
  readonly taskFreeHead: number;
  readonly placements: number;
  readonly names: Record<string, string[]>;
}

/** A snapshot whose frame is sound; its content is checked while it is loaded. */
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
  const { text, columns } = unframe(buffer);
  let meta: Meta;
  try {
    meta = JSON.parse(text) as Meta;
  } catch (error) {
    return fail('INVALID_SNAPSHOT', 'the meta data is not JSON; take an older snapshot.', error);
  }
  return {
    meta,
    capacity: Math.max(1, meta.rowCount),
    loadInto(ledger, vocabulary) {
      loadAgents(meta, columns, ledger.agents);
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

function writeAttributes(agents: AgentTable, columns: WordWriter): Meta['attributes'] {
  const perRow = Array.from({ length: agents.rowCount }, (_, row) => agents.attributes.get(row));
  const keys = [...new Set(perRow.flatMap((attributes) => Object.keys(attributes)))].sort();
  return keys.map((key) => {
    const renumbered = new Interner();
    for (const attributes of perRow)
      columns.word(attributes[key] === undefined ? 0 : renumbered.intern(attributes[key]));
    return [key, textsOf(renumbered)] as const;
  });
}

function loadAgents(meta: Meta, columns: WordReader, agents: AgentTable): void {
  const rows = meta.rowCount;
  const states = columns.column(rows);
  const totals = agents.total.map(() => columns.column(rows));
  const slots = meta.maxSlots.map((stride) => ({
    counts: columns.column(rows),
    unitsPerSlot: columns.column(rows),
    labels: columns.column(rows * stride),
  }));
  const attributes = meta.attributes.map(([key, values]) => ({ key, values, ids: columns.column(rows) }));
  for (let row = 0; row < rows; row++) {
    agents.add({
      scalars: Int32Array.from(totals, (column) => column[row]),
      slots: slots.map(({ counts, unitsPerSlot }) => ({
        slots: requireSlotCount(counts[row]),
        unitsPerSlot: unitsPerSlot[row],
      })),
      attributes: Object.fromEntries(
        attributes
          .filter(({ ids }) => ids[row] !== 0)
          .map(({ key, values, ids }) => [key, values[ids[row] - 1]]),
      ),
    });
    slots.forEach(({ labels }, set) => {
      const table = agents.slots[set];
      for (let slot = 0; slot < table.slotCount[row]; slot++) {
        const label = labels[row * meta.maxSlots[set] + slot];
        table.labelOf[row * table.maxSlots + slot] =
          label === 0 ? 0 : table.labels.intern(meta.slotLabels[set][label - 1]);
      }
      table.refresh(row);
    });
    if (states[row] === DRAINING) agents.setState(row, DRAINING);
  }
  for (let row = rows - 1; row >= 0; row--) if (states[row] === 0) agents.remove(row);
}

/** Before room is made for so many. */
function requireSlotCount(slots: number): number {
  if (slots >= 0 && slots <= MAX_SLOTS) return slots;
  return fail('INVALID_SNAPSHOT', `an agent has ${slots} slots; take an older snapshot.`);
}

function loadTasks(meta: Meta, columns: WordReader, ledger: Ledger, vocabulary: LabelVocabulary): void {
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
  const classOf = columns.column(count);
  const agentOf = columns.column(count);
  tasks.generation.set(columns.column(count));
  const masks = tasks.slotMasks.map(() => columns.column(count));
  columns.end();
  for (let index = 0; index < count; index++) {
    if (classOf[index] < 0) {
      tasks.agentOf[index] = agentOf[index];
      continue;
    }
    const taskClass = ledger.classes[classOf[index]];
    if (taskClass === undefined || !agents.isPresent(agentOf[index])) {
      fail(
        'INVALID_SNAPSHOT',
        `task ${index} refers to a class or agent that is not there; take an older snapshot.`,
      );
    }
    ledger.restore(
      index,
      taskClass,
      agentOf[index],
      Int32Array.from(taskClass.slotRequests, ({ set }) => masks[set][index]),
    );
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
  words.set([MAGIC, VERSION, checksum(words), text.length, columns.length]);
  return buffer;
}

function unframe(buffer: ArrayBuffer): { text: string; columns: WordReader } {
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
    checksum(words) !== sum
  ) {
    fail(
      'INVALID_SNAPSHOT',
      'the snapshot is truncated or damaged (length or checksum differs); take an older one.',
    );
  }
  const characters = new Uint16Array(buffer, HEADER_WORDS * 4, textLength);
  let text = '';
  for (let at = 0; at < textLength; at += 8192)
    text += String.fromCharCode(...characters.subarray(at, at + 8192));
  return { text, columns: new WordReader(words, HEADER_WORDS + textWords) };
}

/**
 * FNV-1a by words over everything after the header; the lengths in the header must add up to that of the buffer.
 * Multiplying carries a difference towards the high bits only, so a shift brings it down again: without it, two
 * changes of high bits would often cancel. Both steps are bijections, so a change of one word is always seen.
 */
function checksum(words: Int32Array): number {
  let hash = 0x811c9dc5;
  for (let i = HEADER_WORDS; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i], 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}
