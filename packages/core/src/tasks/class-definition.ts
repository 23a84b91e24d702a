/**
 * From what a user writes about a task to a task class in units, with its plug-ins checked.
 */
import type { LabelVocabulary } from './label-vocabulary.ts';
import { requireConstraints, requireFitness } from '../plug-ins/plugin-check.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import type { SlotTable } from '../slots/slot-table.ts';
import { compileRepulsion } from '../plug-ins/repulsion.ts';
import { parseTask, type TaskRequirements } from '../resources/specs.ts';
import { TaskClass } from './task-class.ts';

/** @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities, INVALID_PLUGIN */
export function defineClass(
  id: number,
  requirements: TaskRequirements,
  schema: ResourceSchema,
  slotTables: readonly SlotTable[],
  vocabulary: LabelVocabulary,
): TaskClass {
  const units = parseTask(schema, requirements, 'task');
  const { constraints = [], softConstraints = [], fitness } = requirements;
  const policies = {
    constraints: requireConstraints(constraints, 'hard constraint'),
    softConstraints: requireConstraints(softConstraints, 'soft constraint'),
    fitness: fitness === undefined ? undefined : requireFitness(fitness),
  };
  const slotRequests = units.slots.map(({ set, slots, units: perSlot, label }) => ({
    set,
    slots,
    units: perSlot,
    label: label === undefined ? 0 : slotTables[set].labels.intern(label),
  }));
  const { constraints: hard } = policies;
  const traits = {
    ...units,
    demand: units.scalars,
    slotRequests,
    claimsAgent: hard.some((constraint) => constraint.claimsAgent === true),
    repulsions: hard.flatMap(({ repels }) => (repels === undefined ? [] : [compileRepulsion(repels)])),
  };
  return new TaskClass(id, traits, policies, vocabulary);
}
