import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../src/machine/job-event.ts';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

type AgentReason = NonNullable<Extract<JobEvent, { kind: 'task-status' }>['reason']>;

const IMMEDIATE = { kind: 'immediate', retries: 1 } as const;
const COUNTED: readonly AgentReason[] = ['failed', 'out-of-memory', 'killed'];
const UNCOUNTED: readonly AgentReason[] = [
  'unavailable',
  'timed-out',
  'local-system-error',
  'lost',
  'crashed',
  'transient-system-error',
];

describe('replacement of batch tasks', () => {
  it.each(COUNTED)('tries again after %s until the retries are used up', (reason) => {
    const run = new JobRun(batch(1, { retryPolicy: IMMEDIATE }));
    run.start(0);
    run.finish(0, reason);
    run.wakeWhenDue(0);
    expect(run.at(0)).toMatchObject({ id: 'job.1', resubmits: 1, systemResubmits: 0, evictionResubmits: 0 });
    run.start(0);
    run.finish(0, reason);
    expect(run.state.job.status).toMatchObject({ state: 'finished', reason: 'failed' });
  });

  it.each(UNCOUNTED)('tries again after %s however often it happens', (reason) => {
    const run = new JobRun(batch(1));
    for (let attempt = 0; attempt < 4; attempt++) {
      run.start(0);
      run.finish(0, reason);
      run.wakeWhenDue(0);
    }
    expect(run.at(0)).toMatchObject({ resubmits: 4, systemResubmits: 4, evictionResubmits: 0 });
  });

  it.each(['normal', 'invalid-request'] as const)('does not try again after %s', (reason) => {
    const run = new JobRun(batch(2, { retryPolicy: { kind: 'immediate', retries: 9 } }));
    run.start(0);
    run.finish(0, reason);
    expect(run.said()).toEqual(['release job.0']);
    expect(run.states()).toEqual(['finished', 'accepted']);
  });

  it('lets a normal end stand that was there before the kill', () => {
    const run = new JobRun(batch(1, { retryPolicy: IMMEDIATE }));
    run.start(0);
    run.kill(0);
    run.finish(0, 'normal');
    expect(run.state.job.status).toMatchObject({ state: 'finished', reason: 'normal' });
  });
});

describe('replacement of service tasks', () => {
  it.each([...COUNTED, ...UNCOUNTED, 'normal', 'invalid-request'] as const)(
    'always replaces, also after %s and without retries',
    (reason) => {
      const run = new JobRun(service(1));
      for (let attempt = 0; attempt < 3; attempt++) {
        run.start(0);
        run.finish(0, reason);
        run.wakeWhenDue(0);
      }
      expect(run.at(0)).toMatchObject({ resubmits: 3, systemResubmits: UNCOUNTED.includes(reason) ? 3 : 0 });
    },
  );
});

describe('a replacement', () => {
  it('has the index of the old task, names it, and knows the first of its chain', () => {
    const run = new JobRun(service(3));
    run.startAll();
    run.finish(1, 'failed');
    expect(run.states()).toEqual(['started', 'finished', 'started']);
    run.wakeWhenDue(1);
    run.start(1);
    run.finish(1, 'failed');
    run.wakeWhenDue(1);
    expect(run.at(1)).toMatchObject({
      id: 'job.4',
      index: 1,
      originalId: 'job.1',
      resubmitOf: 'job.3',
      resubmits: 2,
      status: { state: 'accepted', reason: 'replaced', source: 'manager' },
    });
    expect(run.archive.map(({ id }) => id)).toEqual(['job.1', 'job.3']);
  });

  it('does not come before it is due, and comes with any step after that', () => {
    const run = new JobRun(service(2));
    run.start(0);
    run.finish(0, 'failed');
    expect(run.wake(0, 999)).toEqual([{ kind: 'wake', task: run.ref(0), atMs: 1000 }]);
    run.nowMs = 1000;
    run.place(1);
    expect(run.said()).toEqual(['launch job.1', 'enqueue job.2', 'wake job.1 at 301000']);
  });

  it('waits until fewer tasks are not started than the limit, lowest index first', () => {
    const run = new JobRun(service(4), { maxNotStarted: 2 });
    run.startAll();
    run.startAll();
    for (const index of [3, 1, 0, 2]) run.finish(index, 'failed');
    run.wake(3, 5000);
    expect(run.states()).toEqual(['accepted', 'accepted', 'finished', 'finished']);
    run.wake(2, 5000);
    expect(run.said()).toEqual(['wake job.2 at 35000']);
    run.start(0);
    expect(run.states()).toEqual(['started', 'accepted', 'accepted', 'finished']);
    run.start(1);
    expect(run.states()).toEqual(['started', 'started', 'accepted', 'accepted']);
  });

  it('comes even when the clock went back after its wake-up, which could not be heeded', () => {
    const run = new JobRun(service(2), { maxNotStarted: 1 });
    run.start(0);
    run.finish(0, 'failed');
    run.wake(0, 2000);
    const againAtMs = run.wakeAtMs(0);
    run.nowMs = 500;
    run.start(1);
    expect(run.states()).toEqual(['finished', 'started']);
    run.wake(0, againAtMs);
    expect(run.states()).toEqual(['accepted', 'started']);
  });

  it('that has no room is not asked for again at the same moment, even without delays', () => {
    const run = new JobRun(service(2), { maxNotStarted: 1, systemRetryMinMs: 0, systemRetryMaxMs: 0 });
    run.start(0);
    run.finish(0, 'failed');
    run.wake(0, 2000);
    expect(run.said()).toEqual(['wake job.0 at 3000']);
  });
});
