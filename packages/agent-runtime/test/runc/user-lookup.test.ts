import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { lookUpUser, readInside, resolveInside } from '../../src/runc/user-lookup.ts';

let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stowage-users-'));
  root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'secret'), 'of the host');
  const passwd =
    'root:x:0:0::/root:/bin/sh\nbroken\napp:x:1000:1001::/home/app:/bin/sh\n7:x:8:9::/seven:\nbad:x:-1:0::/:\n';
  writeFileSync(join(root, 'etc/passwd'), passwd);
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nstaff:x:50:root,app\napp:x:1001:app\n');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('lookUpUser', () => {
  test.each([
    ['', { uid: 0, gid: 0, additionalGids: [50], home: '/root' }],
    ['app', { uid: 1000, gid: 1001, additionalGids: [50], home: '/home/app' }],
    ['1000', { uid: 1000, gid: 1001, additionalGids: [50], home: '/home/app' }],
    ['app:staff', { uid: 1000, gid: 50, additionalGids: [], home: '/home/app' }],
    ['4242', { uid: 4242, gid: 0, additionalGids: [], home: '/' }],
    ['4242:77', { uid: 4242, gid: 77, additionalGids: [], home: '/' }],
    [':50', { uid: 0, gid: 50, additionalGids: [], home: '/root' }],
  ])('%j', async (user, expected) => {
    expect(await lookUpUser(root, user)).toEqual(expected);
  });

  test.each(['nobody', 'app:none', 'a:b:c', '4294967295', '99999999999', '-1', 'bad'])(
    '%j is refused',
    async (user) => {
      await expect(lookUpUser(root, user)).rejects.toThrow(InvalidContainerError);
    },
  );

  test('an image without files has numbers only', async () => {
    rmSync(join(root, 'etc'), { recursive: true });
    expect(await lookUpUser(root, '5:6')).toEqual({ uid: 5, gid: 6, additionalGids: [], home: '/' });
    await expect(lookUpUser(root, 'root')).rejects.toThrow(/no user/);
  });
});

describe('links stay inside', () => {
  test.each([
    '../secret',
    '../../secret',
    '/../../secret',
    '../../../../../../../../etc/hostname',
    '/secret',
  ])('a link to %s', async (target) => {
    symlinkSync(target, join(root, 'link'));
    expect(await readInside(root, '/link')).toBe('');
    rmSync(join(root, 'etc'), { recursive: true });
    symlinkSync(join(target, '..'), join(root, 'etc'));
    expect(await readInside(root, '/etc/secret')).toBe('');
  });

  test('an absolute link means the root of the container', async () => {
    symlinkSync('/etc/group', join(root, 'etc/link'));
    expect(await resolveInside(root, '/etc/link')).toBe(join(root, 'etc/group'));
    symlinkSync('..', join(root, 'etc/up'));
    expect(await resolveInside(root, '/etc/up/etc/up/../etc/./group')).toBe(join(root, 'etc/group'));
  });

  test('loops end; folders and huge files are no files', async () => {
    symlinkSync('b', join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    expect(await resolveInside(root, '/a')).toBeUndefined();
    expect(await readInside(root, '/etc')).toBe('');
    writeFileSync(join(root, 'huge'), Buffer.alloc(5_000_000));
    expect(await readInside(root, '/huge')).toBe('');
    expect(await readInside(root, '/huge/below')).toBe('');
  });
});
