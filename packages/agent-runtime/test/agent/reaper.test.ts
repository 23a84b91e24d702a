/** Containers without a journal: when they are removed, and when by no means. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { DEFAULT_REAPER_LIMITS, Reaper, type Claim } from '../../src/agent/reaper.ts';
import { HostModel } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';
import { settle } from './virtual-clock.ts';

const HOUR = 3_600_000;

describe('the outage of 12,000 containers', () => {
  it('does not happen when the state came up empty', async () => {
    const host = new HostModel();
    for (let i = 0; i < 12_000; i++) host.stray(`task-${i}`);
    const held: number[] = [];
    const agent = await Agent.open(
      beginAgent(host, { observer: { orphansHeld: (ids) => held.push(ids.length) } }),
    );
    await host.clock.advance(4 * HOUR);
    expect(host.containers.size).toBe(12_000);
    expect(held).toEqual([12_000]);
    expect(agent.condition().orphans.filter(({ isHeld }) => isHeld)).toHaveLength(12_000);
    expect(host.calls.filter((call) => /^(remove|release|sweep|signal)/.test(call))).toEqual([]);
    expect(host.violations).toEqual([]);
  });

  it('does not happen when most journals are gone', async () => {
    const host = new HostModel();
    const first = await Agent.open(beginAgent(host));
    for (let i = 0; i < 20; i++) await first.launch(taskSpec(`t${i}`));
    await settle();
    host.kill();
    for (let i = 0; i < 10; i++) host.disk.delete(`/state/tasks/t${i}.jsonl`);
    const agent = await Agent.open(beginAgent(host));
    await host.clock.advance(24 * HOUR);
    expect(host.containers.size).toBe(20);
    expect([...host.reservations.values()].map(({ size }) => size)).toEqual([20, 20]);
    agent.confirmOrphans(['t3', 't4']);
    await host.clock.advance(2 * 60_000);
    expect(host.containers.size).toBe(18);
    expect(host.holdings('t3')).toEqual([]);
    await expect(agent.launch(taskSpec('t5', { jobId: 'other' }))).rejects.toMatchObject({
      code: 'TASK_EXISTS',
    });
    expect(() => agent.confirmOrphans(['t5', 't11'])).toThrow(/UNKNOWN_ORPHAN/);
    await host.clock.advance(HOUR);
    expect(host.containers.size).toBe(18);
    expect(host.violations).toEqual([]);
  });

  it('does not happen slowly either, when new tasks make the orphans few', () => {
    const reaper = new Reaper(DEFAULT_REAPER_LIMITS);
    const orphans = Array.from({ length: 10 }, (_, i) => `o${i}`);
    const claim = (id: string): Claim => (id.startsWith('o') ? 'none' : 'guarded');
    reaper.look([...orphans, 'a'], claim, true, 0);
    const many = Array.from({ length: 1_000 }, (_, i) => `t${i}`);
    for (let hour = 1; hour < 48; hour++)
      expect(reaper.look([...orphans, ...many], claim, true, hour * HOUR).remove).toEqual([]);
  });
});

describe('a single orphan among many', () => {
  it('is reaped after its age, with all that facilities hold for it', async () => {
    const host = new HostModel();
    const reaped: string[] = [];
    const agent = await Agent.open(beginAgent(host, { observer: { reaped: (id) => reaped.push(id) } }));
    for (let i = 0; i < 10; i++) await agent.launch(taskSpec(`t${i}`));
    await settle();
    host.stray('stray');
    await host.clock.advance(10 * 60_000);
    expect(host.containers.has('stray')).toBe(true);
    await host.clock.advance(2 * 60_000);
    expect(reaped).toEqual(['stray']);
    expect(host.containers.size).toBe(10);
    expect(host.violations).toEqual([]);
  });

  it('keeps facilities from sweeping until it is gone', async () => {
    const host = new HostModel();
    const first = await Agent.open(beginAgent(host));
    for (let i = 0; i < 10; i++) await first.launch(taskSpec(`t${i}`));
    await settle();
    host.kill();
    host.disk.delete('/state/tasks/t3.jsonl');
    host.calls = [];
    await Agent.open(beginAgent(host));
    await host.clock.advance(5 * 60_000);
    expect(host.holdings('t3')).toEqual(['container', 'network', 'cpu']);
    await host.clock.advance(10 * 60_000);
    expect(host.holdings('t3')).toEqual([]);
    expect(host.calls.filter((call) => call.startsWith('sweep'))).toEqual(['sweep:network ', 'sweep:cpu ']);
    expect(host.violations).toEqual([]);
  });
});

describe('the reaper', () => {
  it('never exceeds its rates, never touches what has a journal, and waits for the age', () => {
    const look = fc.record({
      afterMs: fc.constantFrom(0, 1_000, 30_000, 60_000, 600_000, HOUR),
      orphans: fc.uniqueArray(fc.nat(30)),
      confirm: fc.option(fc.nat(30)),
      guarded: fc.nat(200),
      finished: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 40 }), (looks) => {
        const limits = { ...DEFAULT_REAPER_LIMITS, perMinute: 3, perHour: 7 };
        const reaper = new Reaper(limits);
        const seen = new Map<string, number>();
        const confirmed = new Set<string>();
        const removals: number[] = [];
        let nowMs = 0;
        for (const { afterMs, orphans, confirm, guarded, finished } of looks) {
          nowMs += afterMs;
          if (confirm !== null && reaper.confirm(`o${confirm}`)) confirmed.add(`o${confirm}`);
          const names = orphans.map((id) => `o${id}`);
          for (const id of seen.keys())
            if (!names.includes(id)) {
              seen.delete(id);
              confirmed.delete(id);
            }
          for (const id of names) if (!seen.has(id)) seen.set(id, nowMs);
          const found = [
            ...names,
            ...Array.from({ length: guarded }, (_, i) => `g${i}`),
            ...Array.from({ length: finished }, (_, i) => `f${i}`),
          ];
          const claim = (id: string): Claim =>
            id.startsWith('o') ? 'none' : id.startsWith('g') ? 'guarded' : 'finished';
          const { remove } = reaper.look(found, claim, true, nowMs);
          const isMany = names.length > limits.fewOrphans && names.length / found.length > 0.2;
          for (const id of remove) {
            removals.push(nowMs);
            expect(id).not.toMatch(/^g/);
            if (!id.startsWith('o') || confirmed.has(id)) continue;
            expect(isMany).toBe(false);
            expect(nowMs - seen.get(id)!).toBeGreaterThanOrEqual(limits.orphanAgeMs);
          }
          expect(removals.filter((atMs) => nowMs - atMs < 60_000).length).toBeLessThanOrEqual(3);
          expect(removals.filter((atMs) => nowMs - atMs < HOUR).length).toBeLessThanOrEqual(7);
        }
      }),
    );
  });
});
