/**
 * The policies of Fenzo and Titus, paired with their reference forms.
 */
import {
  agentManagement,
  fenzoBalancedFitness,
  fenzoBalancedSoft,
  gpuMatch,
  launchGuard,
  matchesLabel,
  uniqueHostAttribute,
  uniqueLabel,
  zoneBalance,
  zoneBalanceSoft,
} from '@stowage/constraints';
import {
  cpuMemBinPacker,
  cpuMemSpreader,
  cpuSpreader,
  defaultFitness,
  fenzoFitness,
  fenzoSetFitness,
  jobTypeCoLocation,
  labelSpreading,
  memoryBinPacker,
  titusSlots,
  weightedAverage,
} from '@stowage/fitness';
import {
  type ConstraintPair,
  type FitnessPair,
  policyPair,
  referenceAgentManagement,
  referenceBalanced,
  referenceBinPacking,
  referenceFenzoBalance,
  referenceFenzoFitness,
  referenceFenzoSetFitness,
  type ReferenceFitness,
  referenceGpuMatch,
  referenceJobTypeCoLocation,
  referenceLabelSpreading,
  referenceLaunchGuard,
  referenceMatchesLabel,
  referenceSpreading,
  referenceTitusSlots,
  referenceUniqueAttribute,
  referenceUniqueHost,
  referenceUniqueLabel,
  referenceWeighted,
  referenceZoneBalanceSoft,
  type SoftConstraintPair,
} from '@stowage/testing';
import fc from 'fast-check';

const attribute = fc.constantFrom('zone', 'rack', 'no-such-attribute');
const label = fc.constantFrom('job', 'tier', 'no-such-label');
const few = fc.integer({ min: 0, max: 4 });

/** The generation stands for the phase: `new` is one that is never open. */
const phases = fc.constantFrom(['2', '10'], ['-1', '2', '10']);

export const fenzoTitusConstraint: fc.Arbitrary<ConstraintPair> = fc.oneof(
  fc
    .tuple(phases, fc.constantFrom([], ['zone'], ['rack', 'no-such-flag']))
    .map(([open, noPlacement]) =>
      policyPair(
        agentManagement({ phase: 'generation', open, noPlacement }),
        referenceAgentManagement('generation', open, noPlacement),
      ),
    ),
  fc
    .tuple(attribute, label)
    .map(([name, key]) => policyPair(matchesLabel(name, key), referenceMatchesLabel(name, key))),
  fc.constantFrom('memory', 'cpu').map((name) => policyPair(gpuMatch(name), referenceGpuMatch(name))),
  label.map((key) => policyPair(uniqueLabel(key), referenceUniqueLabel(key))),
  fc.integer({ min: 1, max: 3 }).map((most) => policyPair(launchGuard(most), referenceLaunchGuard(most))),
  label.map((key) => policyPair(uniqueHostAttribute(undefined, key), referenceUniqueHost(key))),
  attribute.map((name) => policyPair(uniqueHostAttribute(name), referenceUniqueAttribute(name))),
  few.map((expectedZones) =>
    policyPair(zoneBalance({ expectedZones }), referenceBalanced('zone', { expectedValues: expectedZones })),
  ),
);

export const fenzoTitusSoftConstraint: fc.Arbitrary<SoftConstraintPair> = fc.oneof(
  fc
    .tuple(attribute, label, few)
    .map(([name, key, expectedValues]) =>
      policyPair(
        fenzoBalancedSoft(name, { label: key, expectedValues }),
        referenceFenzoBalance(name, { label: key, expectedValues }),
      ),
    ),
  fc
    .tuple(attribute, label, few)
    .map(([name, key, expectedZones]) =>
      policyPair(
        zoneBalanceSoft({ attribute: name, label: key, expectedZones }),
        referenceZoneBalanceSoft(name, expectedZones, key),
      ),
    ),
);

const coLocation: fc.Arbitrary<FitnessPair> = fc.oneof(
  label.map((key) => policyPair(labelSpreading(key), referenceLabelSpreading(key))),
  label.map((key) => policyPair(jobTypeCoLocation(key), referenceJobTypeCoLocation(key))),
);

const preset: fc.Arbitrary<FitnessPair> = fc.constantFrom<FitnessPair>(
  policyPair(memoryBinPacker(), referenceBinPacking('memory')),
  policyPair(cpuMemBinPacker(), referenceBinPacking('cpu', 'memory')),
  policyPair(cpuSpreader(), referenceSpreading('cpu')),
  policyPair(cpuMemSpreader(), referenceSpreading('cpu', 'memory')),
);

/** As the presets of Titus are made: published weights, parts of different kinds, slots of its own. */
const average: fc.Arbitrary<FitnessPair> = fc.tuple(preset, coLocation, coLocation).map((pairs) => {
  const weights = [0.1, 0.35, 0.55];
  const sum = weightedAverage(pairs.map(({ plugin }, i) => ({ fitness: plugin, weight: weights[i] })));
  const reference = referenceWeighted(
    pairs.map((pair, i) => ({ fitness: pair.reference, weight: weights[i] })),
  );
  return policyPair(
    { ...sum, key: `${sum.key} with slots`, slotFitness: titusSlots({ longIdleMs: 25 }) },
    Object.assign(reference, { slotFitness: referenceTitusSlots(25) }),
  );
});

const alwaysOne: ReferenceFitness = Object.assign(() => 1n, { range: () => [0n, 1n] as const });

const fenzo: fc.Arbitrary<FitnessPair> = fc
  .record({
    main: fc.oneof(preset, fc.constant(policyPair(defaultFitness(), alwaysOne))),
    softs: fc.array(
      fc
        .tuple(attribute, label, few)
        .map(([name, key, expectedValues]) =>
          policyPair(
            fenzoBalancedFitness(name, { label: key, expectedValues }),
            referenceFenzoBalance(name, { label: key, expectedValues }, 2n ** 44n),
          ),
        ),
      { maxLength: 2 },
    ),
  })
  .map(({ main, softs }) =>
    policyPair(
      fenzoFitness({ fitness: main.plugin, softConstraints: softs.map(({ plugin }) => plugin) }),
      referenceFenzoFitness({
        fitness: main.reference,
        softConstraints: softs.map(({ reference }) => reference),
      }),
    ),
  );

export const fenzoTitusFitness: fc.Arbitrary<FitnessPair> = fc.oneof(
  preset,
  coLocation,
  average,
  fenzo,
  fc.constant(policyPair(fenzoSetFitness(), referenceFenzoSetFitness())),
);
