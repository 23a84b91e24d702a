import { gzipSync } from 'node:zlib';
import { StowageError } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { OpenbTrace } from '../src/index.ts';
import {
  NODE_FILE,
  NODES,
  POD_FILE,
  PODS,
  SEQUENCE_FILE,
  SEQUENCES,
  traceFolder,
  zipped,
} from './trace-folder.ts';

describe('OpenbTrace', () => {
  test('lists what the folder holds', () => {
    const trace = new OpenbTrace(
      traceFolder({ 'sequences/another.json.gz': zipped(SEQUENCES), 'sequences/notes.txt': '' }),
    );
    expect(trace.workloads).toEqual(['another', 'mini']);
    expect(trace.seeds('mini')).toEqual([7, 8]);
  });

  test('reads nodes in tie-break order and pods in the order of arrival', () => {
    const { name, seed, nodes, pods, arrivals } = new OpenbTrace(traceFolder()).workload('mini', 7);
    expect([name, seed]).toEqual(['mini', 7]);
    expect(nodes.map((node) => node.name)).toEqual(['n-1', 'n-0']);
    expect(nodes[1]).toEqual({ name: 'n-0', cpuMilli: 4000, memoryMiB: 1000, gpus: 2, model: 'T4' });
    expect(pods.map((pod) => pod.name)).toEqual(['p-0', 'p-1', 'p-2', 'p-3', 'p-4']);
    expect(pods[4]).toEqual({
      name: 'p-4',
      cpuMilli: 1000,
      memoryMiB: 40,
      gpus: 1,
      gpuMilli: 500,
      models: ['T4', 'T4'],
    });
    expect(arrivals.map((pod) => pod.name)).toEqual(['p-0', 'p-1', 'p-2', 'p-3', 'p-4', 'p-0']);
  });

  test('gpu_spec may be missing, a byte order mark, Windows line ends and blank lines are accepted', () => {
    const pods = PODS.replace(/^(([^,\n]*,){4}[^,\n]*).*$/gm, '$1');
    const trace = new OpenbTrace(traceFolder({ [POD_FILE]: `\ufeff${pods.replaceAll('\n', '\r\n')}\r\n` }));
    expect(trace.workload('mini', 8).arrivals[0]).toMatchObject({ name: 'p-4', models: [] });
  });
});

/** Replaces a text that must be there. */
function changed(content: string, from: string, to: string): string {
  expect(content).toContain(from);
  return content.replace(from, to);
}

function sequences(seed: Partial<Record<'podOrder' | 'nodePerm', unknown>>): Buffer {
  return zipped({ ...SEQUENCES, seeds: { 7: { ...SEQUENCES.seeds[7], ...seed } } });
}

describe('a bad trace is refused with file, line and remedy', () => {
  const whole = zipped(SEQUENCES);
  test.each<[string, Record<string, string | Buffer | undefined>, string, RegExp]>([
    ['no node list', { [NODE_FILE]: undefined }, 'TRACE_NOT_FOUND', /gpu_node\.csv \(ENOENT\); check/],
    ['no pod list', { [POD_FILE]: undefined }, 'TRACE_NOT_FOUND', /list_mini\.csv \(ENOENT\); check/],
    ['no sequences', { [SEQUENCE_FILE]: undefined }, 'TRACE_NOT_FOUND', /no \*\.json\.gz; give another/],
    ['empty file', { [POD_FILE]: '' }, 'MALFORMED_TRACE', /does not end with a line break/],
    [
      'orders of another workload',
      { [SEQUENCE_FILE]: zipped({ ...SEQUENCES, workload: 'openb_pod_list_other' }) },
      'MALFORMED_TRACE',
      /holds orders of "openb_pod_list_other", not of mini/,
    ],
    [
      'no seeds',
      { [SEQUENCE_FILE]: zipped({ ...SEQUENCES, seeds: {} }) },
      'MALFORMED_TRACE',
      /"seeds" is empty/,
    ],
    [
      'only a header',
      { [POD_FILE]: PODS.slice(0, PODS.indexOf('\n') + 1) },
      'MALFORMED_TRACE',
      /no lines after the header/,
    ],
    [
      'missing column',
      { [POD_FILE]: changed(PODS, 'num_gpu', 'gpus') },
      'MALFORMED_TRACE',
      /line 1: no column num_gpu/,
    ],
    [
      'cut in a line',
      { [POD_FILE]: PODS.slice(0, -3) },
      'MALFORMED_TRACE',
      /copy it again if it was cut off/,
    ],
    [
      'cut between lines',
      { [POD_FILE]: changed(PODS, 'p-2,1000,30,0,0,,LS\n', '') },
      'MALFORMED_TRACE',
      /made for 5 pods, but the pod list has 4/,
    ],
    [
      'too few fields',
      { [POD_FILE]: changed(PODS, ',1,500,,LS', ',1') },
      'MALFORMED_TRACE',
      /mini\.csv: .*line 3/,
    ],
    ['stray quote', { [POD_FILE]: changed(PODS, 'p-0', '"p-0') }, 'MALFORMED_TRACE', /mini\.csv: .*line 6/],
    [
      'not a number',
      { [POD_FILE]: changed(PODS, 'p-0,1000', 'p-0,1e3') },
      'MALFORMED_TRACE',
      /mini\.csv line 3: cpu_milli is "1e3"; it must be an integer/,
    ],
    [
      'a fraction',
      { [POD_FILE]: changed(PODS, 'p-0,1000,10', 'p-0,1000,1.5') },
      'MALFORMED_TRACE',
      /line 3: memory_mib is "1\.5"/,
    ],
    [
      'negative',
      { [POD_FILE]: changed(PODS, 'p-0,1000', 'p-0,-1') },
      'MALFORMED_TRACE',
      /line 3: cpu_milli is "-1"/,
    ],
    [
      'too large',
      { [POD_FILE]: changed(PODS, 'p-0,1000', 'p-0,2147483648') },
      'MALFORMED_TRACE',
      /from 0 to 2147483647/,
    ],
    [
      'empty number',
      { [POD_FILE]: changed(PODS, 'p-0,1000', 'p-0,') },
      'MALFORMED_TRACE',
      /line 3: cpu_milli is ""/,
    ],
    [
      'share above one GPU',
      { [POD_FILE]: changed(PODS, '1,500', '1,1001') },
      'MALFORMED_TRACE',
      /line 3: gpu_milli is "1001"; it must be an integer from 1 to 1000/,
    ],
    [
      'share of nothing',
      { [POD_FILE]: changed(PODS, '1,500', '1,0') },
      'MALFORMED_TRACE',
      /gpu_milli is "0"/,
    ],
    [
      'share of several',
      { [POD_FILE]: changed(PODS, '2,1000', '2,500') },
      'MALFORMED_TRACE',
      /line 2: gpu_milli is "500"; it must be an integer from 1000 to 1000/,
    ],
    [
      'milli without GPU',
      { [POD_FILE]: changed(PODS, '30,0,0', '30,0,10') },
      'MALFORMED_TRACE',
      /gpu_milli is "10"/,
    ],
    [
      'too many GPUs',
      { [POD_FILE]: changed(PODS, '2,1000', '33,1000') },
      'MALFORMED_TRACE',
      /num_gpu is "33"/,
    ],
    ['nameless', { [POD_FILE]: changed(PODS, 'p-0', '') }, 'MALFORMED_TRACE', /line 3: name is empty/],
    [
      'twice the same pod',
      { [POD_FILE]: changed(PODS, 'p-0', 'p-1') },
      'MALFORMED_TRACE',
      /"p-1" occurs twice/,
    ],
    [
      'twice the same node',
      { [NODE_FILE]: changed(NODES, 'n-0', 'n-1') },
      'MALFORMED_TRACE',
      /"n-1" occurs twice/,
    ],
    [
      'no model',
      { [NODE_FILE]: changed(NODES, 'T4', '') },
      'MALFORMED_TRACE',
      /gpu_node\.csv line 3: model is empty/,
    ],
    [
      'no GPUs at all',
      { [NODE_FILE]: NODES.replaceAll(/,2,/g, ',0,') },
      'MALFORMED_TRACE',
      /no node has a GPU/,
    ],
    [
      'cut archive',
      { [SEQUENCE_FILE]: whole.subarray(0, whole.length - 12) },
      'MALFORMED_TRACE',
      /not a complete gzip file/,
    ],
    [
      'no archive',
      { [SEQUENCE_FILE]: JSON.stringify(SEQUENCES) },
      'MALFORMED_TRACE',
      /not a complete gzip file/,
    ],
    [
      'no JSON',
      { [SEQUENCE_FILE]: gzipSync('{"pods":') },
      'MALFORMED_TRACE',
      /not a complete gzip file with JSON/,
    ],
    ['JSON null', { [SEQUENCE_FILE]: zipped(null) }, 'MALFORMED_TRACE', /"pods" .* or "seeds" .* is missing/],
    ['no seeds', { [SEQUENCE_FILE]: zipped({ pods: 5 }) }, 'MALFORMED_TRACE', /is missing/],
    [
      'order missing',
      { [SEQUENCE_FILE]: sequences({ podOrder: undefined }) },
      'MALFORMED_TRACE',
      /seed 7 podOrder: is missing/,
    ],
    [
      'order empty',
      { [SEQUENCE_FILE]: sequences({ podOrder: [] }) },
      'MALFORMED_TRACE',
      /podOrder: is empty/,
    ],
    [
      'order out of range',
      { [SEQUENCE_FILE]: sequences({ podOrder: [0, 5] }) },
      'MALFORMED_TRACE',
      /podOrder: entry 1 is 5; it must be an integer from 0 to 4/,
    ],
    [
      'order of texts',
      { [SEQUENCE_FILE]: sequences({ podOrder: ['0'] }) },
      'MALFORMED_TRACE',
      /entry 0 is "0"/,
    ],
    [
      'nodes too short',
      { [SEQUENCE_FILE]: sequences({ nodePerm: [0] }) },
      'MALFORMED_TRACE',
      /not a permutation of the 2 nodes/,
    ],
    [
      'node twice',
      { [SEQUENCE_FILE]: sequences({ nodePerm: [1, 1] }) },
      'MALFORMED_TRACE',
      /not a permutation/,
    ],
    [
      'node out of range',
      { [SEQUENCE_FILE]: sequences({ nodePerm: [0, 2] }) },
      'MALFORMED_TRACE',
      /nodePerm: entry 1 is 2/,
    ],
  ])('%s', (_, changes, code, message) => {
    const folder = traceFolder(changes);
    const error = errorOf(() => new OpenbTrace(folder).workload('mini', 7));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(folder);
  });

  test('unknown names list the known ones', () => {
    const trace = new OpenbTrace(traceFolder());
    expect(() => trace.workload('maxi', 7)).toThrow(
      /UNKNOWN_WORKLOAD: .* no workload "maxi"; use one of mini/,
    );
    expect(() => trace.seeds('maxi')).toThrow(/UNKNOWN_WORKLOAD/);
    expect(() => trace.workload('mini', 9)).toThrow(/UNKNOWN_SEED: .* no seed 9; use one of 7, 8/);
    expect(() => new OpenbTrace('/nowhere')).toThrow(/TRACE_NOT_FOUND: .*csv\/ and sequences\//);
  });

  test('a seed that is no number', () => {
    const trace = new OpenbTrace(traceFolder({ [SEQUENCE_FILE]: zipped({ pods: 5, seeds: { x: {} } }) }));
    expect(() => trace.seeds('mini')).toThrow(/MALFORMED_TRACE: .*"x" is not a seed/);
  });
});

function errorOf(action: () => unknown): StowageError {
  try {
    action();
  } catch (error) {
    if (error instanceof StowageError) return error;
    throw error;
  }
  throw new Error('no error');
}
