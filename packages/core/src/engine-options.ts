/**
 * What an engine is made with: resources, room, and the policies that hold for every task class besides its own
 * (Titus' system constraints, and the fitness in force).
 */
import type { SystemPolicies } from './decisions/policy-set.ts';
import { fail } from './errors.ts';
import type { FitnessCalculator, HardConstraint, SoftConstraint } from './plug-ins/plugin.ts';
import { requireConstraints, requireFitness } from './plug-ins/plugin-check.ts';
import type { ResourceDefinition } from './resources/schema.ts';
import { show } from './support/show.ts';

/** @public */
export interface PolicyOptions {
  /** Lexicographic levels for classes without their own. Default: none, the lowest feasible row. */
  readonly fitness?: FitnessCalculator | readonly FitnessCalculator[];
  /** Hold for every class, before its own. Must neither claim agents nor repel tasks. */
  readonly constraints?: readonly HardConstraint[];
  /** Their scores are added to those of every class. */
  readonly softConstraints?: readonly SoftConstraint[];
  /** How classes are answered; the answers are the same. Default `cheapest`. */
  readonly structure?: StructureChoice;
}

/**
 * A structure to use wherever it can answer a class, for tests and measurements; classes that it cannot answer are
 * scanned, filtered unless `scan` is asked for. `cheapest` estimates what each would cost.
 * @public
 */
export type StructureChoice = 'cheapest' | 'scan' | 'class-tree' | 'ordered-index';

/** Checked options. */
export interface SystemOptions extends SystemPolicies {
  readonly structure: StructureChoice;
}

const CHOICES: readonly unknown[] = [
  'cheapest',
  'scan',
  'class-tree',
  'ordered-index',
] satisfies StructureChoice[];

/** @public */
export interface EngineOptions extends PolicyOptions {
  /** Default: cpu, memory, disk, network, gpu as scalars. */
  readonly resources?: readonly ResourceDefinition[];
  /** Agents to make room for at first; grows by doubling. Default 1024. */
  readonly agentCapacity?: number;
}

const MAX_AGENTS = 2 ** 26;

/** Checked options; the resources are checked where the schema is made. @throws StowageError INVALID_SPEC, INVALID_PLUGIN */
export function requireOptions(options: EngineOptions): SystemOptions & { readonly agentCapacity: number } {
  const policies = requirePolicies(options);
  const { agentCapacity = 1024 } = options;
  if (!Number.isInteger(agentCapacity) || agentCapacity < 1 || agentCapacity > MAX_AGENTS) {
    fail('INVALID_SPEC', `agentCapacity is ${show(agentCapacity)}; give an integer from 1 to ${MAX_AGENTS}.`);
  }
  return { ...policies, agentCapacity };
}

const NO_POLICIES: SystemPolicies = { fitness: [], constraints: [], softConstraints: [] };

/**
 * @param known - what stands for policies that are left out
 * @throws StowageError INVALID_SPEC, INVALID_PLUGIN
 */
export function requirePolicies(options: PolicyOptions, known: SystemPolicies = NO_POLICIES): SystemOptions {
  if (typeof options !== 'object' || (options as unknown) === null) {
    fail('INVALID_SPEC', `the options are ${show(options)}; give an object, or nothing.`);
  }
  const {
    fitness = known.fitness,
    constraints = known.constraints,
    softConstraints = known.softConstraints,
    structure = 'cheapest',
  } = options;
  if (!CHOICES.includes(structure))
    fail('INVALID_SPEC', `the structure is ${show(structure)}; use ${CHOICES.join(', ')}.`);
  const hard = requireConstraints(constraints, 'hard constraint');
  for (const { name, claimsAgent, repels } of hard) {
    if (claimsAgent === true || repels !== undefined) {
      fail(
        'INVALID_PLUGIN',
        `"${name}" binds other tasks, so it cannot hold for every class; give it to tasks.`,
      );
    }
  }
  return {
    fitness: requireFitness(fitness),
    constraints: hard,
    softConstraints: requireConstraints(softConstraints, 'soft constraint'),
    structure,
  };
}
