/**
 * What users write, translated into what the oracle works with. Decimals must be whole numbers of units: whether they
 * are is not for the oracle to check.
 */
import type { AgentReport, AgentShape, ResourceDefinition, SlotCapacity, SlotDemand } from '@stowage/core';
import type {
  ReferenceAgent,
  ReferenceRequirements,
  ReferenceSlotDemand,
  ReferenceSlots,
  ReferenceTask,
} from './reference-model.ts';

type Amounts = Readonly<Record<string, number>>;

/** An agent that has reported nothing yet. */
export function toReferenceAgent(
  resources: readonly ResourceDefinition[],
  row: number,
  shape: AgentShape,
): ReferenceAgent {
  const totals: Record<string, number> = {};
  const sets: Record<string, ReferenceSlots> = {};
  for (const resource of resources) {
    const { name, kind, overcommit = 1 } = resource;
    if (kind === 'set') {
      sets[name] = toSlots(resource, shape.resources[name] as SlotCapacity | undefined);
    } else {
      const units = unitsOf(resource, shape.resources as Amounts);
      totals[name] = Math.floor(Number((units * (shape.overcommit?.[name] ?? overcommit)).toPrecision(15)));
    }
  }
  return {
    row,
    totals,
    sets,
    attributes: { ...shape.attributes },
    draining: false,
    taints: shape.taints ?? [],
    lent: scalarUnits(resources, {}),
    signals: {},
    cached: {},
  };
}

/** An agent after it has reported something. */
export function withReport(
  resources: readonly ResourceDefinition[],
  agent: ReferenceAgent,
  { lent, signals, cached }: AgentReport,
): ReferenceAgent {
  return {
    ...agent,
    lent: lent === undefined ? agent.lent : scalarUnits(resources, lent),
    signals: { ...agent.signals, ...signals },
    cached: { ...agent.cached, ...cached },
  };
}

export function toReferenceTask(
  resources: readonly ResourceDefinition[],
  requirements: ReferenceRequirements,
): ReferenceTask {
  const { job, labels, priority = 0, tolerations = [], opportunistic = {} } = requirements;
  const { constraints = [], softConstraints = [], fitness } = requirements;
  return {
    demand: scalarUnits(resources, requirements.resources as Amounts),
    opportunistic: scalarUnits(resources, opportunistic),
    slotDemands: resources
      .filter(({ kind, name }) => kind === 'set' && requirements.resources[name] !== undefined)
      .map((resource) => toSlotDemand(resource, requirements.resources[resource.name] as SlotDemand)),
    labels: { ...labels, ...(job === undefined ? {} : { job }) },
    priority,
    tolerations,
    constraints,
    softConstraints,
    fitness,
  };
}

/** Units of every scalar resource; those that are not named are 0. */
export function scalarUnits(
  resources: readonly ResourceDefinition[],
  amounts: Amounts,
): Record<string, number> {
  const scalars = resources.filter(({ kind }) => kind !== 'set');
  return Object.fromEntries(scalars.map((resource) => [resource.name, unitsOf(resource, amounts)]));
}

function toSlots(
  { unitsPerWhole = 1, rebindAfterMs = 0 }: ResourceDefinition,
  capacity: SlotCapacity | undefined,
): ReferenceSlots {
  const { slots, unitsPerSlot } = capacity ?? { slots: 0, unitsPerSlot: 0 };
  return {
    unitsPerSlot: slots === 0 ? 0 : Math.round(unitsPerSlot * unitsPerWhole),
    labels: Array.from({ length: slots }, () => null),
    idleSinceMs: Array.from({ length: slots }, () => 0),
    rebindAfterMs,
  };
}

function toSlotDemand(
  { name, unitsPerWhole = 1 }: ResourceDefinition,
  demand: SlotDemand,
): ReferenceSlotDemand {
  const { slots = 1, units, label = null } = demand;
  return {
    set: name,
    slots,
    units: units === undefined ? undefined : Math.round(units * unitsPerWhole),
    label,
  };
}

function unitsOf({ name, unitsPerWhole = 1 }: ResourceDefinition, amounts: Amounts): number {
  return Math.round((amounts[name] ?? 0) * unitsPerWhole);
}
