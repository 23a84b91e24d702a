/** The counters by example, and against what is added up from all recorded changes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latencyPercentileMs } from '../../src/manager/latency-histogram.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { actions, RandomCell } from './random-cell.ts';
import { batchSpec, Driver, serviceSpec } from './support.ts';

describe('outcomes', () => {
  test('availability is the share of time that desired tasks of services were started', () => {
    const driver = new Driver();
    const { outcomes } = driver.manager;
    expect(outcomes.read(driver.nowMs).availability.share).toBeUndefined();
    driver.submit('web', serviceSpec());
    driver.submit('nightly', batchSpec());
    driver.nowMs += 1000;
    driver.startAll();
    driver.nowMs += 1000;
    expect(outcomes.read(driver.nowMs).availability).toEqual({
      desiredMs: 4000,
      startedMs: 2000,
      share: 0.5,
    });
    driver.finish('web.0', 'failed');
    expect(outcomes.read(driver.nowMs + 2000).availability).toEqual({
      desiredMs: 8000,
      startedMs: 4000,
      share: 0.5,
    });
  });

  test('tasks above the desired number of one job do not make up for those that another lacks', () => {
    const driver = new Driver();
    driver.submit('big', serviceSpec());
    driver.startAll();
    driver.submit('small', serviceSpec());
    driver.took(
      driver.manager.handle('big', { kind: 'update-capacity', capacity: { desired: 1 } }, driver.nowMs),
    );
    expect(driver.manager.outcomes.read(driver.nowMs + 1000).availability).toEqual({
      desiredMs: 3000,
      startedMs: 1000,
      share: 1 / 3,
    });
  });

  test('while the clock is back no time passes', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    driver.nowMs += 1000;
    driver.startAll();
    driver.nowMs -= 5000;
    driver.took(
      driver.manager.handle('web', { kind: 'update-capacity', capacity: { desired: 1 } }, driver.nowMs),
    );
    const { outcomes } = driver.manager;
    expect(outcomes.read(driver.nowMs).availability.desiredMs).toBe(2000);
    expect(outcomes.read(driver.nowMs + 6000).availability).toMatchObject({
      desiredMs: 3000,
      startedMs: 1000,
    });
  });

  test('a reading at no time is refused and loses nothing', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec({ capacity: { min: 0, desired: 1, max: 1 } }));
    const { outcomes } = driver.manager;
    expect(() => outcomes.read(NaN)).toThrow('INVALID_JOB_OPTION');
    expect(outcomes.read(driver.nowMs + 1000).availability.desiredMs).toBe(1000);
  });

  test('a job that is being killed wants nothing', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    driver.startAll();
    driver.took(driver.manager.handle('web', { kind: 'kill-job' }, driver.nowMs));
    expect(driver.manager.outcomes.read(driver.nowMs + 1000).availability.desiredMs).toBe(0);
  });

  test('starts that crashed or were ended by the system are told apart from ends that were wanted', () => {
    const driver = new Driver();
    driver.submit('nightly', batchSpec({ size: 5 }));
    driver.startAll();
    driver.finish('nightly.0', 'normal');
    driver.finish('nightly.1', 'failed');
    driver.finish('nightly.2', 'lost');
    driver.took(driver.manager.handleTask('nightly.3', { kind: 'kill-task' }, driver.nowMs));
    driver.finish('nightly.3', 'killed');
    const { batch, service } = driver.manager.outcomes.read(driver.nowMs);
    expect(batch).toMatchObject({ created: 5, starts: 5, crashed: 1, endedBySystem: 1, crashRate: 0.4 });
    expect(batch.ends).toMatchObject({ normal: 1, failed: 1, lost: 1, killed: 1, evicted: 0 });
    expect([service.starts, service.crashRate]).toEqual([0, undefined]);
  });

  test('a failure before the start is an end, but no crash', () => {
    const driver = new Driver();
    driver.submit('nightly', batchSpec({ size: 1 }));
    driver.place('nightly.0');
    driver.finish('nightly.0', 'failed');
    const { batch } = driver.manager.outcomes.read(driver.nowMs);
    expect([batch.ends.failed, batch.crashed, batch.starts]).toEqual([1, 0, 0]);
  });

  test('the start latency runs from accepted to started', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    driver.place('web.0');
    driver.nowMs += 1000;
    driver.status('web.0', 'started');
    driver.nowMs += 3000;
    driver.place('web.1');
    driver.status('web.1', 'started');
    const { startLatency } = driver.manager.outcomes.read(driver.nowMs).service;
    expect(startLatency).toMatchObject({ count: 2, sumMs: 5000, maxMs: 4000 });
    expect(latencyPercentileMs(startLatency, 1)).toBe(4000);
  });

  test('what was before a restart is not counted again', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    driver.startAll();
    const { manager } = new Driver();
    manager.restore(driver.store.read(), driver.nowMs);
    const { service, availability } = manager.outcomes.read(driver.nowMs + 500);
    expect([service.created, service.starts]).toEqual([0, 0]);
    expect(availability).toEqual({ desiredMs: 1000, startedMs: 1000, share: 1 });
  });

  test('they are what the recorded changes add up to', () => {
    fc.assert(
      fc.property(actions(80), (steps) => {
        const cell = new RandomCell();
        const cursor = cell.manager.changes.open();
        const tasks = new Map<string, { kind: 'batch' | 'service'; task: TaskRecord }>();
        const kinds = new Map<string, 'batch' | 'service'>();
        let [desiredMs, startedMs, latestMs] = [0, 0, cell.nowMs];
        let [desired, started] = [0, 0];
        const observe = (): void => {
          desiredMs += desired * (cell.nowMs - latestMs);
          startedMs += started * (cell.nowMs - latestMs);
          latestMs = cell.nowMs;
        };
        for (const step of steps) {
          // A wake-up moves the clock several times within one action; this sum would not see it.
          if (step.kind === 'wake') continue;
          cell.nowMs += Math.max(0, step.waitMs);
          observe();
          cell.do({ ...step, waitMs: 0 });
          for (const change of cursor.read(100_000)) {
            if (change.kind === 'job-updated') kinds.set(change.job.id, change.job.spec.kind);
            if (change.kind === 'task-updated')
              tasks.set(change.task.id, { kind: kinds.get(change.task.jobId)!, task: change.task });
          }
          [desired, started] = [0, 0];
          for (const { job, counts } of cell.manager.jobs()) {
            if (job.spec.kind === 'batch' || job.status.state !== 'accepted') continue;
            desired += job.spec.capacity.desired;
            started += Math.min(counts.started, job.spec.capacity.desired);
          }
        }
        const reading = cell.manager.outcomes.read(cell.nowMs);
        expect(reading.availability).toMatchObject({ desiredMs, startedMs });
        for (const kind of ['batch', 'service'] as const) {
          const own = [...tasks.values()].filter((one) => one.kind === kind).map(({ task }) => task);
          const transitions = own.map((task) => [...task.history, task.status]);
          const starts = transitions.filter((all) => all.some(({ state }) => state === 'started'));
          const waits = starts.map((all) => all.find(({ state }) => state === 'started')!.atMs - all[0].atMs);
          const ends = transitions.flatMap((all) => all.filter(({ state }) => state === 'finished'));
          const { created, ends: counted, startLatency, crashed, endedBySystem } = reading[kind];
          expect([created, reading[kind].starts]).toEqual([own.length, starts.length]);
          expect(startLatency).toMatchObject({
            count: waits.length,
            sumMs: waits.reduce((sum, waitMs) => sum + waitMs, 0),
            maxMs: Math.max(0, ...waits),
          });
          for (const [reason, count] of Object.entries(counted))
            expect([reason, count]).toEqual([reason, ends.filter((end) => end.reason === reason).length]);
          const bad = ['failed', 'lost', 'stuck-in-state', 'runtime-limit-exceeded'];
          const failures = starts.filter(
            (all) => all.at(-1)!.state === 'finished' && bad.includes(all.at(-1)!.reason),
          );
          expect(crashed + endedBySystem).toBe(failures.length);
        }
      }),
      { numRuns: 100 },
    );
  });
});
