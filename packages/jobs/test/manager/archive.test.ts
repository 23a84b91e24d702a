/** The archive by example and against a list that is searched in full. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArchiveStore } from '../../src/manager/archive.ts';
import type { JobRecord } from '../../src/model/job-record.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';

/** The archive looks at ids and jobs only. */
function task(id: string, jobId: string): TaskRecord {
  return { id, jobId } as TaskRecord;
}

function job(id: string): JobRecord {
  return { id } as JobRecord;
}

const SPEC = {} as JobRecord['spec'];

describe('ArchiveStore', () => {
  test('what has finished is found by its id and by its job', () => {
    const archive = new ArchiveStore();
    archive.addTask(task('a.0', 'a'), 1);
    archive.addTask(task('b.0', 'b'), 2);
    archive.addTask(task('a.1', 'a'), 3);
    archive.addJob(job('a'), SPEC, 3);
    expect(archive.task('a.0')?.jobId).toBe('a');
    expect(archive.task('a.2')).toBeUndefined();
    expect(archive.job('a')?.id).toBe('a');
    expect(archive.job('b')).toBeUndefined();
    expect([...archive.tasksOf('a')].map(({ id }) => id)).toEqual(['a.0', 'a.1']);
    expect([...archive.tasksOf('c')]).toEqual([]);
    expect([...archive.jobs()].map(({ id }) => id)).toEqual(['a']);
  });

  test('what is older than the age goes, tasks of active jobs too', () => {
    const archive = new ArchiveStore({ maxAgeMs: 100 });
    archive.addTask(task('a.0', 'a'), 0);
    archive.addTask(task('b.0', 'b'), 50);
    archive.addJob(job('b'), SPEC, 50);
    expect(archive.ageOut(100)).toBe(0);
    expect(archive.ageOut(101)).toBe(1);
    expect(archive.ageOut(151)).toBe(2);
    expect(archive.counts()).toEqual({
      tasks: 0,
      jobs: 0,
      droppedTasks: { byAge: 2, byJob: 0, byTotal: 0 },
      droppedJobs: { byAge: 1, byTotal: 0 },
    });
  });

  test('when an id comes again, the newer task is found, also when the older one has gone', () => {
    const archive = new ArchiveStore({ maxAgeMs: 100 });
    archive.addTask(task('a.0', 'b'), 0);
    archive.addTask(task('a.0', 'a'), 50);
    expect(archive.task('a.0')?.jobId).toBe('a');
    expect(archive.ageOut(101)).toBe(1);
    expect(archive.task('a.0')?.jobId).toBe('a');
    expect(archive.ageOut(151)).toBe(1);
    expect([archive.task('a.0'), archive.counts().tasks]).toEqual([undefined, 0]);
  });

  test.each([{ maxAgeMs: 0 }, { maxTasksPerJob: 0 }, { maxTasks: 1.5 }, { maxJobs: -1 }])(
    'bad options %o are refused',
    (options) => {
      expect(() => new ArchiveStore(options)).toThrow(/^INVALID_JOB_OPTION: /);
    },
  );

  test('it holds what a list without tricks holds', () => {
    const step = fc.record({
      waitMs: fc.constantFrom(0, 1, 40, -30),
      kind: fc.constantFrom('task', 'task', 'task', 'job', 'age-out'),
      jobId: fc.constantFrom('a', 'b', 'c', 'd'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const [maxAgeMs, maxTasksPerJob, maxTasks, maxJobs] = [100, 5, 12, 2];
        const archive = new ArchiveStore({ maxAgeMs, maxTasksPerJob, maxTasks, maxJobs });
        let tasks: { id: string; jobId: string; atMs: number }[] = [];
        let jobs: { id: string; atMs: number }[] = [];
        let [nowMs, latestMs, serial] = [1000, 0, 0];
        for (const { waitMs, kind, jobId } of steps) {
          nowMs += waitMs;
          // As the manager does: an id in the archive is not used again.
          if (kind === 'job' && jobs.some(({ id }) => id === jobId)) continue;
          if (kind !== 'age-out') latestMs = Math.max(latestMs, nowMs);
          if (kind === 'task') {
            const id = `${jobId}.${serial++}`;
            archive.addTask(task(id, jobId), nowMs);
            tasks.push({ id, jobId, atMs: latestMs });
            const own = tasks.filter((one) => one.jobId === jobId);
            if (own.length > maxTasksPerJob) tasks = tasks.filter((one) => one !== own[0]);
            if (tasks.length > maxTasks) tasks.shift();
          } else if (kind === 'job') {
            archive.addJob(job(jobId), SPEC, nowMs);
            jobs.push({ id: jobId, atMs: latestMs });
            if (jobs.length > maxJobs) {
              const { id } = jobs.shift()!;
              tasks = tasks.filter((one) => one.jobId !== id);
            }
          } else {
            const before = tasks.length + jobs.length;
            const isOld = (one: { atMs: number }): boolean => one.atMs < nowMs - maxAgeMs;
            const gone = jobs.filter(isOld).map(({ id }) => id);
            tasks = tasks.filter((one) => !isOld(one) && !gone.includes(one.jobId));
            jobs = jobs.filter((one) => !isOld(one));
            expect(archive.ageOut(nowMs)).toBe(before - tasks.length - jobs.length);
          }
          const idsOf = (own: Iterable<{ id: string }>): string[] => [...own].map(({ id }) => id);
          const held = ['a', 'b', 'c', 'd'].map((one) => idsOf(archive.tasksOf(one)));
          const listed = ['a', 'b', 'c', 'd'].map((one) =>
            idsOf(tasks.filter((other) => other.jobId === one)),
          );
          expect([idsOf(archive.jobs()), held]).toEqual([idsOf(jobs), listed]);
          expect(tasks.filter(({ id }) => archive.task(id)?.id !== id)).toEqual([]);
          const counts = archive.counts();
          const { byAge, byJob, byTotal } = counts.droppedTasks;
          expect([counts.tasks, byAge + byJob + byTotal]).toEqual([tasks.length, serial - tasks.length]);
        }
      }),
    );
  });
});
