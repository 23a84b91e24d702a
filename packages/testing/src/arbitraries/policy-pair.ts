/**
 * A policy twice: as the engine's plug-in and as the oracle's function. Pairs are made by whoever has the
 * plug-ins; this package does not know them.
 */
import type { FitnessCalculator, HardConstraint, SoftConstraint } from '@stowage/core';
import type fc from 'fast-check';
import type { ReferenceConstraint, ReferenceFitness } from '../oracle/reference-model.ts';

/** The same policy for the engine and for the oracle. @public */
export interface PolicyPair<P, R> {
  readonly plugin: P;
  readonly reference: R;
}

/** @public */
export type ConstraintPair = PolicyPair<HardConstraint, ReferenceConstraint>;
/** @public */
export type SoftConstraintPair = PolicyPair<SoftConstraint, ReferenceFitness>;
/** @public */
export type FitnessPair = PolicyPair<FitnessCalculator, ReferenceFitness>;

/** Where random scenarios take their policies from. @public */
export interface PolicyArbitraries {
  readonly constraint: fc.Arbitrary<ConstraintPair>;
  readonly softConstraint: fc.Arbitrary<SoftConstraintPair>;
  readonly fitness: fc.Arbitrary<FitnessPair>;
}

/** A pair that counterexamples show by the name of its plug-in. @public */
export function policyPair<P extends { readonly name: string }, R>(
  plugin: P,
  reference: R,
): PolicyPair<P, R> {
  return { plugin, reference, toString: () => `policyPair(${plugin.name})` } as PolicyPair<P, R>;
}
