/** Removal in two phases, by example and against a model. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgentRemovals, type AgentRemovalsSnapshot, type PoolAgent, type RemovalStep } from '../src/index.ts';

const GRACE_MS = 100;
const EXPIRY_MS = 500;
const OPTIONS = { graceMs: GRACE_MS, expiryMs: EXPIRY_MS };

function agent(id: string, more: Partial<PoolAgent> = {}): PoolAgent {
  return { id, pool: 'p', idle: true, ...more };
}

function inShort(steps: readonly RemovalStep[]): string[] {
  return steps.map(({ kind, agent: id, reason }) => `${kind} ${id}: ${reason}`);
}

describe('AgentRemovals', () => {
  test('an agent that is idle after the grace may be terminated, once', () => {
    const removals = new AgentRemovals(OPTIONS);
    removals.propose({ pool: 'p', agents: ['a'] }, 0);
    const at = (nowMs: number): string[] => inShort(removals.evaluate({ agents: [agent('a')] }, nowMs));
    expect([at(0), at(100), at(101), at(102)]).toEqual([[], [], ['terminate a: idle'], []]);
    expect(removals.watched()).toEqual([{ agent: 'a', pool: 'p', state: 'confirmed', sinceMs: 101 }]);
    expect(removals.evaluate({ agents: [] }, 103)).toEqual([]);
    expect(removals.watched()).toEqual([]);
  });

  test('a busy or protected one goes back into service', () => {
    const removals = new AgentRemovals(OPTIONS);
    removals.propose({ pool: 'p', agents: ['a', 'b', 'c'] }, 0);
    const agents = [agent('b', { protected: true }), agent('a', { idle: false })];
    expect(inShort(removals.evaluate({ agents }, 101))).toEqual(['enable a: busy', 'enable b: protected']);
    expect(removals.watched()).toEqual([]);
  });

  test('a proposal that nobody looked at expires, and so does an agent that is not terminated', () => {
    const removals = new AgentRemovals(OPTIONS);
    removals.propose({ pool: 'p', agents: ['a'] }, 0);
    const agents = [agent('a')];
    expect(inShort(removals.evaluate({ agents }, 501))).toEqual(['enable a: expired']);
    removals.propose({ pool: 'p', agents: ['a'] }, 600);
    expect(inShort(removals.evaluate({ agents }, 1100))).toEqual(['terminate a: idle']);
    expect(inShort(removals.evaluate({ agents }, 1600))).toEqual([]);
    expect(inShort(removals.evaluate({ agents }, 1601))).toEqual(['enable a: expired']);
  });

  test('nothing is terminated below minSizes, counting those that are on their way out', () => {
    const removals = new AgentRemovals({ ...OPTIONS, poolAttribute: 'group' });
    const agents = ['a', 'b', 'c', 'd'].map((id) => ({ id, idle: true, attributes: { group: 'p' } }));
    removals.propose({ pool: 'p', agents: ['c'] }, 0);
    removals.propose({ pool: 'p', agents: ['b', 'a'] }, 1);
    const steps = (nowMs: number): string[] =>
      inShort(removals.evaluate({ agents, minSizes: { p: 2 } }, nowMs));
    expect([steps(101), steps(102), steps(103)]).toEqual([['terminate c: idle'], ['terminate a: idle'], []]);
    expect(steps(502)).toEqual(['enable b: expired']);
  });

  test('a proposal that is repeated goes on', () => {
    const removals = new AgentRemovals(OPTIONS);
    removals.propose({ pool: 'p', agents: ['a'] }, 0);
    removals.propose({ pool: 'p', agents: ['a'] }, 100);
    expect(inShort(removals.evaluate({ agents: [agent('a')] }, 101))).toEqual(['terminate a: idle']);
  });

  test('when the clock goes back, the grace begins anew', () => {
    const removals = new AgentRemovals(OPTIONS);
    removals.propose({ pool: 'p', agents: ['a'] }, 1000);
    const at = (nowMs: number): string[] => inShort(removals.evaluate({ agents: [agent('a')] }, nowMs));
    expect([at(0), at(100), at(101)]).toEqual([[], [], ['terminate a: idle']]);
  });

  test('every proposal ends as the model says, also after save and restore', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const step = fc.record({
      waitMs: fc.constantFrom(0, 50, 101, 300, 501),
      propose: fc.subarray(ids),
      present: fc.subarray(ids, { minLength: 3 }),
      busy: fc.subarray(ids, { maxLength: 2 }),
      minSize: fc.nat(4),
      restore: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        let removals = new AgentRemovals(OPTIONS);
        const proposed = new Map<string, number>();
        const leaving = new Map<string, number>();
        let now = 0;
        for (const { waitMs, propose, present, busy, minSize, restore } of steps) {
          now += waitMs;
          if (restore) {
            const text = JSON.stringify(removals.snapshot());
            removals = AgentRemovals.restore(JSON.parse(text) as AgentRemovalsSnapshot, OPTIONS);
          }
          const expected: string[] = [];
          for (const map of [proposed, leaving])
            for (const id of ids) if (!present.includes(id)) map.delete(id);
          const waiting = [...proposed].sort(([a, since], [b, later]) => since - later || (a < b ? -1 : 1));
          const outdated = [...leaving].filter(([, since]) => now - since > EXPIRY_MS);
          let size = present.length - leaving.size;
          for (const [id] of outdated) leaving.delete(id);
          for (const [id, since] of waiting) {
            if (now - since <= GRACE_MS) continue;
            if (now - since > EXPIRY_MS) expected.push(`enable ${id}: expired`);
            else if (busy.includes(id)) expected.push(`enable ${id}: busy`);
            else if (size > minSize) {
              size--;
              leaving.set(id, now);
              expected.push(`terminate ${id}: idle`);
            } else continue;
            proposed.delete(id);
          }
          expected.push(...outdated.map(([id]) => `enable ${id}: expired`));
          const agents = present.map((id) => agent(id, { idle: !busy.includes(id) }));
          const actual = inShort(removals.evaluate({ agents, minSizes: { p: minSize } }, now));
          expect([...actual].sort()).toEqual(expected.sort());
          removals.propose({ pool: 'p', agents: propose }, now);
          for (const id of propose) if (!leaving.has(id) && !proposed.has(id)) proposed.set(id, now);
          expect(removals.watched().map(({ agent: id, state }) => `${id} ${state}`)).toEqual(
            [...proposed.keys()]
              .map((id) => `${id} proposed`)
              .concat([...leaving.keys()].map((id) => `${id} confirmed`))
              .sort(),
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});
