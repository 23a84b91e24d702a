/**
 * What users write to describe agents and tasks, and its translation into units and column numbers. Everything
 * is checked here, before any state changes.
 */
import { fail } from '../errors.ts';
import type { FitnessCalculator, HardConstraint, SoftConstraint } from '../plug-ins/plugin.ts';
import { MAX_UNITS, toUnits } from './quantity.ts';
import { requireOvercommit, type Resource, type ResourceSchema, unitsOf } from './schema.ts';
import { show } from '../support/show.ts';
import { MAX_SLOTS, WHOLE_SLOT } from '../slots/slot-table.ts';
import { requireTolerations, type Taint, TAINTS_KEY, taintsText, type Toleration } from '../agents/taints.ts';

/**
 * Slots of one resource set on an agent: 8 GPUs are `{ slots: 8, unitsPerSlot: 1 }`, 4 interfaces with 29
 * addresses each `{ slots: 4, unitsPerSlot: 29 }`.
 * @public
 */
export interface SlotCapacity {
  /** 0 to 32. */
  readonly slots: number;
  /** Decimal, greater than 0. */
  readonly unitsPerSlot: number;
}

/**
 * A request on a resource set: half a GPU is `{ units: 0.5 }`, two whole ones `{ slots: 2 }`, three addresses on
 * one interface of a security group `{ units: 3, label: 'sg-web' }`.
 * @public
 */
export interface SlotDemand {
  /** Different slots of one agent, 1 to 32. Default 1. */
  readonly slots?: number;
  /** Decimal taken from each slot; 0 takes part in the slot and its label only. Default: the whole slot. */
  readonly units?: number;
  /** Slots bound to another label serve the task only when idle. Default: no label. */
  readonly label?: string;
}

/** Priorities range from -MAX_PRIORITY to MAX_PRIORITY. @public */
export const MAX_PRIORITY = 1_000_000_000;

/** An agent without its id. @public */
export interface AgentShape {
  /** Totals by resource name: decimals for scalars, slots for sets. Missing = 0. */
  readonly resources: Readonly<Record<string, number | SlotCapacity>>;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Keep off tasks that do not tolerate them. */
  readonly taints?: readonly Taint[];
  /**
   * By scalar resource: how many times its total may be booked, above 0 and at most 1000; the product is rounded
   * down to a unit. Default: that of the resource definition, else 1.
   */
  readonly overcommit?: Readonly<Record<string, number>>;
}

/** What a task needs; tasks with equal requirements share a task class. @public */
export interface TaskRequirements {
  /** Demands by resource name: decimals for scalars, `SlotDemand` for sets. Missing = 0. */
  readonly resources: Readonly<Record<string, number | SlotDemand>>;
  /** The job that the task belongs to; the same as the label `job`. */
  readonly job?: string;
  /**
   * Demands by scalar resource that may be met by what others hold and do not use: reservations, and what agents
   * report as lent. When the owners need it, `evictions` names the task.
   */
  readonly opportunistic?: Readonly<Record<string, number>>;
  /** Integer; a task may take the place of tasks of lower priority, see `planPreemption`. Default 0. */
  readonly priority?: number;
  /** Taints that the task puts up with. */
  readonly tolerations?: readonly Toleration[];
  /** Labels that constraints and fitness calculators of this and other tasks count. */
  readonly labels?: Readonly<Record<string, string>>;
  /** All must hold. */
  readonly constraints?: readonly HardConstraint[];
  /** Preferences; their scores are summed and rank before the fitness. */
  readonly softConstraints?: readonly SoftConstraint[];
  /** Lexicographic: the second decides ties of the first, and so on. Default: the engine's. */
  readonly fitness?: FitnessCalculator | readonly FitnessCalculator[];
}

/** An agent in units. */
export interface AgentUnits {
  readonly scalars: Int32Array;
  readonly slots: readonly { readonly slots: number; readonly unitsPerSlot: number }[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** A task's requirements without its policies, in units. */
interface TaskUnits {
  readonly scalars: Int32Array;
  readonly opportunistic: Int32Array;
  readonly slots: readonly SlotUnits[];
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly tolerations: readonly Toleration[];
}

/** A slot demand in units. */
export interface SlotUnits {
  readonly set: number;
  readonly slots: number;
  readonly units: number;
  readonly label: string | undefined;
}

/** @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE and those of `toUnits` */
export function parseAgent(schema: ResourceSchema, shape: AgentShape, what: string): AgentUnits {
  const scalars = new Int32Array(schema.scalars.length);
  const slots = schema.sets.map(() => ({ slots: 0, unitsPerSlot: 0 }));
  const ratios = overcommitRatios(schema, shape?.overcommit, what);
  for (const [resource, value] of amounts(schema, shape?.resources, what)) {
    if (resource.kind === 'scalar') {
      const units = unitsOf(resource, scalarValue(value, resource, what), what);
      scalars[resource.index] = overcommitted(units, ratios[resource.index], `${what} ${resource.name}`);
    } else {
      const { slots: count, unitsPerSlot } = record<SlotCapacity>(value, `${what} ${resource.name}`);
      if (!Number.isInteger(count) || count < 0 || count > MAX_SLOTS) {
        fail(
          'INVALID_QUANTITY',
          `${what} ${resource.name} has ${show(count)} slots; give an integer from 0 to ${MAX_SLOTS}.`,
        );
      }
      const units = positiveUnits(resource, unitsPerSlot, what);
      slots[resource.index] = { slots: count, unitsPerSlot: count === 0 ? 0 : units };
    }
  }
  const attributes = texts(shape.attributes, `${what} attributes`);
  for (const key of Object.keys(attributes)) {
    if (key.startsWith('\0'))
      fail('INVALID_SPEC', `${what} has the attribute ${show(key)}; keys cannot begin with NUL.`);
  }
  const { taints = [] } = shape;
  const text = taintsText(taints, what);
  return {
    scalars,
    slots,
    attributes: taints.length === 0 ? attributes : { ...attributes, [TAINTS_KEY]: text },
  };
}

/** @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE and those of `toUnits` */
export function parseTask(schema: ResourceSchema, task: TaskRequirements, what: string): TaskUnits {
  const scalars = new Int32Array(schema.scalars.length);
  const slots: SlotUnits[] = [];
  for (const [resource, value] of amounts(schema, task?.resources, what)) {
    if (resource.kind === 'scalar') {
      scalars[resource.index] = unitsOf(resource, scalarValue(value, resource, what), what);
    } else {
      slots.push(parseSlotDemand(resource, value, what));
    }
  }
  slots.sort((a, b) => a.set - b.set);
  const { opportunistic: borrowed = {}, priority = 0, tolerations = [] } = task;
  const opportunistic = parseScalars(schema, borrowed, `${what} opportunistic`);
  opportunistic.forEach((units, r) => {
    if (scalars[r] + units > MAX_UNITS) {
      const { name } = schema.scalars[r];
      fail('QUANTITY_OVERFLOW', `${what} asks for more than ${MAX_UNITS} units of ${name}; ask for less.`);
    }
  });
  if (!Number.isInteger(priority) || Math.abs(priority) > MAX_PRIORITY) {
    fail(
      'INVALID_SPEC',
      `${what} has priority ${show(priority)}; give an integer from -${MAX_PRIORITY} to ${MAX_PRIORITY}.`,
    );
  }
  const labels = texts(task.labels, `${what} labels`);
  return {
    scalars,
    opportunistic,
    slots,
    labels: task.job === undefined ? labels : { ...labels, job: text(task.job, `${what} job`) },
    priority,
    tolerations: requireTolerations(tolerations, what),
  };
}

/** Amounts of scalar resources in units; missing = 0. @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE and those of `toUnits` */
export function parseScalars(
  schema: ResourceSchema,
  amountsByName: Readonly<Record<string, number>>,
  what: string,
): Int32Array {
  return Int32Array.from(schema.scalarUnits(record(amountsByName, what), what));
}

function overcommitRatios(schema: ResourceSchema, ratios: unknown, what: string): number[] {
  const byIndex = schema.scalars.map(({ overcommit }) => overcommit);
  if (ratios === undefined) return byIndex;
  for (const [name, ratio] of Object.entries(record<Record<string, number>>(ratios, `${what} overcommit`)))
    byIndex[schema.scalar(name).index] = requireOvercommit(ratio, `${what} ${name}`, 'INVALID_QUANTITY');
  return byIndex;
}

/** A product that is a whole number but for the rounding of doubles (3000 · 1.15) counts as that number. */
function overcommitted(units: number, ratio: number, what: string): number {
  const exact = units * ratio;
  const nearest = Math.round(exact);
  const product = Math.abs(exact - nearest) <= exact * 2 ** -50 ? nearest : Math.floor(exact);
  if (product <= MAX_UNITS) return product;
  return fail('QUANTITY_OVERFLOW', `${what} times ${ratio} exceeds ${MAX_UNITS} units; take a lower ratio.`);
}

function parseSlotDemand(resource: Resource, value: unknown, what: string): SlotUnits {
  const where = `${what} ${resource.name}`;
  const { slots = 1, units, label } = record<SlotDemand>(value, where);
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_SLOTS) {
    fail(
      'INVALID_QUANTITY',
      `${where} asks for ${show(slots)} slots; give an integer from 1 to ${MAX_SLOTS}.`,
    );
  }
  return {
    set: resource.index,
    slots,
    units: units === undefined ? WHOLE_SLOT : unitsOf(resource, units, what),
    label: label === undefined ? undefined : text(label, `${where} label`),
  };
}

function* amounts(schema: ResourceSchema, resources: unknown, what: string): Generator<[Resource, unknown]> {
  for (const [name, value] of Object.entries(record<object>(resources, `${what} resources`))) {
    yield [schema.resource(name), value];
  }
}

function positiveUnits(resource: Resource, value: number, what: string): number {
  const units = toUnits(value, resource.unitsPerWhole, `${what} ${resource.name} (${resource.unit})`);
  if (units === 0)
    fail(
      'INVALID_QUANTITY',
      `${what} ${resource.name} has 0 ${resource.unit} per slot; give more than 0, at most ${MAX_UNITS} units.`,
    );
  return units;
}

function scalarValue(value: unknown, resource: Resource, what: string): number {
  if (typeof value === 'number') return value;
  return fail(
    'INVALID_QUANTITY',
    `${what} ${resource.name} is ${typeof value}; "${resource.name}" is a scalar, give a number.`,
  );
}

/** Whether something is a plain object: other than a Map or an array, it has entries of its own to offer. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @throws StowageError INVALID_SPEC unless the value is a plain object */
export function record<T extends object>(value: unknown, what: string): T {
  if (isRecord(value)) return value as object as T;
  return fail('INVALID_SPEC', `${what} is ${show(value)}; give a plain object.`);
}

function texts(value: unknown, what: string): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  const entries = Object.entries(record<Record<string, string>>(value, what));
  return Object.fromEntries(entries.map(([key, entry]) => [key, text(entry, `${what} "${key}"`)]));
}

/** @throws StowageError INVALID_SPEC unless the value is a non-empty string */
export function text(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  return fail('INVALID_SPEC', `${what} is ${show(value)}; give a non-empty string.`);
}
