import { describe, expect, it } from 'vitest';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

describe('killing a task', () => {
  it('passes through kill-initiated also where no agent has it, in one step', () => {
    const run = new JobRun(service(1));
    run.kill(0);
    expect(run.said()).toEqual(['release job.0', 'wake job.0 at 1000']);
    const { history, status } = run.at(0);
    expect([...history, status].map(({ state }) => state)).toEqual([
      'accepted',
      'kill-initiated',
      'finished',
    ]);
    expect(status).toMatchObject({ reason: 'killed', source: 'user' });
  });

  it('is asked of the agent where one has it', () => {
    const run = new JobRun(service(1));
    run.place(0);
    run.nowMs = 50;
    run.kill(0);
    expect(run.said()).toEqual(['kill job.0 #1', 'wake job.0 at 600050']);
    expect(run.at(0)).toMatchObject({ killReason: 'killed', killAttempts: 1, killedAtMs: 50 });
  });

  it('is refused for a task that is being killed or has finished', () => {
    const run = new JobRun(service(2));
    run.start(0);
    run.kill(0);
    run.kill(1);
    expect(run.refusal({ kind: 'kill-task', task: run.ref(0) })).toBe('TASK_TERMINATING');
    expect(run.refusal({ kind: 'kill-task', task: run.ref(1) })).toBe('TASK_TERMINATING');
  });

  it('is asked for again when the agent does not answer, with the whole time once more', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.kill(0);
    run.wake(0, 700_000);
    expect(run.said()).toEqual(['kill job.0 #2', 'wake job.0 at 1300000']);
    run.wake(0, 700_000);
    expect(run.said()).toEqual(['wake job.0 at 1300000']);
    expect(run.at(0).killAttempts).toBe(2);
    expect(run.at(0).status.atMs).toBe(0);
  });

  it('gives the task up after killAttempts, so that what it books is free (stuck in killing state)', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.kill(0);
    run.wakeWhenDue(0);
    run.wakeWhenDue(0);
    expect(run.said()).toEqual(['release job.0', 'wake job.0 at 1201000', 'notify task-stuck']);
    expect(run.at(0).status).toMatchObject({ reason: 'stuck-in-killing-state', source: 'clock' });
    expect(run.notices).toEqual([
      { kind: 'task-stuck', jobId: 'job', task: run.ref(0), state: 'kill-initiated' },
    ]);
  });

  it('of a batch task by a user is tried again as long as retries are left', () => {
    const run = new JobRun(batch(1, { retryPolicy: { kind: 'immediate', retries: 1 } }));
    run.start(0);
    run.kill(0);
    run.finish(0, 'killed');
    run.wakeWhenDue(0);
    expect(run.at(0)).toMatchObject({ id: 'job.1', resubmits: 1, systemResubmits: 0 });
    run.kill(0);
    expect(run.state.job.status).toMatchObject({ state: 'finished', reason: 'failed' });
  });
});

describe('kill and shrink', () => {
  const capacity = { min: 2, desired: 3, max: 5 };

  it('takes the task down for good and lowers desired', () => {
    const run = new JobRun(service(3, { capacity }));
    run.startAll();
    run.kill(1, { shrink: true });
    expect(run.state.job.spec).toMatchObject({ capacity: { min: 2, desired: 2, max: 5 } });
    expect(run.said()).toEqual(['kill job.1 #1', 'wake job.1 at 600000']);
    run.finish(1, 'killed');
    expect(run.states()).toEqual(['started', '-', 'started']);
    expect(run.archive.map(({ status }) => status.reason)).toEqual(['scaled-down']);
  });

  it('lowers min too when it must', () => {
    const run = new JobRun(service(3, { capacity: { min: 3, desired: 3, max: 5 } }));
    run.kill(0, { shrink: true });
    expect(run.state.job.spec).toMatchObject({ capacity: { min: 2, desired: 2, max: 5 } });
    expect(run.states()).toEqual(['-', 'accepted', 'accepted']);
  });

  it('is refused below min with preventMinSizeUpdate', () => {
    const run = new JobRun(service(3, { capacity: { min: 3, desired: 3, max: 5 } }));
    const event = { kind: 'kill-task', task: run.ref(0), shrink: true, preventMinSizeUpdate: true } as const;
    expect(run.refusal(event)).toBe('SHRINK_BELOW_MIN');
    run.step({ kind: 'update-capacity', capacity: { min: 2 } });
    run.step(event);
    expect(run.state.job.spec).toMatchObject({ capacity: { min: 2, desired: 2 } });
  });

  it('does not replace the task either when it ends normally meanwhile', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.kill(0, { shrink: true });
    run.finish(0, 'normal');
    expect(run.states()).toEqual(['-']);
    expect(run.archive[0].status.reason).toBe('normal');
  });

  it('is for services only', () => {
    const run = new JobRun(batch(2));
    expect(run.refusal({ kind: 'kill-task', task: run.ref(0), shrink: true })).toBe('NOT_A_SERVICE');
  });
});

describe('eviction', () => {
  it('kills a started task, counts it in the job, and replaces it at once', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.nowMs = 10_000;
    run.step({ kind: 'evict-task', task: run.ref(0), message: 'the agent is drained' });
    expect(run.said()).toEqual(['kill job.0 #1', 'wake job.0 at 610000']);
    expect(run.at(0).status).toMatchObject({
      reason: 'evicted',
      source: 'relocation',
      message: 'the agent is drained',
    });
    expect(run.state.job.evictions).toEqual([{ atMs: 10_000, count: 1 }]);
    run.finish(0, 'killed');
    expect(run.said()).toEqual(['release job.0', 'enqueue job.1']);
    expect(run.at(0)).toMatchObject({ id: 'job.1', resubmits: 1, systemResubmits: 0, evictionResubmits: 1 });
  });

  it('counts those of the last hour, of one moment together', () => {
    const run = new JobRun(service(4));
    run.startAll();
    run.step({ kind: 'evict-task', task: run.ref(0) }, 1000);
    run.step({ kind: 'evict-task', task: run.ref(1) }, 1000);
    run.step({ kind: 'evict-task', task: run.ref(2) }, 2000);
    expect(run.state.job.evictions).toEqual([
      { atMs: 1000, count: 2 },
      { atMs: 2000, count: 1 },
    ]);
    run.step({ kind: 'evict-task', task: run.ref(3) }, 3_601_000);
    expect(run.state.job.evictions).toEqual([
      { atMs: 2000, count: 1 },
      { atMs: 3_601_000, count: 1 },
    ]);
  });

  it('counts in the chain also when the task answers with a normal end', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.step({ kind: 'evict-task', task: run.ref(0) });
    run.finish(0, 'normal');
    run.wakeWhenDue(0);
    expect(run.at(0)).toMatchObject({
      resubmits: 1,
      systemResubmits: 0,
      evictionResubmits: 1,
      quickFailures: 0,
    });
  });

  it('does not use up the retries of a batch job', () => {
    const run = new JobRun(batch(1));
    run.start(0);
    run.step({ kind: 'evict-task', task: run.ref(0) });
    run.finish(0, 'killed');
    expect(run.said()).toEqual(['release job.0', 'enqueue job.1']);
  });

  it('is refused for a task that is not started', () => {
    const run = new JobRun(service(3));
    run.place(1);
    run.start(2);
    run.kill(2);
    for (const index of [0, 1, 2]) {
      expect(run.refusal({ kind: 'evict-task', task: run.ref(index) })).toBe('TASK_NOT_STARTED');
    }
  });
});
