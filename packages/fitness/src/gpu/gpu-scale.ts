/**
 * Options that the GPU policies share. The greatest sizes are constants of the published policies, not taken
 * from the agents present, so that a score does not change when an agent joins.
 */
import { StowageError } from '@stowage/core';

/** Names of the resources that a GPU policy looks at. @public */
export interface GpuResources {
  /** Scalar resource. Default `cpu`. */
  readonly cpu?: string;
  /** Resource set with one slot per GPU. Default `gpu`. */
  readonly gpu?: string;
}

/** The greatest agent, which scores are relative to. @public */
export interface GpuScale extends GpuResources {
  /** CPU units of the greatest agent, above 0. Default 128,000 (milli-cores; openb). */
  readonly maxCpu?: number;
  /** GPU units of the greatest agent, all slots together, above 0. Default 8,000 (milli-GPU; openb). */
  readonly maxGpu?: number;
}

/** Options with their defaults filled in. @throws StowageError INVALID_PLUGIN */
export function gpuScale(policy: string, options: GpuScale): Required<GpuScale> {
  const { cpu = 'cpu', gpu = 'gpu', maxCpu = 128_000, maxGpu = 8_000 } = options;
  for (const [name, value] of Object.entries({ maxCpu, maxGpu })) {
    if (!(Number.isFinite(value) && value > 0)) {
      throw new StowageError('INVALID_PLUGIN', `${policy}: ${name} is ${value}; give a number above 0.`);
    }
  }
  return { cpu, gpu, maxCpu, maxGpu };
}
