import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { writeFileAtomically } from '../../src/host/atomic-file.ts';
import { LocalVpc } from '../../src/network/local-vpc.ts';
import type { VpcInterface } from '../../src/network/vpc-driver.ts';

const signal = new AbortController().signal;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-local-vpc-'));
  path = join(folder, 'deep', 'vpc.json');
});
afterEach(() => rm(folder, { recursive: true }));

const open = (write = writeFileAtomically): LocalVpc =>
  new LocalVpc({
    path,
    cidr: '10.9.0.0/27',
    securityGroups: ['a', 'b'],
    limits: { interfaces: 3, addressesPerInterface: 5, networkMbps: 100 },
    write,
  });

test('an interface has the groups and addresses that it was given, also after a restart', async () => {
  const vpc = open();
  const one = await vpc.attach(2, ['b', 'a', 'b'], signal);
  expect(one).toMatchObject({
    index: 2,
    securityGroups: ['a', 'b'],
    addresses: ['10.9.0.4'],
    subnet: { cidr: '10.9.0.0/27', gateway: '10.9.0.1' },
  });
  expect(await vpc.assignAddresses(one.id, 2, signal)).toEqual(['10.9.0.5', '10.9.0.6']);
  await vpc.setSecurityGroups(one.id, ['b'], signal);
  await vpc.unassignAddresses(one.id, ['10.9.0.4', '10.9.0.5', '10.9.0.9'], signal);
  const expected = [{ ...one, securityGroups: ['b'], addresses: ['10.9.0.4', '10.9.0.6'] }];
  expect(await vpc.interfaces(signal)).toEqual(expected);
  expect(await open().interfaces(signal)).toEqual(expected);
});

test('what cannot be is refused and changes nothing', async () => {
  const vpc = open();
  const one = await vpc.attach(1, ['a'], signal);
  const before = await readFile(path, 'utf8');
  await expect(vpc.attach(1, ['a'], signal)).rejects.toThrow('taken');
  await expect(vpc.attach(4, ['a'], signal)).rejects.toThrow('taken');
  await expect(vpc.attach(2, ['c'], signal)).rejects.toThrow(InvalidContainerError);
  await expect(vpc.setSecurityGroups(one.id, ['a', 'c'], signal)).rejects.toThrow(InvalidContainerError);
  await expect(vpc.assignAddresses(one.id, 5, signal)).rejects.toThrow('more addresses');
  await expect(vpc.assignAddresses('other', 1, signal)).rejects.toThrow('no interface other');
  await expect(vpc.attach(2, ['a'], AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
  expect(await readFile(path, 'utf8')).toBe(before);
});

test('a range that is too small gives as many addresses as it has, none twice', async () => {
  const vpc = open();
  const made = [1, 2, 3].map((index) => vpc.attach(index, ['a'], signal));
  const interfaces = await Promise.all(made);
  await Promise.all(interfaces.map(({ id }) => vpc.assignAddresses(id, 4, signal)));
  const all = (await vpc.interfaces(signal)).flatMap(({ addresses }) => addresses);
  expect(new Set(all).size).toBe(15);
  const tiny = new LocalVpc({ path: join(folder, 'tiny.json'), cidr: '10.9.1.0/28', securityGroups: ['a'] });
  const { id } = await tiny.attach(1, ['a'], signal);
  expect(await tiny.assignAddresses(id, 20, signal)).toHaveLength(10);
  await expect(tiny.attach(2, ['a'], signal)).rejects.toThrow('All addresses');
});

test.each(['10.0.0.0/15', '10.0.0.0/29', '10.0.0.1/24', '300.0.0.0/24', '10.0.0.0', '10.0.0.0/24/1'])(
  '%s is no range for a VPC',
  (cidr) => {
    expect(() => new LocalVpc({ path, cidr, securityGroups: [] })).toThrow('INVALID_NETWORK_OPTION');
  },
);

test.each(['', '{', '{"version":2,"interfaces":[]}', '{"version":1,"interfaces":[{"id":"x"}]}', 'null'])(
  'the file %j is damaged, and stays as it is',
  async (text) => {
    await open().attach(1, ['a'], signal);
    await writeFile(path, text);
    await expect(open().interfaces(signal)).rejects.toThrow('LOCAL_VPC_DAMAGED');
    await expect(open().attach(1, ['a'], signal)).rejects.toThrow('LOCAL_VPC_DAMAGED');
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);

test('after writes that fail before or after their effect, a restart knows at least what was told', async () => {
  const operation = fc.record({
    kind: fc.constantFrom('attach', 'assign', 'unassign', 'groups'),
    index: fc.integer({ min: 1, max: 3 }),
    fault: fc.constantFrom('none', 'none', 'before', 'after'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 15 }), async (operations) => {
      await rm(join(folder, 'deep'), { recursive: true, force: true });
      let fault = 'none';
      const vpc = open(async (target, text) => {
        if (fault === 'before') throw new Error('disk');
        await writeFileAtomically(target, text);
        if (fault === 'after') throw new Error('disk');
      });
      for (const { kind, index, fault: next } of operations) {
        fault = next;
        const before = await vpc.interfaces(signal);
        const one = before.find((known) => known.index === index);
        const call = (): Promise<unknown> => {
          if (kind === 'attach' || one === undefined) return vpc.attach(index, ['a'], signal);
          if (kind === 'assign') return vpc.assignAddresses(one.id, 1, signal);
          if (kind === 'unassign') return vpc.unassignAddresses(one.id, one.addresses, signal);
          return vpc.setSecurityGroups(one.id, ['b'], signal);
        };
        const failed = await call().then(
          () => false,
          () => true,
        );
        if (failed) expect(await vpc.interfaces(signal)).toEqual(before);
        else expect(await open().interfaces(signal)).toEqual(await vpc.interfaces(signal));
        const addresses = (await vpc.interfaces(signal)).flatMap((known: VpcInterface) => known.addresses);
        expect(new Set(addresses).size).toBe(addresses.length);
      }
    }),
    { numRuns: 30 },
  );
});

test.each([{ interfaces: 0 }, { addressesPerInterface: 1.5 }, { networkMbps: 0 }, { networkMbps: Infinity }])(
  'limits of %j are refused',
  (limits) => {
    expect(() => new LocalVpc({ path, securityGroups: [], limits })).toThrow('INVALID_NETWORK_OPTION');
  },
);
