export { SIMULATOR_ERRORS, type SimulatorErrorCode } from './errors.ts';
export { CELL_TOLERANCE, type Comparison, ExpectedResults } from './replay/expected-results.ts';
export { generatedWorkload, type GeneratedWorkloadOptions } from './openb/generated-workload.ts';
export { OpenbTrace } from './openb/openb-trace.ts';
export { addNodes, definePods, REPLAY_RESOURCES } from './replay/pod-classes.ts';
export { REPLAY_POLICIES, replayPolicy, type ReplayPolicy } from './replay/policies.ts';
export { MAX_ARRIVED_PERCENT } from './replay/replay-metrics.ts';
export { replay, type ReplayOptions } from './replay/replay.ts';
export type { FailureCount, NodeFill, ReplayRun } from './replay/replay-run.ts';
export { typicalTasks } from './replay/typical-tasks.ts';
export { type ClusterNode, GPU_MILLI, type Pod, type Workload } from './openb/workload.ts';
export { type Curve, type PolicySummary, summarizeRuns } from './report/policy-summary.ts';
export type { ReportMeta } from './report/page.ts';
export { renderReport } from './report/render-report.ts';
export { SeededRandom } from './seeded-random.ts';
export { figure, measureTables, type MeasureTable } from './quality/measure-tables.ts';
export {
  type Check,
  holds,
  type Measure,
  type Plot,
  type PlotSeries,
  type QualitySuite,
  type SuiteContext,
  type SuiteResult,
  type SuiteStep,
} from './quality/suite.ts';
export { QUALITY_SUITES } from './quality/suites.ts';
export { checkText, renderQualityReport, type SuiteRun } from './report/render-quality-report.ts';
export { cellSteps, runCell } from './cell/cell.ts';
export type {
  CellMark,
  CellOptions,
  CellProgress,
  CellRun,
  CellSample,
  CellTotals,
  MilestoneReading,
  Percentiles,
  PoolSample,
} from './cell/cell-run.ts';
export type {
  Duration,
  LifeCycleRule,
  LifeCycleSelector,
  ScriptedEnd,
  Stage,
  StageAction,
} from './cell/life-cycle-script.ts';
export {
  type AgentChoice,
  type AgentCosts,
  type ArrivalTimes,
  CELL_EPOCH_MS,
  type CellAction,
  type CellAgentShape,
  type CellCapacityGroup,
  type CellPaces,
  type CellPool,
  type CellScenario,
  type CellTier,
  type JobArrival,
  type MessageFaults,
  type Milestone,
  type PlacementPolicy,
} from './cell/scenario.ts';
export { CELL_SCENARIOS } from './cell/scenarios/cell-scenarios.ts';
export type { ScenarioFamily } from './cell/scenarios/scenario-family.ts';
export { type CellObjectives, cellObjectives, type KindObjectives } from './report/cell-objectives.ts';
export { type CellTable, cellTables } from './report/cell-tables.ts';
export { clockText, spanText } from './report/cell-times.ts';
export { renderCellReport } from './report/render-cell-report.ts';
