/** The router against the real kernel: routes, filters, spoofing, bandwidth, and nothing left behind. */
import { expect, test } from 'vitest';
import { runCommand } from '../src/host/run-command.ts';
import { linkName, Router } from '../src/network/router.ts';
import type { SecurityGroup } from '../src/network/security-groups.ts';
import { connects, listens, NAMESPACE, withRouter } from './network-set-up.ts';
import { packetsReceived, pings, standIn, type StandIn, throughputMbps } from './network-stand-ins.ts';

const GROUPS: readonly SecurityGroup[] = [
  { id: 'web', ingress: [{ from: { group: 'clients' }, protocol: 'all' }] },
  { id: 'api', ingress: [{ from: { group: 'clients' }, protocol: 'tcp', ports: { from: 80, to: 81 } }] },
  { id: 'open', ingress: [{ from: { cidr: '10.1.0.0/16' }, protocol: 'icmp' }] },
  { id: 'clients', ingress: [] },
];
/** Payload of full packets: 1,448 of 1,514 bytes on the link. */
const PAYLOAD_SHARE = 1_448 / 1_514;

const setUp = withRouter({ securityGroups: GROUPS });

test('a container has its address, one link and a default route', async () => {
  const a = await setUp.host('a', '10.1.0.10', ['clients']);
  expect(await a.run('ip', '-o', '-4', 'address', 'show', 'dev', 'eth0')).toContain('10.1.0.10/32');
  expect(await a.run('ip', 'route')).toBe(
    'default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link \n',
  );
  expect(await a.run('sysctl', '-n', 'net.ipv4.tcp_ecn')).toBe('1\n');
});

test('a container that ends while it is connected is not mistaken for whoever has its number then', async () => {
  const made = await standIn();
  const calls: string[] = [];
  const watched = new Router({
    namespace: NAMESPACE,
    securityGroups: GROUPS,
    totalMbps: 1_000,
    run: async (program, args, options) => {
      const call = [program, ...args, options?.input ?? ''].join(' ');
      calls.push(call);
      if (call.includes(`link add ${linkName('a')}`)) await made.end();
      return runCommand(program, args, options);
    },
  });
  await watched.open();
  await watched.connect({ taskId: 'a', pid: made.pid, address: '10.1.0.10', securityGroups: ['clients'] });
  expect(calls.some((call) => call.includes('address add 10.1.0.10/32 dev eth0'))).toBe(true);
  expect(calls.filter((call) => call.includes(`/proc/${made.pid}/`))).toEqual([]);
  expect(calls.filter((call) => call.includes(`netns ${made.pid}`))).toEqual([]);
  await watched.disconnect('a');
});

test('nothing gets through unless a rule of a group of the receiver allows it', async () => {
  const client = await setUp.host('client', '10.1.0.10', ['clients']);
  const other = await setUp.host('other', '10.1.0.11', ['open']);
  const web = await setUp.host('web', '10.1.0.12', ['web']);
  const api = await setUp.host('api', '10.1.0.13', ['api']);

  expect(await pings(client, '10.1.0.12')).toBe(true);
  expect(await pings(other, '10.1.0.12')).toBe(false);
  expect(await pings(client, '10.1.0.13')).toBe(false);
  expect(await pings(web, '10.1.0.10')).toBe(false);
  expect(await pings(web, '10.1.0.11')).toBe(true);

  for (const port of [80, 82]) await listens(api, port);
  expect(await connects(client, '10.1.0.13', 80)).toBe(true);
  expect(await connects(client, '10.1.0.13', 82)).toBe(false);
  expect(await connects(web, '10.1.0.13', 80)).toBe(false);
});

test('of a denied sender not one packet arrives', async () => {
  const web = await setUp.host('web', '10.1.0.12', ['web']);
  const denied = await setUp.host('denied', '10.1.0.11', ['open']);
  // The router may ask for the link address once; after that every packet would be traffic.
  await setUp.host('client', '10.1.0.10', ['clients']).then((client) => pings(client, '10.1.0.12'));
  const before = await packetsReceived(web);
  expect(await pings(denied, '10.1.0.12')).toBe(false);
  expect(await connects(denied, '10.1.0.12', 80)).toBe(false);
  await denied.run('bash', '-c', 'echo x > /dev/udp/10.1.0.12/53');
  expect(await packetsReceived(web)).toBe(before);
});

test('a change of groups holds at once, also for an open connection', async () => {
  const client = await setUp.host('client', '10.1.0.10', ['clients']);
  const web = await setUp.host('web', '10.1.0.12', ['web']);
  await listens(web, 80);
  const stream = client.start('busybox', 'nc', '10.1.0.12', '80', '-e', 'yes');
  const moving = async (): Promise<boolean> => {
    const before = await packetsReceived(web);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return (await packetsReceived(web)) > before;
  };
  expect(await moving()).toBe(true);
  const changed = { taskId: 'web', pid: web.pid, address: '10.1.0.12', securityGroups: ['api'] };
  await setUp.router.restore(changed);
  expect(await pings(client, '10.1.0.12')).toBe(false);
  await setUp.router.restore({ ...changed, securityGroups: ['open'] });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await moving()).toBe(false);
  stream.kill('SIGKILL');
});

test('a packet with a source address that is not its own goes nowhere', async () => {
  const client = await setUp.host('client', '10.1.0.10', ['clients']);
  const liar = await setUp.host('liar', '10.1.0.11', ['open']);
  const web = await setUp.host('web', '10.1.0.12', ['web']);
  expect(await pings(client, '10.1.0.12')).toBe(true);
  await liar.run('ip', 'address', 'add', '10.1.0.10/32', 'dev', 'eth0');
  const before = await packetsReceived(web);
  expect(await pings(liar, '10.1.0.12', '-I', '10.1.0.10')).toBe(false);
  expect(await packetsReceived(web)).toBe(before);
});

test('of the router only the metadata service can be reached, and nothing of the host', async () => {
  const a = await setUp.host('a', '10.1.0.10', ['clients']);
  const service = await (async (): Promise<StandIn> => {
    const made = await standIn();
    setUp.hosts.push(made);
    return made;
  })();
  for (const port of ['80', '81'])
    service.start(
      'nsenter',
      `--net=${setUp.router.shell.path}`,
      'busybox',
      'nc',
      '-ll',
      '-p',
      port,
      '-e',
      'cat',
    );
  const deadline = performance.now() + 5_000;
  while (!(await connects(a, '169.254.169.254', 80))) expect(performance.now()).toBeLessThan(deadline);
  expect(await connects(a, '169.254.169.254', 81)).toBe(false);
  expect(await connects(a, '169.254.1.1', 80)).toBe(false);
  expect(await pings(a, '169.254.1.1')).toBe(false);
  const { stdout } = await runCommand('ip', ['-j', '-4', 'address', 'show']);
  const own = (JSON.parse(stdout) as { addr_info: { local: string; scope: string }[] }[])
    .flatMap(({ addr_info }) => addr_info)
    .filter(({ scope }) => scope === 'global');
  for (const { local } of own) expect(await pings(a, local)).toBe(false);
});

test('a container with a user namespace is connected too', async () => {
  const a = await standIn(true);
  setUp.hosts.push(a);
  await setUp.router.connect({ taskId: 'a', pid: a.pid, address: '10.1.0.10', securityGroups: ['clients'] });
  await setUp.host('web', '10.1.0.12', ['web']);
  expect(await pings(a, '10.1.0.12')).toBe(true);
});

test('a link into a VPC leads out and in, but never to link-local addresses', async () => {
  const task = await setUp.host('a', '10.1.0.10', ['clients']);
  const outside = await standIn();
  setUp.hosts.push(outside);
  await setUp.router.shell.ip([
    `link add stwe1 type veth peer name eth0 netns ${outside.pid}`,
    'link set stwe1 up',
    'route add default dev stwe1',
  ]);
  for (const command of [
    'address add 192.0.2.1/32 dev eth0',
    'address add 169.254.169.250/32 dev eth0',
    'link set eth0 up',
    'route add 10.1.0.0/16 dev eth0',
    'route add 169.254.169.254 dev eth0',
  ])
    await outside.run('ip', ...command.split(' '));
  await setUp.router.shell.sysctl({ 'net.ipv4.conf.stwe1.proxy_arp': 1 });
  expect(await pings(task, '192.0.2.1')).toBe(true);
  expect(await pings(outside, '10.1.0.10')).toBe(true);
  expect(await pings(task, '169.254.169.250')).toBe(false);
  await listens(outside, 80);
  expect(await connects(task, '192.0.2.1', 80)).toBe(true);
  expect(await connects(task, '169.254.169.250', 80)).toBe(false);
  expect(await connects(outside, '169.254.169.254', 80)).toBe(false);
  expect(await pings(outside, '10.1.0.11')).toBe(false);
});

test('the network of the host itself is never connected', async () => {
  await expect(
    setUp.router.connect({
      taskId: 'a',
      pid: process.pid,
      address: '10.1.0.10',
      securityGroups: ['clients'],
    }),
  ).rejects.toThrow('CONTAINER_NETWORK_SHARED');
});

test('addresses that share a bandwidth class are not connected at once', async () => {
  const one = await setUp.host('a', '10.1.0.10', ['clients']);
  const other = { taskId: 'b', pid: one.pid, address: '10.2.0.10', securityGroups: ['clients'] };
  await expect(setUp.router.connect(other)).rejects.toThrow('ADDRESS_CLASS_TAKEN');
  await setUp.router.disconnect('a');
  await setUp.router.connect(other);
});

test.each([
  [10, 10],
  [100, 100],
  [100, 500],
  [50, 200],
])('traffic is within 10 percent of %i, or of %i while others leave room', async (rateMbps, ceilMbps) => {
  const limited = await setUp.host('limited', '10.1.0.10', ['clients', 'web'], { rateMbps, ceilMbps });
  const peer = await setUp.host('peer', '10.1.0.12', ['web']);
  for (const [turn, direction] of (['in', 'out'] as const).entries()) {
    const measured = await throughputMbps(limited, peer, '10.1.0.12', direction, 5201 + turn);
    console.log(`rate ${rateMbps} ceil ${ceilMbps} ${direction}: ${measured.toFixed(1)} Mbit/s`);
    expect(measured / (ceilMbps * PAYLOAD_SHARE)).toBeGreaterThan(0.9);
    expect(measured / (ceilMbps * PAYLOAD_SHARE)).toBeLessThan(1.1);
  }
});

test('under contention each has its rate, and the total of the host is the limit', async () => {
  await setUp.router.remove();
  await setUp.open({ securityGroups: GROUPS, totalMbps: 200 });
  const peer = await setUp.host('peer', '10.1.0.12', ['web']);
  const greedy = await setUp.host('greedy', '10.1.0.10', ['clients'], { rateMbps: 50, ceilMbps: 1_000 });
  const steady = await setUp.host('steady', '10.1.0.11', ['clients'], { rateMbps: 150, ceilMbps: 150 });
  const alone = await throughputMbps(greedy, peer, '10.1.0.12', 'out', 5201);
  const [a, b] = await Promise.all([
    throughputMbps(greedy, peer, '10.1.0.12', 'out', 5202),
    throughputMbps(steady, peer, '10.1.0.12', 'out', 5203),
  ]);
  console.log(`alone ${alone.toFixed(1)}, together ${a.toFixed(1)} and ${b.toFixed(1)} Mbit/s`);
  expect(alone / (200 * PAYLOAD_SHARE)).toBeGreaterThan(0.9);
  expect(alone / (200 * PAYLOAD_SHARE)).toBeLessThan(1.1);
  expect(b / (150 * PAYLOAD_SHARE)).toBeGreaterThan(0.9);
  expect((a + b) / (200 * PAYLOAD_SHARE)).toBeLessThan(1.1);
});

test('disconnect leaves nothing, sweep leaves what is live, and both can be repeated', async () => {
  const bandwidth = { rateMbps: 10, ceilMbps: 20 };
  await setUp.host('a', '10.1.0.10', ['clients'], bandwidth);
  await setUp.host('b', '10.1.0.11', ['web'], bandwidth);
  const gone = await setUp.host('c', '10.1.0.12', ['web', 'open'], bandwidth);
  const state = async (): Promise<string> => {
    const [links, classes, table] = await Promise.all([
      setUp.router.shell.ipShow('link', 'show'),
      Promise.all(['stwin', 'stwout'].map((link) => setUp.router.shell.tcShow('class', 'show', 'dev', link))),
      setUp.router.shell.nftList('table', 'inet', 'stowage'),
    ]);
    const names = (links as { ifname: string }[]).map(({ ifname }) => ifname);
    return JSON.stringify({ names, classes }) + table;
  };
  const traces = (text: string, taskId: string, minor: string, address: string): boolean[] =>
    [linkName(taskId), `htb 1:${minor} `, `"${address}"`].map((trace) => text.includes(trace));

  expect(traces(await state(), 'a', 'a', '10.1.0.10')).toEqual([true, true, true]);
  await setUp.router.disconnect('a');
  await setUp.router.disconnect('a');
  await setUp.router.disconnect('never');
  expect(traces(await state(), 'a', 'a', '10.1.0.10')).toEqual([false, false, false]);

  // Links vanish with their container; the rest of it stays.
  await gone.end();
  const successor = new Router({ namespace: NAMESPACE, securityGroups: GROUPS, totalMbps: 1_000 });
  await successor.open();
  for (let turn = 0; turn < 2; turn += 1) await successor.sweep(['b']);
  expect(traces(await state(), 'b', 'b', '10.1.0.11')).toEqual([true, true, true]);
  expect(traces(await state(), 'c', 'c', '10.1.0.12')).toEqual([false, false, false]);
});

test('connecting again after a crash at any step gives a working network', async () => {
  const web = await setUp.host('web', '10.1.0.12', ['web']);
  const a = await standIn();
  setUp.hosts.push(a);
  const connection = { taskId: 'a', pid: a.pid, address: '10.1.0.10', securityGroups: ['clients'] };
  for (let last = 1; ; last += 1) {
    let calls = 0;
    const cut = new Router({
      namespace: NAMESPACE,
      securityGroups: GROUPS,
      totalMbps: 1_000,
      run: (...args) => {
        calls += 1;
        if (calls > last) throw new Error('crash');
        return runCommand(...args);
      },
    });
    const done = await cut
      .open()
      .then(
        () => cut.connect(connection).then(() => true),
        () => false,
      )
      .catch(() => false);
    await setUp.router.connect(connection);
    // On a busy host three answers may take longer than a second.
    await expect.poll(() => pings(a, '10.1.0.12'), { timeout: 10_000 }).toBe(true);
    await setUp.router.disconnect('a');
    if (done) break;
  }
  expect(await pings(web, '10.1.0.10')).toBe(false);
});

test('30 containers at once', async () => {
  const made = await Promise.all(Array.from({ length: 30 }, () => standIn()));
  setUp.hosts.push(...made);
  const startedMs = performance.now();
  await Promise.all(
    made.map(({ pid }, n) =>
      setUp.router.connect({
        taskId: `t${n}`,
        pid,
        address: `10.1.0.${10 + n}`,
        securityGroups: ['clients', 'web'],
      }),
    ),
  );
  const eachMs = (performance.now() - startedMs) / made.length;
  console.log(`30 connects in parallel: ${eachMs.toFixed(1)} ms each`);
  for (const [n, one] of made.entries()) expect(await pings(one, `10.1.0.${10 + ((n + 1) % 30)}`)).toBe(true);
  await Promise.all(made.map((_, n) => setUp.router.disconnect(`t${n}`)));
  const links = (await setUp.router.shell.ipShow('link', 'show')) as { ifname: string }[];
  expect(links.map(({ ifname }) => ifname).sort()).toEqual(['lo', 'stwin', 'stwout']);
});
