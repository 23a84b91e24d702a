/** What containers share in the router, and that one which takes too much of it harms itself alone. */
import { expect, test } from 'vitest';
import { runCommand } from '../src/host/run-command.ts';
import { connects, listens, withRouter } from './network-set-up.ts';
import { packetsReceived, pings, type StandIn } from './network-stand-ins.ts';

const setUp = withRouter({
  securityGroups: [
    { id: 'web', ingress: [{ from: { group: 'clients' }, protocol: 'all' }] },
    { id: 'clients', ingress: [] },
  ],
});

/** Sends to as many ports as it is told, one packet each. */
const DATAGRAMS = `
my ($to, $count) = @ARGV;
socket(my $s, PF_INET, SOCK_DGRAM, 0) or die $!;
send($s, 'x', 0, pack_sockaddr_in(1000 + $_, inet_aton($to))) for 1 .. $count;
`;

/** Opens connections at once; those that were accepted or refused within a second count. */
const CONNECTIONS = `
use Fcntl; use Errno; use IO::Poll; use IO::Handle;
my ($to, $count) = @ARGV;
my $poll = IO::Poll->new;
my @sockets;
for (1 .. $count) {
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!;
  fcntl($s, F_SETFL, O_NONBLOCK) or die $!;
  connect($s, pack_sockaddr_in(80, inet_aton($to)));
  $poll->mask($s => IO::Poll::POLLOUT);
  push @sockets, $s;
}
my $answered = 0;
while ($poll->poll(0.9) > 0) {
  for my $s ($poll->handles(IO::Poll::POLLOUT | IO::Poll::POLLERR | IO::Poll::POLLHUP)) {
    $answered++;
    $poll->remove($s);
  }
  last if $answered == $count;
}
print $answered;
`;

async function connectionsAnswered(from: StandIn, address: string, count: number): Promise<number> {
  return Number(
    await from.run(
      'bash',
      '-c',
      `ulimit -n 8192; exec perl -MSocket -e "$0" "$@"`,
      CONNECTIONS,
      address,
      String(count),
    ),
  );
}

test('a container that asks the metadata service too often waits alone', async () => {
  const flood = await setUp.host('flood', '10.1.0.10', ['clients']);
  const calm = await setUp.host('calm', '10.1.0.11', ['clients']);
  // Nobody listens, so each packet that gets through is refused at once.
  expect(await connectionsAnswered(calm, '169.254.169.254', 50)).toBe(50);
  const answered = await connectionsAnswered(flood, '169.254.169.254', 3_000);
  expect(answered).toBeGreaterThanOrEqual(200);
  expect(answered).toBeLessThan(2_000);
  expect(await connectionsAnswered(calm, '169.254.169.254', 50)).toBe(50);
  // The kernel's notes of it are no addresses of groups.
  expect(await setUp.router.shell.nftList('set', 'inet', 'stowage', 'metadata_pace')).toContain('10.1.0.10');
  await setUp.router.sweep(['flood', 'calm']);
});

test(
  'a container that opens very many connections takes them from itself alone',
  { timeout: 60_000 },
  async () => {
    const flood = await setUp.host('flood', '10.1.0.10', ['clients']);
    const calm = await setUp.host('calm', '10.1.0.11', ['clients']);
    const web = await setUp.host('web', '10.1.0.12', ['web']);
    await listens(web, 80);
    // One connection for the kernel, however long it goes on.
    flood.start('ping', '-n', '-q', '-i', '0.02', '10.1.0.12');
    expect(await pings(flood, '10.1.0.12')).toBe(true);
    await flood.run('perl', '-MSocket', '-e', DATAGRAMS, '10.1.0.12', '20000');
    const { stdout } = await runCommand('nsenter', [
      ...[`--net=${setUp.router.shell.path}`, 'sysctl', '-n', 'net.netfilter.nf_conntrack_count'],
    ]);
    expect(Number(stdout)).toBeGreaterThan(15_000);
    expect(Number(stdout)).toBeLessThan(16_384 + 100);
    expect(await pings(flood, '10.1.0.12')).toBe(false);
    expect(await pings(calm, '10.1.0.12')).toBe(true);
    expect(await connects(calm, '10.1.0.12', 80)).toBe(true);
    // What is open stays open.
    const before = await packetsReceived(web);
    await expect.poll(() => packetsReceived(web), { timeout: 10_000 }).toBeGreaterThan(before + 20);
    await setUp.router.sweep(['flood', 'calm', 'web']);
    // What the kernel still knows of it is not for the next one with its address to answer for.
    await setUp.router.disconnect('flood');
    const heir = await setUp.host('heir', '10.1.0.10', ['clients']);
    expect(await pings(heir, '10.1.0.12')).toBe(true);
  },
);
