/**
 * Refuses objects that are not plug-ins before they reach a decision.
 */
import { fail } from './errors.ts';
import type { Dependency, FitnessCalculator, HardConstraint, Plugin } from './plugin.ts';

const DEPENDENCIES: readonly (Dependency | undefined)[] = [
  'attributes',
  'agent',
  'group',
  'anything',
  undefined,
];

/** One or several fitness levels as a checked list. @throws StowageError INVALID_PLUGIN */
export function requireFitness(
  fitness: FitnessCalculator | readonly FitnessCalculator[],
): readonly FitnessCalculator[] {
  const levels: readonly unknown[] = Array.isArray(fitness) ? (fitness as readonly unknown[]) : [fitness];
  for (const level of levels) requirePlugin(level, 'fitness calculator');
  return levels as readonly FitnessCalculator[];
}

/** A checked list of constraints. @throws StowageError INVALID_PLUGIN */
export function requireConstraints(constraints: readonly HardConstraint[]): readonly HardConstraint[] {
  const list: unknown = constraints;
  if (!Array.isArray(list)) fail('INVALID_PLUGIN', 'constraints must be an array of hard constraints.');
  for (const constraint of constraints) requirePlugin(constraint, 'hard constraint');
  return constraints;
}

function requirePlugin(value: unknown, kind: string): void {
  const plugin = value as Partial<Plugin & { bind: unknown }> | null | undefined;
  if (typeof plugin?.name !== 'string' || typeof plugin.bind !== 'function') {
    fail(
      'INVALID_PLUGIN',
      `${JSON.stringify(value) ?? 'undefined'} is not a ${kind}; give an object with a name and a bind function.`,
    );
  }
  if (!DEPENDENCIES.includes(plugin.dependsOn)) {
    fail(
      'INVALID_PLUGIN',
      `${kind} "${plugin.name}" depends on "${String(plugin.dependsOn)}"; use attributes, agent, group or anything.`,
    );
  }
}
