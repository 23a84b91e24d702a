/** A real OCI registry on loopback, and the images that the tests run. */
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runCommand } from '../../src/host/run-command.ts';
import { type Server, startServer } from './child-process.ts';

export interface Registry {
  /** As `127.0.0.1:41234`. */
  readonly address: string;
  readonly server: Server;
}

/** Keeps its data below `folder`. */
export async function startRegistry(folder: string): Promise<Registry> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'registry.yml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: address },
    }),
  );
  const server = await startServer('docker-registry', ['serve', config], join(folder, 'registry.log'), () =>
    fetch(`http://${address}/v2/`),
  );
  return { address, server };
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
