/** A manager that takes over from the store, after a crash at any moment and with damage of any kind. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobEffect } from '../../src/machine/job-effect.ts';
import { defaultJobPolicy } from '../../src/machine/job-policy.ts';
import { stepJob } from '../../src/machine/step-job.ts';
import { JobManager } from '../../src/manager/job-manager.ts';
import type { StoredJobs } from '../../src/manager/stored-jobs.ts';
import { assembleJob } from '../../src/model/assemble-job.ts';
import { serializeJob } from '../../src/model/serialize-job.ts';
import { actions, OPTIONS, RandomCell } from './random-cell.ts';
import { batchSpec, bytesOf, Driver, serviceSpec } from './support.ts';

const LATER_MS = 2_000_000;

function storedCell(): { jobs: Record<string, unknown>[]; tasks: Record<string, unknown>[] } {
  const driver = new Driver();
  driver.submit('web', serviceSpec());
  driver.submit('nightly', batchSpec());
  driver.startAll();
  return driver.store.read() as never;
}

function restored(stored: object, maxBadRecords = 0): { manager: JobManager; problems: readonly object[] } {
  const manager = new JobManager({ maxBadRecords });
  const { problems } = manager.restore(stored as StoredJobs, LATER_MS);
  return { manager, problems };
}

describe('restore', () => {
  test('jobs and tasks are there as before, and everything that may be lost is asked for again', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec({ capacity: { min: 0, desired: 3, max: 3 } }));
    driver.place('web.0');
    driver.place('web.1');
    driver.status('web.1', 'started');
    const manager = new JobManager();
    const { effects, problems } = manager.restore(driver.store.read(), LATER_MS);
    expect(problems).toEqual([]);
    expect(
      effects.map((effect) => [effect.kind, 'task' in effect && 'id' in effect.task ? effect.task.id : '']),
    ).toEqual([
      ['persist', ''],
      ['launch', 'web.0'],
      ['enqueue', 'web.2'],
      ['wake', ''],
    ]);
    expect(manager.task('web.1')?.status.state).toBe('started');
    expect(manager.job('web')?.job.restoredAtMs).toBe(LATER_MS);
    expect(
      manager.handleTask('web.0', { kind: 'task-status', state: 'started' }, LATER_MS).rejection,
    ).toBeUndefined();
  });

  test('sequences and ids are taken as before', () => {
    const driver = new Driver();
    const jobGroup = { stack: '', detail: '', sequence: '7' };
    driver.submit('web', serviceSpec({ jobGroup }));
    const { manager } = restored(driver.store.read());
    const submit = (jobId: string, spec: unknown): unknown => {
      const result = manager.submit(spec, { jobId, nowMs: LATER_MS });
      return result.ok ? result.effects : result.rejection?.code;
    };
    expect(submit('web', serviceSpec({ jobGroup }))).toEqual([]);
    expect(submit('web', batchSpec())).toBe('DUPLICATE_JOB');
    expect(submit('other', serviceSpec({ jobGroup }))).toBe('DUPLICATE_SEQUENCE');
  });

  test('limits that were lowered since do not count against stored jobs', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    const manager = new JobManager({ limits: { serviceMaxTasks: 1 }, maxActiveJobs: 1 });
    expect(manager.restore(driver.store.read(), LATER_MS).problems).toEqual([]);
    expect(manager.activeJobs).toBe(1);
  });

  test('a reader that knows the last number goes on over the restart', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    const { sequence } = driver.manager.changes;
    const manager = new JobManager({ changes: { firstSequence: sequence + 1 } });
    manager.restore(driver.store.read(), LATER_MS);
    const changes = manager.changes.open({ from: sequence }).read(9);
    expect(changes.map(({ kind, sequence: number }) => [kind, number])).toEqual([
      ['job-updated', sequence + 1],
    ]);
  });

  test.each<[string, (cell: ReturnType<typeof storedCell>) => void, object]>([
    [
      'a job without a state',
      ({ jobs }) => delete jobs[0].status,
      { jobId: 'web', taskIds: ['web.0', 'web.1'] },
    ],
    [
      'a job without a spec',
      ({ jobs }) => (jobs[0].spec = null),
      { jobId: 'web', taskIds: ['web.0', 'web.1'] },
    ],
    ['a spec of a wrong form', ({ jobs }) => (jobs[1].spec = { kind: 'batch' }), { jobId: 'nightly' }],
    ['a job that is no object', ({ jobs }) => jobs.push(7 as never), { jobId: undefined, taskIds: [] }],
    ['a job with no name', ({ jobs }) => jobs.push({ id: '' }), { jobId: '' }],
    [
      'a job that is stored twice',
      ({ jobs }) => jobs.push(jobs[0]),
      { jobId: 'web', taskIds: ['web.0', 'web.1'] },
    ],
    [
      'a finished job',
      ({ jobs }) => Object.assign(jobs[0].status as object, { state: 'finished' }),
      { jobId: 'web' },
    ],
    ['a task that is null', ({ tasks }) => tasks.push(null as never), { jobId: undefined, taskIds: [] }],
    ['a task of no job', ({ tasks }) => tasks.push({ id: 'x' }), { jobId: undefined, taskIds: ['x'] }],
    ['a task of an unknown job', ({ tasks }) => (tasks[0].jobId = 'x'), { jobId: 'x', taskIds: ['web.0'] }],
    [
      'two tasks at one index',
      ({ tasks }) => (tasks[1].index = 0),
      { jobId: 'web', taskIds: ['web.0', 'web.1'] },
    ],
    ['a task that is stored twice', ({ tasks }) => tasks.push({ ...tasks[0], index: 5 }), { jobId: 'web' }],
    [
      'a task without a state',
      ({ tasks }) => delete tasks[0].status,
      { jobId: 'web', taskIds: ['web.0', 'web.1'] },
    ],
  ])('%s is a problem: thrown, or where allowed reported and its job left out', (_, damage, problem) => {
    const stored = storedCell();
    damage(stored);
    const strict = new JobManager();
    expect(() => strict.restore(stored as never, LATER_MS)).toThrow(/^INVALID_JOB_RECORD: 1 bad record/);
    expect([strict.activeJobs, strict.changes.sequence]).toEqual([0, 0]);
    expect(strict.restore({ jobs: [], tasks: [] }, LATER_MS)).toEqual({ effects: [], problems: [] });
    const { manager, problems } = restored(stored, 1);
    expect(problems).toEqual([expect.objectContaining(problem)]);
    const { jobId, taskIds = [] } = problem as { jobId?: string; taskIds?: string[] };
    expect(jobId !== undefined && manager.job(jobId)).toBeFalsy();
    expect(taskIds.filter((id) => manager.task(id))).toEqual([]);
  });

  test('the id of a job that was left out is not given again', () => {
    const stored = storedCell();
    delete stored.jobs[0].status;
    const { manager } = restored(stored, 1);
    const result = manager.submit(serviceSpec(), { jobId: 'web', nowMs: LATER_MS });
    expect(!result.ok && result.rejection?.code).toBe('DUPLICATE_JOB');
  });

  test('nor that of a job of which a task had moved to the one that was left out', () => {
    const driver = new Driver();
    const capacity = { min: 0, desired: 1, max: 2 };
    driver.submit('canary', serviceSpec({ capacity }));
    driver.submit('fleet', serviceSpec({ capacity }));
    driver.startAll();
    driver.took(driver.manager.move('canary.0', 'fleet', driver.nowMs));
    driver.took(driver.manager.handle('canary', { kind: 'kill-job' }, driver.nowMs));
    const stored = driver.store.read() as never as ReturnType<typeof storedCell>;
    expect(stored.jobs.map(({ id }) => id)).toEqual(['fleet']);
    delete stored.jobs[0].status;
    const { manager } = restored(stored, 1);
    const result = manager.submit(serviceSpec(), { jobId: 'canary', nowMs: LATER_MS });
    expect(!result.ok && result.rejection?.code).toBe('DUPLICATE_JOB');
  });

  test('a manager that is in use is not restored into', () => {
    const stored = storedCell();
    const withJob = new Driver();
    withJob.submit('a', batchSpec());
    const withReader = new JobManager();
    withReader.changes.open().close();
    for (const manager of [withJob.manager, withReader])
      expect(() => manager.restore(stored as never, LATER_MS)).toThrow(/^INVALID_JOB_OPTION: /);
    expect(() => new JobManager().restore(stored as never, Number.NaN)).toThrow(/^INVALID_JOB_OPTION: /);
  });

  test('after a crash at any step the store holds the very bytes of the manager, and life goes on', () => {
    const policy = defaultJobPolicy(OPTIONS.policy);
    fc.assert(
      fc.property(actions(60), fc.nat(59), fc.nat(100_000), (steps, crash, downMs) => {
        const cell = new RandomCell();
        for (const [i, step] of steps.entries()) {
          if (i === crash) {
            const stored = cell.store.read();
            const jobs = stored.jobs.map((job) =>
              assembleJob(
                job,
                stored.tasks.filter(({ jobId }) => jobId === job.id),
              ),
            );
            expect(jobs.map(serializeJob).sort()).toEqual(cell.bytes());
            const nowMs = cell.nowMs + downMs;
            const before = [...cell.manager.jobs()];
            cell.manager = new JobManager(OPTIONS);
            const { effects } = cell.manager.restore(stored, nowMs);
            const expected = before.map((state) => stepJob(state, { kind: 'restored' }, nowMs, policy));
            expect(cell.bytes()).toEqual(expected.map(({ state }) => serializeJob(state)).sort());
            const asText = (all: readonly JobEffect[]): string[] =>
              all.map((effect) => JSON.stringify(effect)).sort();
            expect(asText(effects)).toEqual(asText(expected.flatMap((one) => one.effects)));
            cell.nowMs = nowMs;
            cell.wakes = [];
            cell.carryOut(effects);
          }
          cell.do(step);
        }
        const again = new JobManager(OPTIONS);
        again.restore(cell.store.read(), cell.nowMs);
        expect(bytesOf(again).length).toBe(cell.manager.activeJobs);
        const ids = cell.store.archivedTasks.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 100 },
    );
  });
});
