/**
 * Requirements as a flat list of what they say. Equal lists mean equal requirements: the first element tells which
 * fields are there, the others follow field by field, and a field of any number of parts begins with that number.
 * The list holds values only, so it is the same whether objects are shared, frozen, changed or made anew.
 */
import { isRecord, type SlotDemand, type TaskRequirements } from '../resources/specs.ts';
import type { Toleration } from '../agents/taints.ts';

/** Stands before the parts of a demand for slots, where others have a value. */
const SLOTS = Symbol('slots');
/** Stands for the number of plug-ins where one is given that is not in a list. */
const NO_LIST = -1;

export class RequirementTokens {
  /** Only the first `length` are those of the requirements read last. */
  readonly elements: unknown[] = [];
  length = 0;
  readonly #pluginKey: (plugin: object) => string;
  #isWellFormed = true;

  /** @param pluginKey - equal for plug-ins that stand for each other */
  constructor(pluginKey: (plugin: object) => string) {
    this.#pluginKey = pluginKey;
  }

  /**
   * Replaces the list.
   * @param sorted - whether names are in alphabetical order instead of that in which they are written
   * @returns false when the requirements have a form that `parseTask` refuses; then the list means nothing
   */
  read(requirements: TaskRequirements, sorted: boolean): boolean {
    const { resources, opportunistic, job, labels, priority, tolerations } = requirements;
    const { constraints, softConstraints, fitness } = requirements;
    this.#isWellFormed = true;
    this.elements[0] =
      Number(opportunistic !== undefined) |
      (Number(job !== undefined) << 1) |
      (Number(labels !== undefined) << 2) |
      (Number(priority !== undefined) << 3) |
      (Number(tolerations !== undefined) << 4) |
      (Number(constraints !== undefined) << 5) |
      (Number(softConstraints !== undefined) << 6) |
      (Number(fitness !== undefined) << 7);
    this.length = 1;
    this.#addRecord(resources, sorted);
    if (opportunistic !== undefined) this.#addRecord(opportunistic, sorted);
    if (job !== undefined) this.#addValue(job);
    if (labels !== undefined) this.#addRecord(labels, sorted);
    if (priority !== undefined) this.#addValue(priority);
    if (tolerations !== undefined) this.#addTolerations(tolerations);
    if (constraints !== undefined) this.#addPlugins(constraints);
    if (softConstraints !== undefined) this.#addPlugins(softConstraints);
    if (fitness !== undefined) this.#addPlugins(fitness);
    return this.#isWellFormed;
  }

  /** A text that is equal for equal lists only. */
  text(): string {
    return this.elements
      .slice(0, this.length)
      .map((element) => (typeof element === 'string' ? JSON.stringify(element) : String(element)))
      .join();
  }

  #addRecord(record: unknown, sorted: boolean): void {
    if (!isRecord(record)) {
      this.#isWellFormed = false;
      return;
    }
    const names = Object.keys(record);
    if (sorted) names.sort();
    this.#add(names.length);
    for (const name of names) {
      const value = record[name];
      this.#add(name);
      if (typeof value === 'object') this.#addSlotDemand(value);
      else this.#addValue(value);
    }
  }

  #addSlotDemand(demand: unknown): void {
    if (!isRecord(demand)) {
      this.#isWellFormed = false;
      return;
    }
    const { slots, units, label } = demand as SlotDemand;
    this.#add(SLOTS);
    this.#addOptional(slots);
    this.#addOptional(units);
    this.#addOptional(label);
  }

  #addTolerations(tolerations: unknown): void {
    if (!Array.isArray(tolerations)) {
      this.#isWellFormed = false;
      return;
    }
    this.#add(tolerations.length);
    for (const toleration of tolerations as unknown[]) {
      const { key, value, effect } = (toleration ?? {}) as Toleration;
      this.#isWellFormed &&=
        typeof toleration === 'object' && toleration !== null && !Array.isArray(toleration);
      this.#addOptional(key);
      this.#addOptional(value);
      this.#addOptional(effect);
    }
  }

  #addPlugins(plugins: unknown): void {
    if (!Array.isArray(plugins)) {
      this.#add(NO_LIST);
      this.#addPlugin(plugins);
      return;
    }
    this.#add(plugins.length);
    for (const plugin of plugins as unknown[]) this.#addPlugin(plugin);
  }

  #addPlugin(plugin: unknown): void {
    if (typeof plugin === 'object' && plugin !== null) this.#add(this.#pluginKey(plugin));
    else this.#isWellFormed = false;
  }

  #addOptional(value: unknown): void {
    if (value === undefined) this.#add(undefined);
    else this.#addValue(value);
  }

  #addValue(value: unknown): void {
    this.#isWellFormed &&= typeof value === 'number' || typeof value === 'string';
    this.#add(value);
  }

  #add(element: unknown): void {
    this.elements[this.length++] = element;
  }
}
