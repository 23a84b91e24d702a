import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJob } from '../../src/machine/create-job.ts';
import type { JobEvent } from '../../src/machine/job-event.ts';
import { defaultJobPolicy } from '../../src/machine/job-policy.ts';
import { stepJob } from '../../src/machine/step-job.ts';
import type { JobRecord } from '../../src/model/job-record.ts';
import { assembleJob } from '../../src/model/assemble-job.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

const REF = { index: 0, taskId: 'job.0' };

describe('events of a wrong form', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an array', []],
    ['an unknown kind', { kind: 'explode' }],
    ['a kind that every object has', { kind: 'toString' }],
    ['no task', { kind: 'wake' }],
    ['a task without an id', { kind: 'wake', task: { index: 0 } }],
    ['a fraction as index', { kind: 'wake', task: { index: 0.5, taskId: 'job.0' } }],
    ['a fraction as capacity', { kind: 'update-capacity', capacity: { desired: 1.5 } }],
    ['NaN as capacity', { kind: 'update-capacity', capacity: { max: NaN } }],
    ['no capacity', { kind: 'update-capacity' }],
    ['a text as flag', { kind: 'set-enabled', enabled: 'yes' }],
    ['a number as process', { kind: 'update-processes', processes: { disableIncreaseDesired: 1 } }],
    ['no budget', { kind: 'update-disruption-budget' }],
    ['a number as attribute', { kind: 'update-attributes', set: { a: 1 } }],
    ['attributes that are a text', { kind: 'update-attributes', set: 'a' }],
    ['a name to remove alone', { kind: 'update-attributes', remove: 'a' }],
    ['a number as shrink', { kind: 'kill-task', task: REF, shrink: 1 }],
    ['a number as preventMinSizeUpdate', { kind: 'kill-task', task: REF, preventMinSizeUpdate: 1 }],
    ['a number as message', { kind: 'evict-task', task: REF, message: 5 }],
    ['no placement', { kind: 'placed', task: REF }],
    ['a placement without agent', { kind: 'placed', task: REF, placement: { zone: 'a' } }],
    ['an unknown state', { kind: 'task-status', task: REF, state: 'exploded' }],
    ['an end without reason', { kind: 'task-status', task: REF, state: 'finished' }],
    [
      'a reason that no agent gives',
      { kind: 'task-status', task: REF, state: 'finished', reason: 'evicted' },
    ],
    ['NaN as exit code', { kind: 'task-status', task: REF, state: 'started', exitCode: NaN }],
  ])('are refused and change nothing: %s', (_, event) => {
    expect(new JobRun(service(1)).refusal(event as JobEvent)).toBe('INVALID_EVENT');
  });

  it.each([NaN, Infinity, -Infinity, 1e300, '5', undefined])('are those at the time %s too', (nowMs) => {
    const run = new JobRun(service(1));
    const { rejection } = stepJob(run.state, { kind: 'kill-job' }, nowMs as number, run.policy);
    expect(rejection?.code).toBe('INVALID_EVENT');
    expect(() => createJob(service(1), 'job', nowMs as number, run.policy)).toThrow('INVALID_JOB_OPTION');
  });

  it('never throw, whatever they are', () => {
    const run = new JobRun(service(2));
    const kinds = fc.constantFrom('wake', 'placed', 'task-status', 'update-capacity', 'update-attributes');
    const event = fc.oneof(
      fc.anything(),
      fc.record({
        kind: kinds,
        task: fc.anything(),
        state: fc.anything(),
        set: fc.anything(),
        capacity: fc.anything(),
      }),
    );
    fc.assert(
      fc.property(event, (any) => {
        const step = stepJob(run.state, any as JobEvent, 5, run.policy);
        if (step.rejection !== undefined) expect(step.state).toBe(run.state);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('options of a policy', () => {
  it('have the defaults of Titus where nothing else is said', () => {
    expect(defaultJobPolicy({ killAttempts: 3, launchedTimeoutMs: undefined })).toMatchObject({
      launchedTimeoutMs: 300_000,
      batchStartTimeoutMs: 720_000,
      serviceStartTimeoutMs: 300_000,
      killTimeoutMs: 600_000,
      killAttempts: 3,
      maxNotStarted: 300,
    });
  });

  it.each([
    { killTimeoutMs: NaN },
    { retryResetMs: -1 },
    { launchedTimeoutMs: Infinity },
    { killAttempts: 0 },
    { maxNotStarted: 1.5 },
    { crashLoopFailures: '5' },
    { systemRetryMinMs: 31_000 },
    { victimOrder: 'oldest' },
  ])('are checked: %j', (wrong) => {
    expect(() => defaultJobPolicy(wrong as object)).toThrow(
      expect.objectContaining({
        code: 'INVALID_JOB_OPTION',
        message: expect.stringContaining(Object.keys(wrong)[0]),
      }),
    );
  });
});

describe('records from a store', () => {
  const run = new JobRun(batch(2));
  const [first, second] = run.tasks();
  const { job } = run.state;

  it.each<[string, unknown, unknown[]]>([
    ['no job', undefined, []],
    ['a job of an unknown kind', { ...job, spec: { ...job.spec, kind: 'cron' } }, []],
    ['a job without status', { ...job, status: undefined }, []],
    ['a job whose serial is no number', { ...job, nextSerial: '2' }, []],
    ['a job with half a history', { ...job, history: [{}] }, []],
    ['a job without evictions', { ...job, evictions: undefined }, []],
    ['a job with an eviction at no time', { ...job, evictions: [{ count: 1 }] }, []],
    ['a job with half an eviction', { ...job, evictions: [{ atMs: 1, count: 0.5 }] }, []],
    ['a task that is nothing', job, [null]],
    ['a task of another job', job, [{ ...first, jobId: 'other' }]],
    ['a task in an unknown state', job, [{ ...first, status: { ...first.status, state: 'disconnected' } }]],
    ['a task at a fraction', job, [{ ...first, index: 0.5 }]],
    ['a task far away', job, [{ ...first, index: 1e9 }]],
    ['a task without counts', job, [{ ...first, resubmits: undefined }]],
    ['a task with a time that is none', job, [{ ...first, retryDelayMs: 'soon' }]],
    ['a live task that waits for its replacement', job, [{ ...first, replaceAtMs: 5 }]],
    ['two tasks of one index', job, [first, { ...second, index: 0 }]],
  ])('are refused as a whole: %s', (_, record, tasks) => {
    expect(() => assembleJob(record as JobRecord, tasks as TaskRecord[])).toThrow(
      expect.objectContaining({ code: 'INVALID_JOB_RECORD' }),
    );
  });
});
