/** Options that spare a cycle looks at all agents: what is left out, and what stays right. */
import { constraint } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { codeOf, setUp, task } from './service-set-up.ts';

describe('evictions', () => {
  const taint = { key: 'gone', effect: 'NoExecute' as const };

  test('are named by every cycle, unless they are switched off', () => {
    for (const evictions of [undefined, true, false]) {
      const { scheduler, service } = setUp({ evictions });
      scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
      service.submit(task('t'));
      service.runCycle();
      scheduler.updateAgent({ id: 'a', resources: { cpu: 1 }, taints: [taint] });
      const named = service.runCycle().evictions.map((eviction) => eviction.task);
      expect(named).toEqual(evictions === false ? [] : ['t']);
    }
  });

  test('are switched by true and false only', () => {
    expect(codeOf(() => setUp({ evictions: 'no' as never }))).toBe('INVALID_SERVICE_OPTION');
  });
});

describe('explanations', () => {
  /** A service of which every agent refuses every task. */
  function refusing(explanationAgeMs: number | undefined) {
    const set = setUp({ explanationAgeMs }, { constraints: [constraint('refusing', () => 'not here')] });
    set.scheduler.addAgent({ id: 'a', resources: { cpu: 8 } });
    return set;
  }
  const alike = { resources: { cpu: 1 } };

  test('stand for tasks that are made from one object, for as long as is said', () => {
    const { clock, scheduler, service } = refusing(1_000);
    service.submit(task('t', alike));
    service.submit(task('u', alike));
    const first = service.runCycle().failures;
    expect(first.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['job-hard-constraint', 'none of 1 agents is feasible: 1 fail refusing'],
      ['job-hard-constraint', 'none of 1 agents is feasible: 1 fail refusing'],
    ]);
    scheduler.addAgent({ id: 'b', resources: { cpu: 8 } });
    clock.advance(999);
    expect(service.runCycle().failures[0].reason).toBe(first[0].reason);
    clock.advance(1);
    expect(service.runCycle().failures[0].reason).toBe('none of 2 agents is feasible: 2 fail refusing');
  });

  test('are made anew in every cycle by default', () => {
    const { scheduler, service } = refusing(undefined);
    service.submit(task('t', alike));
    service.runCycle();
    scheduler.addAgent({ id: 'b', resources: { cpu: 8 } });
    expect(service.runCycle().failures[0].reason).toBe('none of 2 agents is feasible: 2 fail refusing');
  });

  test('of tasks with the same resources and other requirements are not mixed up', () => {
    const { scheduler, service } = setUp({ explanationAgeMs: 1_000 });
    scheduler.addAgent({ id: 'a', resources: { cpu: 8 } });
    const never = (name: string) => [constraint(name, () => 'no')];
    service.submit(task('t', { ...alike, constraints: never('first') }));
    service.submit(task('u', { ...alike, constraints: never('second') }));
    const reasons = service.runCycle().failures.map(({ reason }) => reason);
    expect(reasons[0]).toContain('first');
    expect(reasons[1]).toContain('second');
  });

  test('have an age that is a time', () => {
    for (const explanationAgeMs of [-1, NaN, '1' as never])
      expect(codeOf(() => setUp({ explanationAgeMs }))).toBe('INVALID_SERVICE_OPTION');
  });
});
