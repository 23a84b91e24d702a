/**
 * Finds the class of a task from what it asks for, so that users need not know classes: equal requirements share
 * one. Classes without placed tasks are dropped when they become many.
 */
import { ClassSpellings } from './class-spellings.ts';
import { fail } from '../errors.ts';
import type { PlacementEngine } from '../placement-engine.ts';
import type { Plugin } from '../plug-ins/plugin.ts';
import { RequirementTokens } from './requirement-tokens.ts';
import { show } from '../support/show.ts';
import type { TaskRequirements } from '../resources/specs.ts';

const SWEEP_MINIMUM = 4096;
/** Nodes of the trie of spellings per class that there may be before the next sweep. */
const NODES_PER_CLASS = 32;

export class ClassRegistry {
  readonly #engine: PlacementEngine;
  readonly #ids = new Map<string, number>();
  readonly #spellings = new ClassSpellings();
  readonly #pluginKeys = new WeakMap<object, string>();
  #pluginCount = 0;
  #tokens: RequirementTokens | undefined;
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
    // The list is taken out of its place: a getter may ask for another class while this one is read.
    const tokens = this.#tokens ?? this.#newTokens();
    this.#tokens = undefined;
    const isWellFormed = tokens.read(requirements, false);
    let id = isWellFormed ? this.#spellings.classOf(tokens) : -1;
    if (id < 0) {
      id = this.#define(requirements);
      if (isWellFormed) this.#remember(tokens, id);
    }
    this.#tokens = tokens;
    return id;
  }

  /** Drops unused classes if there are many; O(classes), at most once per doubling. Not inside a transaction. */
  sweep(): void {
    if (this.#ids.size < this.#sweepAt) return;
    this.#spellings.clear();
    for (const [key, id] of this.#ids) {
      if (this.#engine.placedOf(id) > 0) continue;
      this.#engine.dropClass(id);
      this.#ids.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_MINIMUM, this.#ids.size * 2);
  }

  /** Those of a known class may be written in another order than before. */
  #define(requirements: TaskRequirements): number {
    const tokens = this.#newTokens();
    const key = tokens.read(requirements, true) ? tokens.text() : undefined;
    const known = key === undefined ? undefined : this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#engine.defineClass(requirements);
    if (key !== undefined) this.#ids.set(key, id);
    return id;
  }

  /** There are more ways of writing than classes, so the memory begins anew when it is full. */
  #remember(tokens: RequirementTokens, id: number): void {
    if (this.#spellings.nodeCount >= NODES_PER_CLASS * this.#sweepAt) this.#spellings.clear();
    this.#spellings.add(tokens, id);
  }

  #newTokens(): RequirementTokens {
    return new RequirementTokens((plugin) => this.#pluginKey(plugin));
  }

  #pluginKey(plugin: object): string {
    let key = this.#pluginKeys.get(plugin);
    if (key === undefined) {
      const { key: own } = plugin as Partial<Plugin>;
      key = typeof own === 'string' ? JSON.stringify(own) : `object ${this.#pluginCount++}`;
      this.#pluginKeys.set(plugin, key);
    }
    return key;
  }
}
