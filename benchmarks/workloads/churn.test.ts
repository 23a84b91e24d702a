/**
 * Every case of the suite, small: the engine decides as its plain scan does and as the oracle does, and the workloads
 * are what they say they are. What is measured is right before it is fast.
 */
import { describe, expect, test } from 'vitest';
import { type CaseName, CASES } from './cases.ts';
import { Churn, churnStart } from './churn.ts';
import { oracleHash } from './oracle-churn.ts';
import { type Workload, workload } from './workload.ts';

const NAMES = Object.keys(CASES) as CaseName[];

/** Enough agents that the engine does not prefer to scan them. */
const AGENTS = 600;
const OPERATIONS = 1500;
/** What the oracle needs seconds for. */
const FEW_AGENTS = 12;
const FEW_OPERATIONS = 40;

function small(name: CaseName, agents: number, { shapes, securityGroups }: Partial<Workload>): Workload {
  const full = workload(agents, CASES[name]);
  return workload(agents, {
    ...CASES[name],
    shapes: Math.min(full.shapes, shapes ?? Infinity),
    securityGroups: Math.min(full.securityGroups, securityGroups ?? Infinity),
  });
}

describe('the engine decides every operation', () => {
  test.each(NAMES)('as its plain scan does: %s', (name) => {
    const start = churnStart(small(name, AGENTS, { shapes: 2000 }));
    const engine = new Churn(start, 'declared');
    const scan = new Churn(start, 'scan', OPERATIONS);
    expect(engine.run(OPERATIONS)).toBe(scan.run(OPERATIONS));
    expect(engine.misses).toBe(scan.misses);
    expect(engine.engine.verify()).toEqual([]);
  });

  test.each(NAMES)('as the oracle does: %s', (name) => {
    const start = churnStart(small(name, FEW_AGENTS, { shapes: 48, securityGroups: 24 }));
    expect(new Churn(start, 'declared').run(FEW_OPERATIONS)).toBe(oracleHash(start, FEW_OPERATIONS));
  });
});

describe('a churn', () => {
  test('gives the same hash however its operations are divided', () => {
    const start = churnStart(workload(50));
    const [once, often] = [new Churn(start, 'declared'), new Churn(start, 'declared')];
    once.run(300);
    for (let i = 0; i < 300; i += 50) often.run(50);
    expect(often.hash).toBe(once.hash);
    expect(often.operations).toBe(300);
  });

  test.each(NAMES)('keeps its load: %s', (name) => {
    const churn = new Churn(churnStart(small(name, AGENTS, { shapes: 2000 })), 'declared');
    const { load } = churn.workload;
    expect(Math.abs(loadOf(churn) - load)).toBeLessThan(0.02);
    churn.run(3000);
    expect(Math.abs(loadOf(churn) - load)).toBeLessThan(0.04);
    expect(churn.misses / churn.operations).toBeLessThan(0.01);
  });

  test('leaves about a third of the agents with an interface to spare', () => {
    const { state } = churnStart(workload(AGENTS, CASES['interfaces, 200 security groups']));
    expect(state.idleInterfaceShare).toBeGreaterThan(0.25);
    expect(state.idleInterfaceShare).toBeLessThan(0.4);
  });

  test('asks for a class that fits nowhere', () => {
    const churn = new Churn(churnStart(workload(AGENTS, CASES['hopeless class among churn'])), 'declared');
    for (let i = 0; i < 50; i++) {
      expect(churn.engine.find(churn.hopelessClass)).toBe(-1);
      churn.run(40);
    }
  });

  test('refuses more distinct shapes than there are', () => {
    expect(() => churnStart(workload(4, { grain: 'distinct', shapes: 300_000 }))).toThrow(RangeError);
  });
});

/** Part of all cores that is in use. */
function loadOf({ engine: { cluster, rowCount } }: Churn): number {
  const [free, total] = [cluster.free('cpu'), cluster.total('cpu')].map((column) =>
    column.subarray(0, rowCount).reduce((sum, units) => sum + units, 0),
  );
  return 1 - free / total;
}
