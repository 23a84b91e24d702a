/**
 * The same plug-in without its claims. The engine then looks at all agents for every decision, which is always
 * correct, so any difference to the plug-in with its claims is a false claim.
 */
import type { FitnessCalculator, HardConstraint } from '@stowage/core';

/** A constraint with the same answers that promises nothing about them. @public */
export function scanOnlyConstraint(constraint: HardConstraint): HardConstraint {
  return {
    name: constraint.name,
    dependsOn: 'anything',
    claimsAgent: constraint.claimsAgent ?? false,
    ...(constraint.repels && { repels: constraint.repels }),
    bind: (cluster, task) => constraint.bind(cluster, task),
  };
}

/** A fitness calculator with the same answers that promises nothing about them. @public */
export function scanOnlyFitness(fitness: FitnessCalculator): FitnessCalculator {
  const { name, range, slotFitness } = fitness;
  return {
    name,
    dependsOn: 'anything',
    ...(range && { range }),
    ...(slotFitness && { slotFitness }),
    bind: (cluster, task) => fitness.bind(cluster, task),
  };
}
