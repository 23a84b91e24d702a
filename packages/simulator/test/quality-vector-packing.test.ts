import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  batch,
  firstFit,
  firstFitDecreasingL2,
  firstFitDecreasingMax,
} from '../src/quality/vector-packing/packing-runs.ts';
import { readTarGz } from '../src/quality/vector-packing/tar-archive.ts';
import { readPublished } from '../src/quality/vector-packing/vector-data.ts';
import { parseVectorInstance } from '../src/quality/vector-packing/vector-instance.ts';
import { vectorPacking } from '../src/quality/vector-packing/vector-packing.ts';
import { holds } from '../src/quality/suite.ts';
import { finished } from './finished.ts';

/** Two dimensions of 10; items (6,1) (5,1) (4,1) (5,1). */
const INSTANCE = '2\n10 10\n4\n6 1 1\n5 1 1\n4 1 1\n5 1 1\n';

/** A tar archive as GNU tar writes it. */
function tar(files: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(files).map(([path, text]) => {
    const isFolder = path.endsWith('/');
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(isFolder ? '5' : '0', 156);
    header.write('ustar  \0', 257);
    const content = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    content.write(text);
    return Buffer.concat([header, content]);
  });
  return Buffer.concat([...entries, Buffer.alloc(1024)]);
}

const TABLE = (columns: string, values: string): string =>
  `${columns.split(' ').join('\t')}\n${values.split(' ').join('\t')}\n`;
const RESULTS = 'instance_name LB OPT FF FFD-L2-Avg FFD-Linf-Unit BF-L1-Unit BCS-DP1-Avg-Dyn';

/** A miniature of the data with one instance per set. */
function dataFolder(changes: Readonly<Record<string, string | Buffer | undefined>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-vectors-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = {
    'New_instances.tar.gz': gzipSync(tar({ 'n/': '', 'n/class1_4_2_0.vbp': INSTANCE })),
    'Triplet_instances.tar.gz': gzipSync(tar({ 'classF_4_2_0.vbp': INSTANCE.replace('4 1 1', '4 -1 1') })),
    // Arrival: 5, 4, 6, 5.
    'item_shuffle_by_n.txt': '4 1 2 0 3\n',
    'New_multidim_full.csv': TABLE(RESULTS, 'class1_4_2_0 2 2 3 2 2 3 3'),
    'New_summary_known.csv': TABLE('instance_name OPT best_overall', 'class1_4_2_0 -1 2'),
    'Triplet_multidim.csv': TABLE(RESULTS, 'classF_4_2_0 2 2 3 2 2 3 3'),
    'Triplet_summary_known.csv': TABLE('instance_name OPT best_overall', 'classF_4_2_0 2 3'),
    ...changes,
  };
  mkdirSync(join(folder, 'vectorpack'));
  for (const [file, content] of Object.entries(files))
    if (content !== undefined) writeFileSync(join(folder, 'vectorpack', file), content);
  return folder;
}

/** An archive whose first header gives a size below 0. */
function negativeSize(): Buffer {
  const archive = Buffer.from(tar({ a: 'x' }));
  archive.write('-0000001000', 124);
  return archive;
}

describe('an archive', () => {
  test('gives its regular files', () => {
    const folder = dataFolder();
    const path = join(folder, 'vectorpack/New_instances.tar.gz');
    expect(readTarGz(path)).toEqual([{ path: 'n/class1_4_2_0.vbp', text: INSTANCE }]);
  });

  test.each([
    ['no gzip file', Buffer.from('hello'), /is no complete gzip file/],
    [
      'cut off within a file',
      gzipSync(tar({ a: 'x'.repeat(600) }).subarray(0, 1024)),
      /is cut off or no tar/,
    ],
    ['cut off between files', gzipSync(tar({ a: 'x' }).subarray(0, 1024)), /has no end mark/],
    ['a negative size', gzipSync(negativeSize()), /is cut off or no tar archive/],
    ['no archive', gzipSync('x'.repeat(2000)), /is cut off or no tar archive/],
  ])('%s', (_, content, message) => {
    const folder = dataFolder({ 'New_instances.tar.gz': content });
    expect(() => readTarGz(join(folder, 'vectorpack/New_instances.tar.gz'))).toThrow(message);
  });
});

describe('an instance', () => {
  test('reads negative sizes as 0', () => {
    expect(parseVectorInstance('x', '1\n10\n2\n-2 1\n3 1\n', 'x.vbp')).toEqual({
      name: 'x',
      capacity: [10],
      items: [[0], [3]],
    });
  });

  test.each([
    ['1\n10\n2\n3 1\n', /x\.vbp: number 6, a size, is NaN/],
    ['1\n10\n1\n3 1\n7', /x\.vbp: goes on after its last item/],
    ['1\n10\n1\n3 2\n', /items come one by one/],
    ['1\n10\n1\n11 1\n', /an item of 11 fits no bin of 10/],
    ['0\n', /number 1, the dimensions, is 0; it must be an integer from 1/],
  ])('%j', (text, message) => {
    expect(() => parseVectorInstance('x', text, 'x.vbp')).toThrow(message);
  });
});

describe('the methods', () => {
  // First fit puts 5 and 4 into one bin; 5 + 5 and 6 + 4 would fill two.
  const instance = { name: 'x', capacity: [10, 10], items: [[5, 1], [4, 1], [6, 1], [5, 1]] }; // prettier-ignore

  test('first fit takes items as they come, decreasing first fit the largest first', () => {
    expect(firstFit(instance)).toBe(3);
    expect(firstFitDecreasingL2(instance)).toBe(2);
    expect(firstFitDecreasingMax(instance)).toBe(2);
  });

  test('L2 weighs a dimension by what all items need of it, the maximum does not', () => {
    // Unweighted, [5, 1] would come third of all and not fourth.
    const items = [[2, 6], [3, 5], [5, 1], [2, 4], [3, 4]]; // prettier-ignore
    const uneven = { name: 'x', capacity: [10, 10], items };
    expect(firstFitDecreasingL2(uneven)).toBe(2);
    expect(firstFitDecreasingMax(uneven)).toBe(3);
  });

  test('the batch', () => {
    expect(batch(instance)).toBe(2);
  });
});

describe('the published data', () => {
  test('items arrive in the order of the authors', () => {
    const [{ instance, bestKnown, bestOfAll, published }] = readPublished(
      join(dataFolder(), 'vectorpack'),
      'New',
      ['FF'],
    );
    expect(instance.items).toEqual([[5, 1], [4, 1], [6, 1], [5, 1]]); // prettier-ignore
    expect({ bestKnown, bestOfAll, published }).toEqual({ bestKnown: 2, bestOfAll: 2, published: { FF: 3 } });
  });

  test.each([
    ['item_shuffle_by_n.txt', '4 1 2 0 0\n', /line 1: is no permutation of 4 items/],
    ['item_shuffle_by_n.txt', '3 1 2 0\n', /class1_4_2_0\.vbp: .*does not know it; copy all files again/],
    ['New_summary_known.csv', TABLE('instance_name OPT', 'class1_4_2_0 2'), /no column best_overall/],
    [
      'New_summary_known.csv',
      TABLE('instance_name OPT best_overall', 'class1_4_2_0 x 2'),
      /line 2: OPT is "x"/,
    ],
    ['New_instances.tar.gz', gzipSync(tar({ 'readme.txt': 'x' })), /holds 0 instances/],
    ['New_multidim_full.csv', undefined, /cannot read .*New_multidim_full\.csv/],
  ])('%s: %j', (file, content, message) => {
    expect(() =>
      finished(vectorPacking.run({ data: dataFolder({ [file]: content }), smoke: false })),
    ).toThrow(message);
  });
});

test('the suite, in miniature', () => {
  const { checks, measures, plots } = finished(vectorPacking.run({ data: dataFolder(), smoke: true }));
  expect(checks.filter((check) => !holds(check))).toEqual([]);
  expect(checks).toHaveLength(6);
  expect(measures).toContainEqual({
    case: 'New',
    policy: 'ours, batch',
    metric: 'bins',
    value: 2,
    decimals: 0,
  });
  expect(plots.map(({ categories }) => categories)).toEqual([
    ['New 1', 'Triplet F'],
    ['New 4', 'Triplet 4'],
  ]);
});

const shared = join(import.meta.dirname, '../../../../shared/traces');
const isThere = existsSync(join(shared, 'vectorpack'));
if (!isThere)
  console.info(`published vector packings are skipped: there is no folder vectorpack in ${shared}`);

test.skipIf(!isThere)('the suite on small published instances', { timeout: 60_000 }, () => {
  const { checks } = finished(vectorPacking.run({ data: shared, smoke: true }));
  expect(checks.filter((check) => !holds(check))).toEqual([]);
  expect(checks.find(({ kind }) => kind === 'golden')?.reference).toBe(54);
});
