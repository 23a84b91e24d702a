/**
 * The journal of one task: a file of its own, so that damage to one is the loss of one. A line is a CRC-32 and a
 * record as JSON. What follows the last line break was torn by a crash, was never acted on, and is ignored; any other
 * damage makes the file unreadable as a whole, because a lost record may have said anything.
 */
import { AgentError, type TaskSpec, type TaskStatus } from '@stowage/protocol';
import { crc32 } from 'node:zlib';
import type { Clock } from '../host/clock.ts';
import { messageOf } from './errors.ts';
import { sleep } from '../host/sleep.ts';
import type { StateFiles } from './state-files.ts';
import { TaskRecord, type TaskJournalRecord } from './task-record.ts';

const SUFFIX = '.jsonl';

/** Why a journal cannot be trusted. */
export class DamagedJournalError extends Error {
  override readonly name = 'DamagedJournalError';
}

export interface JournalEnvironment {
  readonly files: StateFiles;
  /** Of all journals. */
  readonly folder: string;
  readonly clock: Clock;
  readonly slowRetryMs: number;
  readonly closing: AbortSignal;
}

export function journalPath(folder: string, taskId: string): string {
  return `${folder}/${taskId}${SUFFIX}`;
}

/** Of the journals in the folder, sorted. */
export async function journaledTaskIds(environment: JournalEnvironment): Promise<readonly string[]> {
  const names = await environment.files.list(environment.folder);
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .sort();
}

export class TaskJournal {
  readonly record: TaskRecord;
  readonly #environment: JournalEnvironment;
  readonly #path: string;
  #bytes: number;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(environment: JournalEnvironment, record: TaskRecord, bytes: number) {
    this.#environment = environment;
    this.record = record;
    this.#path = journalPath(environment.folder, record.taskId);
    this.#bytes = bytes;
  }

  /** @throws AgentError `STATE_NOT_WRITTEN`; there is no such journal then */
  static async create(
    environment: JournalEnvironment,
    spec: TaskSpec,
    status: TaskStatus,
  ): Promise<TaskJournal> {
    const text = line({ kind: 'accepted', version: 1, spec, status });
    const journal = new TaskJournal(environment, new TaskRecord(spec, status), Buffer.byteLength(text));
    await journal.#write(
      () => environment.files.write(journal.#path, text),
      () => environment.files.remove(journal.#path),
    );
    return journal;
  }

  /**
   * Reads a journal after a restart. The next record goes over its torn end.
   * @throws DamagedJournalError when it cannot be trusted; errors of the disk as they are
   */
  static async open(environment: JournalEnvironment, taskId: string): Promise<TaskJournal> {
    const path = journalPath(environment.folder, taskId);
    const text = (await environment.files.read(path)) ?? '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const [first, ...rest] = whole.split('\n').slice(0, -1).map(parseLine);
    if (first?.kind !== 'accepted')
      throw new DamagedJournalError('The first record does not say that a task was accepted.');
    // A number of a later format is read from disk, where the type promises nothing.
    if ((first.version as number) !== 1)
      throw new DamagedJournalError(`Its format has version ${first.version}; this agent reads version 1.`);
    if (first.spec.taskId !== taskId)
      throw new DamagedJournalError(`It is about another task, ${first.spec.taskId}.`);
    const record = new TaskRecord(first.spec, first.status);
    try {
      for (const later of rest) record.apply(later);
    } catch (error) {
      throw new DamagedJournalError(messageOf(error), { cause: error });
    }
    return new TaskJournal(environment, record, Buffer.byteLength(whole));
  }

  /**
   * Writes a record and applies it. One at a time; others wait.
   * @throws AgentError `STATE_NOT_WRITTEN`; the journal is as before then
   */
  async append(record: TaskJournalRecord): Promise<void> {
    const text = line(record);
    const { files } = this.#environment;
    const turn = this.#last.then(async () => {
      this.record.check(record);
      await this.#write(
        () => files.append(this.#path, this.#bytes, text),
        () => files.truncate(this.#path, this.#bytes),
      );
      this.#bytes += Buffer.byteLength(text);
      this.record.apply(record);
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async remove(): Promise<void> {
    await this.#environment.files.remove(this.#path);
  }

  /** A write that failed may have reached the disk; nobody goes on before it is certain that it has not. */
  async #write(write: () => Promise<void>, undo: () => Promise<void>): Promise<void> {
    const { clock, closing, slowRetryMs } = this.#environment;
    try {
      closing.throwIfAborted();
      await write();
    } catch (error) {
      for (;;) {
        closing.throwIfAborted();
        try {
          await undo();
          break;
        } catch {
          // The error of the write is the one to report; the undo is tried until the disk lets it.
          await sleep(clock, slowRetryMs, closing);
        }
      }
      throw new AgentError(
        'STATE_NOT_WRITTEN',
        `The journal of task ${this.record.taskId} could not be written (${messageOf(error)}). Free space on the disk or repair it, then try again.`,
        error,
      );
    }
  }
}

function line(record: TaskJournalRecord): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

function parseLine(text: string, index: number): TaskJournalRecord {
  const json = text.slice(9);
  if (text.length < 10 || text[8] !== ' ' || text.slice(0, 8) !== checksum(json))
    throw new DamagedJournalError(`Line ${index + 1} does not fit its checksum.`);
  return JSON.parse(json) as TaskJournalRecord;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
