/**
 * Every behaviour of `tools/fenzo-behaviours.ts` is the title of a test of ours that runs, or stands in the table "Where
 * we differ on purpose" of docs/fenzo.md. Titles are read from the syntax of the test files, so that neither a comment nor
 * a test that is skipped counts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { FENZO_BEHAVIOURS } from '../fenzo-behaviours.ts';

const root = join(import.meta.dirname, '../..');

const COUNTS: Readonly<Record<string, number>> = {
  BasicSchedulerTests: 22,
  BinPackingSchedulerTests: 6,
  SpreadingSchedulerTests: 3,
  ConstraintsTests: 12,
  ResourceSetsTests: 13,
  ScalarResourceTests: 7,
  SingleOfferModelTests: 3,
  OfferRejectionsTest: 6,
  ActiveVmGroupsTests: 4,
  ResAllocsTests: 7,
  AutoScalerTest: 21,
  ShortfallAutoscalerTest: 3,
  NaiveShortfallEvaluatorTest: 1,
  ScaleDownConstraintExecutorTest: 2,
  BalancedScaleDownConstraintEvaluatorTest: 1,
  WeightedAverageFitnessCalculatorTest: 3,
  VMCollectionTest: 2,
  TaskSchedulingServiceTest: 12,
  TieredQueueTest: 6,
  TierTest: 3,
  QueueBucketTest: 2,
  SortedBucketsTest: 2,
  TieredQueueSlasTest: 1,
  ResAllocsUtilTest: 5,
};

/** Titles of the tests in a source text, rows of `each` filled in. */
function titlesIn(source: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const { words, table } = calleeOf(node.expression);
      if (words.some((word) => ['skip', 'todo', 'skipIf', 'runIf', 'fails'].includes(word))) return;
      const title = textOf(node.arguments[0]);
      if ((words[0] === 'test' || words[0] === 'it') && title !== undefined)
        titles.push(
          ...(table === undefined ? [title] : rowsOf(table).map((row) => title.replace('%s', row))),
        );
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest));
  return titles;
}

/** `test.each(table)` as words `test`, `each` and the table. */
function calleeOf(callee: ts.Expression): { words: string[]; table: ts.Expression | undefined } {
  if (ts.isIdentifier(callee)) return { words: [callee.text], table: undefined };
  if (ts.isPropertyAccessExpression(callee)) {
    const { words, table } = calleeOf(callee.expression);
    return { words: [...words, callee.name.text], table };
  }
  if (ts.isCallExpression(callee))
    return { words: calleeOf(callee.expression).words, table: callee.arguments[0] };
  return { words: [], table: undefined };
}

/** What the first `%s` stands for, row by row, where the rows are written out. */
function rowsOf(table: ts.Expression): string[] {
  if (!ts.isArrayLiteralExpression(table)) return [];
  return table.elements.flatMap(
    (row) => textOf(ts.isArrayLiteralExpression(row) ? row.elements[0] : row) ?? [],
  );
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function testFilesIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.test.ts')).map((path) => join(folder, path));
}

/** Whether a text begins with the name of a behaviour, and not with a longer one. */
function names(text: string, behaviour: string): boolean {
  return text.startsWith(behaviour) && !/^\w/.test(text.slice(behaviour.length));
}

test('titles are read from tests that run, and from no others', () => {
  const source = `
    // test('comment')
    test('plain', () => {});
    it.each([['row 1', 1], ['row 2', 2]])('%s: each', () => {});
    test.each(['row 3'])(\`%s\`, () => {});
    test.skip('skipped', () => {});
    test.todo('to do');
    describe.skip('group', () => { test('in a skipped group', () => {}); });
    describe('group', () => { test('inner', () => { expect('no title').toBe(1); }); });
    expect('no title either');
  `;
  expect(titlesIn(source)).toEqual(['plain', 'row 1: each', 'row 2: each', 'row 3', 'inner']);
  expect(names('A.test1, differs', 'A.test1')).toBe(true);
  expect(names('A.test12', 'A.test1')).toBe(false);
});

test('the list has the 147 tests of Fenzo, each once, as many of each class as there are', () => {
  const counts: Record<string, number> = {};
  for (const behaviour of FENZO_BEHAVIOURS) {
    const testClass = behaviour.split(/[.:]/, 1)[0];
    counts[testClass] = (counts[testClass] ?? 0) + 1;
  }
  expect(new Set(FENZO_BEHAVIOURS).size).toBe(147);
  expect(counts).toEqual(COUNTS);
});

test('every one of them is a test of ours, or a difference on purpose', () => {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'test'));
  const titles = [...folders, join(root, 'tools/test')]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => testFilesIn(folder).flatMap((file) => titlesIn(readFileSync(file, 'utf8'))));
  const [, section = ''] = readFileSync(join(root, 'docs/fenzo.md'), 'utf8').split(
    /^## Where we differ on purpose$/m,
  );
  const [table] = section.split(/^## /m);
  const differences = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
  const known = [...titles, ...differences];
  const missing = FENZO_BEHAVIOURS.filter((behaviour) => !known.some((text) => names(text, behaviour)));
  if (missing.length > 0) console.log(`${missing.length} behaviours of Fenzo are missing:`, missing);
  expect(missing).toEqual([]);
  const unknown = differences.filter((name) => !FENZO_BEHAVIOURS.includes(name));
  expect(unknown).toEqual([]);
});
