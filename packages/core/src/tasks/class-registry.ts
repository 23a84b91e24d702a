/**
 * Finds the class of a task from what it asks for, so that users need not know classes: equal requirements share
 * one. Classes without placed tasks are dropped when they become many.
 */
import { fail } from '../errors.ts';
import type { PlacementEngine } from '../placement-engine.ts';
import type { Plugin } from '../plug-ins/plugin.ts';
import { show } from '../support/show.ts';
import type { TaskRequirements } from '../resources/specs.ts';

const SWEEP_MINIMUM = 4096;

export class ClassRegistry {
  readonly #engine: PlacementEngine;
  readonly #ids = new Map<string, number>();
  readonly #pluginKeys = new WeakMap<object, string>();
  #pluginCount = 0;
  #sweepAt = SWEEP_MINIMUM;

  constructor(engine: PlacementEngine) {
    this.#engine = engine;
  }

  /** Class id for requirements, defined when they are new. @throws StowageError as `defineClass` */
  classFor(requirements: TaskRequirements): number {
    const given: unknown = requirements;
    if (typeof given !== 'object' || given === null) {
      fail('INVALID_SPEC', `the requirements are ${show(given)}; give an object.`);
    }
    const key = this.#keyOf(requirements);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#engine.defineClass(requirements);
      this.#ids.set(key, id);
    }
    return id;
  }

  /** Drops unused classes if there are many; O(classes), at most once per doubling. Not inside a transaction. */
  sweep(): void {
    if (this.#ids.size < this.#sweepAt) return;
    for (const [key, id] of this.#ids) {
      if (this.#engine.placedOf(id) > 0) continue;
      this.#engine.dropClass(id);
      this.#ids.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_MINIMUM, this.#ids.size * 2);
  }

  /** Unequal for requirements of which one is valid and the other is not, so that bad ones are always refused. */
  #keyOf(requirements: TaskRequirements): string {
    const { resources, opportunistic, job, labels, priority, tolerations } = requirements;
    const { constraints, softConstraints, fitness } = requirements;
    const parts = [amountsKey(resources), valueKey(job), recordKey(labels, valueKey)];
    parts.push(amountsKey(opportunistic), valueKey(priority), tolerationsKey(tolerations));
    for (const plugins of [constraints, softConstraints, fitness]) parts.push(this.#pluginsKey(plugins));
    return parts.join('\n');
  }

  #pluginsKey(plugins: Plugin | readonly Plugin[] | undefined): string {
    if (!Array.isArray(plugins)) return this.#pluginKey(plugins);
    return `[${plugins.map((plugin: unknown) => this.#pluginKey(plugin)).join()}]`;
  }

  #pluginKey(plugin: unknown): string {
    if (typeof plugin !== 'object' || plugin === null) return valueKey(plugin);
    let key = this.#pluginKeys.get(plugin);
    if (key === undefined) {
      const { key: own } = plugin as Partial<Plugin>;
      key = typeof own === 'string' ? JSON.stringify(own) : `object ${this.#pluginCount++}`;
      this.#pluginKeys.set(plugin, key);
    }
    return key;
  }
}

function tolerationsKey(tolerations: unknown): string {
  if (!Array.isArray(tolerations)) return valueKey(tolerations);
  return `[${tolerations.map((toleration: unknown) => recordKey(toleration, valueKey)).join()}]`;
}

function amountsKey(resources: unknown): string {
  return recordKey(resources, (amount) =>
    typeof amount === 'object' ? recordKey(amount, valueKey) : valueKey(amount),
  );
}

function recordKey(record: unknown, keyOf: (value: unknown) => string): string {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return valueKey(record);
  const entries = Object.entries(record).map(([key, value]) => `${JSON.stringify(key)}:${keyOf(value)}`);
  return `{${entries.sort().join()}}`;
}

function valueKey(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' ? String(value) : value === null ? 'null' : typeof value;
}
