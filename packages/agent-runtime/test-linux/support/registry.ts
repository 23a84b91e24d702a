/** A real OCI registry on loopback, and the images that the tests run. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runCommand } from '../../src/host/run-command.ts';
import { type Server, startServer } from './child-process.ts';

export interface Registry {
  /** As `127.0.0.1:41234`. */
  readonly address: string;
  readonly server: Server;
  /** What it was asked so far and what it answered, as `GET /v2/ 401`. */
  requests(): readonly string[];
}

export interface RegistryOptions {
  /** Passwords by name of who may log in. Default: everybody may do everything. */
  readonly users?: Readonly<Record<string, string>>;
}

/** Keeps its data below `folder`. */
export async function startRegistry(folder: string, { users }: RegistryOptions = {}): Promise<Registry> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'registry.yml');
  const log = join(folder, 'registry.log');
  const htpasswd = join(folder, 'htpasswd');
  mkdirSync(folder, { recursive: true });
  if (users !== undefined) writeFileSync(htpasswd, await passwordLines(users));
  writeFileSync(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: address },
      ...(users !== undefined && { auth: { htpasswd: { realm: 'tests', path: htpasswd } } }),
    }),
  );
  const server = await startServer('docker-registry', ['serve', config], log, () =>
    fetch(`http://${address}/v2/`),
  );
  const requests = (): readonly string[] =>
    [...readFileSync(log, 'utf8').matchAll(/"([A-Z]+ \S+) HTTP\/[\d.]+" (\d+)/g)].map(
      ([, request, status]) => `${request} ${status}`,
    );
  return { address, server, requests };
}

/** As `htpasswd -B` writes them. */
async function passwordLines(users: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(users).map(async ([name, password]) => {
    const salt = `$2y$05$${randomBytes(11).toString('hex')}`;
    const { stdout: hash } = await runCommand('perl', [
      '-e',
      'print crypt($ARGV[0], $ARGV[1])',
      password,
      salt,
    ]);
    return `${name}:${hash}\n`;
  });
  return (await Promise.all(lines)).join('');
}

export interface TestImage {
  /** `host:port/repository:tag`. */
  readonly tag: string;
  /** `host:port/repository@sha256:…`. */
  readonly digest: string;
}

/**
 * Pushes an image of one layer: a static busybox with its applets, `/etc/passwd` with the users root and app (1000),
 * the environment `FROM_IMAGE=yes` and the command `sh`.
 */
export async function pushBusyboxImage(registry: string, folder: string): Promise<TestImage> {
  const root = join(folder, 'busybox-root');
  const layout = join(folder, 'busybox-layout');
  for (const name of ['bin', 'etc', 'tmp', 'home/app']) mkdirSync(join(root, name), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  const { stdout: applets } = await runCommand('/bin/busybox', ['--list']);
  for (const applet of applets.trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\napp:x:1000:\n');

  const image = `${layout}:busybox`;
  await runCommand('umoci', ['init', '--layout', layout]);
  await runCommand('umoci', ['new', '--image', image]);
  await runCommand('umoci', ['insert', '--image', image, root, '/']);
  await runCommand('umoci', [
    'config',
    '--image',
    image,
    '--config.cmd',
    'sh',
    '--config.env',
    'FROM_IMAGE=yes',
  ]);
  const tag = `${registry}/test/busybox:1`;
  await runCommand('skopeo', ['copy', '--dest-tls-verify=false', `oci:${image}`, `docker://${tag}`]);
  const { stdout } = await runCommand('skopeo', ['inspect', '--tls-verify=false', `docker://${tag}`]);
  const { Digest: digest } = JSON.parse(stdout) as { Digest: string };
  return { tag, digest: `${registry}/test/busybox@${digest}` };
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
