import { describe, expect, it } from 'vitest';
import { JobRun } from './job-run.ts';
import { batch } from './specs.ts';

describe('batch jobs', () => {
  it('have one task for each index from 0 to size − 1, in the queue at once', () => {
    const run = new JobRun(batch(3));
    expect(run.said()).toEqual(['enqueue job.0', 'enqueue job.1', 'enqueue job.2']);
    expect(run.tasks().map(({ index, status }) => [index, status.state])).toEqual([
      [0, 'accepted'],
      [1, 'accepted'],
      [2, 'accepted'],
    ]);
  });

  it('make no more tasks than may be on their way, the others as these get started', () => {
    const run = new JobRun(batch(400));
    expect(run.state.counts.accepted).toBe(300);
    run.place(0);
    run.say(0, 'start-initiated');
    expect(run.state.slots.length).toBe(300);
    run.say(0, 'started');
    expect(run.said()).toContain('enqueue job.300');
    run.start(1);
    run.start(2);
    expect(run.state.counts).toMatchObject({ started: 3, accepted: 300 });
  });

  it('count tasks that are being killed as not started', () => {
    const run = new JobRun(batch(2), { maxNotStarted: 1 });
    run.start(0);
    run.start(1);
    run.kill(0);
    run.finish(1, 'lost');
    run.wake(1, 5000);
    expect(run.states()).toEqual(['kill-initiated', 'finished']);
    run.finish(0, 'killed');
    expect(run.states()).toEqual(['finished', 'accepted']);
  });

  it('end as normal when all tasks have, and leave the active set with all of them', () => {
    const run = new JobRun(batch(2));
    run.startAll();
    run.finish(1, 'normal');
    expect(run.state.job.status.state).toBe('accepted');
    run.nowMs = 9;
    run.finish(0, 'normal');
    expect(run.state.job).toMatchObject({
      status: { state: 'finished', reason: 'normal', source: 'manager', atMs: 9 },
      history: [{ state: 'accepted', reason: 'created', source: 'user', atMs: 0 }],
    });
    expect(run.effects[0]).toMatchObject({ kind: 'persist', tasks: [], jobArchived: true });
    expect(run.archive.map(({ id }) => id)).toEqual(['job.0', 'job.1']);
    expect(run.said()).toEqual(['release job.0', 'notify job-finished']);
    expect(run.notices).toEqual([{ kind: 'job-finished', jobId: 'job', reason: 'normal' }]);
    expect(run.tasks()).toEqual([]);
    expect(run.store.size).toBe(0);
  });

  it('end as failed when one task could not come to a normal end', () => {
    const run = new JobRun(batch(3));
    run.startAll();
    run.finish(0, 'normal');
    run.finish(1, 'invalid-request');
    run.finish(2, 'normal');
    expect(run.state.job.status).toMatchObject({ state: 'finished', reason: 'failed' });
  });

  it('do not end while a replacement is waited for', () => {
    const run = new JobRun(batch(2));
    run.startAll();
    run.finish(0, 'lost');
    run.finish(1, 'normal');
    expect(run.state.job.status.state).toBe('accepted');
    expect(run.states()).toEqual(['finished', 'finished']);
    run.wake(0, 1000);
    run.start(0);
    run.finish(0, 'normal');
    expect(run.state.job.status.reason).toBe('normal');
  });

  it('have no capacity, no switch and no processes that could be changed', () => {
    const run = new JobRun(batch(2));
    expect(run.refusal({ kind: 'update-capacity', capacity: { desired: 3 } })).toBe('NOT_A_SERVICE');
    expect(run.refusal({ kind: 'set-enabled', enabled: false })).toBe('NOT_A_SERVICE');
    expect(run.refusal({ kind: 'update-processes', processes: {} })).toBe('NOT_A_SERVICE');
  });

  it('refuse every event once they have finished', () => {
    const run = new JobRun(batch(1));
    const task = run.ref(0);
    run.start(0);
    run.finish(0, 'normal');
    for (const event of [
      { kind: 'kill-job' },
      { kind: 'restored' },
      { kind: 'wake', task },
      { kind: 'update-attributes', set: { a: 'b' } },
      { kind: 'task-status', task, state: 'finished', reason: 'normal' },
    ] as const) {
      expect(run.refusal(event)).toBe('JOB_TERMINATING');
    }
  });
});
