/** Files of credentials as the logins of three programs write them, and a helper that is a real program. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { authFileCredentials } from '../../src/docker/auth-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'stw-auth-'));
const path = join(folder, 'auth.json');
const auth = (name: string, password: string): { readonly auth: string } => ({
  auth: Buffer.from(`${name}:${password}`).toString('base64'),
});

function write(content: object): (repository: string) => Promise<unknown> {
  writeFileSync(path, JSON.stringify(content));
  return authFileCredentials(path);
}

/** As it may come into a log, with its causes; never with a secret. */
async function failureOf(credentials: Promise<unknown>): Promise<string> {
  const text = inspect(await credentials.catch((error: unknown) => error));
  expect(text).not.toContain('hunter2');
  return text;
}

afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

test('the closest entry counts, down to one repository', async () => {
  const of = write({
    auths: {
      'host:5000/team/web': auth('web', 'w'),
      'host:5000/team': auth('team', 't'),
      'host:5000': auth('all', 'a:b'),
      'host.example/only': auth('only', 'o'),
    },
  });
  expect(await of('host:5000/team/web')).toEqual({ username: 'web', password: 'w' });
  expect(await of('host:5000/team/web/more')).toEqual({ username: 'web', password: 'w' });
  expect(await of('host:5000/team/webs')).toEqual({ username: 'team', password: 't' });
  expect(await of('host:5000/other')).toEqual({ username: 'all', password: 'a:b' });
  expect(await of('host.example/other')).toBeUndefined();
  expect(await of('host:500/team')).toBeUndefined();
});

test.each(['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'])(
  '%s is Docker Hub',
  async (key) => {
    const of = write({ auths: { [key]: auth('me', 'p') } });
    expect(await of('docker.io/library/name')).toEqual({ username: 'me', password: 'p' });
  },
);

test('a token stands in the place of name and password', async () => {
  const of = write({ auths: { h: { ...auth('', ''), identitytoken: 't' }, i: { identitytoken: 'u' } } });
  expect(await of('h/a')).toEqual({ username: '', password: '', identitytoken: 't' });
  expect(await of('i/a')).toEqual({ username: '', password: '', identitytoken: 'u' });
});

test('an entry without anything is none; one that is no pair is told', async () => {
  const of = write({ auths: { h: {}, i: { auth: 'bm9wYWly' } } });
  expect(await of('h/a')).toBeUndefined();
  await expect(of('i/a')).rejects.toThrow(/entry of i has no name:password/);
});

test('the file is read at each time', async () => {
  rmSync(path, { force: true });
  const of = authFileCredentials(path);
  await expect(of('h/a')).rejects.toThrow('ENOENT');
  writeFileSync(path, 'hunter2');
  expect(await failureOf(of('h/a'))).toContain('is no JSON');
  write({ auths: { h: auth('me', 'p') } });
  expect(await of('h/a')).toEqual({ username: 'me', password: 'p' });
});

test('a helper is asked for its host and tells name and password, or a token, or why not', async () => {
  const script = `#!/bin/sh
[ "$1" = get ] || exit 2
read -r server
case "$server" in
  token) echo '{"ServerURL":"token","Username":"<token>","Secret":"t"}' ;;
  empty) echo '{}' ;;
  text) echo 'hunter2' ;;
  none) echo 'credentials not found in native keychain'; exit 1 ;;
  locked) echo 'hunter2'; echo 'is locked' >&2; exit 1 ;;
  *) echo "{\\"Username\\":\\"me\\",\\"Secret\\":\\"of $server\\"}" ;;
esac
`;
  writeFileSync(join(folder, 'docker-credential-test'), script, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  const helped = ['host:5000', 'token', 'empty', 'text', 'none', 'locked'];
  const of = write({
    auths: { 'host:5000/a': auth('not', 'this') },
    credHelpers: { ...Object.fromEntries(helped.map((host) => [host, 'test'])), absent: 'absent' },
  });
  expect(await of('host:5000/a')).toEqual({ username: 'me', password: 'of host:5000' });
  expect(await of('token/a')).toEqual({ username: '', password: '', identitytoken: 't' });
  await expect(of('empty/a')).rejects.toThrow('gives no Username and Secret for empty');
  expect(await of('none/a')).toBeUndefined();
  expect(await failureOf(of('text/a'))).toContain(
    'docker-credential-test answers with what is no JSON for text',
  );
  expect(await failureOf(of('locked/a'))).toContain('gives no credentials for locked');
  await expect(of('absent/a')).rejects.toThrow('docker-credential-absent');
});
