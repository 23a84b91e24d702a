/**
 * The replay of recorded runs of Fenzo: tiny runs made up by hand, that agree, differ, show one quirk each, or are
 * malformed; and the recorded runs themselves where they are at hand.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseFitnessName } from '../conformance-fenzo/fitness-name.ts';
import { main } from '../conformance-fenzo/main.ts';
import { QUIRKS, type QuirkName } from '../conformance-fenzo/quirks.ts';
import { QUIRK_CASES } from './fenzo-quirk-scenarios.ts';
import {
  assigned,
  call,
  failed,
  host,
  mix,
  offer,
  refusal,
  scenario,
  shortage,
  task,
} from './fenzo-scenarios.ts';

type Json = Record<string, unknown>;

const RECORDED = join(import.meta.dirname, '../../../shared/fenzo-golden');
const folder = mkdtempSync(join(tmpdir(), 'conformance-fenzo-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true }));

function run(...argv: readonly string[]): { code: number; out: string; err: string } {
  const streams = { out: '', err: '' };
  const code = main(argv, {
    stdout: { write: (text) => (streams.out += text) },
    stderr: { write: (text) => (streams.err += text) },
  });
  return { code, ...streams };
}

function written(content: unknown): string {
  const file = join(folder, `run-${files++}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** The findings of one made-up run. */
function replayed(content: unknown): {
  code: number;
  differences: { check: string; text: string; task?: string }[];
  quirks: { quirk: string; scenario: string; iteration: number; reason: string; task?: string }[];
  assignments: number;
  stoppedAt?: unknown;
} {
  const { code, out } = run('--json', written(content));
  return { code, ...(JSON.parse(out.split('\n')[0]) as Omit<ReturnType<typeof replayed>, 'code'>) };
}

const UNIQUE = 'com.netflix.fenzo.plugins.UniqueHostAttrConstraint-HOSTNAME';

/** Packing, ports, a unique host, a resource set, a soft constraint, a batch, a limit of a group, tasks that end. */
function agreeing(): Json {
  const set = { attributes: { zone: 'zone-a', res: 'ResourceSet-ENIs-1-4' } };
  const slot = (resName: string): Json => ({ resourceSets: [{ attrName: 'ENIs', index: 0, resName }] });
  const ask = { namedResources: { ENIs: { value: 'sg1', numSets: 1, subResources: 2 } } };
  const unique = { type: 'uniqueHostAttr', attribute: 'HOSTNAME', coTasks: 'job' };
  const inZone = { type: 'asSoft', of: { type: 'hostAttrValue', attribute: 'zone', value: 'zone-b' } };
  const first = call(
    [
      task('t0', { ...ask, ports: 2 }),
      task('t1', { job: 'j', hard: [unique], cpu: 2 }),
      task('t2', { job: 'j', hard: [unique], soft: [inZone] }),
      task('t3', { group: 'full' }),
      task('t4'),
      task('t5'),
    ],
    [
      assigned('t0', { a: mix({ sets: 0.1, calculator: 0.25 }) }, { ports: [1, 2], ...slot('sg1') }),
      assigned('t1', { b: mix({ calculator: 0.5 }) }),
      failed('t2', refusal('a', [shortage('ResourceSet')]), refusal('b', [], UNIQUE)),
      failed('t3', refusal('', [shortage('ResAllocs', 1, 0, 0.5)])),
      assigned('t4', { b: mix({ calculator: 0.75 }) }),
      't5',
    ],
    { offers: [offer('a'), offer('b')], evaluations: 8, totalVMs: 2 },
  );
  const rated = { a: mix({ sets: 0.1, soft: 0, calculator: 0.25 }) };
  const second = call(
    [task('t6', { soft: [inZone], ports: 1 })],
    [assigned('t6', rated, { ports: [1], ...slot('CustomResAbsent') })],
    {
      before: [
        { op: 'unassign', taskId: 't0', host: 'a' },
        { op: 'unassign', taskId: 't1', host: 'b' },
      ],
      offers: [offer('a', { id: 'offer-1' })],
      totalVMs: 2,
    },
  );
  const config = { fitness: 'cpuBinPacker', taskBatchSize: 3, resAllocs: { g: {}, full: { cores: 0.5 } } };
  return scenario([host('a', set), host('b')], [first, second], config);
}

describe('the command', () => {
  test('reports agreement on standard output, progress on standard error', () => {
    const { code, out, err } = run(written(agreeing()));
    expect(out.trimEnd().split('\n').at(-1)).toBe('scenarios 1, assignments 4, differences 0, quirks 0');
    expect(code).toBe(0);
    expect(err).toBe('replayed 1 of 1\n');
  });

  test('gives one JSON object per scenario, then the totals', () => {
    const lines = run('--json', written([agreeing(), agreeing()]))
      .out.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({ scenario: 'made-up', assignments: 4, failures: 2, sameHost: 4 });
    expect(lines[2]).toMatchObject({ totals: { scenarios: 2, assignments: 8, differences: 0, quirks: 0 } });
  });

  test('exits with 1 on a difference and says where', () => {
    const { code, out } = run(written(agreeing()), written(QUIRK_CASES.zeroFitness.spoiled));
    expect(code).toBe(1);
    expect(out).toMatch(/^difference: made-up, iteration 0, task t0: feasibility: a: we rate it 0\.5875/m);
    expect(out).toMatch(/^scenarios 2, assignments 4, differences 1, quirks 0$/m);
  });

  test('counts quirks by name', () => {
    const { code, out } = run(written(QUIRK_CASES.exclusiveSameCall.shown));
    expect(code).toBe(0);
    expect(out).toMatch(/^quirk {2}exclusiveSameCall {2}2 {2}Fenzo marks a host/m);
  });

  test('helps', () => {
    expect(run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Usage:') as string });
    expect(run()).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage:') as string });
    expect(run('--nonsense')).toMatchObject({ code: 2, out: '' });
  });
});

/** A change of the agreeing run at a path of keys; a function changes what is there. */
function changed(path: readonly (string | number)[], value: unknown): Json {
  const whole = agreeing();
  const parent = path.slice(0, -1).reduce<Json>((at, key) => at[key] as Json, whole);
  const last = path.at(-1)!;
  parent[last] = typeof value === 'function' ? (value as (old: unknown) => unknown)(parent[last]) : value;
  return whole;
}

const FIRST = ['iterations', 0, 'result'] as const;

describe('a difference is found', () => {
  test.each<[check: string, path: (string | number)[], value: unknown]>([
    ['fitness', [...FIRST, 'assignments', 1, 'feasible', 'b'], 0.6],
    ['feasibility', [...FIRST, 'assignments', 1, 'feasible'], { b: 0.675, a: 0.5 }],
    ['ports', [...FIRST, 'assignments', 0, 'ports'], [3, 4]],
    ['slots', [...FIRST, 'assignments', 0, 'resourceSets', 0, 'resName'], 'sg2'],
    ['slots', [...FIRST, 'assignments', 0, 'resourceSets'], []],
    ['reasons', [...FIRST, 'failures', 0, 'hosts', 1, 'constraint', 'name'], 'another'],
    ['reasons', [...FIRST, 'failures', 0, 'hosts', 0, 'resources'], [shortage('CPU', 4, 1, 4)]],
    ['hosts', [...FIRST, 'failures', 0, 'hosts'], (hosts: unknown[]) => hosts.slice(1)],
    ['groups', ['config', 'resAllocs', 'full'], { cores: 4 }],
    ['evaluations', [...FIRST, 'evaluations'], 9],
    ['counts', [...FIRST, 'idleVMs'], 1],
    ['counts', [...FIRST, 'totalVMs'], 3],
    ['givenBack', [...FIRST, 'rejectedLeases'], ['offer-a']],
    ['outcome', ['config', 'taskBatchSize'], 1],
    ['booking', ['iterations', 0, 'offers', 0, 'cpu'], 0.5],
  ])('%s: %j', (check, path, value) => {
    const { code, differences } = replayed(changed(path, value));
    expect(code).toBe(1);
    expect(differences.map((difference) => difference.check)).toContain(check);
  });

  test('choice: a host that rates lower', () => {
    const rated = { a: mix(), b: mix() };
    const both = { offers: [offer('a'), offer('b')], evaluations: 2, totalVMs: 2, idleVMs: 1 };
    const one = scenario([host('a'), host('b')], [call([task('t0')], [assigned('t0', rated)], both)]);
    expect(replayed(one).code).toBe(0);
    const lower = { a: mix(), b: mix({ soft: 0 }) };
    const soft = [{ type: 'asSoft', of: { type: 'hostAttrValue', attribute: 'zone', value: 'zone-a' } }];
    const tasks = [task('t0', { soft })];
    const wrong = call(tasks, [{ ...assigned('t0', lower), host: 'b' }], both);
    const { differences } = replayed(scenario([host('a'), host('b')], [wrong]));
    expect(differences.map(({ check }) => check)).toEqual(['choice']);
  });
});

describe('every quirk', () => {
  const names = Object.keys(QUIRKS) as QuirkName[];

  test.each(names)('%s is told apart from a difference', (name) => {
    const { shown, times, spoiled } = QUIRK_CASES[name];
    const { differences, quirks, code } = replayed(shown);
    expect(differences).toEqual([]);
    expect(code).toBe(0);
    expect(quirks.filter(({ quirk }) => quirk === name)).toHaveLength(times);
    expect(quirks[0]).toMatchObject({ scenario: 'made-up', iteration: expect.any(Number) as number });
    expect(quirks.find(({ quirk }) => quirk === name)?.reason).toBe(QUIRKS[name]);
    const without = replayed(spoiled);
    expect(without.differences).not.toEqual([]);
    expect(without.quirks.filter(({ quirk }) => quirk === name)).toEqual([]);
  });

  test('that uses what the engine does not have ends the scenario', () => {
    const ports = [
      [1, 2],
      [2, 3],
    ];
    const outcome = assigned('t0', { a: mix() }, { ports: [1, 2, 2, 3] });
    const one = call([task('t0', { ports: 4 })], [outcome], { offers: [offer('a', { ports })] });
    const found = replayed(scenario([host('a', { ports })], [one]));
    expect(found).toMatchObject({ code: 0, differences: [], stoppedAt: { iteration: 0, task: 't0' } });
    expect(found.quirks.map(({ quirk }) => quirk)).toEqual(['portRanges']);
  });
});

describe('wrong input is refused', () => {
  const SECOND = ['iterations', 0, 'tasks', 1] as const;

  test.each<[message: RegExp, content: unknown]>([
    [/NOT_JSON: .*run-\d+\.json: .*mend the file/, '{'],
    [/INVALID_FIELD: .*run-\d+\.json: the whole is 3; give an object/, '3'],
    [/agents is missing; give a list/, {}],
    [/config\.fitness is "best"; give the name of a fitness/, changed(['config', 'fitness'], 'best')],
    [/config\.singleOfferPerVM is 1; give true or false/, changed(['config', 'singleOfferPerVM'], 1)],
    [/agents\[0\]\.cpu is -1; give a number that is not neg/, changed(['agents', 0, 'cpu'], -1)],
    [/agents is \[.*…; give every host once/, changed(['agents', 1, 'host'], 'a')],
    [
      /agents\[0\]\.attributes\.res is .*at most 32 slots/,
      changed(['agents', 0, 'attributes', 'res'], 'ResourceSet-E-33-1'),
    ],
    [/agents\[1\]\.ports\[0\] is \[4,1\]; give \[begin, end\]/, changed(['agents', 1, 'ports'], [[4, 1]])],
    [
      /offers\[0\]\.host is "c"; give a host that is listed/,
      changed(['iterations', 0, 'offers', 0, 'host'], 'c'),
    ],
    [
      /offers\[1\]\.id is "offer-a"; give every offer an id/,
      changed(['iterations', 0, 'offers', 1, 'id'], 'offer-a'),
    ],
    [/tasks\[1\]\.id is "t0"; give every task an id/, changed([...SECOND, 'id'], 't0')],
    [/tasks\[1\]\.job is "k"; give a job whose list/, changed([...SECOND, 'job'], 'k')],
    [/tasks\[1\]\.ports is 0\.5; give a whole number/, changed([...SECOND, 'ports'], 0.5)],
    [/hard\[0\]\.type is "other"; give one of hostAttr/, changed([...SECOND, 'hard', 0, 'type'], 'other')],
    [/hard\[0\]\.coTasks is "all"; give one of job/, changed([...SECOND, 'hard', 0, 'coTasks'], 'all')],
    [/before\[0\]\.op is "restart"; give one of/, changed(['iterations', 1, 'before', 0, 'op'], 'restart')],
    [
      /before\[0\]\.op is "setActive.*activeVmGroupAttr/,
      changed(['iterations', 1, 'before', 0], { op: 'setActiveVmGroups', groups: [] }),
    ],
    [
      /before\[0\]\.taskId is "t2"; give a task that runs on a/,
      changed(['iterations', 1, 'before', 0, 'taskId'], 't2'),
    ],
    [/result is .*; give every task of the iteration one/, changed([...FIRST, 'notReported'], [])],
    [/failures\[0\]\.hosts is \[\]; give the hosts/, changed([...FIRST, 'failures', 0, 'hosts'], [])],
    [/assignments\[0\]\.ports is \[1\]; give 2 ports/, changed([...FIRST, 'assignments', 0, 'ports'], [1])],
    [
      /assignments\[1\]\.feasible is .*; give the fitness of b/,
      changed([...FIRST, 'assignments', 1, 'feasible'], { a: 1 }),
    ],
    [/feasible is .*; give hosts that are listed/, changed([...FIRST, 'assignments', 1, 'feasible', 'c'], 1)],
    [/UNSUPPORTED_AMOUNT: .*made-up has 0\.1 of cpu; use mult/, changed([...SECOND, 'cpu'], 0.1)],
    [
      /UNSUPPORTED_AMOUNT: .*made-up: QUANTITY_OVERFLOW: disk of/,
      changed(['iterations', 0, 'offers', 0, 'diskMB'], 2 ** 40),
    ],
  ])('%s', (message, content) => {
    const { code, out, err } = run(written(content));
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('a path without recordings', () => {
    expect(run(join(folder, 'nowhere'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('UNREADABLE_FILE') as string,
    });
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect(run(empty)).toMatchObject({ code: 2, err: expect.stringContaining('no files *.json') as string });
  });
});

test('fitness names are read, nested ones too', () => {
  const [half, bundled] = [0.5, { name: 'cpuSpreader' }];
  expect(parseFitnessName('cpuSpreader')).toEqual(bundled);
  expect(parseFitnessName('weightedAverage(weightedAverage(default=1)=0.5,cpuSpreader=0.5)')).toEqual({
    parts: [
      { fitness: { parts: [{ fitness: { name: 'default' }, weight: 1 }] }, weight: half },
      { fitness: bundled, weight: half },
    ],
  });
  for (const wrong of [
    '',
    'toString',
    'weightedAverage()',
    'weightedAverage(default)',
    'weightedAverage(default=0)',
  ])
    expect(parseFitnessName(wrong)).toBeUndefined();
});

describe('the recorded runs', () => {
  const isThere = existsSync(RECORDED);
  if (!isThere) console.log(`the recorded runs are skipped: there are none in ${RECORDED}`);

  test.skipIf(!isThere)('are replayed without a difference', () => {
    const { status, stdout } = spawnSync(
      'node',
      [
        '--conditions=@stowage/source',
        '--import',
        'tsx',
        join(import.meta.dirname, '../conformance-fenzo/main.ts'),
        RECORDED,
      ],
      { encoding: 'utf8' },
    );
    expect(stdout).toMatch(/^scenarios [1-9]\d*, assignments [1-9]\d*, differences 0, quirks \d+\n$/m);
    expect(status).toBe(0);
  });
});
