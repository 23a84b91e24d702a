/** A real Docker engine of the tests' own: its data, sockets and containers lie below one folder. */
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type Server, startServer } from './child-process.ts';

export interface DockerEngine {
  /** Path of its unix socket. */
  readonly socket: string;
  readonly server: Server;
}

export interface DockerEngineOptions {
  /** User 0 of containers is another user outside; makes the user `dockremap` where there is none. */
  readonly remapUsers?: boolean;
  readonly liveRestore?: boolean;
}

/** Has no bridge and touches neither packet filter nor forwarding of the host. */
export async function startDockerEngine(
  folder: string,
  options: DockerEngineOptions = {},
): Promise<DockerEngine> {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const socket = join(folder, 'docker.sock');
  const args = [
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'docker.pid'), '--host', `unix://${socket}`],
    ...['--bridge', 'none', '--iptables=false', '--ip-forward=false', '--ip-masq=false'],
    ...(options.remapUsers ? ['--userns-remap', 'default'] : []),
    ...(options.liveRestore ? ['--live-restore'] : []),
  ];
  const server = await startServer('dockerd', args, join(folder, 'dockerd.log'), () => ping(socket));
  return { socket, server };
}

function ping(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/_ping' }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`the engine answers ${response.statusCode}`));
    })
      .once('error', reject)
      .end();
  });
}
