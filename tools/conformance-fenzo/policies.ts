/**
 * Fenzo's fitness calculators and constraints of a scenario as plug-ins of the bundled packages.
 */
import {
  asSoft,
  balancedHostAttribute,
  exclusiveHost,
  fenzoBalancedFitness,
  hostAttributeValue,
  uniqueHostAttribute,
} from '@stowage/constraints';
import type { FitnessCalculator, HardConstraint } from '@stowage/core';
import * as bundled from '@stowage/fitness';
import type { BundledName, FitnessName } from './fitness-name.ts';
import type { GoldenConstraint, GoldenSoftConstraint } from './golden-types.ts';

/** Attribute of every agent with its own id, as Fenzo's pseudo attribute. */
export const HOSTNAME = 'HOSTNAME';

const CALCULATORS: Readonly<Record<BundledName, () => FitnessCalculator>> = {
  cpuBinPacker: bundled.cpuBinPacker,
  memoryBinPacker: bundled.memoryBinPacker,
  networkBinPacker: bundled.networkBinPacker,
  cpuMemBinPacker: bundled.cpuMemBinPacker,
  cpuMemNetworkBinPacker: bundled.cpuMemNetworkBinPacker,
  cpuSpreader: bundled.cpuSpreader,
  memorySpreader: bundled.memorySpreader,
  networkSpreader: bundled.networkSpreader,
  cpuMemSpreader: bundled.cpuMemSpreader,
  cpuMemNetworkSpreader: bundled.cpuMemNetworkSpreader,
  default: bundled.defaultFitness,
};

export function calculatorOf(fitness: FitnessName): FitnessCalculator {
  if ('name' in fitness) return CALCULATORS[fitness.name]();
  return bundled.weightedAverage(
    fitness.parts.map(({ fitness: part, weight }) => ({ fitness: calculatorOf(part), weight })),
  );
}

/** Calculator and soft constraints in Fenzo's mix. */
export function mixedFitness(
  calculator: FitnessCalculator,
  soft: readonly GoldenSoftConstraint[],
): FitnessCalculator {
  return bundled.fenzoFitness({ fitness: calculator, softConstraints: soft.map(softConstraintOf) });
}

export function constraintOf(constraint: GoldenConstraint): HardConstraint {
  switch (constraint.type) {
    case 'hostAttrValue':
      return hostAttributeValue(constraint.attribute, constraint.value);
    case 'uniqueHostAttr':
      return uniqueHostAttribute(constraint.attribute === HOSTNAME ? undefined : constraint.attribute);
    case 'balancedHostAttr':
      return balancedHostAttribute(constraint.attribute, constraint.expectedValues);
    case 'exclusiveHost':
      return exclusiveHost();
  }
}

function softConstraintOf(constraint: GoldenSoftConstraint): FitnessCalculator {
  if (constraint.type === 'asSoft') return asSoft(constraintOf(constraint.of));
  return fenzoBalancedFitness(constraint.attribute, { expectedValues: constraint.expectedValues });
}

/** How Fenzo names a constraint in failures. */
export function fenzoName(constraint: GoldenConstraint): string {
  const plugins = 'com.netflix.fenzo.plugins';
  switch (constraint.type) {
    case 'hostAttrValue':
      return `${plugins}.HostAttrValueConstraint-${constraint.attribute}`;
    case 'uniqueHostAttr':
      return `${plugins}.UniqueHostAttrConstraint-${constraint.attribute}`;
    case 'balancedHostAttr':
      return `${plugins}.BalancedHostAttrConstraint-${constraint.attribute}`;
    case 'exclusiveHost':
      return `${plugins}.ExclusiveHostConstraint`;
  }
}
