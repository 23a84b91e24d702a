import { execFile, type ExecFileException, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { writeTrace } from './trace-fixture.ts';

const trace = writeTrace();
const SCRIPT = fileURLToPath(new URL('from-source.ts', import.meta.url));
const NODE_ARGS = ['--conditions=@stowage/source', '--import', 'tsx', SCRIPT];

afterAll(() => rmSync(trace, { recursive: true }));

async function stowage(
  ...argv: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...NODE_ARGS, ...argv], (error: ExecFileException | null, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('stowage as a process', () => {
  it('ends in 0 with the runs on standard output and nothing else', async () => {
    const { code, stdout, stderr } = await stowage('replay', '--trace', trace, '--policy', 'fgd', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ workload: 'default', policy: 'fgd', seed: 42 });
  });

  it('ends in 2 after a wrong call', async () => {
    const { code, stdout, stderr } = await stowage('replay', '--policy', 'magic');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^UNKNOWN_POLICY: /);
  });

  it('ends quietly when the reader of its output leaves', async () => {
    const child = spawn(process.execPath, [...NODE_ARGS, 'replay', '--trace', trace, '--json']);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.destroy();
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
