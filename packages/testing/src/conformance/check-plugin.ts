/**
 * Conformance suites for authors of plug-ins. They need no test runner: call one inside any test, it throws when
 * the plug-in breaks a promise. Broken promises are shrunk to a short history by fast-check.
 */
import type { FitnessCalculator, HardConstraint } from '@stowage/core';
import fc from 'fast-check';
import { ALL_RESOURCES } from '../arbitraries/resources-arbitrary.ts';
import {
  type ConformanceCase,
  conformanceCaseArbitrary,
  type ConformanceOptions,
} from './conformance-case.ts';
import { ConformanceError, type Violation } from './conformance-error.ts';
import { observe, type Subject } from './observation.ts';
import { packingBy } from './packing.ts';
import { probeConstraint, probeFitness } from './probe.ts';
import { scanOnlyConstraint, scanOnlyFitness } from './scan-only.ts';
import { compareStructures, type Policies } from './structure-check.ts';

/**
 * Tries a hard constraint on random clusters.
 *
 * @example
 * ```ts
 * test('my constraint keeps its promises', () => checkConstraint(myConstraint('zone')));
 * ```
 * @throws ConformanceError with all broken promises
 * @public
 */
export function checkConstraint(constraint: HardConstraint, options: ConformanceOptions = {}): void {
  const packing = packingBy(options.resources ?? ALL_RESOURCES);
  check(
    {
      plugin: constraint,
      probe: () => probeConstraint(constraint),
      isValid: (verdict) => Number.isSafeInteger(verdict) && verdict >= 0,
    },
    {
      declared: { constraints: [constraint], ...(packing && { fitness: packing }) },
      scanOnly: {
        constraints: [scanOnlyConstraint(constraint)],
        ...(packing && { fitness: scanOnlyFitness(packing) }),
      },
    },
    options,
  );
}

/**
 * Tries a fitness calculator or a soft constraint on random clusters.
 *
 * @example
 * ```ts
 * test('my fitness keeps its promises', () => checkFitness(myFitness('cpu'), { seed: 7 }));
 * ```
 * @throws ConformanceError with all broken promises
 * @public
 */
export function checkFitness(fitness: FitnessCalculator, options: ConformanceOptions = {}): void {
  check(
    { plugin: fitness, probe: () => probeFitness(fitness), isValid: (score) => Number.isSafeInteger(score) },
    { declared: { fitness: [fitness] }, scanOnly: { fitness: [scanOnlyFitness(fitness)] } },
    options,
  );
}

function check(
  subject: Subject,
  policies: { readonly declared: Policies; readonly scanOnly: Policies },
  options: ConformanceOptions,
): void {
  const { seed = 1, clusters = 60, resources = ALL_RESOURCES } = options;
  const cases = conformanceCaseArbitrary(options);
  const violationsIn = (given: ConformanceCase): Violation[] => [
    ...observe(subject, resources, given),
    ...compareStructures(policies, resources, given),
  ];
  const found = fc.sample(cases, { seed, numRuns: clusters }).flatMap(violationsIn);
  if (found.length === 0) return;
  const promises = [...new Set(found.map(({ promise }) => promise))];
  const violations = promises.map((promise) => {
    const first = found.find((violation) => violation.promise === promise)!;
    let shortest = first;
    const { counterexample } = fc.check(
      fc.property(cases, (given) => {
        const violation = violationsIn(given).find((candidate) => candidate.promise === promise);
        if (violation !== undefined) shortest = violation;
        return violation === undefined;
      }),
      { seed, numRuns: clusters },
    );
    const where = counterexample === null ? '' : ` (seed ${seed}, case ${fc.stringify(counterexample[0])})`;
    return { promise, message: `${shortest.message}${where}` };
  });
  throw new ConformanceError(subject.plugin.name, violations);
}
