import { describe, expect, it } from 'vitest';
import { moveTask, type MoveStep } from '../../src/machine/move-task.ts';
import type { ContainerSpec, ServiceJobSpec } from '../../src/spec/job-spec.ts';
import { inShort, JobRun } from './job-run.ts';
import { batch, service } from './specs.ts';

const CAPACITY = { min: 1, desired: 2, max: 3 };

function pair(
  ofTarget: Partial<ServiceJobSpec> = {},
  ofSource: Partial<ServiceJobSpec> = {},
): { readonly source: JobRun; readonly target: JobRun } {
  const source = new JobRun(service(2, { capacity: CAPACITY, ...ofSource }), {}, 'source');
  const target = new JobRun(service(2, { capacity: CAPACITY, ...ofTarget }), {}, 'target');
  return { source, target };
}

function move(source: JobRun, target: JobRun, index: number): MoveStep {
  return moveTask(source.state, target.state, source.ref(index), source.nowMs, source.policy);
}

/** The move must be made; both stores take what is theirs. */
function moved(source: JobRun, target: JobRun, index: number): MoveStep {
  const step = move(source, target, index);
  expect(step.rejection).toBeUndefined();
  source.store.delete(source.at(index).id);
  source.take({ state: step.source, effects: step.effects });
  target.take({ state: step.target, effects: step.effects });
  return step;
}

function refusal(source: JobRun, target: JobRun, index = 0): string {
  const step = move(source, target, index);
  expect(step).toMatchObject({ source: source.state, target: target.state, effects: [] });
  return `${step.rejection?.code}: ${step.rejection?.message}`;
}

describe('moving a task between services', () => {
  it('changes both jobs in one step and lets the task run', () => {
    const { source, target } = pair();
    source.start(0, 'agent-1', 'zone-1');
    const step = moved(source, target, 0);
    expect(
      step.effects.map((effect) => (effect.kind === 'persist' ? effect.jobId : inShort(effect))),
    ).toEqual(['source', 'target']);
    expect(source.state.job.spec).toMatchObject({ capacity: { min: 1, desired: 1, max: 3 } });
    expect(target.state.job.spec).toMatchObject({ capacity: { min: 1, desired: 3, max: 3 } });
    expect(source.states()).toEqual(['-', 'accepted']);
    expect(target.at(2)).toMatchObject({
      id: 'source.0',
      jobId: 'target',
      index: 2,
      movedFromJob: 'source',
      status: { state: 'started' },
      placement: { agentId: 'agent-1', zone: 'zone-1' },
    });
  });

  it('gives the task the lowest free index', () => {
    const { source, target } = pair({ capacity: { min: 0, desired: 2, max: 9 } });
    target.kill(0, { shrink: true });
    moved(source, target, 1);
    expect(target.at(0).id).toBe('source.1');
    expect(target.states()).toEqual(['accepted', 'accepted']);
  });

  it('asks anew for the wake-up of the state, which named the old place', () => {
    const { source, target } = pair();
    source.place(0);
    const { effects } = moved(source, target, 0);
    expect(effects.slice(2)).toEqual([
      { kind: 'wake', task: { index: 2, taskId: 'source.0' }, atMs: 300_000 },
    ]);
    target.wake(2, 300_000);
    expect(target.at(2).killReason).toBe('stuck-in-state');
  });

  it('replaces the moved task in its new job when it ends', () => {
    const { source, target } = pair();
    source.start(0);
    moved(source, target, 0);
    target.finish(2, 'failed');
    target.wakeWhenDue(2);
    expect(target.at(2)).toMatchObject({ id: 'target.2', jobId: 'target', originalId: 'source.0' });
  });

  it('makes room for tasks that could not be made for the limit', () => {
    const source = new JobRun(
      service(3, { capacity: { min: 0, desired: 3, max: 3 } }),
      { maxNotStarted: 2 },
      'source',
    );
    const target = new JobRun(
      service(1, { capacity: { min: 0, desired: 1, max: 9 } }),
      { maxNotStarted: 2 },
      'target',
    );
    const { effects } = moved(source, target, 0);
    expect(effects.map(inShort).filter(Boolean)).toEqual(['enqueue source.2']);
    expect(source.states()).toEqual(['accepted', 'accepted']);
  });

  it('is refused within one job', () => {
    const { source } = pair();
    expect(refusal(source, source)).toMatch('SAME_JOB');
  });

  it('is refused when either job is being killed or is no service', () => {
    const dying = pair();
    dying.target.start(0);
    dying.target.step({ kind: 'kill-job' });
    expect(refusal(dying.source, dying.target)).toMatch('JOB_TERMINATING: job target');
    expect(refusal(dying.target, dying.source)).toMatch('JOB_TERMINATING: job target');
    const { source } = pair();
    const other = new JobRun(batch(1), {}, 'batch');
    expect(refusal(source, other)).toMatch('NOT_A_SERVICE: job batch');
    expect(refusal(other, source)).toMatch('NOT_A_SERVICE: job batch');
  });

  it('is refused for a task that is not there, or on its way out', () => {
    const { source, target } = pair();
    const stale = moveTask(source.state, target.state, { index: 0, taskId: 'source.9' }, 0, source.policy);
    expect(stale.rejection?.code).toBe('TASK_NOT_FOUND');
    source.start(0);
    source.kill(0);
    source.kill(1);
    expect(refusal(source, target, 0)).toMatch('TASK_TERMINATING');
    expect(refusal(source, target, 1)).toMatch('TASK_TERMINATING');
  });

  it('is refused when the source would fall below min or the target rise above max', () => {
    const low = pair({}, { capacity: { min: 2, desired: 2, max: 3 } });
    expect(refusal(low.source, low.target)).toMatch('BELOW_MIN_CAPACITY');
    const high = pair({ capacity: { min: 0, desired: 2, max: 2 } });
    expect(refusal(high.source, high.target)).toMatch('ABOVE_MAX_CAPACITY');
  });

  it('is refused when the containers differ, and says in which fields', () => {
    const { container } = service(1);
    const other: ContainerSpec = {
      ...container,
      image: { name: 'app', digest: 'sha256:0' },
      resources: { ...container.resources, memoryMiB: 1024 },
      command: ['run'],
      securityGroups: ['sg-1', 'sg-2'],
    };
    const { source, target } = pair({ container: other, capacityGroup: 'critical' });
    expect(refusal(source, target)).toMatch(
      'JOBS_NOT_COMPATIBLE: jobs source and target differ in capacityGroup, container.command, ' +
        'container.image.digest, container.image.tag, container.resources.memoryMiB, container.securityGroups.1;',
    );
  });

  it('is made when they differ in what only people and other programs read', () => {
    const { container } = service(1);
    const { source, target } = pair({
      owner: { teamEmail: 'other@example.com' },
      applicationName: 'other',
      jobGroup: { stack: 's', detail: 'd', sequence: '1' },
      attributes: { a: 'b' },
      enabled: false,
      retryPolicy: { kind: 'immediate', retries: 7 },
      container: { ...container, environment: { A: 'B' }, attributes: { c: 'd' } },
    });
    moved(source, target, 0);
    expect(target.at(2).id).toBe('source.0');
  });

  it('is refused without a proper name of a task or a time', () => {
    const { source, target } = pair();
    const asked = [
      [{ index: -1, taskId: 'source.0' }, 0],
      [{ index: 0, taskId: 'source.0' }, NaN],
    ] as const;
    for (const [ref, nowMs] of asked) {
      expect(moveTask(source.state, target.state, ref, nowMs, source.policy).rejection?.code).toBe(
        'INVALID_EVENT',
      );
    }
  });
});
