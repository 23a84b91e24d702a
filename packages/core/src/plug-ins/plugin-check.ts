/**
 * Refuses objects that are not plug-ins before they reach a decision, and copies lists so that nobody changes a
 * class that exists.
 */
import { fail } from '../errors.ts';
import type { Dependency, FitnessCalculator, HardConstraint, Plugin, SoftConstraint } from './plugin.ts';
import { show } from '../support/show.ts';
import { compileSelector, type TaskSelector } from '../tasks/task-selector.ts';

const DEPENDENCIES: readonly unknown[] = ['attributes', 'agent', 'group', 'anything'] satisfies Dependency[];

/** One or several fitness levels as a checked list. @throws StowageError INVALID_PLUGIN */
export function requireFitness(
  fitness: FitnessCalculator | readonly FitnessCalculator[],
): readonly FitnessCalculator[] {
  const isList = (value: unknown): value is readonly FitnessCalculator[] => Array.isArray(value);
  return (isList(fitness) ? [...fitness] : [fitness]).map((level) =>
    requireAdditive(requireSearch(requirePlugin(level, 'fitness calculator'))),
  );
}

function requireSearch(fitness: FitnessCalculator): FitnessCalculator {
  const { goodEnough = 0, feasibleAgents = 1 } = fitness.search ?? {};
  if (!(goodEnough >= 0 && goodEnough <= 1)) {
    fail(
      'INVALID_PLUGIN',
      `"${fitness.name}" is good enough at ${show(goodEnough)}; give a number from 0 to 1.`,
    );
  }
  if (!Number.isInteger(feasibleAgents) || feasibleAgents < 1) {
    fail(
      'INVALID_PLUGIN',
      `"${fitness.name}" stops after ${show(feasibleAgents)} feasible agents; give a positive integer.`,
    );
  }
  return fitness;
}

function requireAdditive(fitness: FitnessCalculator): FitnessCalculator {
  if (fitness.additive === undefined) return fitness;
  const { resources, prefer } = (fitness.additive ?? {}) as {
    readonly resources?: unknown;
    readonly prefer?: unknown;
  };
  const areNames = isTexts(resources) && resources.length > 0 && new Set(resources).size === resources.length;
  if (!areNames || (prefer !== 'greater' && prefer !== 'smaller')) {
    fail(
      'INVALID_PLUGIN',
      `"${fitness.name}" declares to rank by the load ${show(fitness.additive)}; give resources, each once, and prefer "greater" or "smaller".`,
    );
  }
  return fitness;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== '');
}

/** A checked list of constraints, hard or soft. @throws StowageError INVALID_PLUGIN, INVALID_SPEC for a selector */
export function requireConstraints<T extends HardConstraint | SoftConstraint>(
  constraints: readonly T[],
  kind: string,
): readonly T[] {
  const given: unknown = constraints;
  if (!Array.isArray(given)) fail('INVALID_PLUGIN', `${kind}s are ${show(given)}; give an array of them.`);
  return [...constraints].map((constraint) => requireExclusion(requirePlugin(constraint, kind)));
}

function requireExclusion<T extends HardConstraint | SoftConstraint>(constraint: T): T {
  const { name, excludes } = constraint as Plugin & { readonly excludes?: unknown };
  if (excludes === undefined) return constraint;
  const { sameLabel, selector } = (excludes ?? {}) as {
    readonly sameLabel?: unknown;
    readonly selector?: TaskSelector;
  };
  const isLabel = typeof sameLabel === 'string' && sameLabel !== '';
  if (selector === undefined ? !isLabel : sameLabel !== undefined) {
    fail(
      'INVALID_PLUGIN',
      `"${name}" declares to exclude ${show(excludes)}; give either a label as sameLabel or a selector.`,
    );
  }
  if (selector !== undefined) compileSelector(selector);
  return constraint;
}

/**
 * The plug-in itself, once it is known to be one.
 * @param kind - what it should be, for the message
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function requirePlugin<T extends Plugin>(plugin: T, kind: string): T {
  const given = plugin as Partial<Plugin & { bind: unknown }> | null | undefined;
  if (typeof given === 'function') {
    fail('INVALID_PLUGIN', `${show(given)} is not a ${kind}; call it, it is a factory.`);
  }
  if (typeof given !== 'object' || typeof given?.name !== 'string' || typeof given.bind !== 'function') {
    fail(
      'INVALID_PLUGIN',
      `${show(given)} is not a ${kind}; give an object with a name and a bind function.`,
    );
  }
  if (given.dependsOn !== undefined && !DEPENDENCIES.includes(given.dependsOn)) {
    fail(
      'INVALID_PLUGIN',
      `${kind} "${given.name}" depends on ${show(given.dependsOn)}; use ${DEPENDENCIES.join(', ')}.`,
    );
  }
  if (given.groupedBy !== undefined && !isTexts(given.groupedBy)) {
    fail(
      'INVALID_PLUGIN',
      `${kind} "${given.name}" is grouped by ${show(given.groupedBy)}; give an array of attributes, or leave it out.`,
    );
  }
  return plugin;
}

/** What `bind` gave, once it is known to have the method that answers. @throws StowageError INVALID_PLUGIN */
export function requireBound<T extends object>(
  bound: T,
  method: keyof T & string,
  { name }: { readonly name: string },
): T {
  const given = bound as T | null | undefined;
  if (typeof given?.[method] !== 'function') {
    fail(
      'INVALID_PLUGIN',
      `bind of "${name}" gave ${show(given)}; give an object with the function ${method}.`,
    );
  }
  return bound;
}
