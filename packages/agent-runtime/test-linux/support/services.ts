/**
 * A real registry with an image and two real Docker engines, all on loopback or on sockets of their own.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../src/host/run-command.ts';
import type { Server } from './child-process.ts';
import { startDockerEngine } from './docker-engine.ts';
import { pushBusyboxImage, startRegistry, type TestImage } from './registry.ts';

export interface LinuxServices {
  /** `host:port` of the registry, without TLS. */
  readonly registry: string;
  readonly busybox: TestImage;
  /** Socket of an engine whose containers have the host's users. */
  readonly docker: string;
  /** Socket of an engine that remaps users. */
  readonly dockerRemapped: string;
}

/** @returns with `stop`, which ends all of them and removes their data */
export async function startServices(): Promise<{
  readonly services: LinuxServices;
  readonly stop: () => Promise<void>;
}> {
  const hadRemapUser = await hasUser('dockremap');
  const hadCgroups = new Set(engineCgroups());
  const folder = mkdtempSync(join(tmpdir(), 'stowage-linux-'));
  chmodSync(folder, 0o711);
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    for (const server of servers.reverse()) await server.stop();
    if (!hadRemapUser && (await hasUser('dockremap'))) await runCommand('userdel', ['dockremap']);
    for (const cgroup of engineCgroups()) if (!hadCgroups.has(cgroup)) rmdirSync(cgroup);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const registry = await startRegistry(join(folder, 'registry'));
    servers.push(registry.server);
    const busybox = await pushBusyboxImage(registry.address, folder);
    const docker = await startDockerEngine(join(folder, 'docker'));
    servers.push(docker.server);
    const dockerRemapped = await startDockerEngine(join(folder, 'docker-remapped'), { remapUsers: true });
    servers.push(dockerRemapped.server);
    const services = {
      registry: registry.address,
      busybox,
      docker: docker.socket,
      dockerRemapped: dockerRemapped.socket,
    };
    return { services, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Engines leave the cgroup above those of their containers. */
function engineCgroups(): string[] {
  return readdirSync('/sys/fs/cgroup')
    .map((controller) => join('/sys/fs/cgroup', controller, 'docker'))
    .concat('/sys/fs/cgroup/docker')
    .filter((path) => existsSync(path));
}

async function hasUser(name: string): Promise<boolean> {
  return runCommand('id', [name]).then(
    () => true,
    () => false,
  );
}
