/** The address pool over the EC2 driver over the unmodified SDK over the fake: the two sides fit. */
import { expect, it } from 'vitest';
import { UnavailableError } from '../../src/contract/container-backend.ts';
import { InterfacePool } from '../../src/network/interface-pool.ts';
import { failure, NEVER, withFixture } from './aws-fixture.ts';
import type { Fault } from './fake-aws/fake-aws-server.ts';

const FAULTS: readonly Fault[] = ['throttle', 'reset-before', 'reset-after', 'error-before', 'error-after'];

it.each([0, 1, 2])('gives tasks addresses with their groups while every seventh call fails (%i)', (seed) =>
  withFixture(async ({ cloud, connect, fake, groups, instance }) => {
    let calls = seed;
    fake.faultFor = () => (++calls % 7 === 0 ? FAULTS[(calls / 7) % FAULTS.length] : undefined);
    const driver = await connect();
    const pool = new InterfacePool(driver, { retryDelayMs: 1, settleMs: 20, attempts: 10 });
    try {
      const wanted = [groups[0], groups[2]];
      const tasks = Array.from({ length: 12 }, (_, i) => `task-${i}`);
      const given = await Promise.all(
        tasks.map((id) => pool.acquire(id, wanted, new AbortController().signal)),
      );
      expect(new Set(given.map(({ address }) => address)).size).toBe(12);
      for (const { address, interfaceId } of given) {
        const real = cloud.interface(interfaceId);
        expect(real.attachment).toMatchObject({ instanceId: instance.id });
        expect(real.addresses).toContain(address);
        expect([...real.groups].sort()).toEqual(wanted);
      }
      for (const id of tasks) pool.release(id);
      const other = await pool.acquire('other groups', [groups[1]], NEVER);
      expect(cloud.interface(other.interfaceId).groups).toEqual([groups[1]]);
      expect(cloud.interfaces.size).toBeLessThanOrEqual(1 + 3);
    } finally {
      pool.close();
    }
  }),
);

it('tells tasks of groups that do not exist, and of interfaces that others use', () =>
  withFixture(async ({ connect, groups }) => {
    const pool = new InterfacePool(await connect(), { retryDelayMs: 1, settleMs: 20 });
    try {
      expect(await failure(pool.acquire('bad', ['sg-none'], NEVER))).toMatchObject({
        name: 'InvalidContainerError',
      });
      const sets = [[groups[0]], [groups[1]], [groups[2]]];
      await Promise.all(sets.map((set, i) => pool.acquire(`task-${i}`, set, NEVER)));
      expect(await failure(pool.acquire('late', [groups[0], groups[1]], NEVER))).toBeInstanceOf(
        UnavailableError,
      );
    } finally {
      pool.close();
    }
  }));

it('gives up after few calls when EC2 does nothing but throttle', () =>
  withFixture(async ({ connect, fake, groups }) => {
    const driver = await connect({ tries: 5 });
    const pool = new InterfacePool(driver, { retryDelayMs: 1, settleMs: 20, attempts: 2 });
    try {
      fake.faultFor = (action) => (action === 'AttachNetworkInterface' ? 'throttle' : undefined);
      expect(await failure(pool.acquire('task', [groups[0]], NEVER))).toMatchObject({
        awsCode: 'RequestLimitExceeded',
        tries: 5,
      });
      expect(fake.calls.filter((action) => action === 'AttachNetworkInterface')).toHaveLength(10);
      // The interface that could not be attached was used again.
      expect(fake.calls.filter((action) => action === 'CreateNetworkInterface')).toHaveLength(1);
    } finally {
      pool.close();
    }
  }));
