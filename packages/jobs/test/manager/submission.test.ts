/** From a spec to a job, once only. */
import { describe, expect, test } from 'vitest';
import { JobManager } from '../../src/manager/job-manager.ts';
import { batchSpec, Driver, rejectionOf, serviceSpec } from './support.ts';

const AT = { jobId: 'job', nowMs: 1000 };

describe('submit', () => {
  test('a valid spec becomes a job with its tasks, stored and queued', () => {
    const driver = new Driver();
    driver.submit('nightly', batchSpec({ size: 3 }));
    expect(driver.manager.activeJobs).toBe(1);
    expect(driver.tasks('nightly').map(({ id }) => id)).toEqual(['nightly.0', 'nightly.1', 'nightly.2']);
    expect(driver.effects.map(({ kind }) => kind)).toEqual(['persist', 'enqueue', 'enqueue', 'enqueue']);
    expect(driver.manager.task('nightly.1')?.index).toBe(1);
  });

  test('a wrong spec gives all its field errors, and no job', () => {
    const manager = new JobManager();
    const result = manager.submit(batchSpec({ size: 0, applicationName: '' }), AT);
    expect(result.ok).toBe(false);
    if (result.ok) return;
    expect(result.errors?.map(({ path }) => path)).toEqual(['applicationName', 'size']);
    expect([manager.activeJobs, manager.changes.sequence]).toEqual([0, 0]);
  });

  test.each([null, undefined, 7, 'job', [], new Date(0)])(
    '%o as a spec gives errors, not an exception',
    (spec) => {
      expect(new JobManager().submit(spec, AT).ok).toBe(false);
    },
  );

  test('what was raised to the least that the platform gives is told', () => {
    const { container, ...others } = batchSpec() as { container: { resources: object } };
    const resources = { ...container.resources, cpuMilli: 10 };
    const result = new JobManager().submit({ ...others, container: { ...container, resources } }, AT);
    expect(result.ok && result.adjusted.map(({ path, from, to }) => [path, from, to])).toEqual([
      ['container.resources.cpuMilli', 10, 1000],
    ]);
  });

  test.each(['', 'a b', 'a/b', 'x'.repeat(51), '%', 7 as unknown as string])('%o is no job id', (jobId) => {
    const result = new JobManager().submit(batchSpec(), { jobId, nowMs: 0 });
    expect(!result.ok && result.rejection?.code).toBe('INVALID_JOB_SPEC');
  });

  test('a time that is none is refused', () => {
    const result = new JobManager().submit(batchSpec(), { jobId: 'job', nowMs: Number.NaN });
    expect(!result.ok && result.rejection?.code).toBe('INVALID_EVENT');
  });

  test('the same submission again succeeds without effects, also after updates and after the end', () => {
    const driver = new Driver();
    const again = (): unknown => driver.manager.submit(serviceSpec(), { jobId: 'web', nowMs: driver.nowMs });
    const same = { ok: true, jobId: 'web', effects: [], adjusted: [] };
    driver.submit('web', serviceSpec());
    expect(again()).toEqual(same);
    driver.took(driver.manager.handle('web', { kind: 'update-capacity', capacity: { desired: 3 } }, 1));
    expect(again()).toEqual(same);
    driver.took(driver.manager.handle('web', { kind: 'kill-job' }, 2));
    expect(driver.manager.activeJobs).toBe(0);
    expect(again()).toEqual(same);
    expect(driver.manager.activeJobs).toBe(0);
  });

  test('fields in another order make no other spec', () => {
    const manager = new JobManager();
    expect(manager.submit(batchSpec({ attributes: { a: '1', b: '2' } }), AT).ok).toBe(true);
    expect(manager.submit(batchSpec({ attributes: { b: '2', a: '1' } }), AT).ok).toBe(true);
  });

  test('an id in use with another spec is refused, also when its job is in the archive', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    const other = (): string | undefined => {
      const result = driver.manager.submit(batchSpec(), { jobId: 'web', nowMs: 0 });
      return result.ok ? undefined : rejectionOf(result);
    };
    expect(other()).toBe('DUPLICATE_JOB');
    driver.took(driver.manager.handle('web', { kind: 'kill-job' }, driver.nowMs));
    expect(other()).toBe('DUPLICATE_JOB');
    driver.manager.ageOut(driver.nowMs + 86_400_001);
    expect(other()).toBeUndefined();
  });

  test('an id is not given again while a task that it is part of runs in another job', () => {
    const driver = new Driver();
    for (const id of ['canary', 'fleet']) driver.submit(id, serviceSpec());
    driver.startAll();
    driver.took(driver.manager.move('canary.0', 'fleet', driver.nowMs));
    driver.took(driver.manager.handle('canary', { kind: 'kill-job' }, driver.nowMs));
    driver.finish('canary.1', 'killed');
    driver.manager.ageOut(driver.nowMs + 86_400_001);
    const again = (): string | undefined => {
      const result = driver.manager.submit(serviceSpec(), { jobId: 'canary', nowMs: driver.nowMs });
      return result.ok ? undefined : rejectionOf(result);
    };
    expect(driver.manager.archive.job('canary')).toBeUndefined();
    expect(again()).toBe('DUPLICATE_JOB');
    const { store } = driver;
    const next = new Driver();
    next.manager.restore(store.read(), driver.nowMs);
    const result = next.manager.submit(serviceSpec(), { jobId: 'canary', nowMs: driver.nowMs });
    expect(!result.ok && rejectionOf(result)).toBe('DUPLICATE_JOB');
    driver.finish('canary.0', 'failed');
    driver.wakeUntil(driver.nowMs + 60_000);
    expect(again()).toBeUndefined();
    expect(driver.manager.task('canary.0')?.jobId).toBe('canary');
  });

  test('a sequence is unique among active jobs of the application, stack and detail', () => {
    const driver = new Driver();
    const jobGroup = { stack: 'main', detail: '', sequence: '001' };
    const submit = (jobId: string, more: object): unknown => {
      const result = driver.manager.submit(serviceSpec({ jobGroup, ...more }), { jobId, nowMs: 0 });
      return result.ok ? 'ok' : [result.rejection?.code, result.existingJobId];
    };
    expect(submit('a', {})).toBe('ok');
    expect(submit('b', {})).toEqual(['DUPLICATE_SEQUENCE', 'a']);
    expect(submit('b', { jobGroup: { ...jobGroup, sequence: '002' } })).toBe('ok');
    expect(submit('c', { applicationName: 'other' })).toBe('ok');
    expect(submit('d', { jobGroup: { ...jobGroup, sequence: '' } })).toBe('ok');
    expect(submit('e', { jobGroup: { ...jobGroup, sequence: '' } })).toBe('ok');
    driver.manager.handle('a', { kind: 'kill-job' }, 1);
    expect(submit('f', {})).toBe('ok');
  });

  test('no more jobs than the limit are active', () => {
    const driver = new Driver({ maxActiveJobs: 2 });
    driver.submit('a', batchSpec());
    driver.submit('b', batchSpec());
    const third = driver.manager.submit(batchSpec(), { jobId: 'c', nowMs: 0 });
    expect(!third.ok && third.rejection?.code).toBe('TOO_MANY_JOBS');
    expect(driver.manager.submit(batchSpec(), { jobId: 'b', nowMs: 0 }).ok).toBe(true);
    driver.manager.handle('a', { kind: 'kill-job' }, 1);
    driver.submit('c', batchSpec());
  });
});
