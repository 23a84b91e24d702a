import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../src/machine/job-event.ts';
import type { JobPolicy } from '../../src/machine/job-policy.ts';
import type { RetryPolicy } from '../../src/spec/job-spec.ts';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

type AgentReason = NonNullable<Extract<JobEvent, { kind: 'task-status' }>['reason']>;

/** Crash loops would slow these down too. */
const NO_LOOPS = { crashLoopFailures: 1000 };

/** Delays of a chain of which one task after the other ends so, each reloaded from its stored form in between. */
function delays(
  retryPolicy: RetryPolicy,
  reasons: readonly AgentReason[],
  policy: Partial<JobPolicy> = NO_LOOPS,
): readonly number[] {
  const run = new JobRun(service(1, { retryPolicy }), policy);
  return reasons.map((reason) => {
    run.state = run.reassembled();
    run.start(0);
    run.finish(0, reason);
    const delayMs = run.wakeAtMs(0) - run.nowMs;
    run.wakeWhenDue(0);
    return delayMs;
  });
}

const FAILED = ['failed', 'failed', 'failed', 'failed', 'failed'] as const;

describe('delay of a replacement', () => {
  it('is the least one with the immediate policy', () => {
    expect(delays({ kind: 'immediate', retries: 0 }, FAILED)).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  it('is initialDelayMs first and delayMs then with the delayed policy', () => {
    const policy = { kind: 'delayed', initialDelayMs: 5000, delayMs: 20_000, retries: 0 } as const;
    expect(delays(policy, FAILED)).toEqual([5000, 20_000, 20_000, 20_000, 20_000]);
  });

  it('doubles up to maxDelayMs with the exponential policy, also over reloads', () => {
    const policy = { kind: 'exponential', initialDelayMs: 4000, maxDelayMs: 20_000, retries: 0 } as const;
    expect(delays(policy, FAILED)).toEqual([4000, 8000, 16_000, 20_000, 20_000]);
  });

  it('is at least minRetryDelayMs', () => {
    const policy = { kind: 'exponential', initialDelayMs: 100, maxDelayMs: 20_000, retries: 0 } as const;
    expect(delays(policy, FAILED)).toEqual([1000, 1000, 1000, 1000, 1600]);
    expect(delays(policy, FAILED, { ...NO_LOOPS, minRetryDelayMs: 300 })).toEqual([300, 300, 400, 800, 1600]);
  });

  it('doubles between the limits of the system after failures that are not the user’s', () => {
    const policy = { kind: 'delayed', initialDelayMs: 0, delayMs: 86_400_000, retries: 0 } as const;
    const lost = Array.from({ length: 7 }, () => 'lost' as const);
    expect(delays(policy, lost)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('stays within the limits of either sort in a chain of both', () => {
    const policy = { kind: 'exponential', initialDelayMs: 5000, maxDelayMs: 3_600_000, retries: 0 } as const;
    expect(delays(policy, ['lost', 'failed', 'failed', 'failed', 'failed', 'lost', 'failed'])).toEqual([
      1000, 5000, 10_000, 20_000, 40_000, 30_000, 30_000,
    ]);
  });

  it('is none after an eviction, and the chain goes on from where it was', () => {
    const run = new JobRun(
      service(1, {
        retryPolicy: { kind: 'exponential', initialDelayMs: 4000, maxDelayMs: 60_000, retries: 0 },
      }),
    );
    run.start(0);
    run.finish(0, 'failed');
    run.wakeWhenDue(0);
    run.start(0);
    run.step({ kind: 'evict-task', task: run.ref(0) });
    run.finish(0, 'killed');
    expect(run.at(0).status.state).toBe('accepted');
    run.start(0);
    run.finish(0, 'failed');
    expect(run.wakeAtMs(0) - run.nowMs).toBe(8000);
  });

  it('is none after the task has been started for retryResetMs, and the chain begins anew', () => {
    const retryPolicy = {
      kind: 'exponential',
      initialDelayMs: 4000,
      maxDelayMs: 60_000,
      retries: 9,
    } as const;
    const run = new JobRun(batch(1, { retryPolicy }));
    run.start(0);
    run.finish(0, 'failed');
    run.wakeWhenDue(0);
    run.start(0);
    run.nowMs += 300_000;
    run.finish(0, 'failed');
    expect(run.said()).toEqual(['release job.1', 'enqueue job.2']);
    run.start(0);
    run.nowMs += 299_999;
    run.finish(0, 'failed');
    expect(run.wakeAtMs(0) - run.nowMs).toBe(4000);
  });

  it('counts the time started up to the kill only', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.kill(0);
    run.nowMs = 300_000;
    run.finish(0, 'killed');
    expect(run.wakeAtMs(0)).toBe(301_000);
  });
});
