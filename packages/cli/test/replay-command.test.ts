import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPLAY_POLICIES } from '@stowage/simulator';
import { FailingStream, runCli, TextStream } from './run-cli.ts';
import { newFolder, type RunLine, writeExpected, writeTrace } from './trace-fixture.ts';

const POLICIES = REPLAY_POLICIES.map(({ name }) => name);
const folders: string[] = [];
let trace: string;

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

beforeAll(() => {
  trace = kept(writeTrace());
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function jsonRuns(...argv: readonly string[]): Promise<RunLine[]> {
  const { exitCode, stdout } = await runCli(['replay', '--trace', trace, '--json', ...argv]);
  expect(exitCode).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunLine);
}

describe('stowage replay --trace', () => {
  it('prints a table of the policies and writes the report', async () => {
    const workingFolder = kept(newFolder());
    const { exitCode, stdout, stderr } = await runCli(['replay', '--trace', trace], { workingFolder });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Workload default, seed 42\n');
    for (const policy of POLICIES)
      expect(stdout).toMatch(new RegExp(`^${policy} +\\d+\\.\\d\\d +\\d+\\.\\d\\d `, 'm'));
    expect(stdout).toContain('Why pods were not placed');
    const file = join(workingFolder, 'stowage-report.html');
    expect(stdout).toContain(`Report: ${file}\n`);
    expect(readFileSync(file, 'utf8')).toContain(`stowage replay --trace ${trace}`);
  });

  it('takes the mean over several seeds and one table per workload', async () => {
    const argv = [
      'replay',
      '--trace',
      trace,
      '--workload',
      'all',
      '--seed',
      'all',
      '--policy',
      'fgd',
      '--no-report',
    ];
    const { exitCode, stdout } = await runCli(argv);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Workload cpu250, seeds 42, 43, mean over 2 seeds\n');
    expect(stdout).toContain('Workload default, seeds 42, 43, mean over 2 seeds\n');
  });

  it('writes no report with --no-report or --json, but does with --json --report', async () => {
    const workingFolder = kept(newFolder());
    const argv = ['replay', '--trace', trace, '--policy', 'best-fit'];
    await runCli([...argv, '--no-report'], { workingFolder });
    await runCli([...argv, '--json'], { workingFolder });
    expect(readdirSync(workingFolder)).toEqual([]);
    const { stdout } = await runCli([...argv, '--json', '--report', 'r.html'], { workingFolder });
    expect(existsSync(join(workingFolder, 'r.html'))).toBe(true);
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  it('colours a terminal, unless NO_COLOR is set', async () => {
    const argv = ['replay', '--trace', trace, '--no-report'];
    expect((await runCli(argv, { stdout: new TextStream(true) })).stdout).toContain('\u001b[');
    const plain = await runCli(argv, { stdout: new TextStream(true), env: { NO_COLOR: '1' } });
    expect(plain.stdout).not.toContain('\u001b');
  });
});

describe('stowage replay --json', () => {
  it('prints a line per run with exactly the promised keys', async () => {
    const runs = await jsonRuns('--workload', 'default,cpu250', '--seed', '43,42');
    expect(runs.map(({ workload, seed, policy }) => [workload, seed, policy])).toEqual(
      ['default', 'cpu250'].flatMap((workload) =>
        [43, 42].flatMap((seed) => POLICIES.map((policy) => [workload, seed, policy])),
      ),
    );
    for (const run of runs) {
      expect(Object.keys(run).join()).toBe(
        'workload,policy,seed,allocation,fragmentation,placed,failed,seconds',
      );
      expect(run.allocation).toHaveLength(131);
      expect(run.fragmentation).toHaveLength(131);
      expect([...run.allocation, ...run.fragmentation].every(Number.isFinite)).toBe(true);
    }
  });

  it('writes each line as its run ends and stops when nobody reads', async () => {
    const stdout = new FailingStream('EPIPE', 1);
    const { exitCode, stderr } = await runCli(['replay', '--trace', trace, '--json'], { stdout });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.text.trim().split('\n')).toHaveLength(1);
  });
});

describe('stowage replay --expected', () => {
  it('counts agreement per policy and what could not be compared', async () => {
    const runs = await jsonRuns('--seed', '42');
    const expected = kept(writeExpected(runs));
    const argv = ['replay', '--trace', trace, '--seed', 'all', '--no-report', '--expected', expected];
    const { exitCode, stdout } = await runCli(argv);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^policy +compared +agree +largest difference +not compared/m);
    expect(stdout).toMatch(/^fgd +1 +1 +0\.000 +1 +not among the published runs$/m);
    expect(stdout).toMatch(/^random +0 +- +- +2 +random draws/m);
  });

  it.each(['allocation', 'fragmentation'] as const)(
    'ends in 1 when one cell of %s differs',
    async (measure) => {
      const [run] = await jsonRuns('--policy', 'fgd');
      const cells = run[measure].map((value, index) => (index === 77 ? value + 0.02 : value));
      const expected = kept(writeExpected([{ ...run, [measure]: cells }]));
      const argv = ['replay', '--trace', trace, '--policy', 'fgd', '--no-report', '--expected', expected];
      const { exitCode, stdout } = await runCli(argv);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^fgd +1 +0 +0\.020 +0$/m);
    },
  );

  it('ends in 1 when no run could be compared', async () => {
    const runs = await jsonRuns('--policy', 'fgd', '--seed', '42');
    const expected = kept(writeExpected(runs.map((run) => ({ ...run, seed: 99 }))));
    const argv = [
      'replay',
      '--trace',
      trace,
      '--policy',
      'fgd,random',
      '--no-report',
      '--expected',
      expected,
    ];
    const { exitCode, stdout } = await runCli(argv);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^fgd +0 +- +- +1 +not among the published runs$/m);
  });

  it('keeps standard output to runs with --json', async () => {
    const [run] = await jsonRuns('--policy', 'fgd');
    const expected = kept(writeExpected([{ ...run, allocation: run.allocation.map(() => 7) }]));
    const argv = ['replay', '--trace', trace, '--policy', 'fgd', '--json', '--expected', expected];
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ policy: 'fgd' });
    expect(stderr).toMatch(/^fgd +1 +0 /m);
  });
});

describe('a report that cannot be written to the end', () => {
  it('does not take the results with it', async () => {
    const argv = ['replay', '--trace', trace, '--policy', 'fgd', '--report', '/dev/full'];
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^fgd /m);
    expect(stderr).toMatch(/^REPORT_NOT_WRITABLE: /);
  });
});

describe('progress of stowage replay', () => {
  /** Every look at the clock takes a second. */
  function slowClock(): () => number {
    let milliseconds = 0;
    return () => (milliseconds += 1000);
  }

  it('draws a bar that ends erased on a terminal', async () => {
    const stderr = new TextStream(true, 60);
    const { stdout } = await runCli(['replay', '--trace', trace, '--json'], { stderr, now: slowClock() });
    for (const mark of ['█', '░', '\u001b']) expect(stdout).not.toContain(mark);
    expect(stderr.text).toContain('run 2 of 7');
    expect(stderr.text).toMatch(/\d+s left|\d+m\d\ds left/);
    expect(stderr.text.endsWith('\r\u001b[K')).toBe(true);
    for (const line of stderr.text.split('\r\u001b[K')) expect(line.length).toBeLessThan(60);
  });

  it('prints plain lines now and then elsewhere', async () => {
    const { stdout, stderr } = await runCli(['replay', '--trace', trace, '--seed', 'all', '--json'], {
      now: slowClock(),
    });
    expect(stderr).toMatch(/^\d+ % {2}(?:\d+s left {2})?run \d+ of 14 {2}default, seed 42, /);
    for (const mark of ['█', '░', '\u001b', '\r']) expect(stderr).not.toContain(mark);
    expect(stderr.trim().split('\n').length).toBeLessThan(12);
    expect(stdout.trim().split('\n')).toHaveLength(14);
  });
});

describe('what stowage replay refuses', () => {
  it.each([
    [['--policy', 'best-fit,magic'], 'UNKNOWN_POLICY', 'best-fit, dot-product'],
    [['--workload', 'nope'], 'UNKNOWN_WORKLOAD', 'cpu250, default'],
    [['--seed', '7'], 'UNKNOWN_SEED', '42, 43'],
    [['--expected', '/nowhere/at/all'], 'TRACE_NOT_FOUND', '/nowhere/at/all'],
    [['--report', '/nowhere/at/all/r.html'], 'REPORT_NOT_WRITABLE', '/nowhere/at/all/r.html'],
    [['--report', '.'], 'REPORT_NOT_WRITABLE', 'it is a folder'],
  ])('answers %j with %s', async (argv, code, hint) => {
    const { exitCode, stdout, stderr } = await runCli(['replay', '--trace', trace, '--no-report', ...argv]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${code}: [^\\n]*\\n$`));
    expect(stderr).toContain(hint);
  });

  it('answers a missing trace folder with 2', async () => {
    const { exitCode, stdout, stderr } = await runCli(['replay', '--trace', '/nowhere/at/all']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^TRACE_NOT_FOUND: [^\n]*\n$/);
  });

  it('answers --expected without --trace with 2', async () => {
    const { exitCode, stderr } = await runCli(['replay', '--expected', trace]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^INVALID_USAGE: .*--trace/);
  });

  it('answers a damaged trace with 1 and the place of the damage', async () => {
    const damaged = kept(writeTrace());
    writeFileSync(
      join(damaged, 'csv', 'openb_node_list_gpu_node.csv'),
      'sn,cpu_milli,memory_mib,gpu,model\nnode-0000,many,65536,4,G2\n',
    );
    const { exitCode, stdout, stderr } = await runCli(['replay', '--trace', damaged, '--no-report']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^MALFORMED_TRACE: .*gpu_node\.csv line 2: cpu_milli[^\n]*\n$/);
  });

  it('looks at everything before the first run', async () => {
    const broken = kept(writeTrace());
    writeFileSync(join(broken, 'sequences', 'default.json.gz'), 'not gzip');
    const argv = ['replay', '--trace', broken, '--workload', 'cpu250,default', '--json'];
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^MALFORMED_TRACE: .*default\.json\.gz/);
  });

  it('prints the results of runs made before a failure', async () => {
    const partial = kept(writeTrace());
    rmSync(join(partial, 'csv', 'openb_pod_list_default.csv'));
    mkdirSync(join(partial, 'csv', 'openb_pod_list_default.csv'));
    const argv = [
      'replay',
      '--trace',
      partial,
      '--workload',
      'cpu250,default',
      '--policy',
      'best-fit',
      '--no-report',
    ];
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('Workload cpu250, seed 42\n');
    expect(stderr).toMatch(/^TRACE_NOT_FOUND: .*EISDIR/);
  });
});
