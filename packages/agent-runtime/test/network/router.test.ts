/** What the router asks of a host, with programs that are recorded and can fail. The real ones: `test-linux`. */
import { expect, test } from 'vitest';
import { CommandError } from '../../src/host/run-command.ts';
import type { CommandRunner } from '../../src/network/namespace-shell.ts';
import { linkName, Router } from '../../src/network/router.ts';

const LISTING = JSON.stringify({
  nftables: [{ set: { name: 'sources', elem: [{ concat: [linkName('a'), '10.1.0.10'] }] } }],
});

class Host {
  readonly inputs: string[] = [];
  /** Which calls fail, and how. */
  failure: (call: string, input: string) => string | undefined = () => undefined;
  readonly run: CommandRunner = (program, args, options) => {
    const call = [program, ...args].join(' ');
    const input = options?.input ?? '';
    const stderr = this.failure(call, input);
    if (stderr !== undefined)
      return Promise.reject(new CommandError(call, 'failed', 1, { stdout: '', stderr }));
    this.inputs.push(input);
    return Promise.resolve({ stdout: call.includes(' list ') ? LISTING : '', stderr: '' });
  };
  readonly router: Router = new Router({
    namespace: 'stw-never-made',
    securityGroups: [{ id: 'web', ingress: [] }],
    totalMbps: 100,
    run: this.run,
  });

  /** Text of all that was asked since the last call. */
  asked(): string {
    return this.inputs.splice(0).join('');
  }
}

test('the register is cleared last, and only when all else is gone', async () => {
  const host = new Host();
  await host.router.open();
  host.asked();
  host.failure = (_call, input) => (input.startsWith('link delete') ? 'Device or resource busy' : undefined);
  await expect(host.router.disconnect('a')).rejects.toThrow(AggregateError);
  const first = host.asked();
  expect(first).toContain('class del dev stwin classid 1:a');
  expect(first).not.toContain('delete element');

  host.failure = () => undefined;
  await host.router.disconnect('a');
  const second = host.asked();
  const order = ['link delete', 'class del', 'delete element inet stowage sources'].map((part) =>
    second.indexOf(part),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThanOrEqual(0);
});

test('every failure of a disconnect is told, and a link that is gone already is none', async () => {
  const host = new Host();
  await host.router.open();
  host.failure = (_call, input) =>
    input.startsWith('link delete') || input.startsWith('class replace') ? 'no' : undefined;
  const error: unknown = await host.router.disconnect('a').catch((reason: unknown) => reason);
  expect((error as AggregateError).errors).toHaveLength(2);
  host.failure = (_call, input) => (input.startsWith('link delete') ? 'Cannot find device "x"' : undefined);
  await host.router.disconnect('a');
});

test('without the queueing disciplines it opens, says why, and asks for none', async () => {
  const host = new Host();
  host.failure = (call, input) =>
    input.includes('type ifb') || call.startsWith('tc') ? 'Unknown device type' : undefined;
  expect(await host.router.open()).toContain('Unknown device type');
  expect(host.router.queue).toBeUndefined();
  host.asked();
  await host.router.disconnect('a');
  await host.router.sweep([]);
  expect(host.asked()).not.toContain('class');
});

test('it uses fair queues where the kernel has them', async () => {
  const host = new Host();
  await host.router.open();
  expect(host.router.queue).toBe('fq_codel');
  const other = new Host();
  other.failure = (_call, input) =>
    input.includes('fq_codel') ? 'Specified qdisc kind is unknown' : undefined;
  await other.router.open();
  expect(other.router.queue).toBe('bfifo');
});

test('a wrong group is refused before anything is asked of the host', () => {
  expect(
    () =>
      new Router({
        totalMbps: 1,
        securityGroups: [{ id: 'a', ingress: [{ from: { group: 'b' }, protocol: 'all' }] }],
      }),
  ).toThrow('INVALID_SECURITY_GROUP');
});
