export {
  agentShapeArbitrary,
  textsArbitrary,
  DEFAULT_ATTRIBUTES,
  type Vocabulary,
} from './arbitraries/agent-arbitrary.ts';
export {
  type ClusterOperation,
  clusterOperationArbitrary,
  type Operation,
  operationArbitrary,
} from './arbitraries/operation-arbitrary.ts';
export {
  type ConstraintPair,
  type FitnessPair,
  type PolicyArbitraries,
  type PolicyPair,
  policyPair,
  type SoftConstraintPair,
} from './arbitraries/policy-pair.ts';
export {
  type BareRequirements,
  DEFAULT_LABELS,
  requirementsArbitrary,
} from './arbitraries/requirements-arbitrary.ts';
export { REPORT_ITEMS, REPORT_SIGNALS, reportArbitrary } from './arbitraries/report-arbitrary.ts';
export { resourcesArbitrary } from './arbitraries/resources-arbitrary.ts';
export {
  enginePolicies,
  engineRequirements,
  referencePolicies,
  referenceRequirements,
  type Scenario,
  scenarioArbitrary,
  type ScenarioClass,
  type ScenarioOptions,
} from './arbitraries/scenario-arbitrary.ts';
export { taintsArbitrary, tolerationsArbitrary } from './arbitraries/taints-arbitrary.ts';
export { checkConstraint, checkFitness } from './conformance/check-plugin.ts';
export type { ConformanceOptions } from './conformance/conformance-case.ts';
export { ConformanceError, type ContractPromise, type Violation } from './conformance/conformance-error.ts';
export { scanOnlyConstraint, scanOnlyFitness } from './conformance/scan-only.ts';
export type { DifferentialReport, RefusalKind } from './differential/differential-report.ts';
export { runDifferential } from './differential/differential-run.ts';
export { sameBytes } from './differential/same-bytes.ts';
export {
  addFractions,
  compareFractions,
  floorOfQuotient,
  type Fraction,
  fraction,
  toFraction,
} from './oracle/fraction.ts';
export {
  referenceAttributeEquals,
  referenceAttributeIn,
  type ReferenceExpression,
  referenceMatchExpressions,
} from './oracle/reference-attributes.ts';
export {
  referenceBalanced,
  type ReferenceBalanceOptions,
  referenceBalancedSoft,
} from './oracle/reference-balance.ts';
export {
  referenceAffinity,
  referenceAffinitySoft,
  referenceAntiAffinity,
  referenceAntiAffinitySoft,
} from './oracle/reference-affinity.ts';
export { coTasks, placementsOn, selectedTasks, usedUnits } from './oracle/reference-cluster.ts';
export type { ReferenceEviction } from './oracle/reference-evictions.ts';
export type {
  ReferenceAgent,
  ReferenceCluster,
  ReferenceConstraint,
  ReferenceFitness,
  ReferencePlacement,
  ReferenceRequirements,
  ReferenceSlotDemand,
  ReferenceSlotFitness,
  ReferenceSlotState,
  ReferenceSlots,
  ReferenceTask,
} from './oracle/reference-model.ts';
export { referenceAsSoft } from './oracle/reference-combinations.ts';
export { referenceJobTypeCoLocation, referenceLabelSpreading } from './oracle/reference-co-location.ts';
export {
  referenceFenzoBalance,
  referenceFenzoFitness,
  type ReferenceFenzoOptions,
  referenceFenzoSetFitness,
  referenceFenzoSlots,
} from './oracle/reference-fenzo.ts';
export {
  referenceAgentManagement,
  referenceGpuMatch,
  referenceLaunchGuard,
  referenceMatchesLabel,
  referenceTitusSlots,
  referenceUniqueLabel,
  referenceZoneBalanceSoft,
} from './oracle/reference-titus.ts';
export { referencePreferUntainted } from './oracle/reference-taints.ts';
export { referenceWeighted, type ReferenceWeightedPart } from './oracle/reference-weighted.ts';
export { referenceBinPacking, referenceSpreading } from './oracle/reference-load.ts';
export {
  type ReferencePreemption,
  referencePreemption,
  type ReferencePreemptionOptions,
} from './oracle/reference-preemption.ts';
export {
  type ReferenceOptions,
  type ReferencePolicies,
  ReferenceScheduler,
} from './oracle/reference-scheduler.ts';
export {
  referenceMaxSkew,
  referenceMaxSkewSoft,
  type ReferenceSpreadOptions,
  referenceSpreadTargetsSoft,
} from './oracle/reference-skew.ts';
export {
  referenceExclusiveHost,
  referenceUniqueAttribute,
  referenceUniqueHost,
} from './oracle/reference-unique.ts';
export { RuntimeConformanceError } from './task-runtime/demand.ts';
export type { TaskRuntimeCase, TaskRuntimeFixture } from './task-runtime/runtime-case.ts';
export { taskRuntimeCases } from './task-runtime/task-runtime-cases.ts';
