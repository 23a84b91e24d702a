/** A new process of the agent on the model of a host: its options, with a disk, a backend and facilities of the model. */
import type { AgentOptions } from '../../src/agent/agent-options.ts';
import type { StateFiles } from '../../src/agent/state-files.ts';
import { type HostModel, Life } from './host-model.ts';
import { FACTS } from './model-facts.ts';
import { ModelBackend, ModelFacility } from './model-parts.ts';

export function beginAgent(host: HostModel, overrides: Partial<AgentOptions> = {}): AgentOptions {
  if (host.life !== undefined) throw new Error('There is an agent already.');
  const life = new Life(host);
  host.life = life;
  return {
    stateFolder: '/state',
    backend: new ModelBackend(life),
    facilities: host.facilityNames.map((name) => new ModelFacility(life, name)),
    host: FACTS,
    clock: life.clock,
    files: modelFiles(life),
    lock: () =>
      Promise.resolve({
        release: () => {
          if (host.life === life) host.life = undefined;
          return Promise.resolve();
        },
        keep: () => undefined,
      }),
    ...overrides,
  };
}

function modelFiles(life: Life): StateFiles {
  const { disk } = life.host;
  const half = (text: string): string => text.slice(0, Math.floor(text.length / 2));
  const add = (path: string, offset: number, text: string): void => {
    const old = disk.get(path);
    if (old === undefined) throw new Error('ENOENT');
    const bytes = Buffer.from(old);
    const added = Buffer.from(text);
    if (bytes.length < offset) life.host.violations.push(`A hole in ${path}.`);
    const parts = [bytes.subarray(0, offset), added, bytes.subarray(offset + added.length)];
    disk.set(path, Buffer.concat(parts).toString());
  };
  const call = <T>(name: string, path: string, effect: () => T, torn?: () => void): Promise<T> =>
    life.call(`disk:${name}`, path, undefined, effect, torn);
  return {
    list: (folder) =>
      call('list', folder, () =>
        [...disk.keys()]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1)),
      ),
    read: (path) => call('read', path, () => disk.get(path)),
    write: (path, text) => call('write', path, () => void disk.set(path, text)),
    append: (path, offset, text) =>
      call(
        'append',
        path,
        () => add(path, offset, text),
        () => add(path, offset, half(text)),
      ),
    truncate: (path, bytes) =>
      call('truncate', path, () => {
        const old = disk.get(path);
        if (old !== undefined) disk.set(path, Buffer.from(old).subarray(0, bytes).toString());
      }),
    remove: (path) => call('remove', path, () => void disk.delete(path)),
  };
}
