import { describe, expect, it } from 'vitest';
import { isStuck } from '../../src/machine/timeouts.ts';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

describe('time-outs of states', () => {
  it('kills a launched task of which the agent says nothing (stuck in state)', () => {
    const run = new JobRun(service(1));
    run.place(0);
    run.wake(0, 300_000);
    expect(run.said()).toEqual(['kill job.0 #1', 'wake job.0 at 900000', 'notify task-stuck']);
    expect(run.at(0).status).toMatchObject({
      state: 'kill-initiated',
      reason: 'stuck-in-state',
      source: 'clock',
    });
    expect(run.notices[0]).toMatchObject({ kind: 'task-stuck', state: 'launched' });
    run.finish(0, 'killed');
    run.wakeWhenDue(0);
    expect(run.at(0)).toMatchObject({ resubmits: 1, systemResubmits: 1 });
  });

  it.each([
    ['batch', batch(1), 720_000],
    ['service', service(1), 300_000],
  ])('gives a task of a %s job its time to start', (_, spec, timeoutMs) => {
    const run = new JobRun(spec);
    run.nowMs = 5;
    run.place(0);
    run.say(0, 'start-initiated');
    expect(run.said()).toEqual([`wake job.0 at ${5 + timeoutMs}`]);
    run.wake(0, 5 + timeoutMs);
    expect(run.at(0).killReason).toBe('stuck-in-state');
  });

  it('kills a batch task that has run for as long as it may, and does not try it again', () => {
    const run = new JobRun(
      batch(1, { runtimeLimitMs: 100_000, retryPolicy: { kind: 'immediate', retries: 3 } }),
    );
    run.start(0);
    expect(run.wakeAtMs(0)).toBe(100_000);
    run.wakeWhenDue(0);
    expect(run.at(0).status).toMatchObject({ reason: 'runtime-limit-exceeded', source: 'clock' });
    run.finish(0, 'killed');
    expect(run.state.job.status).toMatchObject({ state: 'finished', reason: 'failed' });
  });

  it('tries it again with retryOnRuntimeLimit, as a try that counts', () => {
    const retryPolicy = { kind: 'immediate', retries: 1 } as const;
    const run = new JobRun(batch(1, { runtimeLimitMs: 100_000, retryOnRuntimeLimit: true, retryPolicy }));
    for (const id of ['job.0', 'job.1']) {
      expect(run.at(0).id).toBe(id);
      run.start(0);
      run.wakeWhenDue(0);
      run.finish(0, 'killed');
      if (id === 'job.0') run.wakeWhenDue(0);
    }
    expect(run.state.job.status.reason).toBe('failed');
  });

  it('lets a batch task run for a minute at least, and a service task for ever', () => {
    const short = new JobRun(batch(1, { runtimeLimitMs: 5000 }));
    short.start(0);
    expect(short.wakeAtMs(0)).toBe(60_000);
    const long = new JobRun(service(1));
    long.start(0);
    expect(long.said()).toEqual([]);
  });

  it('lets early and unneeded wake-ups do no harm', () => {
    const run = new JobRun(service(2));
    const before = run.state;
    expect(run.wake(0, 10)).toEqual([]);
    run.place(1);
    const launched = run.state;
    run.wake(1, 299_999);
    expect(run.said()).toEqual(['wake job.1 at 300010']);
    expect(run.state).toBe(launched);
    expect(run.state).not.toBe(before);
  });

  it('counts from a reload, for nobody has listened before it', () => {
    const run = new JobRun(service(1));
    run.place(0);
    run.step({ kind: 'restored' }, 10_000_000);
    expect(run.wakeAtMs(0)).toBe(10_300_000);
    run.wake(0, 10_299_999);
    expect(run.at(0).status.state).toBe('launched');
  });

  it('counts the time to run from the start, whatever was reloaded since', () => {
    const run = new JobRun(batch(1, { runtimeLimitMs: 100_000 }));
    run.start(0);
    run.step({ kind: 'restored' }, 90_000);
    expect(run.wakeAtMs(0)).toBe(100_000);
    run.wake(0, 100_000);
    expect(run.at(0).killReason).toBe('runtime-limit-exceeded');
  });

  it('says beforehand which wake-up would kill a task as stuck', () => {
    const run = new JobRun(batch(2));
    const stuckAt = (index: number, nowMs: number): boolean =>
      isStuck(run.state, run.ref(index), nowMs, run.policy);
    expect(stuckAt(0, 1e9)).toBe(false);
    run.place(0);
    expect([299_999, 300_000].map((nowMs) => stuckAt(0, nowMs))).toEqual([false, true]);
    expect(isStuck(run.state, { index: 0, taskId: 'job.9' }, 1e9, run.policy)).toBe(false);
    run.say(0, 'start-initiated');
    expect([719_999, 720_000].map((nowMs) => stuckAt(0, nowMs))).toEqual([false, true]);
    run.say(0, 'started');
    expect(stuckAt(0, 1e9)).toBe(false);
    run.kill(0);
    expect(stuckAt(0, 1e9)).toBe(false);
  });
});
