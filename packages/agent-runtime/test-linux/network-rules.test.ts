/** Rules that change while containers are connected, against the real kernel: as those of a VPC do. */
import { expect, test } from 'vitest';
import { groupSetName, type SecurityGroup } from '../src/network/security-groups.ts';
import { withRouter } from './network-set-up.ts';
import { pings } from './network-stand-ins.ts';

/** Without groups of its own, so that those that were set stay. */
const setUp = withRouter({});

test('other rules hold at once for all that is connected, and outlive the agent', async () => {
  const inside = (id: string): SecurityGroup => ({
    id,
    ingress: [{ from: { group: id }, protocol: 'icmp' }],
  });
  const one = await setUp.host('one', '10.1.0.10', ['blue']);
  const two = await setUp.host('two', '10.1.0.11', ['blue']);
  const other = await setUp.host('other', '10.1.0.12', ['red']);
  expect(await pings(one, '10.1.0.11')).toBe(false);
  await setUp.router.setSecurityGroups([inside('blue'), inside('red')]);
  expect(await pings(one, '10.1.0.11')).toBe(true);
  expect(await pings(one, '10.1.0.12')).toBe(false);
  await setUp.router.setSecurityGroups([inside('red')]);
  expect(await pings(one, '10.1.0.11')).toBe(false);
  expect(await setUp.router.shell.nftList('table', 'inet', 'stowage')).not.toContain(groupSetName('blue'));
  await setUp.router.setSecurityGroups([inside('blue'), inside('red')]);

  await setUp.open({});
  expect(await pings(one, '10.1.0.11')).toBe(true);
  await setUp.router.restore({
    taskId: 'one',
    pid: one.pid,
    address: '10.1.0.10',
    securityGroups: ['blue'],
  });
  expect(await pings(one, '10.1.0.11')).toBe(true);
  // Its address goes from the sets of the earlier run too, before another task gets it.
  await setUp.router.disconnect('two');
  await setUp.host('heir', '10.1.0.11', ['red']);
  expect(await pings(one, '10.1.0.11')).toBe(false);
  await setUp.router.setSecurityGroups([inside('blue'), inside('red')]);
  expect(await pings(one, '10.1.0.11')).toBe(false);
  await expect(
    setUp.router.setSecurityGroups([{ id: 'x', ingress: [{ from: { group: 'y' }, protocol: 'all' }] }]),
  ).rejects.toThrow('INVALID_SECURITY_GROUP');
  await setUp.router.sweep(['one', 'heir']);
  expect(await pings(two, '10.1.0.10')).toBe(false);
  expect(await pings(other, '10.1.0.10')).toBe(false);
});

test('connections come and go while rules change, and all end up as they should', async () => {
  const made = await Promise.all(Array.from({ length: 6 }, () => setUp.standIn()));
  const groupOf = (n: number): string => (n % 2 === 0 ? 'even' : 'odd');
  const rules = (...ids: string[]): SecurityGroup[] =>
    ids.map((id) => ({ id, ingress: [{ from: { group: id }, protocol: 'all' }] }));
  let busy = true;
  const changing = (async () => {
    while (busy)
      for (const ids of [['even'], ['odd'], [], ['even', 'odd']])
        await setUp.router.setSecurityGroups(rules(...ids));
  })();
  await Promise.all(
    made.map(async ({ pid }, n) => {
      const connection = { taskId: `t${n}`, pid, address: `10.1.0.${10 + n}`, securityGroups: [groupOf(n)] };
      for (let turn = 0; turn < 3; turn += 1) {
        await setUp.router.connect(connection);
        await setUp.router.disconnect(connection.taskId);
      }
      await setUp.router.connect(connection);
    }),
  );
  busy = false;
  await changing;
  for (const [n, from] of made.entries())
    for (const m of made.keys())
      if (n !== m)
        expect(await pings(from, `10.1.0.${10 + m}`), `${n} to ${m}`).toBe(groupOf(n) === groupOf(m));
});
