/** An engine that keeps containers in memory. Every request can fail before or after its effect. */
import type { ServerResponse } from 'node:http';
import type { CreateRequest } from '../../src/docker/engine-types.ts';
import { type Answer, type FakeRequest, json } from './fake-engine.ts';

export type Fault = 'status 500' | 'cut before' | 'cut after';

export interface ModelContainer {
  readonly name: string;
  readonly request: CreateRequest;
  status: 'created' | 'running' | 'exited';
  exitCode: number;
  outOfMemory: boolean;
  /** Complete frames of its log, as the engine sends them. */
  log: Buffer[];
}

export class DockerModel {
  readonly containers = new Map<string, ModelContainer>();
  /** Asked with the number of each request, from 0. */
  faultAt: (request: number) => Fault | undefined = () => undefined;
  warnings: string[] = [];
  requests = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #listeners = new Set<ServerResponse>();

  readonly answer: Answer = (request, response) => {
    if (request.path === '/events') {
      this.#listeners.add(response);
      response.writeHead(200).flushHeaders();
      return;
    }
    const fault = this.faultAt(this.requests++);
    if (fault === 'status 500') json(response, 500, { message: 'fault of the test' });
    else if (fault === 'cut before') response.destroy();
    else if (fault === 'cut after') {
      const lost = { ...nothing, writeHead: () => lost, end: () => lost, write: () => true };
      this.#handle(request, lost as unknown as ServerResponse);
      response.destroy();
    } else this.#handle(request, response);
  };

  end(name: string, exitCode: number): void {
    const container = this.containers.get(name);
    if (container?.status !== 'running') return;
    container.status = 'exited';
    container.exitCode = exitCode;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** As the engine tells lack of memory when it comes after the exit. */
  sayOutOfMemory(name: string): void {
    for (const listener of this.#listeners) {
      listener.write(`${JSON.stringify({ Action: 'oom', Actor: { ID: `id-${name}` }, timeNano: 1e18 })}\n`);
    }
  }

  #handle(request: FakeRequest, response: ServerResponse): void {
    const { method, path, query } = request;
    const [, name = '', what = ''] = /^\/containers\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const container = this.containers.get(name.replace(/^id-/, ''));
    if (path === '/info') return json(response, 200, INFO);
    if (path === '/containers/create') return this.#create(query.get('name')!, request.body, response);
    if (path === '/containers/json') {
      const { label } = JSON.parse(query.get('filters')!) as { label: string[] };
      const found = [...this.containers.values()].filter(({ request: { Labels } }) =>
        label.includes(`stowage.owner=${Labels['stowage.owner']}`),
      );
      return json(
        response,
        200,
        found.map((each) => ({ Id: `id-${each.name}` })),
      );
    }
    if (container === undefined) return json(response, 404, { message: `No such container: ${name}` });
    switch (`${method} ${what}`) {
      case 'GET json':
        return json(response, 200, this.#inspect(container));
      case 'POST start':
        container.status = 'running';
        response.writeHead(204).end();
        return;
      case 'POST kill':
        this.end(container.name, 137);
        response.writeHead(204).end();
        return;
      case 'POST wait':
        if (container.status !== 'running') return json(response, 200, { StatusCode: container.exitCode });
        response.writeHead(200).write('\n');
        this.#waiting.push(() => response.end(JSON.stringify({ StatusCode: container.exitCode })));
        return;
      case 'GET logs':
        response.writeHead(200);
        for (const frame of container.log) response.write(frame);
        response.end();
        return;
      case 'DELETE ':
        this.containers.delete(container.name);
        response.writeHead(204).end();
        return;
      default:
        json(response, 400, { message: `the model does not know ${method} ${path}` });
    }
  }

  #create(name: string, body: string, response: ServerResponse): void {
    if (this.containers.has(name)) return json(response, 409, { message: 'Conflict' });
    const request = JSON.parse(body) as CreateRequest;
    this.containers.set(name, { name, request, status: 'created', exitCode: 0, outOfMemory: false, log: [] });
    json(response, 201, { Id: `id-${name}`, Warnings: this.warnings });
  }

  #inspect({ name, request, status, exitCode, outOfMemory }: ModelContainer): unknown {
    return {
      Id: `id-${name}`,
      Name: `/${name}`,
      Created: '2026-01-02T03:04:05.678Z',
      State: {
        Status: status,
        Running: status === 'running',
        OOMKilled: outOfMemory,
        // A process that exists while the test runs.
        Pid: status === 'running' ? process.pid : 0,
        ExitCode: exitCode,
      },
      Config: { Labels: request.Labels, Cmd: request.Cmd },
    };
  }
}

const nothing = { once: () => undefined, on: () => undefined };

export const INFO = {
  CgroupVersion: '1',
  Driver: 'overlay2',
  DriverStatus: [['Backing Filesystem', 'extfs']],
  DockerRootDir: '/var/lib/docker',
  CPUShares: true,
  CpuCfsQuota: true,
  CPUSet: true,
  MemoryLimit: true,
  SwapLimit: true,
  PidsLimit: true,
  Plugins: { Log: ['json-file'] },
  SecurityOptions: ['name=seccomp,profile=default'],
  ServerVersion: '20.10.24',
};

/** A log frame of the engine. */
export function logFrame(stream: 'stdout' | 'stderr', time: string, text: string): Buffer {
  const content = Buffer.from(`${time} ${text}`);
  const header = Buffer.from([stream === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}
