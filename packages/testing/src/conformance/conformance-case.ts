/**
 * The random clusters and histories that a plug-in is tried on.
 */
import type { AgentShape, ResourceDefinition } from '@stowage/core';
import fc from 'fast-check';
import { agentShapeArbitrary, type Vocabulary } from '../arbitraries/agent-arbitrary.ts';
import { type ClusterOperation, clusterOperationArbitrary } from '../arbitraries/operation-arbitrary.ts';
import { type BareRequirements, requirementsArbitrary } from '../arbitraries/requirements-arbitrary.ts';
import { ALL_RESOURCES } from '../arbitraries/resources-arbitrary.ts';

/** @public */
export interface ConformanceOptions {
  /** The same seed gives the same clusters and histories. Default 1. */
  readonly seed?: number;
  /** Random clusters to try, a positive integer. Default 60. */
  readonly clusters?: number;
  /**
   * Resources of the clusters; must contain those that the plug-in names. Default: scalars cpu, memory, disk and
   * network, sets gpu and interface.
   */
  readonly resources?: readonly ResourceDefinition[];
  /** Attributes of the agents with their values; each may be missing. Default `DEFAULT_ATTRIBUTES`. */
  readonly attributes?: Vocabulary;
  /** Labels of the tasks with their values; each may be missing. Default `DEFAULT_LABELS`. */
  readonly labels?: Vocabulary;
}

/** A cluster, task classes and what happens to them. */
export interface ConformanceCase {
  readonly agents: readonly AgentShape[];
  readonly classes: readonly BareRequirements[];
  readonly operations: readonly ClusterOperation[];
}

export function conformanceCaseArbitrary({
  resources = ALL_RESOURCES,
  attributes,
  labels,
}: ConformanceOptions): fc.Arbitrary<ConformanceCase> {
  return fc.record({
    agents: fc.array(agentShapeArbitrary(resources, attributes), { maxLength: 6, size: 'max' }),
    classes: fc.array(requirementsArbitrary(resources, labels), { minLength: 1, maxLength: 3, size: 'max' }),
    operations: fc.array(clusterOperationArbitrary(resources, attributes), { maxLength: 40, size: 'max' }),
  });
}
