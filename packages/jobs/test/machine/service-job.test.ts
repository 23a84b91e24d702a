import { describe, expect, it } from 'vitest';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { JobRun } from './job-run.ts';
import { service } from './specs.ts';

const capacity = { min: 1, desired: 2, max: 5 };

describe('capacity of a service', () => {
  it('grows by tasks at the lowest free indexes', () => {
    const run = new JobRun(service(3));
    run.startAll();
    run.kill(1, { shrink: true });
    run.finish(1, 'killed');
    run.step({ kind: 'update-capacity', capacity: { desired: 4 } });
    expect(run.said()).toEqual(['enqueue job.3', 'enqueue job.4']);
    expect(run.tasks().map(({ id, index }) => [index, id])).toEqual([
      [0, 'job.0'],
      [1, 'job.3'],
      [2, 'job.2'],
      [3, 'job.4'],
    ]);
  });

  it('leaves an index alone until the task that is taken down has ended', () => {
    const run = new JobRun(service(2));
    run.startAll();
    run.kill(0, { shrink: true });
    run.step({ kind: 'update-capacity', capacity: { desired: 2 } });
    expect(run.states()).toEqual(['kill-initiated', 'started', 'accepted']);
  });

  it('keeps what an update does not name, and brings desired between min and max', () => {
    const run = new JobRun(service(2, { capacity }));
    run.step({ kind: 'update-capacity', capacity: { min: 3 } });
    expect(run.state.job.spec).toMatchObject({ capacity: { min: 3, desired: 3, max: 5 } });
    run.step({ kind: 'update-capacity', capacity: { min: 0, max: 1 } });
    expect(run.state.job.spec).toMatchObject({ capacity: { min: 0, desired: 1, max: 1 } });
  });

  it.each([
    { desired: 6 },
    { desired: 0 },
    { min: -1 },
    { min: 4, max: 3 },
    { max: 10_001 },
    { min: 3, desired: 2 },
  ])('refuses %j, which is not min ≤ desired ≤ max', (asked) => {
    const run = new JobRun(service(2, { capacity }));
    expect(run.refusal({ kind: 'update-capacity', capacity: asked })).toBe('INVALID_CAPACITY');
  });

  it('does nothing when it is equal', () => {
    const run = new JobRun(service(2, { capacity }));
    const { state } = run;
    expect(run.step({ kind: 'update-capacity', capacity })).toEqual([]);
    expect(run.state).toBe(state);
  });

  it('does not rise with disableIncreaseDesired, nor fall with disableDecreaseDesired', () => {
    const run = new JobRun(service(2, { capacity }));
    run.step({ kind: 'update-processes', processes: { disableIncreaseDesired: true } });
    expect(run.refusal({ kind: 'update-capacity', capacity: { desired: 3 } })).toBe('CAPACITY_LOCKED');
    expect(run.refusal({ kind: 'update-capacity', capacity: { min: 3 } })).toBe('CAPACITY_LOCKED');
    run.step({ kind: 'update-capacity', capacity: { max: 9 } });
    run.step({ kind: 'update-capacity', capacity: { desired: 1 } });
    run.step({
      kind: 'update-processes',
      processes: { disableIncreaseDesired: false, disableDecreaseDesired: true },
    });
    run.step({ kind: 'update-capacity', capacity: { desired: 3 } });
    expect(run.refusal({ kind: 'update-capacity', capacity: { desired: 2 } })).toBe('CAPACITY_LOCKED');
  });
});

describe('scale-down of a service', () => {
  it('drops first what costs nothing: waiting replacements, kills under way, tasks without a place', () => {
    const run = new JobRun(service(6));
    for (const index of [0, 1, 2, 3]) run.start(index);
    run.finish(3, 'failed');
    run.kill(2);
    run.step({ kind: 'update-capacity', capacity: { desired: 5 } });
    expect(run.states()).toEqual(['started', 'started', 'kill-initiated', '-', 'accepted', 'accepted']);
    run.step({ kind: 'update-capacity', capacity: { desired: 4 } });
    expect(run.said()).toEqual([]);
    expect(run.at(2)).toMatchObject({ killReason: 'scaled-down', status: { reason: 'killed' } });
    run.step({ kind: 'update-capacity', capacity: { desired: 2 } });
    expect(run.said()).toEqual(['release job.4', 'release job.5']);
    expect(run.states()).toEqual(['started', 'started', 'kill-initiated', '-', '-', '-']);
    run.finish(2, 'killed');
    expect(run.states()).toEqual(['started', 'started', '-', '-', '-', '-']);
    expect(run.archive.map(({ status }) => status.reason)).toEqual([
      'failed',
      'scaled-down',
      'scaled-down',
      'scaled-down',
    ]);
  });

  it('kills the victims that the policy orders, all in one step, and does not replace them', () => {
    const asked: [readonly string[], number][] = [];
    const victimOrder = (live: readonly TaskRecord[], count: number): readonly TaskRecord[] => {
      asked.push([live.map(({ id }) => id), count]);
      return live.slice(0, count);
    };
    const run = new JobRun(service(4), { victimOrder });
    run.startAll();
    run.step({ kind: 'update-capacity', capacity: { desired: 1 } });
    expect(asked).toEqual([[['job.0', 'job.1', 'job.2', 'job.3'], 3]]);
    expect(run.said().filter((line) => line.startsWith('kill'))).toEqual([
      'kill job.0 #1',
      'kill job.1 #1',
      'kill job.2 #1',
    ]);
    expect(run.at(0).status).toMatchObject({ reason: 'scaled-down', source: 'manager' });
    for (const index of [0, 1, 2]) run.finish(index, 'killed');
    expect(run.states()).toEqual(['-', '-', '-', 'started']);
  });

  it('throws when the policy does not choose as it was asked to, and changes nothing', () => {
    for (const victimOrder of [
      () => [],
      (live: readonly TaskRecord[]) => [live[0], live[0]],
      (live: readonly TaskRecord[]) => [{ ...live[0] }, live[1]],
    ]) {
      const run = new JobRun(service(3), { victimOrder });
      run.startAll();
      const { state } = run;
      expect(() => run.step({ kind: 'update-capacity', capacity: { desired: 1 } })).toThrow(
        'INVALID_JOB_OPTION',
      );
      expect(run.state).toBe(state);
    }
  });

  it('to nothing leaves a service that goes on when it is scaled up again', () => {
    const run = new JobRun(service(2));
    run.startAll();
    run.step({ kind: 'update-capacity', capacity: { desired: 0 } });
    run.finish(0, 'killed');
    run.finish(1, 'killed');
    expect(run.state.job.status.state).toBe('accepted');
    run.step({ kind: 'update-capacity', capacity: { desired: 1 } });
    expect(run.said()).toEqual(['enqueue job.2']);
  });
});
