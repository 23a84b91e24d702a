/**
 * A whole random case: schema, agents, task classes with policies, and a history.
 */
import type {
  AgentShape,
  PolicyOptions,
  ResourceDefinition,
  StructureChoice,
  TaskRequirements,
} from '@stowage/core';
import fc from 'fast-check';
import type { ReferenceRequirements } from '../oracle/reference-model.ts';
import type { ReferencePolicies } from '../oracle/reference-scheduler.ts';
import { agentShapeArbitrary, type Vocabulary } from './agent-arbitrary.ts';
import {
  type Operation,
  operationArbitrary,
  structureArbitrary,
  systemConstraintsArbitrary,
} from './operation-arbitrary.ts';
import type { ConstraintPair, FitnessPair, PolicyArbitraries, SoftConstraintPair } from './policy-pair.ts';
import { type BareRequirements, requirementsArbitrary } from './requirements-arbitrary.ts';

/** A task class with policies for both sides. @public */
export interface ScenarioClass extends BareRequirements {
  readonly constraints: readonly ConstraintPair[];
  readonly softConstraints: readonly SoftConstraintPair[];
  /** Undefined = the default of the engine. */
  readonly fitness: readonly FitnessPair[] | undefined;
}

/** Everything a differential run needs. @public */
export interface Scenario {
  readonly resources: readonly ResourceDefinition[];
  /** Small, so that tables have to grow. */
  readonly agentCapacity: number;
  /** What answers classes at first. */
  readonly structure: StructureChoice;
  readonly fitness: readonly FitnessPair[];
  /** Hold for every class. */
  readonly constraints: readonly ConstraintPair[];
  /** Count for every class. */
  readonly softConstraints: readonly SoftConstraintPair[];
  /** At least one. */
  readonly classes: readonly ScenarioClass[];
  readonly agents: readonly AgentShape[];
  readonly operations: readonly Operation[];
}

/** @public */
export interface ScenarioOptions {
  /** Policies to draw from; they may name the resources given. */
  readonly policies: PolicyArbitraries;
  /** Default `DEFAULT_ATTRIBUTES`. */
  readonly attributes?: Vocabulary;
  /** Default `DEFAULT_LABELS`. */
  readonly labels?: Vocabulary;
  /** Most operations. Default 60. */
  readonly maxOperations?: number;
}

/** Cases over one schema. @public */
export function scenarioArbitrary(
  resources: readonly ResourceDefinition[],
  { policies, attributes, labels, maxOperations = 60 }: ScenarioOptions,
): fc.Arbitrary<Scenario> {
  const levels = fc.array(policies.fitness, { maxLength: 2 });
  const scenarioClass = fc
    .record({
      bare: requirementsArbitrary(resources, labels),
      constraints: few(policies.constraint),
      softConstraints: few(policies.softConstraint),
      fitness: fc.option(levels, { freq: 3, nil: undefined }),
    })
    .map(({ bare, ...chosen }) => ({ ...bare, ...chosen }));
  return fc.record({
    resources: fc.constant(resources),
    agentCapacity: fc.constantFrom(1, 2, 4, 64),
    structure: structureArbitrary,
    fitness: levels,
    constraints: systemConstraintsArbitrary(policies),
    softConstraints: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.tuple(policies.softConstraint) },
    ),
    classes: fc.array(scenarioClass, { minLength: 1, maxLength: 4, size: 'max' }),
    agents: fc.array(agentShapeArbitrary(resources, attributes), { maxLength: 8, size: 'max' }),
    operations: fc.array(operationArbitrary(resources, policies, attributes), {
      minLength: 1,
      maxLength: maxOperations,
      size: 'max',
    }),
  });
}

/** Mostly none, sometimes one or two: every one more makes an empty choice likelier. */
function few<T>(policy: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.tuple(policy) },
    { weight: 1, arbitrary: fc.tuple(policy, policy) },
  );
}

/** A class as the engine takes it. @public */
export function engineRequirements({
  constraints,
  softConstraints,
  fitness,
  ...bare
}: ScenarioClass): TaskRequirements {
  return { ...bare, ...enginePolicies({ constraints, softConstraints, fitness }) };
}

/** A class as the oracle takes it. @public */
export function referenceRequirements({
  constraints,
  softConstraints,
  fitness,
  ...bare
}: ScenarioClass): ReferenceRequirements {
  return { ...bare, ...referencePolicies({ constraints, softConstraints, fitness }) };
}

/** Policies of a class, or of all. */
type PolicyPairs = Pick<ScenarioClass, 'constraints' | 'softConstraints' | 'fitness'>;

/** Policies as the engine takes them. @public */
export function enginePolicies({ constraints, softConstraints, fitness }: PolicyPairs): PolicyOptions {
  return {
    constraints: constraints.map(({ plugin }) => plugin),
    softConstraints: softConstraints.map(({ plugin }) => plugin),
    ...(fitness !== undefined && { fitness: fitness.map(({ plugin }) => plugin) }),
  };
}

/** Policies as the oracle takes them. @public */
export function referencePolicies({ constraints, softConstraints, fitness }: PolicyPairs): ReferencePolicies {
  return {
    constraints: constraints.map(({ reference }) => reference),
    softConstraints: softConstraints.map(({ reference }) => reference),
    ...(fitness !== undefined && { fitness: fitness.map(({ reference }) => reference) }),
  };
}
