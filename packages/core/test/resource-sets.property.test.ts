/**
 * Two-level resource sets against a small model, step by step: tasks that are placed, only reserved, adopted with
 * their slots, released, and time that passes. Nothing is lost or booked twice, no slot leaks.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scheduler, type SlotDemand, StowageError } from '../src/index.ts';

const REBIND_AFTER_MS = 100;
const UNITS_PER_SLOT = 4;
const SLOTS = [1, 2, 4];

interface ModelSlot {
  label: string;
  idleSinceMs: number;
  readonly tasks: Map<string, number>;
}

/** Agents as lists of slots; everything is computed anew whenever it is asked for. */
class Model {
  nowMs = 0;
  readonly agents: ModelSlot[][] = SLOTS.map((count) =>
    Array.from({ length: count }, () => ({ label: '', idleSinceMs: 0, tasks: new Map() })),
  );

  free({ tasks }: ModelSlot): number {
    return UNITS_PER_SLOT - [...tasks.values()].reduce((sum, units) => sum + units, 0);
  }

  /** 3 to 0, greater is better; -1 = cannot serve. */
  preference(slot: ModelSlot, { units = UNITS_PER_SLOT, label = '' }: SlotDemand): number {
    if (this.free(slot) < units) return -1;
    const inUse = slot.tasks.size > 0;
    if (slot.label === label) return label !== '' && inUse ? 3 : 2;
    if (inUse) return -1;
    if (slot.label === '') return 1;
    return this.nowMs - slot.idleSinceMs >= REBIND_AFTER_MS ? 0 : -1;
  }

  /** The slots that an agent would give, undefined when it cannot. */
  choose(agent: number, demand: SlotDemand): number[] | undefined {
    const ranked = this.agents[agent]
      .map((slot, number) => ({ number, rank: this.preference(slot, demand), free: this.free(slot) }))
      .filter(({ rank }) => rank >= 0)
      .sort((a, b) => b.rank - a.rank || a.free - b.free || a.number - b.number);
    const { slots = 1 } = demand;
    if (ranked.length < slots) return undefined;
    return ranked
      .slice(0, slots)
      .map(({ number }) => number)
      .sort((a, b) => a - b);
  }

  take(task: string, agent: number, numbers: readonly number[], demand: SlotDemand): void {
    for (const number of numbers) {
      const slot = this.agents[agent][number];
      slot.tasks.set(task, demand.units ?? UNITS_PER_SLOT);
      slot.label = demand.label ?? '';
    }
  }

  release(task: string): void {
    for (const slot of this.agents.flat()) {
      if (slot.tasks.delete(task) && slot.tasks.size === 0) slot.idleSinceMs = this.nowMs;
    }
  }
}

const demand = fc.record(
  {
    slots: fc.integer({ min: 1, max: 3 }),
    units: fc.integer({ min: 0, max: UNITS_PER_SLOT }),
    label: fc.constantFrom('sg-a', 'sg-b', 'sg-c'),
  },
  { requiredKeys: [] },
);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('place', 'reserve'), demand }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('adopt'),
      demand,
      agent: fc.nat(2),
      slots: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('release'), task: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), byMs: fc.nat(80) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Run {
  readonly #model = new Model();
  readonly #scheduler = new Scheduler({
    resources: [{ name: 'nic', kind: 'set', rebindAfterMs: REBIND_AFTER_MS }],
  });
  readonly #tasks: string[] = [];
  #nextId = 0;

  constructor() {
    SLOTS.forEach((slots, i) =>
      this.#scheduler.addAgent({ id: `a${i}`, resources: { nic: { slots, unitsPerSlot: UNITS_PER_SLOT } } }),
    );
  }

  apply(one: Step): void {
    if ('byMs' in one) {
      this.#model.nowMs += one.byMs;
      this.#scheduler.advanceTo(this.#model.nowMs);
    } else if ('task' in one) {
      const [task] = this.#tasks.splice(one.task % Math.max(1, this.#tasks.length), 1);
      if (task === undefined) return;
      this.#model.release(task);
      this.#scheduler.release(task);
    } else if ('agent' in one) {
      this.#adopt(one.agent, one.slots, one.demand);
    } else {
      this.#place(one.demand, one.kind === 'reserve');
    }
  }

  check(): void {
    expect(this.#scheduler.verify()).toEqual([]);
    const { slots: columnsOf } = this.#scheduler.engine.cluster;
    const columns = columnsOf('nic');
    this.#model.agents.forEach((slots, row) =>
      slots.forEach((slot, number) => {
        const at = row * columns.maxSlots + number;
        const seen = { free: columns.unitsFree[at], tasks: columns.holders[at] };
        expect(seen).toEqual({ free: this.#model.free(slot), tasks: slot.tasks.size });
        expect(seen.free).toBeGreaterThanOrEqual(0);
      }),
    );
  }

  #place(asked: SlotDemand, reserve: boolean): void {
    const id = `t${this.#nextId++}`;
    const { placements } = this.#scheduler.schedule([{ id, resources: { nic: asked } }], { reserve });
    const agent = this.#model.agents.findIndex((_, i) => this.#model.choose(i, asked) !== undefined);
    if (agent < 0) {
      expect(placements).toEqual([]);
      return;
    }
    const slots = this.#model.choose(agent, asked)!;
    expect(placements).toEqual([{ task: id, agent: `a${agent}`, slots: { nic: slots } }]);
    this.#model.take(id, agent, slots, asked);
    this.#tasks.push(id);
  }

  #adopt(agent: number, numbers: readonly number[], asked: SlotDemand): void {
    const id = `t${this.#nextId++}`;
    const { slots: count = 1 } = asked;
    const fits =
      numbers.length === count &&
      numbers.every((number) => {
        const slot = this.#model.agents[agent].at(number);
        return slot !== undefined && this.#model.preference(slot, asked) >= 0;
      });
    const adopt = () =>
      this.#scheduler.adopt({ id, resources: { nic: asked } }, `a${agent}`, { nic: numbers });
    if (!fits) {
      expect(adopt).toThrow(StowageError);
      return;
    }
    adopt();
    this.#model.take(id, agent, numbers, asked);
    this.#tasks.push(id);
  }
}

test('slots and units are what the model says after every one of 20,000 steps and more', () => {
  let steps = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (history) => {
      const run = new Run();
      for (const one of history) {
        run.apply(one);
        run.check();
        steps++;
      }
    }),
    { numRuns: 700 },
  );
  expect(steps).toBeGreaterThan(20_000);
});
