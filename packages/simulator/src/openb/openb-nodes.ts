/**
 * Node lists of the openb trace: `sn,cpu_milli,memory_mib,gpu,model`.
 */
import { MAX_SLOTS } from '@stowage/core';
import { byName } from './by-name.ts';
import { fail } from '../errors.ts';
import { readCsv } from '../trace-file.ts';
import type { ClusterNode } from './workload.ts';

/** Nodes sorted by name. @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE */
export function readNodes(path: string): ClusterNode[] {
  const nodes = readCsv(path, ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model']).map((row) => {
    const gpus = row.integer('gpu', 0, MAX_SLOTS);
    return {
      name: row.text('sn'),
      cpuMilli: row.integer('cpu_milli'),
      memoryMiB: row.integer('memory_mib'),
      gpus,
      model: gpus > 0 ? row.text('model') : row.optionalText('model'),
    };
  });
  if (!nodes.some(({ gpus }) => gpus > 0)) {
    fail(
      'MALFORMED_TRACE',
      `${path}: no node has a GPU, so there is nothing to measure; use the list of GPU nodes.`,
    );
  }
  return byName(nodes, path);
}
