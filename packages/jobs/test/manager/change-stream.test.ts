/** Snapshot, marker, changes; resuming, gaps, filters and listeners. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChangeCursor } from '../../src/manager/change-cursor.ts';
import type { ChangeStream, CursorOptions } from '../../src/manager/change-log.ts';
import type { JobChange } from '../../src/manager/job-change.ts';
import { JobManager } from '../../src/manager/job-manager.ts';
import type { JobRecord } from '../../src/model/job-record.ts';
import { canonicalJson, serializeJob } from '../../src/model/serialize-job.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { actions, RandomCell } from './random-cell.ts';
import { batchSpec, Driver, serviceSpec } from './support.ts';

function inShort(changes: readonly JobChange[]): string[] {
  return changes.map((change) => {
    if (change.kind === 'job-updated')
      return `${change.sequence} job ${change.job.id}${change.archived ? ' archived' : ''}`;
    if (change.kind !== 'task-updated') return `${change.sequence} ${change.kind}`;
    const { task, archived, movedFromJob } = change;
    const more = `${archived ? ' archived' : ''}${movedFromJob === undefined ? '' : ` from ${movedFromJob}`}`;
    return `${change.sequence} task ${task.id} ${task.status.state}${more}`;
  });
}

/** What a reader makes of a stream. */
class Replica {
  readonly jobs = new Map<string, JobRecord>();
  readonly tasks = new Map<string, TaskRecord>();
  readonly #stream: ChangeStream;
  readonly #options: CursorOptions;
  #cursor: ChangeCursor;
  /** Times that it was told to start anew. */
  gaps = 0;
  #sequence: number | undefined;

  constructor(stream: ChangeStream, options: CursorOptions = {}) {
    this.#stream = stream;
    this.#options = options;
    this.#cursor = stream.open(options);
  }

  /** @returns whether the end was reached */
  read(max: number): boolean {
    const changes = this.#cursor.read(max);
    for (const change of changes) this.#take(change);
    return changes.length < max && this.#cursor.sequence === this.#stream.sequence;
  }

  readAll(): void {
    while (!this.read(7));
  }

  /** Loses the cursor, and what it knows too where it cannot go on. */
  drop(): void {
    const from = this.#cursor.sequence;
    this.#cursor.close();
    if (from === undefined) this.#begin();
    else this.#cursor = this.#stream.open({ ...this.#options, from });
  }

  bytes(): string[] {
    return [...this.jobs.values()]
      .map((job) => {
        const tasks = [...this.tasks.values()].filter(({ jobId }) => jobId === job.id);
        return canonicalJson({ job, tasks: tasks.sort((a, b) => a.index - b.index) });
      })
      .sort();
  }

  #begin(): void {
    this.jobs.clear();
    this.tasks.clear();
    this.#sequence = undefined;
    this.#cursor = this.#stream.open(this.#options);
  }

  #take(change: JobChange): void {
    if (change.kind === 'snapshot-required') {
      this.gaps++;
      return this.#begin();
    }
    if (change.kind === 'snapshot-end') this.#sequence = change.sequence;
    else if (this.#sequence !== undefined) {
      if (this.#options.jobs === undefined) expect(change.sequence).toBe(this.#sequence + 1);
      this.#sequence = change.sequence;
    }
    if (change.kind === 'job-updated') {
      if (change.archived) this.jobs.delete(change.job.id);
      else this.jobs.set(change.job.id, change.job);
    } else if (change.kind === 'task-updated') {
      if (change.archived) this.tasks.delete(change.task.id);
      else this.tasks.set(change.task.id, change.task);
    }
  }
}

describe('ChangeStream', () => {
  test('a cursor tells what there is, then a marker, then every change with the whole object', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    const cursor = driver.manager.changes.open();
    expect(inShort(cursor.read(10))).toEqual([
      '3 job web',
      '3 task web.0 accepted',
      '3 task web.1 accepted',
      '3 snapshot-end',
    ]);
    driver.place('web.0');
    driver.took(driver.manager.handle('web', { kind: 'set-enabled', enabled: false }, 0));
    const changes = cursor.read(10);
    expect(inShort(changes)).toEqual(['4 task web.0 launched', '5 job web']);
    expect(changes[0].kind === 'task-updated' && changes[0].task).toBe(driver.manager.task('web.0'));
    expect(changes[1].kind === 'job-updated' && changes[1].job).toBe(driver.manager.job('web')?.job);
    expect(cursor.read(10)).toEqual([]);
  });

  test('of a finished job the tasks go first, and a task before the one in its place comes', () => {
    const driver = new Driver();
    const cursor = driver.manager.changes.open();
    driver.submit('nightly', batchSpec({ size: 1 }));
    driver.startAll();
    driver.finish('nightly.0', 'failed');
    driver.wakeUntil(driver.nowMs + 1000);
    driver.took(driver.manager.handle('nightly', { kind: 'kill-job' }, driver.nowMs));
    expect(inShort(cursor.read(20))).toEqual([
      '0 snapshot-end',
      '1 job nightly',
      '2 task nightly.0 accepted',
      '3 task nightly.0 launched',
      '4 task nightly.0 started',
      '5 task nightly.0 finished',
      '6 job nightly',
      '7 task nightly.0 finished archived',
      '8 task nightly.1 accepted',
      '9 task nightly.1 finished archived',
      '10 job nightly archived',
    ]);
  });

  test('a move is told as one, of both jobs and the task', () => {
    const driver = new Driver();
    for (const id of ['canary', 'fleet'])
      driver.submit(id, serviceSpec({ capacity: { min: 0, desired: 1, max: 2 } }));
    const { sequence } = driver.manager.changes;
    driver.took(driver.manager.move('canary.0', 'fleet', driver.nowMs));
    expect(inShort(driver.manager.changes.open({ from: sequence }).read(9))).toEqual([
      '5 job canary',
      '6 job fleet',
      '7 task canary.0 accepted from canary',
    ]);
    driver.place('canary.0');
    expect(inShort(driver.manager.changes.open({ from: 7 }).read(9))).toEqual(['8 task canary.0 launched']);
  });

  test('a reader goes on where it was by its sequence number', () => {
    const driver = new Driver();
    const cursor = driver.manager.changes.open();
    driver.submit('web', serviceSpec());
    cursor.read(2);
    expect(cursor.sequence).toBe(1);
    cursor.close();
    expect(inShort(driver.manager.changes.open({ from: 1 }).read(9))).toEqual([
      '2 task web.0 accepted',
      '3 task web.1 accepted',
    ]);
    expect(driver.manager.changes.open({ from: 3 }).read(9)).toEqual([]);
  });

  test('within a snapshot there is no number to go on from', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    const cursor = driver.manager.changes.open();
    cursor.read(3);
    expect(cursor.sequence).toBeUndefined();
    cursor.read(1);
    expect(cursor.sequence).toBe(3);
  });

  test('whoever has missed changes that are not held any more is told to start anew', () => {
    const driver = new Driver({ changes: { capacity: 2 } });
    driver.submit('web', serviceSpec());
    const [lost, kept, ahead] = [0, 1, 4].map((from) => driver.manager.changes.open({ from }));
    expect(inShort(lost.read(9))).toEqual(['3 snapshot-required']);
    expect(lost.read(9)).toEqual([]);
    expect(inShort(ahead.read(9))).toEqual(['3 snapshot-required']);
    driver.place('web.0');
    expect(inShort(kept.read(9))).toEqual(['4 snapshot-required']);
  });

  test('a snapshot that was overtaken while it was read ends with the demand for another one', () => {
    const driver = new Driver({ changes: { capacity: 2 } });
    driver.submit('web', serviceSpec());
    const cursor = driver.manager.changes.open();
    cursor.read(1);
    driver.startAll();
    expect(inShort(cursor.read(9))).toEqual(['7 snapshot-required']);
    expect(cursor.sequence).toBeUndefined();
  });

  test('numbers go on where the driver says, and readers with them', () => {
    const driver = new Driver({ changes: { firstSequence: 100 } });
    expect(driver.manager.changes.sequence).toBe(99);
    driver.submit('web', serviceSpec());
    expect(inShort(driver.manager.changes.open({ from: 99 }).read(1))).toEqual(['100 job web']);
    expect(inShort(driver.manager.changes.open({ from: 98 }).read(1))).toEqual(['102 snapshot-required']);
  });

  test('a filter leaves out the other jobs, but no number to go on from', () => {
    const driver = new Driver();
    driver.submit('a', serviceSpec({ capacity: { min: 0, desired: 1, max: 2 } }));
    const cursor = driver.manager.changes.open({ jobs: ({ id }) => id === 'b' });
    expect(inShort(cursor.read(9))).toEqual(['2 snapshot-end']);
    driver.submit('b', serviceSpec({ capacity: { min: 0, desired: 1, max: 2 } }));
    driver.place('a.0');
    expect(inShort(cursor.read(9))).toEqual(['3 job b', '4 task b.0 accepted']);
    expect(cursor.sequence).toBe(5);
    driver.took(driver.manager.move('b.0', 'a', 0));
    expect(inShort(cursor.read(9))).toEqual(['6 job b', '8 task b.0 accepted from b']);
    driver.status('a.0', 'started');
    expect(cursor.read(9)).toEqual([]);
  });

  test('what a filter throws passes through and closes the cursor where it was', () => {
    const driver = new Driver();
    let isBroken = false;
    const jobs = (): boolean => {
      if (isBroken) throw new Error('no answer');
      return true;
    };
    const cursor = driver.manager.changes.open({ jobs });
    cursor.read(9);
    driver.submit('web', serviceSpec());
    isBroken = true;
    expect(() => cursor.read(9)).toThrow('no answer');
    expect(() => driver.manager.changes.open({ jobs })).toThrow('no answer');
    expect([cursor.sequence, cursor.read(9)]).toEqual([0, []]);
  });

  test('a listener is called once when there is more, and again after the end was read', () => {
    const driver = new Driver();
    const cursor = driver.manager.changes.open();
    let calls = 0;
    cursor.onChange(() => calls++);
    driver.submit('web', serviceSpec());
    driver.startAll();
    expect(calls).toBe(1);
    cursor.read(3);
    driver.finish('web.0');
    expect(calls).toBe(1);
    cursor.read(100);
    expect(calls).toBe(1);
    driver.finish('web.1');
    expect(calls).toBe(2);
    cursor.read(100);
    driver.took(driver.manager.handle('web', { kind: 'set-enabled', enabled: true }, 0));
    expect(calls).toBe(2);
    cursor.close();
    driver.took(driver.manager.handle('web', { kind: 'set-enabled', enabled: false }, 0));
    expect(calls).toBe(2);
  });

  test('a listener sees the state after the whole call', () => {
    const driver = new Driver();
    const cursor = driver.manager.changes.open();
    const seen: unknown[] = [];
    cursor.onChange(() => seen.push([driver.manager.activeJobs, cursor.read(99).length]));
    driver.submit('nightly', batchSpec({ size: 1 }));
    driver.took(driver.manager.handle('nightly', { kind: 'kill-job' }, driver.nowMs));
    expect(seen).toEqual([
      [1, 3],
      [0, 2],
    ]);
  });

  test('a listener that throws, or calls the manager, harms nobody', () => {
    const driver = new Driver();
    const { manager } = driver;
    const [broken, meddling, good] = [manager.changes.open(), manager.changes.open(), manager.changes.open()];
    broken.onChange(() => {
      throw new Error('no idea');
    });
    meddling.onChange(() => manager.handle('web', { kind: 'kill-job' }, driver.nowMs));
    let calls = 0;
    good.onChange(() => calls++);
    driver.submit('web', serviceSpec());
    expect(calls).toBe(1);
    expect(manager.job('web')?.job.status.state).toBe('accepted');
    const { count, last } = manager.changes.listenerErrors;
    expect([count, (last as { code?: string }).code]).toEqual([2, 'REENTRANT_CALL']);
    driver.took(manager.handle('web', { kind: 'kill-job' }, driver.nowMs));
    expect(manager.activeJobs).toBe(0);
  });

  test.each([{ from: -1 }, { from: 0.5 }, { from: Number.NaN }, { jobs: 'web' }])(
    '%o is refused',
    (options) => {
      expect(() => new JobManager().changes.open(options as never)).toThrow(/^INVALID_JOB_OPTION: /);
    },
  );

  test.each([0, -1, 1.5, Number.NaN])('nobody reads %o changes', (max) => {
    expect(() => new JobManager().changes.open().read(max)).toThrow(/^INVALID_JOB_OPTION: /);
  });

  test('an abandoned snapshot holds old states no longer than the ring', async () => {
    const driver = new Driver({ changes: { capacity: 50 } });
    driver.submit('web', serviceSpec({ capacity: { min: 0, desired: 10, max: 10 } }));
    const slow = driver.manager.changes.open();
    slow.read(1);
    const old = new WeakRef(driver.manager.job('web')!);
    for (let i = 0; i < 60; i++)
      driver.manager.handle('web', { kind: 'set-enabled', enabled: i % 2 === 1 }, driver.nowMs);
    await new Promise((resolve) => setTimeout(resolve));
    gc!();
    expect(old.deref()).toBeUndefined();
    expect(inShort(slow.read(9))).toEqual(['71 snapshot-required']);
  });

  test('readers at random times, who drop and come back, have exactly what the manager has', () => {
    const reads = fc.array(
      fc.record({ reader: fc.nat(3), max: fc.integer({ min: 1, max: 40 }), drop: fc.nat(9) }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    const capacity = fc.constantFrom(1, 5, 30, 1000);
    fc.assert(
      fc.property(actions(120), reads, capacity, (steps, plan, size) => {
        const cell = new RandomCell({ changes: { capacity: size, firstSequence: 17 } });
        const isEven = ({ id }: JobRecord): boolean => Number(id.slice(3)) % 2 === 0;
        const { changes } = cell.manager;
        const readers = [
          new Replica(changes),
          new Replica(changes),
          new Replica(changes),
          new Replica(changes, { jobs: isEven }),
        ];
        const expected = (reader: Replica): string[] =>
          [...cell.manager.jobs()]
            .filter(({ job }) => reader !== readers[3] || isEven(job))
            .map(serializeJob)
            .sort();
        for (const [i, step] of steps.entries()) {
          cell.do(step);
          const { reader, max, drop } = plan[i % plan.length];
          if (drop === 0) readers[reader].drop();
          if (readers[reader].read(max)) expect(readers[reader].bytes()).toEqual(expected(readers[reader]));
        }
        for (const reader of readers) {
          reader.readAll();
          expect(reader.bytes()).toEqual(expected(reader));
          if (changes.sequence < 17 + size) expect(reader.gaps).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });
});
