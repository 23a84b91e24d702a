/**
 * A trace in the form of openb, small enough to be replayed in milliseconds, and published tables for it.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { REPLAY_POLICIES } from '@stowage/simulator';

const NODES = 10;
const GPUS = 4;
const PODS = 24;
const SEEDS = [42, 43];

export const WORKLOADS: readonly string[] = ['cpu250', 'default'];

/** A new empty folder. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'stowage-cli-'));
}

/** Writes the trace into a new folder. */
export function writeTrace(): string {
  const folder = newFolder();
  mkdirSync(join(folder, 'csv'));
  mkdirSync(join(folder, 'sequences'));
  const nodes = range(NODES).map(
    (index) => `node-${pad(index)},16000,65536,${GPUS},${index < 5 ? 'G2' : 'T4'}`,
  );
  writeLines(join(folder, 'csv', 'openb_node_list_gpu_node.csv'), [
    'sn,cpu_milli,memory_mib,gpu,model',
    ...nodes,
  ]);
  for (const workload of WORKLOADS) {
    writeLines(join(folder, 'csv', `openb_pod_list_${workload}.csv`), [
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec',
      ...range(PODS).map((index) => podLine(index)),
    ]);
    const seeds = Object.fromEntries(SEEDS.map((seed) => [seed, orders(seed)]));
    const content = JSON.stringify({ workload: `openb_pod_list_${workload}`, pods: PODS, seeds });
    writeFileSync(join(folder, 'sequences', `${workload}.json.gz`), gzipSync(content));
  }
  return folder;
}

/** One line of `--json`. */
export interface RunLine {
  readonly workload: string;
  readonly policy: string;
  readonly seed: number;
  readonly allocation: readonly number[];
  readonly fragmentation: readonly number[];
}

/** Publishes runs as tables in a new folder. */
export function writeExpected(runs: readonly RunLine[]): string {
  const folder = newFolder();
  const cells = range(131).join(',');
  const rows = (measure: 'allocation' | 'fragmentation', extra: string): string[] =>
    runs.map((run) => {
      const { publishedAs } = REPLAY_POLICIES.find(({ name }) => name === run.policy)!;
      return `openb_pod_list_${run.workload},${publishedAs},1.3,${run.seed}${extra},${run[measure].join(',')}`;
    });
  writeLines(join(folder, 'analysis_allo_discrete.csv'), [
    `workload,sc_policy,tune,seed,total_gpus,${cells}`,
    ...rows('allocation', `,${NODES * GPUS}`),
  ]);
  writeLines(join(folder, 'analysis_frag_discrete.csv'), [
    `workload,sc_policy,tune,seed,${cells}`,
    ...rows('fragmentation', ''),
  ]);
  return folder;
}

function podLine(index: number): string {
  const gpus = [1, 1, 2, 0, 1, 4][index % 6];
  const milli = gpus === 0 ? 0 : gpus === 1 ? [1000, 400, 700][index % 3] : 1000;
  return `pod-${pad(index)},${1000 + 500 * (index % 7)},${1024 * (index % 4)},${gpus},${milli},${index === 8 ? 'T4' : ''}`;
}

/** Arrivals worth somewhat more than 130 % of the GPUs, and a rotation of the nodes. */
function orders(seed: number): { podOrder: number[]; nodePerm: number[] } {
  const podOrder: number[] = [];
  for (let step = 0; podOrder.length < 60; step++) podOrder.push((step * 7 + seed) % PODS);
  return { podOrder, nodePerm: range(NODES).map((index) => (index * 3 + seed) % NODES) };
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function pad(index: number): string {
  return String(index).padStart(4, '0');
}

function writeLines(path: string, lines: readonly string[]): void {
  writeFileSync(path, `${lines.join('\n')}\n`);
}
