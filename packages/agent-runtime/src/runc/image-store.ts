/**
 * Images on this host: fetched by skopeo, unpacked by umoci once per digest, then never changed. An image appears by
 * one rename and is complete; what a crash leaves has a temporary name and goes when the store is opened.
 * A tag is resolved at the registry each time and the content then fetched by digest, so both belong together.
 * Layers are not shared between images on disk: simple removal is worth more here than space.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidContainerError } from '../contract/container-backend.ts';
import type { Image } from '../contract/container-spec.ts';
import { type ImageReference, parseImageReference } from '../contract/image-reference.ts';
import { writeFileAtomically } from '../host/atomic-file.ts';
import { CommandError, runCommand } from '../host/run-command.ts';
import { SingleFlight } from '../host/single-flight.ts';
import { endHelpers } from './helper-processes.ts';
import { readImageConfig } from './image-config.ts';

export interface ImageStoreOptions {
  /** Hosts `name[:port]` that are spoken to without TLS or with certificates that nobody checks. Default: none. */
  readonly insecureRegistries?: readonly string[];
  /** Credentials in the format of `docker login`, read at each pull. Default: none. */
  readonly authFile?: string;
  /** Images that no container uses are removed this long after they were last asked for. Default 24 hours. */
  readonly keepUnusedMs?: number;
  /** Pauses before the tries of a pull. Default 0, 1, 3, 7 and 15 s. */
  readonly retryDelaysMs?: readonly number[];
}

type Run = typeof runCommand;

const TEMPORARY = '.new-';
const PULL_TIMEOUT_MS = 15 * 60_000;
/** What registries and skopeo say when trying again is no use. */
const FINAL_ERRORS =
  /manifest unknown|name unknown|repository name not known|not found|invalid reference format|unauthorized|access denied|no image found/i;

export class ImageStore {
  readonly #folder: string;
  readonly #insecure: ReadonlySet<string>;
  readonly #authFile: string | undefined;
  readonly #keepUnusedMs: number;
  readonly #retryDelaysMs: readonly number[];
  readonly #run: Run;
  readonly #pulls = new SingleFlight<Image>();
  readonly #unpacks = new SingleFlight<Image>();

  /** @param folder - exists; call `open` before anything else */
  constructor(folder: string, options: ImageStoreOptions = {}, run: Run = runCommand) {
    this.#folder = folder;
    this.#insecure = new Set(options.insecureRegistries);
    this.#authFile = options.authFile;
    this.#keepUnusedMs = options.keepUnusedMs ?? 24 * 3_600_000;
    this.#retryDelaysMs = options.retryDelaysMs ?? [0, 1_000, 3_000, 7_000, 15_000];
    this.#run = run;
  }

  /** Removes what a crash has left. */
  async open(): Promise<void> {
    await endHelpers(this.#folder);
    for (const name of await readdir(this.#folder)) {
      if (name.startsWith(TEMPORARY)) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  /** The root folder of an image that `pull` returned. */
  rootOf(imageId: string): string {
    return join(this.#folder, imageId, 'rootfs');
  }

  /** As `ContainerBackend.pull` for images of registries. */
  async pull(text: string, signal: AbortSignal): Promise<Image> {
    const reference = parseImageReference(text);
    return this.#pulls.run(text, signal, async (shared) => {
      const cached = reference.digest && (await this.#find(reference.digest));
      return cached || this.#retry(text, shared, async () => this.#fetch(reference, shared));
    });
  }

  /** Removes images that were not asked for lately. Those in `inUse` stay. */
  async removeUnused(inUse: ReadonlySet<string>): Promise<void> {
    const oldest = Date.now() - this.#keepUnusedMs;
    for (const name of await readdir(this.#folder)) {
      if (name.startsWith(TEMPORARY) || inUse.has(name)) continue;
      if ((await stat(join(this.#folder, name, 'image.json'))).mtimeMs > oldest) continue;
      const doomed = join(this.#folder, `${TEMPORARY}doomed-${name}`);
      await rename(join(this.#folder, name), doomed);
      await rm(doomed, { recursive: true, force: true });
    }
  }

  async #retry(text: string, signal: AbortSignal, attempt: () => Promise<Image>): Promise<Image> {
    let failure: CommandError | undefined;
    for (const delayMs of this.#retryDelaysMs) {
      if (delayMs > 0) await sleep(delayMs, undefined, { signal });
      try {
        return await attempt();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof CommandError)) throw error;
        if (FINAL_ERRORS.test(error.stderr))
          throw new InvalidContainerError(`Image ${text} cannot be had: ${lastLine(error.stderr)}`, {
            cause: error,
          });
        failure = error;
      }
    }
    throw new Error(
      `Image ${text} could not be pulled in ${this.#retryDelaysMs.length} tries: ${lastLine(failure?.stderr ?? '')}`,
      { cause: failure },
    );
  }

  async #fetch(reference: ImageReference, signal: AbortSignal): Promise<Image> {
    let resolved = reference.digest;
    if (resolved === undefined) {
      const source = `docker://${reference.repository}:${reference.tag}`;
      const { stdout } = await this.#run('skopeo', ['inspect', '--raw', ...this.#flags(reference), source], {
        signal,
      });
      resolved = `sha256:${createHash('sha256').update(stdout).digest('hex')}`;
    }
    const known = resolved;
    return this.#unpacks.run(
      known,
      signal,
      async (shared) => (await this.#find(known)) ?? this.#unpack(reference, known, shared),
    );
  }

  async #unpack(reference: ImageReference, digest: string, signal: AbortSignal): Promise<Image> {
    const id = digest.replace(':', '-');
    const temporary = await mkdtemp(join(this.#folder, TEMPORARY));
    try {
      const layout = join(temporary, 'layout');
      const bundle = join(temporary, 'bundle');
      const flags = this.#flags(reference, 'src-');
      const target = `oci:${layout}:image`;
      const options = { signal, timeoutMs: PULL_TIMEOUT_MS };
      await this.#run(
        'skopeo',
        ['copy', '--quiet', ...flags, `docker://${reference.repository}@${digest}`, target],
        options,
      );
      await this.#run('umoci', ['unpack', '--image', `${layout}:image`, bundle], options);
      const image = await readImageConfig(layout, id, digest);
      await mkdir(join(temporary, id));
      await rename(join(bundle, 'rootfs'), join(temporary, id, 'rootfs'));
      await writeFileAtomically(join(temporary, id, 'image.json'), JSON.stringify(image));
      // All of the file system: programs have written the files, and a failure of power must not leave empty ones.
      await this.#run('sync', ['--file-system', temporary], options);
      await rename(join(temporary, id), join(this.#folder, id));
      return image;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  async #find(digest: string): Promise<Image | undefined> {
    const path = join(this.#folder, digest.replace(':', '-'), 'image.json');
    try {
      const image = JSON.parse(await readFile(path, 'utf8')) as Image;
      const now = new Date();
      await utimes(path, now, now);
      return image;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #flags({ registry }: ImageReference, side = ''): readonly string[] {
    const isInsecure = this.#insecure.has(registry);
    return [
      ...(isInsecure ? [`--${side}tls-verify=false`] : []),
      // Without, skopeo looks for credentials of the host's users.
      ...(this.#authFile === undefined ? [`--${side}no-creds`] : ['--authfile', this.#authFile]),
    ];
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
