/** The stream of statuses by itself: readers that come and go, writes that fail, tasks that are forgotten. */
import type { TaskStatus } from '@stowage/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SequenceMarks } from '../../src/agent/agent-file.ts';
import { StatusLog } from '../../src/agent/status-log.ts';
import { settle } from './virtual-clock.ts';

const status = (sequence: number): TaskStatus => ({
  taskId: `t${sequence}`,
  sequence,
  state: 'accepted',
  timestampMs: 0,
  message: '',
});

interface Disk {
  readonly statuses: Map<number, TaskStatus>;
  marks: SequenceMarks;
}

function open(disk: Disk, incomplete = false): { log: StatusLog; close: () => void } {
  const closing = new AbortController();
  const log = new StatusLog({
    marks: disk.marks,
    writeMarks: (marks) => {
      disk.marks = marks;
      return Promise.resolve();
    },
    statuses: [...disk.statuses.values()].reverse(),
    incomplete,
    closing: closing.signal,
  });
  return { log, close: () => closing.abort() };
}

const fresh = (): Disk => ({ statuses: new Map(), marks: { expiredTo: 0, reservedTo: 0 } });

const say = (disk: Disk, log: StatusLog): Promise<TaskStatus | undefined> =>
  log.commit(async (sequence) => {
    await Promise.resolve();
    disk.statuses.set(sequence, status(sequence));
    return status(sequence);
  });

type Operation = 'say' | 'fail' | 'nothing' | 'restart' | 'read' | 'forget-old' | 'forget-any';

describe('the status log', () => {
  it('gives every reader each status once, in order and without gaps, or says that some expired', async () => {
    const operation = fc.constantFrom<Operation>(
      'say',
      'say',
      'say',
      'fail',
      'nothing',
      'restart',
      'read',
      'forget-old',
      'forget-any',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(operation, fc.nat()), { maxLength: 60 }), async (operations) => {
        const disk = fresh();
        let { log, close } = open(disk);
        let said = 0;
        const readers: { seen: number[]; from: number; end?: unknown }[] = [];
        for (const [name, pick] of operations) {
          if (name === 'say') {
            await say(disk, log);
            said++;
          } else if (name === 'fail')
            await expect(log.commit(() => Promise.reject(new Error('disk')))).rejects.toThrow('disk');
          else if (name === 'nothing') await log.commit(() => Promise.resolve(undefined));
          else if (name === 'restart') {
            close();
            ({ log, close } = open(disk));
          } else if (name === 'read') {
            const from = pick % (said + 1);
            const reader: (typeof readers)[number] = { seen: [], from };
            readers.push(reader);
            const read = async (): Promise<void> => {
              for await (const { sequence } of log.read(from)) reader.seen.push(sequence);
            };
            read().catch((error: unknown) => (reader.end = error));
          } else {
            const kept = [...disk.statuses.keys()].sort((a, b) => a - b);
            const sequence = name === 'forget-old' ? kept[0] : kept[pick % Math.max(1, kept.length)];
            if (sequence !== undefined)
              await log.forget([sequence], () => {
                disk.statuses.delete(sequence);
                return Promise.resolve();
              });
          }
          await settle();
          expect(log.lastSequence).toBe(said);
          for (const { seen, from } of readers)
            expect(seen).toEqual(seen.map((_, index) => from + index + 1));
        }
        close();
        await settle();
        for (const { end } of readers)
          if (end !== undefined) expect(end).toMatchObject({ code: 'STATUS_EXPIRED' });
      }),
      { numRuns: 300 },
    );
  });

  it('reserves sequences before it uses them, and uses none again when a journal is unreadable', async () => {
    const disk = fresh();
    const { log } = open(disk);
    for (let i = 0; i < 1_001; i++) {
      await say(disk, log);
      expect(disk.marks.reservedTo).toBeGreaterThanOrEqual(log.lastSequence);
    }
    disk.statuses.delete(1_001);
    disk.statuses.delete(500);
    const again = open(disk, true).log;
    expect((await say(disk, again))!.sequence).toBe(2_001);
    await expect(again.read(600).next()).rejects.toMatchObject({ code: 'STATUS_EXPIRED' });
    expect((await again.read(2_000).next()).value).toMatchObject({ sequence: 2_001 });
    expect((await again.read(undefined).next()).value).toMatchObject({ sequence: 1 });
  });

  it('uses a sequence only when it is on disk', async () => {
    const disk = fresh();
    const { log } = open(disk);
    const seen: number[] = [];
    void (async () => {
      for await (const { sequence } of log.read(0)) seen.push(sequence);
    })();
    let onDisk!: () => void;
    const writing = log.commit(async (sequence) => {
      await new Promise<void>((resolve) => (onDisk = resolve));
      return status(sequence);
    });
    const next = say(disk, log);
    await settle();
    expect(seen).toEqual([]);
    onDisk();
    await Promise.all([writing, next]);
    await settle();
    expect(seen).toEqual([1, 2]);
  });

  it('lets a reader stop at once', async () => {
    const { log } = open(fresh());
    const abort = new AbortController();
    const end = log.read(0, abort.signal).next();
    abort.abort();
    expect(await end).toEqual({ value: undefined, done: true });
    expect(await log.read(0, abort.signal).next()).toMatchObject({ done: true });
  });
});
