/**
 * A listening TCP server inside another network namespace, served by this process. A process cannot enter a namespace
 * with one of its threads only, and Node has no call for it: so a child enters it with nsenter, listens, and hands the
 * server over its IPC channel. The socket stays in the namespace in which it was made; the child is gone when this
 * resolves, so nothing outlives the agent.
 * The child's program is a string for `node -e`, because a file beside this one would not survive bundling.
 */
import { spawn } from 'node:child_process';
import { Server } from 'node:net';
import { AgentError } from '@stowage/protocol';
import { untilAborted } from '../host/abort.ts';

export interface NamespaceAddress {
  /** As `/run/netns/stw-router` or `/proc/<pid>/ns/net`. */
  readonly namespacePath: string;
  readonly host: string;
  readonly port: number;
}

const TIMEOUT_MS = 10_000;

// It ends with the channel, so it does not hold the port when the agent is killed in between.
const CHILD = `
const server = require('node:net').createServer((socket) => socket.destroy());
process.on('disconnect', () => process.exit());
server.on('error', (error) => process.send({ error: error.message }));
const [host, port] = process.argv.slice(1);
server.listen({ host, port: Number(port) }, () => process.send({}, server, () => server.close()));
`;

/**
 * Hands the listening server to `serve`, and resolves when that has resolved and the child has ended. `serve` has to
 * take connections before it first waits for anything, or those that come meanwhile are lost.
 * @throws AgentError `METADATA_LISTEN_FAILED`; `signal.reason`
 */
export async function listenInNamespace(
  address: NamespaceAddress,
  serve: (server: Server) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const { namespacePath, host, port } = address;
  signal?.throwIfAborted();
  const node = [process.execPath, '--input-type=commonjs', '-e', CHILD, host, String(port)];
  const child = spawn('nsenter', [`--net=${namespacePath}`, ...node], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // NODE_OPTIONS is meant for the agent: a debugger's port, a loader.
    env: { PATH: process.env['PATH'] },
  });
  const said: Buffer[] = [];
  child.stderr!.on('data', (chunk: Buffer) => said.push(chunk));
  const failure = (how: string, cause?: unknown): AgentError => {
    const detail = Buffer.concat(said).toString().trim();
    const message = `Cannot listen on ${host}:${port} in ${namespacePath}: ${how}. ${detail}`;
    return new AgentError('METADATA_LISTEN_FAILED', message.trim(), cause);
  };
  // Not its 'close': that never comes after a server was handed over.
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const served = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(failure('nsenter could not be started', error)));
    child.stderr!.once('close', () => reject(failure('the child ended without a server')));
    child.once('message', (message: { readonly error?: string }, handle) => {
      if (handle instanceof Server) serve(handle).then(resolve, reject);
      else reject(failure(message.error ?? 'the child sent no server'));
    });
  });
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    await untilAborted(served, signal === undefined ? limit : AbortSignal.any([signal, limit]));
    child.disconnect();
  } catch (error) {
    child.kill('SIGKILL');
    throw limit.aborted && error === limit.reason
      ? failure(`it took longer than ${TIMEOUT_MS} ms`, error)
      : error;
  } finally {
    await ended;
  }
}
