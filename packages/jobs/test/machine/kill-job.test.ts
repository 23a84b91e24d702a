import { describe, expect, it } from 'vitest';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

describe('killing a job', () => {
  it('kills what lives, drops what waits, and ends when the last task has', () => {
    const run = new JobRun(service(4));
    for (const index of [0, 1, 2]) run.start(index);
    run.finish(1, 'failed');
    run.kill(2);
    run.nowMs = 100;
    run.step({ kind: 'kill-job' });
    expect(run.said()).toEqual(['release job.3', 'kill job.0 #1', 'wake job.0 at 600100']);
    expect(run.state.job.status).toMatchObject({
      state: 'kill-initiated',
      reason: 'killed',
      source: 'user',
      atMs: 100,
    });
    expect(run.states()).toEqual(['kill-initiated', '-', 'kill-initiated', '-']);
    run.finish(2, 'killed');
    run.finish(0, 'killed');
    expect(run.state.job.status).toMatchObject({ state: 'finished', reason: 'killed' });
    expect(run.notices).toEqual([{ kind: 'job-finished', jobId: 'job', reason: 'killed' }]);
    expect(run.archive.map(({ id }) => id).sort()).toEqual(['job.0', 'job.1', 'job.2', 'job.3']);
  });

  it('ends at once when no agent has any of its tasks', () => {
    const run = new JobRun(batch(2));
    run.step({ kind: 'kill-job' });
    expect(run.said()).toEqual(['release job.0', 'release job.1', 'notify job-finished']);
    expect(run.state.job.history.map(({ state }) => state)).toEqual(['accepted', 'kill-initiated']);
    expect(run.archive.every(({ status }) => status.reason === 'killed')).toBe(true);
  });

  it('replaces nothing any more, whatever the tasks end of', () => {
    const run = new JobRun(batch(3, { retryPolicy: { kind: 'immediate', retries: 5 } }));
    run.startAll();
    run.finish(2, 'failed');
    run.step({ kind: 'kill-job' });
    expect(run.at(2).replaceAtMs).toBeUndefined();
    expect(run.wake(2, 5000)).toEqual([]);
    run.finish(0, 'failed');
    run.finish(1, 'lost');
    expect(run.state.job.status.reason).toBe('killed');
  });

  it('refuses what users ask for meanwhile, but for attributes', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.step({ kind: 'kill-job' });
    for (const event of [
      { kind: 'kill-job' },
      { kind: 'update-capacity', capacity: { desired: 2 } },
      { kind: 'update-processes', processes: {} },
      { kind: 'set-enabled', enabled: false },
      { kind: 'update-disruption-budget', budget: run.state.job.spec.disruptionBudget },
      { kind: 'kill-task', task: run.ref(0) },
    ] as const) {
      expect(run.refusal(event)).toBe('JOB_TERMINATING');
    }
    run.step({ kind: 'update-attributes', set: { why: 'moved' } });
    expect(run.state.job.spec.attributes).toEqual({ why: 'moved' });
  });

  it('gives up tasks whose agents do not answer', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.step({ kind: 'kill-job' });
    run.wakeWhenDue(0);
    run.wakeWhenDue(0);
    expect(run.state.job.status.state).toBe('finished');
    expect(run.archive[0].status.reason).toBe('stuck-in-killing-state');
  });
});
