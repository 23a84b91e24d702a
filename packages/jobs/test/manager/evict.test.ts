/** Evictions under the budgets of the job and of the system together. */
import { describe, expect, test } from 'vitest';
import { SystemEvictionQuota } from '../../src/disruption/system-quota.ts';
import { batchSpec, Driver, FREE_BUDGET, rejectionOf, serviceSpec } from './support.ts';

describe('evict', () => {
  test('an eviction is counted by the job and by the system', () => {
    const driver = new Driver({ systemEvictions: { burst: 5, refill: 1, refillIntervalMs: 1000 } });
    driver.submit('web', serviceSpec({ disruptionBudget: FREE_BUDGET }));
    driver.startAll();
    const { nowMs, manager } = driver;
    expect(manager.evictionQuota('web', { nowMs })?.allowed).toBe(2);
    const handled = driver.took(manager.evict('web.0', { nowMs, message: 'drained' }));
    expect(handled.effects.map(({ kind }) => kind)).toEqual(['persist', 'kill', 'wake']);
    expect(manager.task('web.0')).toMatchObject({
      killReason: 'evicted',
      status: { source: 'relocation', message: 'drained' },
    });
    expect(manager.job('web')?.job.evictions).toEqual([{ atMs: nowMs, count: 1 }]);
    expect(manager.systemEvictions.allowed(nowMs)).toBe(4);
  });

  test('what the budget of the job or the system forbids takes from neither', () => {
    const driver = new Driver({ systemEvictions: { burst: 1, refill: 1, refillIntervalMs: 1000 } });
    const strict = { ...FREE_BUDGET, policy: { kind: 'availabilityPercentage', percentageOfHealthy: 50 } };
    driver.submit('web', serviceSpec({ disruptionBudget: strict }));
    driver.submit('free', serviceSpec({ disruptionBudget: FREE_BUDGET }));
    driver.startAll();
    const { nowMs, manager } = driver;
    const evict = (taskId: string, atMs = nowMs): string | undefined =>
      rejectionOf(driver.took(manager.evict(taskId, { nowMs: atMs })));
    expect(evict('web.0')).toBeUndefined();
    expect(evict('free.0')).toBe('NO_EVICTION_QUOTA');
    expect(manager.job('free')?.job.evictions).toEqual([]);
    expect(evict('web.1', nowMs + 1000)).toBe('NO_EVICTION_QUOTA');
    expect(manager.systemEvictions.allowed(nowMs + 1000)).toBe(1);
    expect(evict('web.0', nowMs + 1000)).toBe('TASK_NOT_STARTED');
    expect(manager.systemEvictions.allowed(nowMs + 1000)).toBe(1);
    expect(evict('free.0', nowMs + 1000)).toBeUndefined();
  });

  test('health providers are asked; what they throw passes through and takes nothing', () => {
    const driver = new Driver({ specs: { healthProviders: ['probe'] } });
    const disruptionBudget = {
      ...FREE_BUDGET,
      policy: { kind: 'unhealthyTasks', limit: 1 },
      healthProviders: ['probe'],
    };
    driver.submit('web', serviceSpec({ disruptionBudget }));
    driver.startAll();
    const { nowMs, manager } = driver;
    const broken = (): never => {
      throw new Error('no answer');
    };
    expect(() => manager.evict('web.0', { nowMs, isHealthy: broken })).toThrow('no answer');
    expect(manager.systemEvictions.allowed(nowMs)).toBe(500);
    const isHealthy = ({ id }: { id: string }): boolean => id === 'web.1';
    expect(rejectionOf(manager.evict('web.1', { nowMs, isHealthy }))).toBe('NO_EVICTION_QUOTA');
    expect(rejectionOf(manager.evict('web.0', { nowMs, isHealthy: () => true }))).toBeUndefined();
  });

  test('for self-managed jobs the budget of the operator holds', () => {
    const selfManagedBudget = { ...FREE_BUDGET, policy: { kind: 'relocations', limit: 1 } } as const;
    const driver = new Driver({ selfManagedBudget });
    driver.submit('web', serviceSpec());
    driver.startAll();
    const { nowMs, manager } = driver;
    expect(manager.evictionQuota('web', { nowMs })?.allowed).toBe(2);
    expect(new Driver().manager.evictionQuota('web', { nowMs })).toBeUndefined();
  });

  test('the budget of the system goes on from a snapshot', () => {
    const options = { burst: 2, refill: 1, refillIntervalMs: 1000 };
    const driver = new Driver({ systemEvictions: options });
    driver.submit('web', serviceSpec({ disruptionBudget: FREE_BUDGET }));
    driver.startAll();
    driver.took(driver.manager.evict('web.0', { nowMs: driver.nowMs }));
    const snapshot = driver.manager.systemEvictions.snapshot();
    const next = new Driver({ systemEvictions: SystemEvictionQuota.restore(snapshot, options) });
    next.manager.restore(driver.store.read(), driver.nowMs);
    expect(rejectionOf(next.manager.evict('web.1', { nowMs: driver.nowMs }))).toBeUndefined();
    expect(next.manager.systemEvictions.allowed(driver.nowMs)).toBe(0);
  });

  test('a batch task that is evicted does not use up a retry', () => {
    const driver = new Driver();
    driver.submit('nightly', batchSpec({ size: 1, disruptionBudget: FREE_BUDGET }));
    driver.startAll();
    driver.took(driver.manager.evict('nightly.0', { nowMs: driver.nowMs }));
    driver.finish('nightly.0', 'killed');
    expect(driver.tasks('nightly')).toMatchObject([{ id: 'nightly.1', resubmits: 1, evictionResubmits: 1 }]);
  });

  test('there is no way around the budgets', () => {
    const driver = new Driver();
    driver.submit('web', serviceSpec());
    driver.startAll();
    const task = { index: 0, taskId: 'web.0' };
    expect(rejectionOf(driver.manager.handle('web', { kind: 'evict-task', task }, 0))).toBe('INVALID_EVENT');
    expect(rejectionOf(driver.manager.handleTask('web.0', { kind: 'evict-task' } as never, 0))).toBe(
      'INVALID_EVENT',
    );
  });
});
