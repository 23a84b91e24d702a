import { PlacementEngine, Scheduler, StowageError } from '@stowage/core';
import {
  agentShapeArbitrary,
  reportArbitrary,
  requirementsArbitrary,
  resourcesArbitrary,
  sameBytes,
} from '@stowage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const CODES = ['INVALID_SNAPSHOT', 'UNSUPPORTED_SNAPSHOT'];

/** An engine with agents that reported, some removed, and tasks in all stages, some released at another time. */
const engineArbitrary: fc.Arbitrary<PlacementEngine> = resourcesArbitrary()
  .chain((resources) =>
    fc.record({
      resources: fc.constant(resources),
      agents: fc.array(agentShapeArbitrary(resources), { maxLength: 5, size: 'max' }),
      reports: fc.array(reportArbitrary(resources), { maxLength: 5, size: 'max' }),
      tasks: fc.array(requirementsArbitrary(resources), { maxLength: 8, size: 'max' }),
      nowMs: fc.constantFrom(0, 7, 2 ** 40),
      released: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      removed: fc.nat({ max: 9 }),
    }),
  )
  .map(({ resources, agents, reports, tasks, nowMs, released, removed }) => {
    const engine = new PlacementEngine({ resources, agentCapacity: 2 });
    for (const shape of agents) engine.addAgent(shape);
    reports.slice(0, agents.length).forEach((report, row) => engine.reportAgent(row, report));
    const handles = tasks
      .map((task) => engine.reserve(engine.defineClass(task)))
      .filter((handle) => handle >= 0);
    handles.forEach((handle, i) => {
      if (i % 3 > 0) engine.confirm(handle);
      if (i % 3 > 1) engine.start(handle);
    });
    engine.advanceTo(nowMs);
    for (const which of new Set(released)) if (which < handles.length) engine.release(handles[which]);
    if (removed < agents.length && engine.tasksOn(removed).length === 0) engine.removeAgent(removed);
    return engine;
  });

/** What was restored, undefined when it was refused with the right code. */
function restoreOrRefuse(snapshot: ArrayBuffer): PlacementEngine | undefined {
  return orRefused(() => PlacementEngine.restore(snapshot).engine);
}

function orRefused<T>(restore: () => T): T | undefined {
  try {
    return restore();
  } catch (error) {
    expect(error).toBeInstanceOf(StowageError);
    expect(CODES).toContain((error as StowageError).code);
    return undefined;
  }
}

/** Gives a changed snapshot the checksum that fits it, so that only its content can betray it. */
function withChecksum(snapshot: ArrayBuffer): ArrayBuffer {
  const words = new Int32Array(snapshot);
  let hash = 0x811c9dc5;
  for (let i = 5; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i], 0x01000193);
    hash ^= hash >>> 15;
  }
  words[2] = hash;
  return snapshot;
}

const flips = fc.array(fc.record({ at: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) }), {
  minLength: 1,
  maxLength: 4,
});

function flipped(
  snapshot: ArrayBuffer,
  changes: readonly { at: number; mask: number }[],
  from: number,
): ArrayBuffer {
  const bytes = new Uint8Array(snapshot.slice(0));
  for (const { at, mask } of changes) bytes[from + (at % (bytes.length - from))] ^= mask;
  return bytes.buffer;
}

describe('snapshots', () => {
  it('restore to an engine with the same snapshot', () => {
    fc.assert(
      fc.property(engineArbitrary, (engine) => {
        const snapshot = engine.snapshot({ note: ['é', '\u0000', '🚢'] });
        const restored = PlacementEngine.restore(snapshot);
        expect(restored.names).toEqual({ note: ['é', '\u0000', '🚢'] });
        expect(restored.engine.verify()).toEqual([]);
        expect(sameBytes(restored.engine.snapshot(restored.names), snapshot)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are refused at every truncation', () => {
    fc.assert(
      fc.property(engineArbitrary, (engine) => {
        const snapshot = engine.snapshot();
        for (let length = 0; length < snapshot.byteLength; length++) {
          expect(restoreOrRefuse(snapshot.slice(0, length))).toBeUndefined();
        }
      }),
      { numRuns: 30 },
    );
  });

  it('with flipped bytes are refused, or restore to the same state', () => {
    fc.assert(
      fc.property(engineArbitrary, flips, (engine, changes) => {
        const snapshot = engine.snapshot();
        const damaged = flipped(snapshot, changes, 0);
        const restored = restoreOrRefuse(damaged);
        if (restored === undefined) return;
        expect(restored.verify()).toEqual([]);
        expect(sameBytes(restored.snapshot(), snapshot)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('with every single bit flipped are refused', () => {
    const [engine] = fc.sample(engineArbitrary, { seed: 3, numRuns: 1 });
    const snapshot = engine.snapshot();
    for (let bit = 0; bit < snapshot.byteLength * 8; bit++) {
      const damaged = flipped(snapshot, [{ at: bit >> 3, mask: 1 << (bit & 7) }], 0);
      expect(restoreOrRefuse(damaged), `bit ${bit}`).toBeUndefined();
    }
  });

  it('with damaged content and a fitting checksum are refused, or restore to a consistent engine', () => {
    fc.assert(
      fc.property(engineArbitrary, flips, (engine, changes) => {
        const snapshot = engine.snapshot();
        expect(sameBytes(withChecksum(snapshot.slice(0)), snapshot)).toBe(true);
        const restored = restoreOrRefuse(withChecksum(flipped(snapshot, changes, 20)));
        if (restored === undefined) return;
        expect(restored.verify()).toEqual([]);
        expect(restored.evictions().length).toBeLessThanOrEqual(restored.taskCount);
        const again = restored.snapshot();
        expect(sameBytes(PlacementEngine.restore(again).engine.snapshot(), again)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('of the object API behave alike', () => {
    const scheduler = new Scheduler({ resources: [{ name: 'cpu' }] });
    scheduler.addAgent({ id: 'host', resources: { cpu: 4 } });
    scheduler.schedule([1, 2, 3].map((cpu) => ({ id: `task-${cpu}`, resources: { cpu } })));
    const snapshot = scheduler.snapshot();
    fc.assert(
      fc.property(flips, (changes) => {
        const damaged = withChecksum(flipped(snapshot, changes, 20));
        const restored = orRefused(() => Scheduler.restore(damaged));
        if (restored !== undefined) expect(restored.verify()).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });
});
