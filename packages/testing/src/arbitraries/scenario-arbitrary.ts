/**
 * A whole random case: schema, agents, task classes with policies, and a history.
 */
import type { AgentShape, ResourceDefinition, TaskRequirements } from '@stowage/core';
import fc from 'fast-check';
import type { ReferenceRequirements } from '../oracle/reference-model.ts';
import { agentShapeArbitrary, type Vocabulary } from './agent-arbitrary.ts';
import { type Operation, operationArbitrary } from './operation-arbitrary.ts';
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
  readonly fitness: readonly FitnessPair[];
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
  /** Most operations. Default 40. */
  readonly maxOperations?: number;
}

/** Cases over one schema. @public */
export function scenarioArbitrary(
  resources: readonly ResourceDefinition[],
  { policies, attributes, labels, maxOperations = 40 }: ScenarioOptions,
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
    fitness: levels,
    classes: fc.array(scenarioClass, { minLength: 1, maxLength: 4, size: 'max' }),
    agents: fc.array(agentShapeArbitrary(resources, attributes), { maxLength: 8, size: 'max' }),
    operations: fc.array(operationArbitrary(resources, policies.fitness, attributes), {
      minLength: 1,
      maxLength: maxOperations,
      size: 'max',
    }),
  });
}

/** Mostly none, sometimes one or two: every one more makes an empty choice likelier. */
function few<T>(policy: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.tuple(policy) },
    { weight: 1, arbitrary: fc.tuple(policy, policy) },
  );
}

/** A class as the engine takes it. @public */
export function engineRequirements(scenarioClass: ScenarioClass): TaskRequirements {
  const { constraints, softConstraints, fitness, ...bare } = scenarioClass;
  return {
    ...bare,
    constraints: constraints.map(({ plugin }) => plugin),
    softConstraints: softConstraints.map(({ plugin }) => plugin),
    ...(fitness !== undefined && { fitness: fitness.map(({ plugin }) => plugin) }),
  };
}

/** A class as the oracle takes it. @public */
export function referenceRequirements(scenarioClass: ScenarioClass): ReferenceRequirements {
  const { constraints, softConstraints, fitness, ...bare } = scenarioClass;
  return {
    ...bare,
    constraints: constraints.map(({ reference }) => reference),
    softConstraints: softConstraints.map(({ reference }) => reference),
    ...(fitness !== undefined && { fitness: fitness.map(({ reference }) => reference) }),
  };
}
