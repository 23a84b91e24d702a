/**
 * What tasks book, while classes come that ask for resources none has asked for before: records of classes then get
 * one word more, in the midst of placements.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlacementEngine } from '../src/index.ts';

const RESOURCES = ['cpu', 'memory', 'disk', 'network', 'gpu'];
const ROOM = 1000;

type Step =
  { readonly asks: readonly number[] } | { readonly places: number } | { readonly releases: number };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ asks: fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ places: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ releases: fc.nat() }) },
);

class Twin {
  readonly #engine = new PlacementEngine({
    resources: RESOURCES.map((name) => ({ name })),
    agentCapacity: 1,
  });
  readonly #row = this.#engine.addAgent({
    resources: Object.fromEntries(RESOURCES.map((name) => [name, ROOM])),
  });
  readonly #classes: { readonly id: number; readonly units: readonly number[] }[] = [];
  readonly #tasks: { readonly handle: number; readonly units: readonly number[] }[] = [];

  apply(step: Step): void {
    if ('asks' in step) this.#define(step.asks);
    else if ('places' in step) this.#place(step.places);
    else this.#release(step.releases);
  }

  check(): void {
    const used = RESOURCES.map((_, r) => this.#tasks.reduce((sum, { units }) => sum + units[r], 0));
    expect(this.#engine.usageOf(this.#row)).toEqual(used);
    expect(this.#engine.verify()).toEqual([]);
  }

  #define(units: readonly number[]): void {
    const asked = units.flatMap((amount, r) => (amount > 0 ? [[RESOURCES[r], amount] as const] : []));
    this.#classes.push({ id: this.#engine.defineClass({ resources: Object.fromEntries(asked) }), units });
  }

  #place(choice: number): void {
    if (this.#classes.length === 0) return;
    const { id, units } = this.#classes[choice % this.#classes.length];
    this.#tasks.push({ handle: this.#engine.place(id), units });
  }

  #release(choice: number): void {
    if (this.#tasks.length === 0) return;
    const [{ handle }] = this.#tasks.splice(choice % this.#tasks.length, 1);
    this.#engine.release(handle);
  }
}

test('tasks book what their classes ask for, whatever classes come later', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 150 }), (steps) => {
      const twin = new Twin();
      for (const step of steps) {
        twin.apply(step);
        twin.check();
      }
    }),
  );
});
