/** Journals on a disk that tears, rots and refuses: read back is what was written, or it is known to be damaged. */
import type { TaskStatus } from '@stowage/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DamagedJournalError, TaskJournal, type JournalEnvironment } from '../../src/agent/task-journal.ts';
import type { TaskJournalRecord } from '../../src/agent/task-record.ts';
import { HostModel } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';

const PATH = '/state/tasks/a.jsonl';

function environment(host = new HostModel()): { host: HostModel; journals: JournalEnvironment } {
  const { files, clock } = beginAgent(host);
  const closing = new AbortController().signal;
  return {
    host,
    journals: { files: files!, folder: '/state/tasks', clock: clock!, slowRetryMs: 1_000, closing },
  };
}

const status = (state: TaskStatus['state'], sequence: number): TaskStatus => ({
  taskId: 'a',
  sequence,
  state,
  timestampMs: 1,
  message: 'Grüße',
});
const HOOK = { preStop: { command: ['/leave'] } };
const RECORDS: readonly TaskJournalRecord[] = [
  { kind: 'status', status: status('launched', 2) },
  {
    kind: 'prepared',
    preparation: {
      contributions: [{ facility: 'network', contribution: { address: '10.0.0.1', data: { ü: [1] } } }],
      stopSignal: 'SIGINT',
      args: ['/main'],
    },
  },
  { kind: 'status', status: status('start-initiated', 3) },
  { kind: 'status', status: status('started', 4) },
  { kind: 'status', status: status('kill-initiated', 5), kill: { graceMs: 5, deadlineMs: 10 } },
  { kind: 'pre-stop' },
  { kind: 'kill', kill: { graceMs: 3, deadlineMs: 8 } },
  { kind: 'kill', kill: { graceMs: 9, deadlineMs: 9 } },
  { kind: 'ended', outcome: { reason: 'killed', message: '', exitCode: 137 } },
  { kind: 'status', status: status('finished', 6) },
];

async function written(): Promise<{ host: HostModel; journals: JournalEnvironment; journal: TaskJournal }> {
  const made = environment();
  const journal = await TaskJournal.create(made.journals, taskSpec('a', HOOK), status('accepted', 1));
  for (const record of RECORDS) await journal.append(record);
  return { ...made, journal };
}

const view = ({
  record: { spec, statuses, preparation, kill, isHookDue, outcome },
}: TaskJournal): unknown => ({
  spec,
  statuses,
  preparation,
  kill,
  isHookDue,
  outcome,
});

describe('a journal', () => {
  it('reads back what was written', async () => {
    const { journals, journal } = await written();
    expect(view(await TaskJournal.open(journals, 'a'))).toEqual(view(journal));
    expect(journal.record.kill).toEqual({ graceMs: 3, deadlineMs: 8 });
  });

  it('that is cut anywhere has all whole records before, and takes more', async () => {
    const { host, journals } = await written();
    const text = host.disk.get(PATH)!;
    const first = text.indexOf('\n') + 1;
    for (let length = first; length < text.length; length++) {
      host.disk.set(PATH, text.slice(0, length));
      const lines = text.slice(0, length).split('\n').length - 1;
      const journal = await TaskJournal.open(journals, 'a');
      const fresh = environment();
      const expected = await TaskJournal.create(fresh.journals, taskSpec('a', HOOK), status('accepted', 1));
      for (const record of RECORDS.slice(0, lines - 1)) await expected.append(record);
      expect(view(journal), `cut at ${length}`).toEqual(view(expected));
      await journal.append({ kind: 'relaunched' });
      expect((await TaskJournal.open(journals, 'a')).record.preparation).toBeUndefined();
    }
  });

  it('with any character changed is damaged, or only its torn end', async () => {
    const { host, journals } = await written();
    const text = host.disk.get(PATH)!;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('x', '0', '\n', '"', '{', ' ', '\u0000'),
        async (at, character) => {
          fc.pre(text[at] !== character);
          host.disk.set(PATH, text.slice(0, at) + character + text.slice(at + 1));
          if (at === text.length - 1 && character !== '\n') {
            // Without its line break the last record was never finished.
            expect((await TaskJournal.open(journals, 'a')).record.state).not.toBe('finished');
          } else await expect(TaskJournal.open(journals, 'a')).rejects.toThrow(DamagedJournalError);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(['', '\n', 'x'])('that holds only %j is damaged', async (text) => {
    const { host, journals } = environment();
    host.disk.set(PATH, text);
    await expect(TaskJournal.open(journals, 'a')).rejects.toThrow(DamagedJournalError);
  });

  it('of another task is damaged', async () => {
    const { host, journals } = await written();
    host.disk.set('/state/tasks/b.jsonl', host.disk.get(PATH)!);
    await expect(TaskJournal.open(journals, 'b')).rejects.toThrow(/another task/);
  });

  it('never writes a state that cannot follow', async () => {
    const { host, journals } = environment();
    const journal = await TaskJournal.create(journals, taskSpec('a'), status('accepted', 1));
    const before = host.disk.get(PATH);
    await expect(journal.append({ kind: 'status', status: status('accepted', 2) })).rejects.toThrow();
    expect(host.disk.get(PATH)).toBe(before);
  });

  it.each(['fail', 'fail-after'] as const)('is as before when a write does %s', async (kind) => {
    const { host, journals } = environment();
    const journal = await TaskJournal.create(journals, taskSpec('a'), status('accepted', 1));
    const before = host.disk.get(PATH);
    host.fault = (name) => (name === 'disk:append' ? { kind } : undefined);
    await expect(journal.append(RECORDS[0])).rejects.toMatchObject({ code: 'STATE_NOT_WRITTEN' });
    expect(host.disk.get(PATH)).toBe(before);
    host.fault = () => undefined;
    await journal.append(RECORDS[0]);
    expect((await TaskJournal.open(journals, 'a')).record.state).toBe('launched');
  });

  it('answers only when a write that may have worked is certainly undone', async () => {
    const { host, journals } = environment();
    const journal = await TaskJournal.create(journals, taskSpec('a'), status('accepted', 1));
    host.fault = (name) =>
      name === 'disk:append'
        ? { kind: 'fail-after' }
        : name === 'disk:truncate'
          ? { kind: 'fail' }
          : undefined;
    let isAnswered = false;
    const append = journal.append(RECORDS[0]).catch(() => (isAnswered = true));
    await host.clock.advance(60_000);
    expect(isAnswered).toBe(false);
    host.fault = () => undefined;
    await host.clock.advance(1_000);
    await append;
    expect((await TaskJournal.open(journals, 'a')).record.state).toBe('accepted');
  });
});
