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
import { fail, StowageError } from '../errors.ts';
import type { LabelVocabulary } from '../tasks/label-vocabulary.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Resource, ResourceDefinition, ResourceSchema } from '../resources/schema.ts';
import { loadAgents, readAgents, writeAgents } from './snapshot-agents.ts';
import { invalid, type Meta, parseMeta } from './snapshot-meta.ts';
import { loadTasks, readTasks, writeTasks } from './snapshot-tasks.ts';
import { checksum, WordReader, WordWriter } from './words.ts';

const MAGIC = 0x574f5453;
const VERSION = 2;
const HEADER_WORDS = 5;

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
  const columns = new WordWriter();
  const meta = {
    resources: [...schema.scalars, ...schema.sets].map(withoutIndex),
    ...writeAgents(ledger.agents, columns),
    ...writeTasks(ledger, columns),
    names,
  };
  return frame(JSON.stringify(meta), columns);
}

/** @throws StowageError INVALID_SNAPSHOT, UNSUPPORTED_SNAPSHOT */
export function readSnapshot(buffer: ArrayBuffer): Snapshot {
  const { text, words } = unframe(buffer);
  const meta = parseMeta(text);
  const scalars = meta.resources.filter(({ kind }) => kind === 'scalar').map(({ name }) => name);
  const agents = readAgents(meta, scalars, words);
  const tasks = readTasks(meta, meta.maxSlots.length, words);
  words.end();
  return {
    meta,
    capacity: Math.max(1, meta.rowCount),
    loadInto(ledger, vocabulary) {
      loadAgents(agents, ledger.agents);
      loadTasks(meta, tasks, ledger, vocabulary);
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

function withoutIndex({ index: _, ...definition }: Resource): ResourceDefinition {
  return definition;
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
