/** What the manager adds to the state machines: doors, guards, and the index of tasks. */
import { describe, expect, test } from 'vitest';
import { JobManager } from '../../src/manager/job-manager.ts';
import { batchSpec, Driver, FREE_BUDGET, rejectionOf, serviceSpec } from './support.ts';

describe('handle and handleTask', () => {
  test('a task is found by its id from its creation to its replacement', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec({ capacity: { min: 0, desired: 1, max: 5 } }));
    driver.startAll();
    driver.finish('web.0', 'failed');
    expect(driver.manager.task('web.0')?.status.state).toBe('finished');
    driver.wakeUntil(driver.nowMs + 60_000);
    expect(driver.manager.task('web.0')).toBeUndefined();
    expect(driver.manager.archive.task('web.0')?.status.reason).toBe('failed');
    expect(driver.manager.task('web.1')?.resubmitOf).toBe('web.0');
    expect(rejectionOf(driver.finish('web.0'))).toBe('TASK_NOT_FOUND');
  });

  test('what no active job or task has the id of is refused', () => {
    const { manager } = new Driver();
    expect(rejectionOf(manager.handle('none', { kind: 'kill-job' }, 0))).toBe('JOB_NOT_FOUND');
    expect(rejectionOf(manager.handleTask('none.0', { kind: 'kill-task' }, 0))).toBe('TASK_NOT_FOUND');
    expect(rejectionOf(manager.wake('none.0', 0))).toBe('TASK_NOT_FOUND');
    expect(rejectionOf(manager.evict('none.0', { nowMs: 0 }))).toBe('TASK_NOT_FOUND');
    expect(rejectionOf(manager.move('none.0', 'none', 0))).toBe('TASK_NOT_FOUND');
    expect(manager.evictionQuota('none', { nowMs: 0 })).toBeUndefined();
  });

  test.each([
    null,
    7,
    {},
    { kind: 'dance' },
    { kind: 'placed' },
    { kind: 'kill-task', shrink: 3 },
    { code: 'X' },
  ])('%o is no event', (event) => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    const before = driver.bytes();
    expect(rejectionOf(driver.manager.handle('web', event as never, 0))).toBe('INVALID_EVENT');
    expect(rejectionOf(driver.manager.handleTask('web.0', event as never, 0))).toBe('INVALID_EVENT');
    expect(rejectionOf(driver.manager.handle('web', { kind: 'kill-job' }, Number.NaN))).toBe('INVALID_EVENT');
    expect(driver.bytes()).toEqual(before);
  });

  test.each([{ kind: 'wake' }, { kind: 'wake', task: 3 }, { kind: 'kill-task', task: { index: -1 } }])(
    '%o names no task',
    (event) => {
      const driver = new Driver();
      driver.submit('web', serviceSpec());
      expect(rejectionOf(driver.manager.handle('web', event as never, 0))).toBe('INVALID_EVENT');
    },
  );

  test('capacity beyond the limit of the application is refused, with field and limit', () => {
    const driver = new Driver({ limits: { serviceMaxTasks: 20 } });
    driver.submit('web', serviceSpec());
    const { rejection } = driver.manager.handle('web', { kind: 'update-capacity', capacity: { max: 21 } }, 0);
    expect(rejection?.code).toBe('INVALID_CAPACITY');
    expect(rejection?.message).toMatch(/max is 21; .*serviceMaxTasks/);
    expect(driver.manager.changes.sequence).toBe(3);
  });

  test('attributes are checked as they would be together', () => {
    const driver = new Driver({ limits: { attributesMaxCount: 2 } });
    driver.submit('web', serviceSpec({ attributes: { a: '1', b: '2' } }));
    const update = (event: object): string | undefined =>
      rejectionOf(driver.manager.handle('web', { kind: 'update-attributes', ...event }, 0));
    expect(update({ set: { c: '3' } })).toBe('INVALID_JOB_SPEC');
    expect(update({ set: { c: '3' }, remove: ['a'] })).toBeUndefined();
    expect(driver.manager.job('web')?.job.spec.attributes).toEqual({ b: '2', c: '3' });
  });

  test('a new disruption budget is checked and copied', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    const update = (budget: object): string | undefined =>
      rejectionOf(
        driver.manager.handle('web', { kind: 'update-disruption-budget', budget: budget as never }, 0),
      );
    const policy = { kind: 'availabilityPercentage', percentageOfHealthy: 90 };
    expect(update({ ...FREE_BUDGET, policy: { ...policy, percentageOfHealthy: 101 } })).toBe(
      'INVALID_JOB_SPEC',
    );
    expect(update({ ...FREE_BUDGET, policy })).toBeUndefined();
    policy.percentageOfHealthy = 1;
    expect(driver.manager.job('web')?.job.spec.disruptionBudget.policy).toEqual({
      ...policy,
      percentageOfHealthy: 90,
    });
  });

  test('a finished job is in the archive with all its tasks, and not active any more', () => {
    const driver = new Driver();
    driver.submit('nightly', batchSpec());
    driver.startAll();
    driver.finish('nightly.0');
    driver.finish('nightly.1');
    const { manager } = driver;
    expect([manager.activeJobs, manager.job('nightly'), manager.task('nightly.0')]).toEqual([
      0,
      undefined,
      undefined,
    ]);
    expect(manager.archive.job('nightly')?.status.reason).toBe('normal');
    expect([...manager.archive.tasksOf('nightly')].map(({ id }) => id)).toEqual(['nightly.0', 'nightly.1']);
    expect(rejectionOf(manager.handle('nightly', { kind: 'kill-job' }, 0))).toBe('JOB_NOT_FOUND');
  });

  test('what a victim order throws passes through and has changed nothing', () => {
    const victimOrder = (): never => {
      throw new Error('no idea');
    };
    const driver = new Driver({ policy: { victimOrder } });
    driver.submit('web', serviceSpec());
    driver.startAll();
    const before = [...driver.bytes(), driver.manager.changes.sequence];
    const shrink = { kind: 'update-capacity', capacity: { desired: 1 } } as const;
    expect(() => driver.manager.handle('web', shrink, 0)).toThrow('no idea');
    expect([...driver.bytes(), driver.manager.changes.sequence]).toEqual(before);
    expect(
      rejectionOf(driver.manager.handle('web', { kind: 'set-enabled', enabled: false }, 0)),
    ).toBeUndefined();
  });
});

describe('wake', () => {
  test('when very many tasks are stuck, the first are killed and the others get their turn later', () => {
    const driver = new Driver({ stuckKills: { capacity: 2, refillPerSecond: 1 } });
    driver.submit('web', serviceSpec({ capacity: { min: 0, desired: 5, max: 5 } }));
    for (const { id } of driver.tasks()) driver.place(id);
    const stuckMs = driver.nowMs + 300_000;
    driver.wakeUntil(stuckMs);
    const killed = (): number =>
      driver.tasks().filter(({ killReason }) => killReason === 'stuck-in-state').length;
    expect(killed()).toBe(2);
    driver.wakeUntil(stuckMs + 999);
    expect(killed()).toBe(2);
    driver.wakeUntil(stuckMs + 1000);
    expect(killed()).toBe(3);
    driver.wakeUntil(stuckMs + 3000);
    expect(killed()).toBe(5);
  });

  test('a wake-up that is held back is the only effect, and the job is as it was', () => {
    const driver = new Driver({ stuckKills: { capacity: 1, refillPerSecond: 0.5 } });
    driver.submit('web', serviceSpec());
    driver.place('web.0');
    driver.place('web.1');
    const atMs = driver.nowMs + 300_000;
    driver.manager.wake('web.0', atMs);
    const before = driver.bytes();
    expect(driver.manager.wake('web.1', atMs)).toEqual({
      effects: [{ kind: 'wake', task: { index: 1, taskId: 'web.1' }, atMs: atMs + 2000 }],
    });
    expect(
      rejectionOf(driver.manager.handle('web', { kind: 'wake', task: { index: 1, taskId: 'web.1' } }, atMs)),
    ).toBeUndefined();
    expect(driver.bytes()).toEqual(before);
  });

  test('the turn of a task that was started meanwhile is free for another one', () => {
    const driver = new Driver({ stuckKills: { capacity: 1, refillPerSecond: 1 } });
    driver.submit('web', serviceSpec({ capacity: { min: 0, desired: 3, max: 3 } }));
    driver.place('web.0');
    driver.place('web.1');
    driver.nowMs += 1000;
    driver.place('web.2');
    driver.wakeUntil(driver.nowMs + 299_000);
    driver.status('web.1', 'started');
    driver.wakeUntil(driver.nowMs + 1000);
    expect(driver.manager.task('web.2')?.killReason).toBe('stuck-in-state');
  });

  test('a task that was started meanwhile is not killed when its turn comes', () => {
    const driver = new Driver({ stuckKills: { capacity: 1, refillPerSecond: 1 } });
    driver.submit('web', serviceSpec());
    driver.place('web.0');
    driver.place('web.1');
    driver.wakeUntil(driver.nowMs + 300_000);
    driver.status('web.1', 'started');
    driver.wakeUntil(driver.nowMs + 1000);
    expect(driver.manager.task('web.1')?.status.state).toBe('started');
  });
});

describe('move', () => {
  test('the task belongs to the other job from now on, under its id', () => {
    const driver = new Driver();
    driver.submit('canary', serviceSpec());
    driver.submit('fleet', serviceSpec());
    driver.startAll();
    const { effects } = driver.took(driver.manager.move('canary.0', 'fleet', driver.nowMs));
    expect(effects.slice(0, 2).map((effect) => effect.kind === 'persist' && effect.jobId)).toEqual([
      'canary',
      'fleet',
    ]);
    expect(driver.manager.task('canary.0')).toMatchObject({
      jobId: 'fleet',
      index: 2,
      movedFromJob: 'canary',
    });
    expect(driver.tasks('canary').map(({ id }) => id)).toEqual(['canary.1']);
    expect(driver.finish('canary.0', 'failed').rejection).toBeUndefined();
    driver.wakeUntil(driver.nowMs + 60_000);
    expect(driver.tasks('fleet').map(({ id }) => id)).toEqual(['fleet.0', 'fleet.1', 'fleet.2']);
  });

  test('a move that is refused changes neither job', () => {
    const driver = new Driver();
    driver.submit('canary', serviceSpec({ capacity: { min: 2, desired: 2, max: 2 } }));
    driver.submit('fleet', serviceSpec());
    driver.startAll();
    const before = driver.bytes();
    expect(rejectionOf(driver.manager.move('canary.0', 'fleet', 0))).toBe('BELOW_MIN_CAPACITY');
    expect(rejectionOf(driver.manager.move('canary.0', 'canary', 0))).toBe('SAME_JOB');
    expect(rejectionOf(driver.manager.move('canary.0', 'none', 0))).toBe('JOB_NOT_FOUND');
    expect(driver.bytes()).toEqual(before);
  });
});

describe('options', () => {
  test.each([
    { maxActiveJobs: 0 },
    { maxBadRecords: -1 },
    { policy: { killAttempts: 0 } },
    { limits: { gpuMaxCount: -1 } },
    { changes: { capacity: 0 } },
    { changes: { firstSequence: 0 } },
    { archive: { maxJobs: 0 } },
    { stuckKills: { capacity: 0 } },
    { systemEvictions: { burst: 0 } },
    { selfManagedBudget: { ...FREE_BUDGET, policy: { kind: 'selfManaged', relocationTimeMs: 1 } } as never },
  ])('%j is refused', (options) => {
    expect(() => new JobManager(options)).toThrow(/^INVALID_JOB_OPTION: /);
  });
});
