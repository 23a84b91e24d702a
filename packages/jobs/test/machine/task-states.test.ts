import { TASK_STATES } from '@stowage/protocol';
import { describe, expect, it } from 'vitest';
import { JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

describe('states of a task: accepted → launched → start-initiated → started → kill-initiated → finished', () => {
  it('carries a reason and a source with every transition, and keeps all of them', () => {
    const run = new JobRun(batch(1));
    run.nowMs = 1;
    run.place(0, 'agent-7', 'zone-b');
    run.nowMs = 2;
    run.say(0, 'start-initiated', { message: 'pulling the image' });
    run.nowMs = 3;
    run.say(0, 'started');
    run.nowMs = 4;
    run.kill(0);
    expect([...run.at(0).history, run.at(0).status]).toEqual([
      { state: 'accepted', reason: 'created', source: 'manager', atMs: 0, message: undefined },
      { state: 'launched', reason: 'placed', source: 'scheduler', atMs: 1, message: undefined },
      {
        state: 'start-initiated',
        reason: 'reported',
        source: 'agent',
        atMs: 2,
        message: 'pulling the image',
      },
      { state: 'started', reason: 'reported', source: 'agent', atMs: 3, message: undefined },
      { state: 'kill-initiated', reason: 'killed', source: 'user', atMs: 4, message: undefined },
    ]);
    expect(run.at(0).placement).toEqual({ agentId: 'agent-7', zone: 'zone-b' });
    run.nowMs = 5;
    run.finish(0, 'killed', { exitCode: 143, message: 'ended on request' });
    expect(run.archive[0].status).toEqual({
      state: 'finished',
      reason: 'killed',
      source: 'agent',
      atMs: 5,
      message: 'ended on request',
    });
    expect(run.archive[0].exitCode).toBe(143);
  });

  it('asks for a launch when the task is placed, for a release when it has finished', () => {
    const run = new JobRun(service(1));
    expect(run.said()).toEqual(['enqueue job.0']);
    run.place(0);
    expect(run.said()).toEqual(['launch job.0', 'wake job.0 at 300000']);
    run.say(0, 'started');
    expect(run.said()).toEqual([]);
    run.finish(0, 'failed');
    expect(run.said()).toEqual(['release job.0', 'wake job.0 at 1000']);
  });

  it('lets an agent leave out states on the way', () => {
    const run = new JobRun(batch(2));
    run.place(0);
    run.say(0, 'started');
    run.place(1);
    run.finish(1, 'invalid-request');
    expect(run.states()).toEqual(['started', 'finished']);
  });

  it('refuses news of a state that the task has or has passed, and of those that only we decide', () => {
    const run = new JobRun(service(1));
    run.start(0);
    for (const state of ['accepted', 'launched', 'start-initiated', 'started', 'kill-initiated'] as const) {
      expect(run.refusal({ kind: 'task-status', task: run.ref(0), state })).toBe('STALE_STATUS');
    }
    expect(
      run.refusal({ kind: 'placed', task: run.ref(0), placement: { agentId: 'b', zone: undefined } }),
    ).toBe('STALE_STATUS');
    run.finish(0, 'failed');
    for (const state of TASK_STATES) {
      expect(run.refusal({ kind: 'task-status', task: run.ref(0), state, reason: 'failed' })).toBe(
        'STALE_STATUS',
      );
    }
  });

  it('refuses news of an agent about a task that nobody has placed', () => {
    const run = new JobRun(service(1));
    for (const state of ['start-initiated', 'started', 'finished'] as const) {
      expect(run.refusal({ kind: 'task-status', task: run.ref(0), state, reason: 'normal' })).toBe(
        'ILLEGAL_TRANSITION',
      );
    }
  });

  it('refuses news of a task that is not in its slot any more', () => {
    const run = new JobRun(service(2));
    run.start(0);
    const old = run.ref(0);
    run.finish(0, 'failed');
    run.wakeWhenDue(0);
    expect(run.at(0).id).toBe('job.2');
    expect(run.refusal({ kind: 'task-status', task: old, state: 'finished', reason: 'failed' })).toBe(
      'TASK_NOT_FOUND',
    );
    expect(run.refusal({ kind: 'wake', task: old })).toBe('TASK_NOT_FOUND');
    expect(run.refusal({ kind: 'kill-task', task: { index: 5, taskId: 'job.1' } })).toBe('TASK_NOT_FOUND');
    expect(run.refusal({ kind: 'evict-task', task: { index: 0, taskId: 'job.1' } })).toBe('TASK_NOT_FOUND');
    expect(run.refusal({ kind: 'wake', task: { index: 2 ** 32, taskId: 'job.2' } })).toBe('TASK_NOT_FOUND');
  });

  it('does not go back in time when the clock does', () => {
    const run = new JobRun(batch(1));
    run.nowMs = 1000;
    run.place(0);
    run.nowMs = 400;
    run.say(0, 'started');
    expect(run.at(0).status.atMs).toBe(1000);
    run.nowMs = -5;
    run.finish(0, 'normal');
    expect(run.archive[0].status.atMs).toBe(1000);
    expect(run.state.job.status).toMatchObject({ state: 'finished', atMs: 0 });
  });

  it('gives a task an id that is never used twice', () => {
    const run = new JobRun(service(2));
    run.startAll();
    run.finish(1, 'failed');
    run.wakeWhenDue(1);
    run.step({ kind: 'update-capacity', capacity: { desired: 1 } });
    run.step({ kind: 'update-capacity', capacity: { desired: 3 } });
    const ids = [...run.archive, ...run.tasks()].map(({ id }) => id);
    expect(ids.sort()).toEqual(['job.0', 'job.1', 'job.2', 'job.3', 'job.4']);
  });
});

describe('news of a task that is being killed', () => {
  it('is stale as long as it does not say the end', () => {
    const run = new JobRun(service(1));
    run.place(0);
    run.kill(0);
    for (const state of ['start-initiated', 'started'] as const) {
      expect(run.refusal({ kind: 'task-status', task: run.ref(0), state })).toBe('STALE_STATUS');
    }
  });

  it.each(['killed', 'lost', 'failed', 'unavailable'] as const)(
    'ends it for the reason of the kill when the agent says %s',
    (reason) => {
      const run = new JobRun(service(1));
      run.start(0);
      run.step({ kind: 'evict-task', task: run.ref(0) });
      run.finish(0, reason);
      expect(run.archive[0].status.reason).toBe('evicted');
    },
  );

  it('ends it as normal when it came to its own end before', () => {
    const run = new JobRun(service(1));
    run.start(0);
    run.kill(0);
    run.finish(0, 'normal');
    expect(run.at(0)).toMatchObject({ status: { reason: 'normal' }, killReason: 'killed' });
  });
});
