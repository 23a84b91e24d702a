/**
 * A miniature openb trace in a temporary folder, whose replay is worked out by hand in the tests.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

export const NODES = `sn,cpu_milli,memory_mib,gpu,model
n-1,4000,1000,2,P100
n-0,4000,1000,2,T4
`;

export const PODS = `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos
p-3,1000,10,2,1000,,LS
p-0,1000,10,1,500,,LS
p-1,1000,20,1,1000,,BE
p-2,1000,30,0,0,,LS
p-4,1000,40,1,500,T4|T4,LS
`;

export const SEQUENCES = {
  workload: 'openb_pod_list_mini',
  pods: 5,
  seeds: { 7: { podOrder: [0, 1, 2, 3, 4, 0], nodePerm: [1, 0] }, 8: { podOrder: [4], nodePerm: [0, 1] } },
};

export const NODE_FILE = 'csv/openb_node_list_gpu_node.csv';
export const POD_FILE = 'csv/openb_pod_list_mini.csv';
export const SEQUENCE_FILE = 'sequences/mini.json.gz';

/**
 * Writes the trace and removes it when the test is over.
 * @param changes - content by file, instead of the proper one; undefined leaves the file out
 * @returns the folder
 */
export function traceFolder(changes: Readonly<Record<string, string | Buffer | undefined>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-trace-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = {
    [NODE_FILE]: NODES,
    [POD_FILE]: PODS,
    [SEQUENCE_FILE]: zipped(SEQUENCES),
    ...changes,
  };
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    if (content !== undefined) writeFileSync(join(folder, file), content);
  }
  return folder;
}

export function zipped(content: unknown): Buffer {
  return gzipSync(JSON.stringify(content));
}
