import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../src/spec/job-spec.ts';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

const RETRIES = { kind: 'immediate', retries: 100 } as const;

/** A chain that has failed so often, each time at once; the last one waits for its replacement. */
function failing(spec: JobSpec, times: number): JobRun {
  const run = new JobRun(spec);
  for (let failure = 0; failure < times; failure++) {
    if (failure > 0) run.wakeWhenDue(0);
    run.start(0);
    run.finish(0, 'failed');
  }
  return run;
}

describe('crash loops', () => {
  it('are recognised by failures in a row, and told of once', () => {
    const run = failing(service(1), 4);
    expect(run.notices).toEqual([]);
    run.wakeWhenDue(0);
    run.start(0);
    run.finish(0, 'out-of-memory');
    expect(run.notices).toEqual([
      { kind: 'crash-loop-begun', jobId: 'job', task: { index: 0, taskId: 'job.4' } },
    ]);
    run.wakeWhenDue(0);
    run.start(0);
    run.finish(0, 'crashed');
    expect(run.notices.length).toBe(1);
  });

  it('stay loops that go on, however many failures there have been', () => {
    const run = new JobRun(service(1), { minRetryDelayMs: 0 });
    for (let failure = 0; failure < 1100; failure++) {
      run.start(0);
      run.finish(0, 'failed');
    }
    expect(run.tasks()).toMatchObject([{ status: { state: 'accepted' }, quickFailures: 1100 }]);
  });

  it('are slowed, more and more, also where the retry policy would not wait', () => {
    const run = failing(batch(1, { retryPolicy: RETRIES }), 4);
    const delays = Array.from({ length: 8 }, () => {
      run.wakeWhenDue(0);
      run.start(0);
      run.finish(0, 'failed');
      return run.wakeAtMs(0) - run.nowMs;
    });
    expect(delays).toEqual([8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
  });

  it('do not shorten the delay of the retry policy', () => {
    const retryPolicy = { kind: 'delayed', initialDelayMs: 60_000, delayMs: 60_000, retries: 0 } as const;
    const run = failing(service(1, { retryPolicy }), 5);
    expect(run.wakeAtMs(0) - run.nowMs).toBe(60_000);
  });

  it('are those of services that end normally too, before they have run for long', () => {
    const run = failing(service(1), 4);
    run.wakeWhenDue(0);
    run.start(0);
    run.finish(0, 'normal');
    expect(run.notices.map(({ kind }) => kind)).toEqual(['crash-loop-begun']);
  });

  it('are not those of tasks that were killed or lost', () => {
    const run = failing(service(1), 4);
    run.wakeWhenDue(0);
    run.start(0);
    run.kill(0);
    run.finish(0, 'failed');
    run.wakeWhenDue(0);
    expect(run.at(0).quickFailures).toBe(0);
    run.start(0);
    run.finish(0, 'lost');
    run.wakeWhenDue(0);
    expect(run.at(0).quickFailures).toBe(0);
    expect(run.notices).toEqual([]);
  });

  it('end when a task keeps running, as soon as it has', () => {
    const run = failing(service(1), 6);
    run.wakeWhenDue(0);
    const { nowMs } = run;
    run.start(0);
    run.state = run.reassembled();
    expect(run.wakeAtMs(0)).toBe(nowMs + 300_000);
    run.wakeWhenDue(0);
    expect(run.at(0)).toMatchObject({ quickFailures: 0, status: { state: 'started' } });
    expect(run.notices.at(-1)).toMatchObject({ kind: 'crash-loop-ended', task: run.ref(0) });
    run.finish(0, 'failed');
    expect(run.said()).toEqual(['release job.6', 'enqueue job.7']);
    expect(run.notices.length).toBe(2);
  });

  it('end with a batch task that ends normally', () => {
    const run = failing(batch(2, { retryPolicy: RETRIES }), 5);
    run.wakeWhenDue(0);
    run.start(0);
    run.finish(0, 'normal');
    expect(run.notices.map(({ kind }) => kind)).toEqual(['crash-loop-begun', 'crash-loop-ended']);
  });

  it('let the time to run of a batch task be heeded after that', () => {
    const run = failing(batch(1, { retryPolicy: RETRIES, runtimeLimitMs: 400_000 }), 5);
    run.wakeWhenDue(0);
    const { nowMs } = run;
    run.start(0);
    run.wakeWhenDue(0);
    expect(run.said()).toEqual([`wake job.5 at ${nowMs + 400_000}`, 'notify crash-loop-ended']);
    run.wakeWhenDue(0);
    expect(run.at(0).killReason).toBe('runtime-limit-exceeded');
  });

  it('do not begin with a failure after which nothing comes', () => {
    const run = failing(batch(1, { retryPolicy: { kind: 'immediate', retries: 4 } }), 5);
    expect(run.notices.map(({ kind }) => kind)).toEqual(['job-finished']);
  });
});
