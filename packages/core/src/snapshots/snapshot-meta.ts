/**
 * The meta data of a snapshot, rebuilt field by field from its JSON: a checksum says that the text is whole, not
 * that it means anything. Numbers that columns must bear out (rows, task indices) are checked with the columns.
 */
import { fail } from '../errors.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import type { ResourceDefinition } from '../resources/schema.ts';
import { show } from '../support/show.ts';
import { MAX_SLOTS, WHOLE_SLOT } from '../slots/slot-table.ts';
import { MAX_PRIORITY, type SlotUnits } from '../resources/specs.ts';
import { requireTolerations, type Toleration } from '../agents/taints.ts';
import { compileSelector, type RepulsionSpec } from '../tasks/task-selector.ts';
import { classLimit } from '../tasks/task-class.ts';
import { MAX_TASKS } from '../tasks/task-table.ts';

type Check<T> = (value: unknown, what: string) => T;
const texts: Check<string[]> = (value, what) => list(value, what, text);

export interface ClassMeta {
  readonly id: number;
  readonly demand: readonly number[];
  readonly opportunistic: readonly number[];
  readonly slots: readonly SlotUnits[];
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly tolerations: readonly Toleration[];
  readonly claimsAgent: boolean;
  readonly repels: readonly RepulsionSpec[];
}

/** What the meta data says of the agents. */
export interface AgentsMeta {
  readonly nowMs: number;
  readonly rowCount: number;
  readonly attributes: readonly (readonly [key: string, values: readonly string[]])[];
  readonly signals: readonly string[];
  readonly cached: readonly {
    readonly kind: string;
    readonly rows: readonly { readonly row: number; readonly items: readonly string[] }[];
  }[];
  readonly slotLabels: readonly (readonly string[])[];
  readonly maxSlots: readonly number[];
}

/** What the meta data says of the tasks. */
export interface TasksMeta {
  readonly classes: readonly ClassMeta[];
  readonly taskHighWater: number;
  readonly taskFreeHead: number;
  readonly placements: number;
}

export interface Meta extends AgentsMeta, TasksMeta {
  readonly resources: readonly ResourceDefinition[];
  readonly names: Record<string, string[]>;
}

/** @throws StowageError INVALID_SNAPSHOT */
export function parseMeta(json: string): Meta {
  const meta = record(parseJson(json), 'the meta data');
  const resources = list(meta.resources, 'resources', resource);
  const sets = resources.filter(({ kind }) => kind === 'set').length;
  const taskHighWater = integer(meta.taskHighWater, 0, MAX_TASKS, 'taskHighWater');
  const scalars = resources.length - sets;
  const maxId = classLimit(taskHighWater) - 1;
  const classes = list(meta.classes, 'classes', (one, what) => taskClass(one, what, scalars, sets, maxId));
  return {
    resources,
    rowCount: integer(meta.rowCount, 0, MAX_UNITS, 'rowCount'),
    attributes: distinct(list(meta.attributes, 'attributes', attribute), ([key]) => key, 'attribute key'),
    signals: distinct(texts(meta.signals, 'signals'), (name) => name, 'signal'),
    cached: distinct(list(meta.cached, 'cached', cachedKind), ({ kind }) => kind, 'kind of cached items'),
    slotLabels: list(meta.slotLabels, 'slotLabels', texts, sets),
    maxSlots: list(meta.maxSlots, 'maxSlots', (value, what) => integer(value, 0, MAX_SLOTS, what), sets),
    classes: distinct(classes, ({ id }) => id, 'class id'),
    taskHighWater,
    taskFreeHead: integer(meta.taskFreeHead, -1, taskHighWater - 1, 'taskFreeHead'),
    placements: integer(meta.placements, 0, Number.MAX_SAFE_INTEGER, 'placements'),
    nowMs: integer(meta.nowMs, 0, Number.MAX_SAFE_INTEGER, 'nowMs'),
    names: mapped(meta.names, 'names', texts),
  };
}

export function invalid(problem: string, cause?: unknown): never {
  return fail('INVALID_SNAPSHOT', `${problem}; take an older snapshot.`, cause);
}

function resource(value: unknown, what: string): Required<ResourceDefinition> {
  const { name, kind, unitsPerWhole, unit, overcommit, rebindAfterMs } = record(value, what);
  if (kind !== 'scalar' && kind !== 'set')
    invalid(`${what}.kind is ${show(kind)} instead of "scalar" or "set"`);
  return {
    name: text(name, `${what}.name`),
    kind,
    unitsPerWhole: integer(unitsPerWhole, 1, 1e9, `${what}.unitsPerWhole`),
    unit: text(unit, `${what}.unit`),
    rebindAfterMs: integer(rebindAfterMs, 0, Number.MAX_SAFE_INTEGER, `${what}.rebindAfterMs`),
    overcommit: number(overcommit, `${what}.overcommit`),
  };
}

function cachedKind(value: unknown, what: string): Meta['cached'][number] {
  const { kind, rows } = record(value, what);
  const holding = list(rows, `${what}.rows`, (entry, of) => {
    const { row, items } = record(entry, of);
    return { row: integer(row, 0, MAX_UNITS, `${of}.row`), items: texts(items, `${of}.items`) };
  });
  return {
    kind: text(kind, `${what}.kind`),
    rows: distinct(holding, ({ row }) => row, `row in ${what}`),
  };
}

function repulsion(value: unknown, what: string): RepulsionSpec {
  const { selector, attribute: domain } = record(value, what) as Partial<RepulsionSpec>;
  const checked = trusted(() => (compileSelector(selector!), selector!), `${what}.selector`);
  return domain === undefined
    ? { selector: checked }
    : { selector: checked, attribute: text(domain, `${what}.attribute`) };
}

/** What a check of user input accepts, with its refusal as one of the snapshot. */
function trusted<T>(check: () => T, what: string): T {
  try {
    return check();
  } catch (error) {
    return invalid(`${what} makes no sense`, error);
  }
}

function attribute(value: unknown, what: string): readonly [string, string[]] {
  const [key, values] = list(value, what, (part) => part, 2);
  return [text(key, `${what}[0]`), texts(values, `${what}[1]`)];
}

function taskClass(value: unknown, what: string, scalars: number, sets: number, maxId: number): ClassMeta {
  const { id, demand, opportunistic, slots, labels, priority, tolerations, claimsAgent, repels } = record(
    value,
    what,
  );
  if (typeof claimsAgent !== 'boolean')
    invalid(`${what}.claimsAgent is ${show(claimsAgent)} instead of true or false`);
  const request: Check<SlotUnits> = (one, of) => slotRequest(one, of, sets);
  return {
    id: integer(id, 0, maxId, `${what}.id`),
    demand: list(demand, `${what}.demand`, amount, scalars),
    opportunistic: list(opportunistic, `${what}.opportunistic`, amount, scalars),
    slots: distinct(list(slots, `${what}.slots`, request), ({ set }) => set, `set in ${what}.slots`),
    labels: mapped(labels, `${what}.labels`, text),
    priority: integer(priority, -MAX_PRIORITY, MAX_PRIORITY, `${what}.priority`),
    tolerations: trusted(() => requireTolerations(tolerations as Toleration[], what), `${what}.tolerations`),
    claimsAgent,
    repels: list(repels, `${what}.repels`, repulsion),
  };
}

function slotRequest(value: unknown, what: string, sets: number): SlotUnits {
  const { set, slots, units, label } = record(value, what);
  return {
    set: integer(set, 0, sets - 1, `${what}.set`),
    slots: integer(slots, 1, MAX_SLOTS, `${what}.slots`),
    units: integer(units, WHOLE_SLOT, MAX_UNITS, `${what}.units`),
    label: label === undefined ? undefined : text(label, `${what}.label`),
  };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  return invalid(`${what} is ${show(value)} instead of an object`);
}

/** A record of any keys, `__proto__` among them, with its values checked. */
function mapped<T>(value: unknown, what: string, check: Check<T>): Record<string, T> {
  const entries = Object.entries(record(value, what));
  return Object.fromEntries(entries.map(([key, entry]) => [key, check(entry, `${what}[${show(key)}]`)]));
}

function list<T>(value: unknown, what: string, check: Check<T>, length?: number): T[] {
  if (!Array.isArray(value)) return invalid(`${what} is ${show(value)} instead of an array`);
  if (length !== undefined && value.length !== length)
    invalid(`${what} has ${value.length} entries instead of ${length}`);
  return value.map((entry, i) => check(entry, `${what}[${i}]`));
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    return invalid('the meta data is not JSON', error);
  }
}

function distinct<T>(entries: T[], keyOf: (entry: T) => unknown, what: string): T[] {
  return new Set(entries.map(keyOf)).size === entries.length ? entries : invalid(`a ${what} occurs twice`);
}

function text(value: unknown, what: string): string {
  return typeof value === 'string' ? value : invalid(`${what} is ${show(value)} instead of a string`);
}

function amount(value: unknown, what: string): number {
  return integer(value, 0, MAX_UNITS, what);
}

function number(value: unknown, what: string): number {
  return typeof value === 'number' ? value : invalid(`${what} is ${show(value)} instead of a number`);
}

function integer(value: unknown, least: number, most: number, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
    return value;
  return invalid(`${what} is ${show(value)} instead of an integer from ${least} to ${most}`);
}
