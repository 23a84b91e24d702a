export { binPacking } from './bin-packing.ts';
export { spreading } from './spreading.ts';
export { type WeightedPart, weighted } from './weighted.ts';
export { weightedAverage } from './weighted-average.ts';
export { fenzoFitness, type FenzoFitnessOptions, type FenzoWeights } from './fenzo-fitness.ts';
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
} from './fenzo-presets.ts';
export { fenzoSetFitness } from './fenzo-set-fitness.ts';
export { fenzoSlots } from './fenzo-slots.ts';
export { agentManagementFitness, type AgentManagementFitnessOptions } from './agent-management-fitness.ts';
export { cachedImage, cachedItem, cachedSecurityGroup } from './cached-item.ts';
export { imageLocality, type ImageLocalityOptions } from './image-locality.ts';
export { jobTypeCoLocation } from './job-type-co-location.ts';
export { imageSpreading, jobSpreading, labelSpreading, securityGroupSpreading } from './label-spreading.ts';
export {
  titusCriticalServiceSpreading,
  titusDefault,
  titusFailoverPacking,
  titusFitness,
  type TitusFitnessOptions,
} from './titus-presets.ts';
export { titusSlots, type TitusSlotsOptions } from './titus-slots.ts';
export { expectedFill, type ExpectedFillOptions } from './expected-fill.ts';
export { fragmentationGradient } from './fragmentation-gradient.ts';
export { FragmentationMeasure, type FragmentationNames } from './fragmentation.ts';
export { gpuBestFit } from './gpu-best-fit.ts';
export { gpuClustering, type GpuClusteringOptions } from './gpu-clustering.ts';
export { gpuDotProduct } from './gpu-dot-product.ts';
export { gpuPacking } from './gpu-packing.ts';
export type { GpuResources, GpuScale } from './gpu-scale.ts';
export { randomFit } from './random-fit.ts';
export type { TypicalTask } from './typical-task.ts';
export { goodEnough, sampled } from './search-limits.ts';
export { ExpectedExit } from './expected-exit.ts';
export { heavyTailedRunTimes, type HeavyTailedRunTimesOptions } from './heavy-tailed-run-times.ts';
export { leastExtension, type LeastExtensionOptions } from './least-extension.ts';
export { ObservedRunTimes } from './observed-run-times.ts';
export { predictedRunTimes } from './predicted-run-times.ts';
export { AHEAD_S, meanRemainingS, type RunTimeModel } from './run-time-model.ts';
export { ArrivalHistory } from './arrival-history.ts';
export { expectedWaste } from './expected-waste.ts';
export { firstFit } from './first-fit.ts';
