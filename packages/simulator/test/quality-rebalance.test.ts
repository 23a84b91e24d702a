import { spreading } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import { rebalance } from '../src/quality/rebalance/rebalance.ts';
import { ServiceCell } from '../src/quality/rebalance/service-cell.ts';
import type { Service } from '../src/service-fleet.ts';
import { holds } from '../src/quality/suite.ts';
import { finished } from './finished.ts';

const service = (name: string, cpu: number): Service => ({
  name,
  cpu,
  memoryMiB: 1024,
  network: 1,
  securityGroup: 'sg',
  tasks: 0,
  burst: 0,
});

/** Zones a, b, c, a, b, c. */
function cell(): ServiceCell {
  return new ServiceCell(6, spreading('cpu'));
}

describe('a cell of services', () => {
  test('a zone that fails loses no task, and comes back empty', () => {
    const made = cell();
    const web = service('web', 2);
    for (let i = 0; i < 9; i++) expect(made.launch(web)).toBe(true);
    expect(made.tasksOutOfPlace).toBe(0);
    expect(made.loseZone('c')).toBe(0);
    expect(made.engine.taskCount).toBe(9);
    expect(made.engine.agentCount).toBe(6);
    // 5, 4 and 0 where 3 each would be even.
    expect(made.tasksOutOfPlace).toBe(3);
    expect(made.agentsInUse).toBe(4);
    expect(made.engine.verify()).toEqual([]);
  });

  test('counts tasks that find no room when a zone fails', () => {
    const made = cell();
    const full = service('full', 32);
    for (let i = 0; i < 6; i++) made.launch(full);
    expect(made.launch(full)).toBe(false);
    expect(made.loseZone('b')).toBe(2);
    expect(made.serviceOf.size).toBe(4);
  });

  test('knows how few agents could hold what runs', () => {
    const made = cell();
    for (let i = 0; i < 6; i++) made.launch(service('x', 11));
    expect(made.agentsInUse).toBe(6);
    expect(made.agentsNeeded).toBe(3); // 66 of 32 cores each
  });

  test('where tasks cannot be divided evenly, nothing is out of place', () => {
    const made = cell();
    const web = service('web', 1);
    for (let i = 0; i < 5; i++) made.launch(web);
    expect(made.tasksOutOfPlace).toBe(0);
  });
});

test('the suite, in small', () => {
  const { checks, plots } = finished(rebalance.run({ data: '', smoke: true }));
  expect(checks.filter((check) => !holds(check))).toEqual([]);
  for (const { series } of plots) {
    const course = series[0].points.map(([, value]) => value);
    expect(course.length).toBeGreaterThan(5);
    expect(course.every((value, round) => round === 0 || value <= course[round - 1])).toBe(true);
  }
});
