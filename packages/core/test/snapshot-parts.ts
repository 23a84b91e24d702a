/**
 * A state with a bit of everything that a snapshot keeps, and the way from a snapshot to its parts.
 */
import { type HardConstraint, PlacementEngine } from '../src/index.ts';

export const HEADER_WORDS = 5;

export interface ForgedClass {
  id: unknown;
  demand: unknown[];
  opportunistic: unknown[];
  priority: unknown;
  tolerations: unknown;
  repels: unknown;
  slots: Record<string, unknown>[];
  labels: unknown;
  claimsAgent: unknown;
}

export interface ForgedMeta {
  [field: string]: unknown;
  rowCount: number;
  taskHighWater: number;
  maxSlots: number[];
  signals: unknown[];
  cached: { kind: string; rows: { row: number; items: unknown[] }[] }[];
  attributes: [string, unknown][];
  resources: Record<string, unknown>[];
  classes: ForgedClass[];
}

const repelling: HardConstraint = {
  name: 'keeps databases away',
  repels: { selector: { matchLabels: { app: 'db' } }, attribute: 'zone' },
  bind: () => ({ test: () => 0 }),
};

/** Rows: 0 with a reservation, 1 gone, 2 draining and tainted. Task indices: 0 in use, 1 free. */
export function engineWithAll(): PlacementEngine {
  const engine = new PlacementEngine({
    resources: [
      { name: 'cpu', overcommit: 1.5 },
      { name: 'gpu', kind: 'set', rebindAfterMs: 7 },
    ],
  });
  for (let row = 0; row < 3; row++) {
    const resources = { cpu: 8, gpu: { slots: 2 + row, unitsPerSlot: 4 } };
    engine.addAgent({ resources, attributes: { zone: `z${row}` } });
  }
  engine.removeAgent(1);
  engine.drainAgent(2);
  engine.updateAgent(2, {
    resources: { cpu: 8, gpu: { slots: 4, unitsPerSlot: 4 } },
    attributes: { zone: 'z2' },
    taints: [{ key: 'k', effect: 'NoExecute' }],
  });
  engine.reportAgent(0, { lent: { cpu: 3 }, signals: { heat: 2 }, cached: { image: ['x', 'y'] } });
  engine.advanceTo(5);
  const id = engine.defineClass({
    resources: { cpu: 2, gpu: { units: 1, label: 'a' } },
    opportunistic: { cpu: 1 },
    priority: 3,
    tolerations: [{ key: 'k' }],
    labels: { app: 'web' },
    constraints: [repelling],
  });
  const other = engine.defineClass({ resources: { cpu: 1, gpu: { units: 1, label: 'b' } } });
  const [, second] = [engine.reserve(id), engine.place(other)];
  engine.release(second);
  return engine;
}

export function read(snapshot: ArrayBuffer): { meta: ForgedMeta; words: Int32Array } {
  const textLength = new Int32Array(snapshot)[3];
  const characters = new Uint16Array(snapshot, HEADER_WORDS * 4, textLength);
  return {
    meta: JSON.parse(String.fromCharCode(...characters)) as ForgedMeta,
    words: new Int32Array(snapshot.slice((HEADER_WORDS + Math.ceil(textLength / 2)) * 4)),
  };
}

export function bytes(snapshot: ArrayBuffer): Uint8Array {
  return new Uint8Array(snapshot);
}
