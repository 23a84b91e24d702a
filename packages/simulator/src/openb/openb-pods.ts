/**
 * Pod lists of the openb trace: `name,cpu_milli,memory_mib,num_gpu,gpu_milli` and further columns, of which only
 * `gpu_spec` matters here, the GPU models allowed, separated by `|`.
 */
import { MAX_SLOTS } from '@stowage/core';
import { byName } from './by-name.ts';
import { readCsv, type TraceRow } from '../trace-file.ts';
import { GPU_MILLI, type Pod } from './workload.ts';

/** What the names of pod lists begin with; the workload follows. */
export const PODS_PREFIX = 'openb_pod_list_';

/** Pods sorted by name. @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE */
export function readPods(path: string): Pod[] {
  const rows = readCsv(path, ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli']);
  return byName(rows.map(readPod), path);
}

function readPod(row: TraceRow): Pod {
  const gpus = row.integer('num_gpu', 0, MAX_SLOTS);
  return {
    name: row.text('name'),
    cpuMilli: row.integer('cpu_milli'),
    memoryMiB: row.integer('memory_mib'),
    gpus,
    gpuMilli: row.integer('gpu_milli', ...gpuMilliRange(gpus)),
    models: row
      .optionalText('gpu_spec')
      .split('|')
      .filter((model) => model !== ''),
  };
}

/** Nothing without GPUs, a share of one GPU, or whole ones. */
function gpuMilliRange(gpus: number): [min: number, max: number] {
  if (gpus === 0) return [0, 0];
  return gpus === 1 ? [1, GPU_MILLI] : [GPU_MILLI, GPU_MILLI];
}
