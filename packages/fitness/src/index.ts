export { binPacking } from './bin-packing.ts';
export { spreading } from './spreading.ts';
export { type WeightedPart, weighted } from './combinations/weighted.ts';
export { weightedAverage } from './combinations/weighted-average.ts';
export { fenzoFitness, type FenzoFitnessOptions, type FenzoWeights } from './fenzo/fenzo-fitness.ts';
export {
  cpuBinPacker,
  cpuMemBinPacker,
  cpuMemNetworkBinPacker,
  cpuMemNetworkSpreader,
  cpuMemSpreader,
  cpuSpreader,
  defaultFitness,
  memoryBinPacker,
  memorySpreader,
  networkBinPacker,
  networkSpreader,
} from './fenzo/fenzo-presets.ts';
export { fenzoSetFitness } from './fenzo/fenzo-set-fitness.ts';
export { fenzoSlots } from './fenzo/fenzo-slots.ts';
export {
  agentManagementFitness,
  type AgentManagementFitnessOptions,
} from './titus/agent-management-fitness.ts';
export { cachedImage, cachedItem, cachedSecurityGroup } from './titus/cached-item.ts';
export { imageLocality, type ImageLocalityOptions } from './image-locality.ts';
export { jobTypeCoLocation } from './titus/job-type-co-location.ts';
export {
  imageSpreading,
  jobSpreading,
  labelSpreading,
  securityGroupSpreading,
} from './titus/label-spreading.ts';
export {
  titusCriticalServiceSpreading,
  titusDefault,
  titusFailoverPacking,
  titusFitness,
  type TitusFitnessOptions,
} from './titus/titus-presets.ts';
export { titusSlots, type TitusSlotsOptions } from './titus/titus-slots.ts';
export { expectedFill, type ExpectedFillOptions } from './expected-fill/expected-fill.ts';
export { fragmentationGradient } from './gpu/fragmentation-gradient.ts';
export { FragmentationMeasure, type FragmentationNames } from './gpu/fragmentation.ts';
export { gpuBestFit } from './gpu/gpu-best-fit.ts';
export { gpuClustering, type GpuClusteringOptions } from './gpu/gpu-clustering.ts';
export { gpuDotProduct } from './gpu/gpu-dot-product.ts';
export { gpuPacking } from './gpu/gpu-packing.ts';
export type { GpuResources, GpuScale } from './gpu/gpu-scale.ts';
export { randomFit } from './random-fit.ts';
export type { TypicalTask } from './gpu/typical-task.ts';
export { goodEnough, sampled } from './combinations/search-limits.ts';
export { ExpectedExit } from './run-times/expected-exit.ts';
export { heavyTailedRunTimes, type HeavyTailedRunTimesOptions } from './run-times/heavy-tailed-run-times.ts';
export { leastExtension, type LeastExtensionOptions } from './run-times/least-extension.ts';
export { ObservedRunTimes } from './run-times/observed-run-times.ts';
export { predictedRunTimes } from './run-times/predicted-run-times.ts';
export { AHEAD_S, meanRemainingS, type RunTimeModel } from './run-times/run-time-model.ts';
export { ArrivalHistory } from './expected-waste/arrival-history.ts';
export { expectedWaste } from './expected-waste/expected-waste.ts';
export { firstFit } from './first-fit.ts';
