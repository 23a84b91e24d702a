/**
 * Finds the class of a task from what it asks for, so that users need not know classes: equal requirements share
 * one. Classes without placed tasks are dropped when they become many.
 */
import type { PlacementEngine } from './placement-engine.ts';
import type { Plugin } from './plugin.ts';
import type { TaskRequirements } from './specs.ts';

const SWEEP_MINIMUM = 4096;

export class ClassRegistry {
  readonly #engine: PlacementEngine;
  readonly #ids = new Map<string, number>();
  readonly #pluginKeys = new WeakMap<Plugin, string>();
  #pluginCount = 0;
  #sweepAt = SWEEP_MINIMUM;

  constructor(engine: PlacementEngine) {
    this.#engine = engine;
  }

  /** Class id for requirements, defined when they are new. @throws StowageError as `defineClass` */
  classFor(requirements: TaskRequirements): number {
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

  #keyOf({ resources, job, labels, constraints, softConstraints, fitness }: TaskRequirements): string {
    return JSON.stringify([
      sortedEntries(resources),
      job,
      sortedEntries(labels),
      this.#keysOf(constraints),
      this.#keysOf(softConstraints),
      this.#keysOf(fitness),
    ]);
  }

  #keysOf(plugins: Plugin | readonly Plugin[] | undefined): unknown {
    if (plugins === undefined) return undefined;
    return Array.isArray(plugins)
      ? (plugins as readonly Plugin[]).map((plugin) => this.#pluginKey(plugin))
      : this.#pluginKey(plugins as Plugin);
  }

  #pluginKey(plugin: Plugin): unknown {
    if (typeof plugin !== 'object' || plugin === null) return String(plugin);
    let key = this.#pluginKeys.get(plugin);
    if (key === undefined) {
      key = typeof plugin.key === 'string' ? `key ${plugin.key}` : `object ${this.#pluginCount++}`;
      this.#pluginKeys.set(plugin, key);
    }
    return key;
  }
}

/** Entries by key, with numbers that JSON cannot tell apart from null spelled out. */
function sortedEntries(record: Readonly<Record<string, unknown>> | undefined): unknown {
  if (typeof record !== 'object' || record === null) return String(record);
  return Object.entries(record)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null
        ? sortedEntries(value as Record<string, unknown>)
        : typeof value === 'string'
          ? value
          : String(value),
      typeof value,
    ]);
}
