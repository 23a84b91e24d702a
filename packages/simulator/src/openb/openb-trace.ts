/**
 * The openb trace, a production GPU cluster of Alibaba with recorded orders of arrival (Weng et al., "Beware of
 * Fragmentation", USENIX ATC'23; files of hkust-adsl/kubernetes-scheduler-simulator). A folder holds
 * `csv/openb_node_list_gpu_node.csv`, `csv/openb_pod_list_<workload>.csv` and `sequences/<workload>.json.gz`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { readNodes } from './openb-nodes.ts';
import { PODS_PREFIX, readPods } from './openb-pods.ts';
import { readSequenceFile, type SequenceFile, seedsOf, sequenceOf } from './openb-sequences.ts';
import type { ClusterNode, Pod, Workload } from './workload.ts';

const SEQUENCE_SUFFIX = '.json.gz';

/**
 * Reads workloads from a trace folder. Files are read when they are needed first and kept.
 * @public
 */
export class OpenbTrace {
  readonly folder: string;
  /** Names of the workloads with recorded orders, sorted. */
  readonly workloads: readonly string[];
  readonly #sequences = new Map<string, SequenceFile>();
  readonly #pods = new Map<string, readonly Pod[]>();
  #nodes: readonly ClusterNode[] | undefined;

  /** @throws StowageError TRACE_NOT_FOUND */
  constructor(folder: string) {
    this.folder = folder;
    this.workloads = listSequences(join(folder, 'sequences'));
  }

  /** Seeds recorded for a workload, ascending. @throws StowageError UNKNOWN_WORKLOAD, TRACE_NOT_FOUND, MALFORMED_TRACE */
  seeds(workload: string): number[] {
    return seedsOf(this.#sequenceFile(workload));
  }

  /**
   * One input of a replay.
   * @param name - such as `default` or `gpuspec33`
   * @throws StowageError UNKNOWN_WORKLOAD, UNKNOWN_SEED, TRACE_NOT_FOUND, MALFORMED_TRACE
   */
  workload(name: string, seed: number): Workload {
    const file = this.#sequenceFile(name);
    const pods = cached(this.#pods, name, () =>
      readPods(join(this.folder, 'csv', `${PODS_PREFIX}${name}.csv`)),
    );
    const byName = (this.#nodes ??= readNodes(join(this.folder, 'csv', 'openb_node_list_gpu_node.csv')));
    const { podOrder, nodePerm } = sequenceOf(file, seed, pods.length, byName.length);
    const nodes: ClusterNode[] = [];
    nodePerm.forEach((rank, i) => (nodes[rank] = byName[i]));
    return { name, seed, nodes, pods, arrivals: podOrder.map((index) => pods[index]) };
  }

  #sequenceFile(workload: string): SequenceFile {
    if (!this.workloads.includes(workload)) {
      fail(
        'UNKNOWN_WORKLOAD',
        `${this.folder} has no workload "${workload}"; use one of ${this.workloads.join(', ')}.`,
      );
    }
    return cached(this.#sequences, workload, () =>
      readSequenceFile(join(this.folder, 'sequences', workload + SEQUENCE_SUFFIX), workload),
    );
  }
}

function listSequences(folder: string): string[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch (error) {
    return fail(
      'TRACE_NOT_FOUND',
      `cannot list ${folder}; give the folder that holds csv/ and sequences/.`,
      error,
    );
  }
  const names = files
    .filter((file) => file.endsWith(SEQUENCE_SUFFIX) && !file.startsWith('.'))
    .map((file) => file.slice(0, -SEQUENCE_SUFFIX.length));
  if (names.length === 0)
    fail('TRACE_NOT_FOUND', `${folder} holds no *${SEQUENCE_SUFFIX}; give another trace folder.`);
  return names.sort();
}

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  let value = cache.get(key);
  if (value === undefined) cache.set(key, (value = make()));
  return value;
}
